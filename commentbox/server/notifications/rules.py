"""Who is told of what, and when mails go out. Pure: bell, count and mail ask the same question at their own moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from commentbox.server.accounts.rules import may_reach

FROM_PEOPLE = ("reply", "mention")
"""News that somebody else makes; the other kinds are about oneself and follow no filter."""
MAILED = ("reply", "mention", "expiring")
"""Kinds that one may have by mail. Decisions about oneself are mailed anyway, by `letters`: there is a right to them."""
AT_THE_DESK = ("handover", "proposal")
"""News for moderators; by the bell alone, for the desk itself says so too."""
PACES = ("never", "at_once", "hourly", "daily")
Way = Literal["no", "bell", "mail"]
"""Not at all; by the bell alone; by the bell, and by mail for whoever asked for mail."""


@dataclass(frozen=True)
class News:
    """What happened, as it stands now: `by` is the account that wrote the comment, None for a guest."""

    kind: str
    by: str | None = None
    tier: str = "unverified"
    state: str | None = "published"
    thread_id: str | None = None


@dataclass(frozen=True)
class Choices:
    """What a living account has chosen: whom it hears from, who may reply to it or mention it, and the people and threads
    it muted, by their ids."""

    account_id: str
    show: str = "everyone"
    reach: str = "everyone"
    muted: frozenset[str] = frozenset()


def way_of(news: News, choices: Choices | None) -> Way:
    """Say how somebody is told; without choices there is nobody any more to tell."""
    if choices is None:
        return "no"
    if news.kind in AT_THE_DESK:
        return "bell"
    if news.kind not in FROM_PEOPLE:
        return "mail"
    if news.state != "published" or news.by == choices.account_id:
        return "no"
    if not may_reach(choices.reach, speaks_verified=news.tier == "verified"):
        return "no"
    if news.by in choices.muted or news.thread_id in choices.muted:
        return "no"
    if news.tier == "verified" or choices.show == "everyone":
        return "mail"
    return "bell" if choices.show == "fold" else "no"


def due_at(pace: str, now: datetime, *, digest_hour: int) -> datetime:
    """Say when news of this moment goes out: now, at the next full hour, or when the day's digest goes (UTC)."""
    if pace == "at_once":
        return now
    hour = now.replace(minute=0, second=0, microsecond=0)
    if pace == "hourly":
        return hour + timedelta(hours=1)
    today = hour.replace(hour=digest_hour)
    return today if today > now else today + timedelta(days=1)

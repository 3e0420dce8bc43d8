"""What a notice must say, by when it is answered, and when notices sent in bad faith are no longer taken. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from commentbox.server.base.errors import Forbidden, Invalid, TooMuch

OFFENCES = ("threat", "incitement", "defamation", "private-data", "intimate", "sexual-abuse", "other")
"""Kinds of illegal content to choose from; a statement of reasons knows the same."""
URGENT = frozenset({"threat", "intimate", "sexual-abuse"})
"""Where life or intimacy is at stake, whatever the notifier ticks."""
NAMELESS = frozenset({"sexual-abuse"})
"""Offences that one may notify without a name (DSA art. 16(2)(c): Directive 2011/93/EU arts. 3 to 7)."""
URGENT_HOURS = 24
DAYS = 3
COMPLAINT_DAYS = 7
"""As an author's appeal."""
AUTHOR_DAYS = 5
"""How long an author may answer the person spoken about (Defamation (Operators of Websites) Regulations 2013)."""
AUTHOR_TIME = timedelta(days=AUTHOR_DAYS)
ABOUT_ME_DAYS = AUTHOR_DAYS + 2
"""The author's five days, and 48 hours to act on what they say or do not say."""
INTIMATE_HOURS = 48
"""Within this, laws on intimate pictures and texts (such as the US TAKE IT DOWN Act) want them gone."""
LAW_LENGTH = 200
WHY_LENGTH = 5000
ANSWER_LENGTH = 2000

UNFOUNDED_MOST = 3
"""So many manifestly unfounded notices within the window below close the form for a while (DSA art. 23(2))."""
UNFOUNDED_DAYS = 180
SUSPENDED_DAYS = 30

ACTIONS = {"remove": "removed", "approve": "kept"}
"""What a moderator decides about the comment -> what becomes of the notices about it."""


@dataclass(frozen=True)
class Claims:
    """What a notice says, as it was typed."""

    kind: str
    offence: str
    why: str
    law: str = ""
    untrue: str = ""
    name: str = ""
    email: str = ""
    in_good_faith: bool = False
    is_urgent: bool = False


def check(claims: Claims) -> None:
    """Refuse a notice that lacks what the law asks for: `notice.…`, `input.too_long`."""
    if claims.offence not in OFFENCES:
        raise Invalid("notice.offence_unknown", offence=claims.offence[:20])
    if not claims.why.strip():
        raise Invalid("notice.why_missing")
    if claims.kind == "about_me" and not claims.untrue.strip():
        raise Invalid("notice.untrue_missing")
    for name, text, limit in (("why", claims.why, WHY_LENGTH), ("untrue", claims.untrue, WHY_LENGTH)):
        check_length(name, text, limit)
    check_length("law", claims.law, LAW_LENGTH)
    is_named = bool(claims.name.strip() and claims.email.strip())
    if not is_named and (claims.kind == "about_me" or claims.offence not in NAMELESS):
        raise Invalid("notice.name_missing")
    if not claims.in_good_faith:
        raise Invalid("notice.faith_missing")


def check_length(name: str, text: str, limit: int) -> None:
    """Refuse `input.too_long`."""
    if len(text) > limit:
        raise TooMuch("input.too_long", field=name, limit=limit, length=len(text))


def due(claims: Claims, now: datetime, *, by_flagger: bool = False) -> datetime:
    """Say by when a notice is answered. Notices of trusted flaggers have the short time, so that they come first."""
    if claims.kind == "about_me":
        return now + timedelta(days=ABOUT_ME_DAYS)
    urgent = claims.is_urgent or by_flagger or claims.offence in URGENT
    return now + (timedelta(hours=URGENT_HOURS) if urgent else timedelta(days=DAYS))


def law_until(offence: str, created_at: datetime) -> datetime | None:
    """Give the end of the 48 hours that run for intimate content, None for everything else."""
    return created_at + timedelta(hours=INTIMATE_HOURS) if offence == "intimate" else None


def suspended_until(unfounded: list[datetime], now: datetime) -> datetime | None:
    """Say until when somebody's notices are not taken; `unfounded` are the moments at which theirs were found baseless."""
    recent = [moment for moment in unfounded if moment > now - timedelta(days=UNFOUNDED_DAYS)]
    if len(recent) < UNFOUNDED_MOST:
        return None
    until = max(recent) + timedelta(days=SUSPENDED_DAYS)
    return until if until > now else None


def check_not_suspended(unfounded: list[datetime], now: datetime) -> None:
    """Refuse `notice.suspended`. Whoever gets there was warned by the answers before."""
    until = suspended_until(unfounded, now)
    if until is not None:
        raise Forbidden("notice.suspended", until=until.date().isoformat())


def check_answer(text: str, *, needed: bool) -> str:
    """Give what notifiers are told, trimmed. Refuses to refuse a notice without a word."""
    if needed and not text.strip():
        raise Invalid("notice.answer_missing")
    check_length("to_notifier", text, ANSWER_LENGTH)
    return text.strip()

"""A thread that takes questions for a while: moderators name the guests of honour, who answer; everybody else asks."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from commentbox.server.accounts import names, queries
from commentbox.server.base.db import Query
from commentbox.server.base.errors import Invalid
from commentbox.server.base.work import Work
from commentbox.server.moderation import threads
from commentbox.server.sites.rules import MOST_GUESTS, HonouredGuest, Questions


async def take(work: Work, thread: Row[Any], reason: str, *, guests: str, since: str, days: int) -> None:
    """Let a thread take questions from a day on (now, where none is given), for some days. `guests` are names, one a line.

    Refuses `questions.number`, `questions.no_such_name`, `limits.invalid`, `input.invalid`.
    """
    named = list(dict.fromkeys(line.strip() for line in guests.splitlines() if line.strip()))
    if not 1 <= len(named) <= MOST_GUESTS:
        raise Invalid("questions.number", limit=MOST_GUESTS)
    begins = max(_day(since), work.now) if since else work.now
    taken = Questions(
        guests=tuple([await _guest(work.q, name) for name in named]),
        reason=threads.checked_reason(reason),
        since=begins,
        until=threads.checked_end(begins, days),
    )
    await threads.change(work, thread, "thread.questions_opened", questions=taken.model_dump(mode="json"))


async def end(work: Work, thread: Row[Any]) -> None:
    """Let everybody reply again. What was answered stays marked."""
    questions = Questions.model_validate(thread.questions) if thread.questions else None
    if questions is None or questions.until <= work.now:
        return
    ended = questions.model_copy(update={"until": work.now, "since": min(questions.since, work.now)})
    await threads.change(work, thread, "thread.questions_ended", questions=ended.model_dump(mode="json"))


async def _guest(query: Query, name: str) -> HonouredGuest:
    try:
        holder = await queries.holder_of(query, names.check(name).skeleton)
    except Invalid:
        holder = None
    if holder is None or holder.account_id is None:
        raise Invalid("questions.no_such_name", name=name[:40])
    account = await queries.account(query, holder.account_id)
    return HonouredGuest(id=account.id, name=account.name)


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Invalid("input.invalid", field="since") from None

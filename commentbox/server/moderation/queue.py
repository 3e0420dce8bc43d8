"""The queue: what waits for a moderator, as a query over held comments, open reports, notices and appeals. Never a copy.

Oldest risk first: reported comments by how many people reported them, then by who waited longest; held comments by
age; notices and appeals by the moment their answer is due. Pages go by keyset, so that a long queue pages like a short one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from commentbox.server.base.db import Query
from commentbox.server.base.errors import Invalid
from commentbox.server.base.work import Work
from commentbox.server.moderation import appeals, claims, noticing, waiting
from commentbox.server.moderation.seats import Seat, policy_of
from commentbox.server.moderation.waiting import Filters, Waiting
from commentbox.server.notices import queries as notices

QUEUES = ("reported", "held", "notices", "appeals", "mine")
PAGE = 25
NEXT_TRIES = 50
"""So many cases are tried before we say that nothing is free; more moderators than that do not work at once."""


@dataclass(frozen=True)
class Page:
    """Cases in their order, and the cursor of what follows, or None at the end."""

    rows: Sequence[Row[Any]]
    after: str | None


@dataclass(frozen=True)
class Wanted:
    """Which queue, narrowed how, from where on."""

    queue: str = "reported"
    filters: Filters = field(default_factory=Filters)
    after: str | None = None


async def page(query: Query, seat: Seat, wanted: Wanted, *, now: datetime, size: int = PAGE) -> Page:
    """Give one page of a queue. Refuses `queue.unknown` and `cursor.invalid`.

    A row has `case_id`, `comment_id`, `appeal_id`, `reporters` (people), `since`, `due_at`, `holder_id`, `holder_name`,
    `held_until` and what is needed of comment, thread and site.
    """
    found = _waiting(seat, wanted, now)
    rows = await query.all(found.ordered(wanted.after).limit(size + 1))
    return Page(rows[:size], found.cursor(rows[size - 1]) if len(rows) > size else None)


async def counts(query: Query, seat: Seat, *, filters: Filters, now: datetime) -> dict[str, int]:
    """Count what waits in every queue. A reason belongs to one queue and is left out here."""
    found = {}
    for queue in QUEUES:
        narrowed = Wanted(queue, Filters(filters.site_id, filters.tier))
        statement = _waiting(seat, narrowed, now).statement.subquery()
        found[queue] = await query.scalar(select(func.count()).select_from(statement)) or 0
    return found


async def take_next(work: Work, seat: Seat, wanted: Wanted) -> str | None:
    """Claim the first case of a queue that is free and that this moderator may decide; None where there is none.

    Two moderators who ask at once get different cases: each claim is one statement that only one of them wins.
    """
    found = await page(work.q, seat, wanted, now=work.now, size=NEXT_TRIES)
    for row in found.rows:
        held = row.held_until is not None and row.held_until > work.now
        if held or row.account_id == seat.account_id or not await _may_hear(work, seat, row):
            continue
        if await _take_if_waiting(work, seat, wanted, row=row):
            return str(row.case_id)
    return None


async def _take_if_waiting(work: Work, seat: Seat, wanted: Wanted, *, row: Row[Any]) -> bool:
    """Claim a case and look again: it may have been decided between our reading the queue and the claim."""
    policy = await policy_of(work.q, row.site_id)
    if not await claims.try_take(work, seat, row.case_id, minutes=policy.claim_minutes):
        return False
    found = _waiting(seat, wanted, work.now)
    if await work.q.first(found.statement.where(found.keys[-1].column == row.case_id)) is None:
        await claims.release(work, seat, row.case_id)
        return False
    work.record("case.claimed", site_id=row.site_id, subject_id=row.case_id)
    return True


async def _may_hear(work: Work, seat: Seat, row: Row[Any]) -> bool:
    if row.notices:
        found = await notices.open_about(work.q, row.comment_id)
        since = await noticing.may_hear_from(work.q, seat, found)
    elif row.appeal_id is None:
        return True
    else:
        since = await appeals.may_hear_from(work.q, seat, row)
    return since is not None and since <= work.now


def _waiting(seat: Seat, wanted: Wanted, now: datetime) -> Waiting:
    if wanted.queue == "reported":
        return waiting.reported(seat, wanted.filters)
    if wanted.queue == "held":
        return waiting.held(seat, wanted.filters)
    if wanted.queue == "notices":
        return waiting.noticed(seat, wanted.filters)
    if wanted.queue == "appeals":
        return waiting.appealed(seat, wanted.filters)
    if wanted.queue == "mine":
        return waiting.claimed(seat, wanted.filters, now)
    raise Invalid("queue.unknown", queue=wanted.queue[:20])

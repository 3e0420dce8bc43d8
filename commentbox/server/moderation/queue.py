"""The queue: what waits for a moderator, as a query over comments, open reports, notices and appeals. Never a copy.

Oldest risk first: reported comments by how many people reported them, then by who waited longest; held and new comments by
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
from commentbox.server.moderation.seats import Seat
from commentbox.server.moderation.waiting import COUNTED, Filters, Waiting
from commentbox.server.notices import queries as notices
from commentbox.server.sites.rules import Policy

QUEUES = ("new", "reported", "held", "notices", "appeals", "mine", "done")
PAGE = 25
NEXT_TRIES = (3, 30)
"""So many cases are tried at first, and so many before we say that nothing is free; more moderators than that do not ask at
the same moment."""


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

    A row has `case_id`, `comment_id`, `appeal_id`, `reporters` (people), `is_suggested` (by no person), `since`, `due_at`,
    `holder_id`, `holder_name`, `held_until` and what is needed of comment, thread, site and last decision.
    """
    found = _waiting(seat, wanted, now)
    rows = await _rows(query, seat, wanted, found=found, size=size + 1)
    return Page(rows[:size], found.cursor(rows[size - 1]) if len(rows) > size else None)


async def _rows(query: Query, seat: Seat, wanted: Wanted, *, found: Waiting, size: int) -> Sequence[Row[Any]]:
    sites = wanted.filters.sites(seat)
    if not sites:
        return ()
    picked = found.picked(sites, wanted.after, at_most=size)
    return await query.all(waiting.shown(picked, found.keys, at_most=size))


async def counts(query: Query, seat: Seat, *, filters: Filters, now: datetime) -> dict[str, int]:
    """Count what waits in every queue, up to `COUNTED`, in one statement; what is done is not counted.

    A reason or rule belongs to one queue and is left out here.
    """
    narrowed = Filters(
        filters.site_id,
        filters.tier,
        thread_id=filters.thread_id,
        section=filters.section,
        hours=filters.hours,
        among=filters.among,
    )
    sites = narrowed.sites(seat)
    counted = [each for each in QUEUES if each != "done"]
    if not sites:
        return dict.fromkeys(counted, 0)
    numbers = [_number(seat, Wanted(each, narrowed), sites, now).label(each) for each in counted]
    row = await query.first(select(*numbers))
    return {each: min(getattr(row, each), COUNTED) for each in counted}


def _number(seat: Seat, wanted: Wanted, sites: list[str], now: datetime) -> Any:
    found = _waiting(seat, wanted, now)
    some = found.cases.where(found.site.in_(sites)).limit(COUNTED).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


async def take_next(work: Work, seat: Seat, wanted: Wanted) -> str | None:
    """Claim the first case of a queue that is free and that this moderator may decide; None where there is none.

    Two moderators who ask at once get different cases: each claim is one statement that only one of them wins.
    """
    whole = _waiting(seat, wanted, work.now)
    found = waiting.free_for(whole, seat, work.now)
    for size in NEXT_TRIES:
        rows = await _rows(work.q, seat, wanted, found=found, size=size)
        for row in rows:
            if row.site_id in seat.reading or not await _may_hear(work, seat, row):
                continue
            if await _take_if_waiting(work, seat, whole, row=row):
                return str(row.case_id)
        if len(rows) < size:
            break
    return None


async def _take_if_waiting(work: Work, seat: Seat, found: Waiting, *, row: Row[Any]) -> bool:
    """Claim a case and look again: it may have been decided between our reading the queue and the claim."""
    minutes = Policy.model_validate(row.policy or {}).claim_minutes
    if not await claims.try_take(work, seat, row.case_id, minutes=minutes):
        return False
    if await work.q.first(found.one(row.case_id)) is None:
        await claims.release(work, seat, row.case_id)
        return False
    work.record("case.claimed", site_id=row.site_id, subject_id=row.case_id)
    return True


async def _may_hear(work: Work, seat: Seat, row: Row[Any]) -> bool:
    if row.appeal_id is None:
        if not row.notices:
            return True
        since = await noticing.may_hear_from(work.q, seat, await notices.open_about(work.q, row.comment_id))
        return since is not None and since <= work.now
    since = await appeals.may_hear_from(work.q, seat, await appeals.by_id(work.q, row.appeal_id))
    return since is not None and since <= work.now and row.site_id not in seat.learning


def _waiting(seat: Seat, wanted: Wanted, now: datetime) -> Waiting:
    found = _whole(seat, wanted, now)
    return waiting.seen_by(found, seat) if seat.sections else found


def _whole(seat: Seat, wanted: Wanted, now: datetime) -> Waiting:
    if wanted.queue == "mine":
        return waiting.claimed(seat, wanted.filters, now)
    ways = {
        "new": waiting.fresh,
        "reported": waiting.reported,
        "held": waiting.held,
        "notices": waiting.noticed,
        "appeals": waiting.appealed,
        "done": waiting.done,
    }
    if wanted.queue not in ways:
        raise Invalid("queue.unknown", queue=wanted.queue[:20])
    return ways[wanted.queue](wanted.filters, now)

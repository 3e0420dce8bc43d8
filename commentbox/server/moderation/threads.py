"""What moderators decide about a whole thread: closing it, keeping it to verified people for a while, slowing it down, and
which thread an address leads to. One thread at a time, always with the reason readers are told; never a site or section.
"""

from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row, func, or_, select, update

from commentbox.server import threads
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Invalid, NotFound
from commentbox.server.base.work import Work
from commentbox.server.moderation.seats import Seat
from commentbox.server.sites.rules import ThreadLimits
from commentbox.server.threads import NamedTwice, Thread

LISTED = 50
LONGEST_DAYS = 30
"""A limit that should last longer is no answer to a quarrel, and would end up as a rule nobody remembers making."""
_threads = table_of(Thread)
_named = table_of(NamedTwice)


async def listed(query: Query, seat: Seat, wanted: str = "") -> list[Row[Any]]:
    """Give the newest threads of the seat's sites whose title or address has `wanted` in it."""
    statement = select(_threads).where(_threads.c.site_id.in_(seat.site_ids), _seen(seat))
    if wanted:
        found = func.lower(_threads.c.title).contains(wanted.lower(), autoescape=True)
        statement = statement.where(found | _threads.c.url.contains(wanted, autoescape=True))
    return list(await query.all(statement.order_by(_threads.c.id.desc()).limit(LISTED)))


async def thread_for_desk(query: Query, seat: Seat, thread_id: str) -> Row[Any]:
    """Give a thread of the seat's sites. Refuses `thread.unknown`."""
    mine = _threads.c.site_id.in_(seat.site_ids) & _seen(seat)
    row = await query.first(select(_threads).where(_threads.c.id == thread_id, mine))
    if row is None:
        raise NotFound("thread.unknown", thread=thread_id[:40])
    return row


def _seen(seat: Seat) -> Any:
    """Say that a thread is of the seat's sections, where its site is limited to some."""
    limited = [(_threads.c.site_id == site) & _threads.c.section.in_(names) for site, names in seat.sections.items()]
    return or_(_threads.c.site_id.in_(seat.whole_ids), *limited)


async def put_in_section(work: Work, thread: Row[Any], section: str) -> None:
    """Say which section of the paper an article stands in; '' for none."""
    await threads.put_in_section(work, thread.id, section, site_id=thread.site_id)


async def close(work: Work, thread: Row[Any], reason: str) -> None:
    """Close a thread to new comments; reading, recommending and reporting go on. Refuses `limits.invalid`."""
    reason = _checked(reason)
    await _change(work, thread, "thread.closed", state="closed", closed_reason=reason)


async def reopen(work: Work, thread: Row[Any]) -> None:
    """Open a closed thread again."""
    await _change(work, thread, "thread.reopened", state="open", closed_reason=None)


async def keep_to_verified(work: Work, thread: Row[Any], reason: str, *, days: int) -> None:
    """Let only verified people comment for some days. Refuses `limits.invalid`."""
    changes = {"verified_only_until": _until(work.now, days), "verified_only_reason": _checked(reason)}
    await _change(work, thread, "thread.limited", of="verified_only", **changes)


async def open_to_all(work: Work, thread: Row[Any]) -> None:
    """Let everybody comment again before the time is over."""
    changes = {"verified_only_until": None, "verified_only_reason": None}
    await _change(work, thread, "thread.unlimited", of="verified_only", **changes)


async def slow_down(work: Work, thread: Row[Any], reason: str, *, days: int, **limits: Any) -> None:
    """Set a pause, a number an hour, an age or review for some days; see `ThreadLimits`. Refuses `limits.invalid`."""
    until = _until(work.now, days)
    try:
        checked = ThreadLimits(reason=_checked(reason), until=until, **limits)
    except ValidationError:
        raise Invalid("limits.invalid") from None
    stored = checked.model_dump(mode="json", exclude_defaults=True)
    await _change(work, thread, "thread.limited", of="pace", limits=stored)


async def lift(work: Work, thread: Row[Any]) -> None:
    """Take a thread's own limits away before their time is over."""
    await _change(work, thread, "thread.unlimited", of="pace", limits=None)


def _checked(reason: str) -> str:
    if not 3 <= len(reason.strip()) <= 300:
        raise Invalid("limits.invalid")
    return reason.strip()


def _until(now: datetime, days: int) -> datetime:
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid("limits.invalid")
    return now + timedelta(days=days)


async def _change(work: Work, thread: Row[Any], kind: str, *, of: str | None = None, **changes: Any) -> None:
    same = update(_threads).where(_threads.c.id == thread.id)
    await work.q.run(same.values(version=_threads.c.version + 1, **changes))
    facts = {"of": of} if of else {}
    work.record(kind, site_id=thread.site_id, subject_id=thread.id, **facts)


async def timed(query: Query, seat: Seat, site_id: str) -> list[Row[Any]]:
    """Give the threads of a site in which something was set for a while; whether it is over, the row says."""
    mine = _threads.c.site_id.in_(seat.site_ids & {site_id})
    holds = _threads.c.verified_only_until.is_not(None) | _threads.c.limits.is_not(None)
    return list(await query.all(select(_threads).where(mine, holds).order_by(_threads.c.id.desc()).limit(LISTED)))


async def named_twice(query: Query, seat: Seat) -> list[Row[Any]]:
    """Give the addresses that wait to be settled, oldest first, with title and number of comments of both threads."""
    by_id, by_url = _threads.alias("by_id"), _threads.alias("by_url")
    joined = _named.join(by_id, by_id.c.id == _named.c.thread_id).join(by_url, by_url.c.id == _named.c.other_id)
    columns = [*_named.c]
    for table, name in ((by_id, "this"), (by_url, "other")):
        columns += [table.c.title.label(f"{name}_title"), table.c.total.label(f"{name}_total")]
        columns += [table.c.article_id.label(f"{name}_article")]
    statement = select(*columns).select_from(joined)
    statement = statement.where(_named.c.site_id.in_(seat.whole_ids), _named.c.settled_at.is_(None))
    return list(await query.all(statement.order_by(_named.c.seen_at).limit(LISTED)))


async def settle(work: Work, seat: Seat, thread_id: str, url: str, *, point: bool) -> None:
    """Settle an address: `point` it at the thread that the article's id names, or leave it where it leads.

    Refuses `thread.unknown` where nothing of the seat's sites waits under it.
    """
    thread = await thread_for_desk(work.q, seat, thread_id)
    mine = (_named.c.site_id == thread.site_id) & (_named.c.thread_id == thread_id)
    still = update(_named).where(mine, _named.c.url_key == threads.url_key(url), _named.c.settled_at.is_(None))
    if not await work.q.run(still.values(settled_at=work.now)):
        raise NotFound("thread.unknown", thread=thread_id)
    work.record("thread.named_settled", site_id=thread.site_id, subject_id=thread_id, pointed=point)
    if point:
        await threads.move(work, thread_id, url)

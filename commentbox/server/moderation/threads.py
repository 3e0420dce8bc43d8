"""What moderators decide about a whole thread: closing it, keeping it to verified people for a while, slowing it down, what
is announced above it, and which thread an address leads to. One thread at a time, always with the reason readers are told;
but for announcements never a site or section.
"""

from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row, func, or_, select, update

from commentbox.server import threads
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Invalid, NotFound
from commentbox.server.base.work import Work
from commentbox.server.comments import merging
from commentbox.server.moderation.seats import Seat
from commentbox.server.sites import actions as sites
from commentbox.server.sites.addresses import url_key
from commentbox.server.sites.rules import LONGEST_ANNOUNCEMENT, ThreadLimits
from commentbox.server.threads import NamedTwice, Thread

LISTED = 50
LONGEST_DAYS = 30
"""A limit that should last longer is no answer to a quarrel, and would end up as a rule nobody remembers making."""
ANNOUNCED_DAYS = 90
"""What holds longer belongs into the house rules."""
_threads = table_of(Thread)
_named = table_of(NamedTwice)


async def listed(query: Query, seat: Seat, wanted: str = "") -> list[Row[Any]]:
    """Give the newest threads of the seat's sites whose title or address has `wanted` in it."""
    mine = (_threads.c.site_id.in_(seat.site_ids), _seen(seat), _threads.c.merged_into.is_(None))
    statement = select(_threads).where(*mine)
    if wanted:
        found = func.lower(_threads.c.title).contains(wanted.lower(), autoescape=True)
        statement = statement.where(found | _threads.c.url.contains(wanted, autoescape=True))
    return list(await query.all(statement.order_by(_threads.c.id.desc()).limit(LISTED)))


async def thread_for_desk(query: Query, seat: Seat, thread_id: str) -> Row[Any]:
    """Give a thread of the seat's sites, or the one it was merged into. Refuses `thread.unknown`."""
    mine = _threads.c.site_id.in_(seat.site_ids) & _seen(seat)
    row = await query.first(select(_threads).where(_threads.c.id == thread_id, mine))
    if row is None:
        raise NotFound("thread.unknown", thread=thread_id[:40])
    return await threads.by_id(query, row.merged_into) if row.merged_into else row


async def merge(work: Work, seat: Seat, thread: Row[Any], named: str) -> str:
    """Let a thread go up in another one of its site, which is named by its address, its article's id or its id at the desk;
    give the id of the one that remains. Refuses `thread.unknown`, `merge.…`.
    """
    thread_id = await threads.named(work.q, thread.site_id, named) or named
    into = await thread_for_desk(work.q, seat, thread_id)
    await merging.merge(work, thread, into)
    return str(into.id)


def _seen(seat: Seat) -> Any:
    """Say that a thread is of the seat's sections, where its site is limited to some."""
    limited = [(_threads.c.site_id == site) & _threads.c.section.in_(names) for site, names in seat.sections.items()]
    return or_(_threads.c.site_id.in_(seat.whole_ids), *limited)


async def put_in_section(work: Work, thread: Row[Any], section: str) -> None:
    """Say which section of the paper an article stands in; '' for none."""
    await threads.put_in_section(work, thread.id, section, site_id=thread.site_id)


async def close(work: Work, thread: Row[Any], reason: str) -> None:
    """Close a thread to new comments; reading, recommending and reporting go on. Refuses `limits.invalid`."""
    reason = checked_reason(reason)
    await change(work, thread, "thread.closed", state="closed", closed_reason=reason)


async def reopen(work: Work, thread: Row[Any]) -> None:
    """Open a closed thread again."""
    await change(work, thread, "thread.reopened", state="open", closed_reason=None)


async def keep_open(work: Work, thread: Row[Any], *, days: int) -> None:
    """Keep a thread open that its age would close, for some days from now. Refuses `limits.invalid`."""
    await change(work, thread, "thread.kept_open", open_until=checked_end(work.now, days))


async def keep_to_verified(work: Work, thread: Row[Any], reason: str, *, days: int) -> None:
    """Let only verified people comment for some days. Refuses `limits.invalid`."""
    changes = {"verified_only_until": checked_end(work.now, days), "verified_only_reason": checked_reason(reason)}
    await change(work, thread, "thread.limited", of="verified_only", **changes)


async def open_to_all(work: Work, thread: Row[Any]) -> None:
    """Let everybody comment again before the time is over."""
    changes = {"verified_only_until": None, "verified_only_reason": None}
    await change(work, thread, "thread.unlimited", of="verified_only", **changes)


async def slow_down(work: Work, thread: Row[Any], reason: str, *, days: int, **limits: Any) -> None:
    """Set a pause, a number an hour, an age or review for some days; see `ThreadLimits`. Refuses `limits.invalid`."""
    until = checked_end(work.now, days)
    try:
        checked = ThreadLimits(reason=checked_reason(reason), until=until, **limits)
    except ValidationError:
        raise Invalid("limits.invalid") from None
    stored = checked.model_dump(mode="json", exclude_defaults=True)
    await change(work, thread, "thread.limited", of="pace", limits=stored)


async def announce(work: Work, thread: Row[Any], text: str, *, days: int) -> None:
    """Show something above a thread for some days. Refuses `announcement.invalid`."""
    changes = _announcement(work.now, text, days)
    await change(work, thread, "thread.announced", **changes)


async def unannounce(work: Work, thread: Row[Any]) -> None:
    """Take a thread's announcement away before its time is over."""
    await change(work, thread, "thread.unannounced", announcement=None, announced_until=None)


async def announce_on_site(work: Work, site_id: str, text: str, *, days: int) -> None:
    """Show something above every thread of a site for some days. Refuses `announcement.invalid`."""
    await sites.set_policy(work, site_id, **_announcement(work.now, text, days))


async def unannounce_on_site(work: Work, site_id: str) -> None:
    """Take a site's announcement away before its time is over."""
    await sites.set_policy(work, site_id, announcement="", announced_until=None)


def _announcement(now: datetime, text: str, days: int) -> dict[str, Any]:
    if not 3 <= len(text.strip()) <= LONGEST_ANNOUNCEMENT or not 1 <= days <= ANNOUNCED_DAYS:
        raise Invalid("announcement.invalid", limit=LONGEST_ANNOUNCEMENT, days=ANNOUNCED_DAYS)
    return {"announcement": text.strip(), "announced_until": now + timedelta(days=days)}


async def lift(work: Work, thread: Row[Any]) -> None:
    """Take a thread's own limits away before their time is over."""
    await change(work, thread, "thread.unlimited", of="pace", limits=None)


def checked_reason(reason: str) -> str:
    """Give a reason, trimmed. Refuses `limits.invalid`."""
    if not 3 <= len(reason.strip()) <= 300:
        raise Invalid("limits.invalid")
    return reason.strip()


def checked_end(now: datetime, days: int) -> datetime:
    """Give the moment so many days later. Refuses `limits.invalid`."""
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid("limits.invalid")
    return now + timedelta(days=days)


async def change(work: Work, thread: Row[Any], kind: str, *, of: str | None = None, **changes: Any) -> None:
    """Change a thread so that readers see it, and say so in the journal."""
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
    still = update(_named).where(mine, _named.c.url_key == url_key(url), _named.c.settled_at.is_(None))
    if not await work.q.run(still.values(settled_at=work.now)):
        raise NotFound("thread.unknown", thread=thread_id)
    work.record("thread.named_settled", site_id=thread.site_id, subject_id=thread_id, pointed=point)
    if point:
        await threads.move(work, thread_id, url)

"""Two threads become one, and no link is lost: addresses, the article's id, permanent links and counts lead to the one that
remains. In bounded steps, begun again wherever they stopped, and done twice is done once. There is no way back.

From the first step on nobody finds the merged thread any more: whoever asks for it gets the other, with its comments coming
in batch by batch. Most threads are whole after that first step, which takes a batch with it.
"""

from typing import Any

from sqlalchemy import Row, case, select, update

from commentbox.server import threads
from commentbox.server.accounts import mutes
from commentbox.server.base.db import table_of
from commentbox.server.base.errors import Conflict, Invalid
from commentbox.server.base.work import Work
from commentbox.server.comments.actions import lock_thread
from commentbox.server.comments.models import Comment
from commentbox.server.threads import NamedTwice, Thread, ThreadUrl

JOB = "thread.merge"
BATCH = 500
"""Comments, mutes or news of one transaction: posting on SQLite waits no longer than for a page of an import."""
_comments, _threads = table_of(Comment), table_of(Thread)
_urls, _named = table_of(ThreadUrl), table_of(NamedTwice)
_COUNTED = ("total", "verified_total", "picks")


async def merge(work: Work, thread: Row[Any], into: Row[Any]) -> None:
    """Let a thread go up in another one of its site. Refuses `merge.itself`, `merge.elsewhere`, `merge.done`."""
    if thread.merged_into == into.id:
        return
    if thread.id == into.id:
        raise Invalid("merge.itself")
    if thread.site_id != into.site_id:
        raise Invalid("merge.elsewhere")
    for each in sorted((thread.id, into.id)):
        await lock_thread(work, each)
    free = update(_threads).where(_threads.c.id == thread.id, _threads.c.merged_into.is_(None))
    stays = select(_threads.c.id).where(_threads.c.id == into.id, _threads.c.merged_into.is_(None))
    if await work.q.first(stays) is None or not await work.q.run(free.values(merged_into=into.id, state="closed")):
        raise Conflict("merge.done")
    before = update(_threads).where(_threads.c.merged_into == thread.id)
    await work.q.run(before.values(merged_into=into.id))
    await work.q.run(update(_urls).where(_urls.c.thread_id == thread.id).values(thread_id=into.id))
    either = (_named.c.thread_id == thread.id) | (_named.c.other_id == thread.id)
    await work.q.run(update(_named).where(either, _named.c.settled_at.is_(None)).values(settled_at=work.now))
    work.record("thread.merged", site_id=thread.site_id, subject_id=thread.id, into=into.id)
    work.job(JOB, {"thread_id": thread.id, "into": into.id})
    await move(work, thread.id, into.id)


async def move(work: Work, thread_id: str, into: str) -> int:
    """Bring the next comments and mutes over, and what was counted at the merged thread; say how many it was."""
    for each in sorted((thread_id, into)):
        await lock_thread(work, each)
    await _carry_counts(work, thread_id, into)
    next_ones = select(_comments.c.id).where(_comments.c.thread_id == thread_id).order_by(_comments.c.id).limit(BATCH)
    ids = [row.id for row in await work.q.all(next_ones)]
    at_top = case((_comments.c.hangs_on == thread_id, into), else_=_comments.c.hangs_on)
    if ids:
        moved = update(_comments).where(_comments.c.id.in_(ids))
        await work.q.run(moved.values(thread_id=into, hangs_on=at_top))
    muted = await mutes.move_thread(work, thread_id, into, at_most=BATCH)
    return max(len(ids), muted)


async def _carry_counts(work: Work, thread_id: str, into: str) -> None:
    """What is withdrawn before its turn comes is counted where it still is."""
    row = await threads.by_id(work.q, thread_id)
    more = {name: _threads.c[name] + getattr(row, name) for name in _COUNTED}
    remaining = update(_threads).where(_threads.c.id == into)
    await work.q.run(remaining.values(version=_threads.c.version + 1, **more))
    merged = update(_threads).where(_threads.c.id == thread_id)
    await work.q.run(merged.values(version=_threads.c.version + 1, **dict.fromkeys(_COUNTED, 0)))

"""Editor's picks: naming a published comment one, the list of a thread's, and when it ends by itself.

A pick is for the words it was given to: it ends when they are changed, or when readers cannot see them any more. Only
picks that the reader hears are listed, and no stubs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, TextClause, text, update

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict
from commentbox.server.base.work import Work
from commentbox.server.comments.cursors import BY_TIME, Cursor
from commentbox.server.comments.models import Comment
from commentbox.server.comments.queries import HEARD, TOP, VERIFIED, number_of, orders, rows_by_id
from commentbox.server.threads import Thread

_comments = table_of(Comment)
_threads = table_of(Thread)


@dataclass(frozen=True)
class Picked:
    """A page of picks, the cursor of the next, and how many there are by people who are not verified."""

    rows: Sequence[Row[Any]] = ()
    next: Cursor | None = None
    unverified: int = 0


async def page(query: Query, thread_id: str, *, sort: str, cursor: Cursor | None, verified_only: bool) -> Picked:
    """Give one page of a thread's picks that these readers hear, in three statements."""
    values: dict[str, Any] = {"thread": thread_id, "verified": verified_only, "limit": TOP + 1}
    if cursor:
        values |= {"id": cursor.id} | ({} if sort in BY_TIME else {"likes": cursor.likes})
    ids = [row.id for row in await query.all(_page_statement(sort, cursor is not None, verified_only), values)]
    found = await rows_by_id(query, ids[:TOP], verified_only=verified_only)
    rows = [found[each] for each in ids[:TOP] if each in found]
    has_more = len(ids) > TOP and rows
    following = Cursor(sort, rows[-1].id, number_of(rows[-1], sort, verified_only)) if has_more else None
    return Picked(rows, following, await query.scalar(_unverified_statement(), {"thread": thread_id}) or 0)


@lru_cache(maxsize=32)
def _page_statement(sort: str, has_cursor: bool, verified_only: bool) -> TextClause:
    order, beyond = orders(sort, verified_only, tops=False)
    keyset = f"AND {beyond}" if has_cursor else ""
    return text(
        f"""SELECT id FROM comment c WHERE thread_id = :thread AND picked_at IS NOT NULL AND {HEARD} {keyset}
        ORDER BY {order} LIMIT :limit"""
    )


@lru_cache(maxsize=1)
def _unverified_statement() -> TextClause:
    return text(
        f"""SELECT count(*) FROM comment c WHERE thread_id = :thread AND picked_at IS NOT NULL
        AND state = 'published' AND NOT {VERIFIED}"""
    )


async def change(work: Work, comment: Row[Any], *, on: bool) -> None:
    """Pick a comment, or take the pick away; twice is once. For the desk, which holds its thread and row.

    Refuses `pick.not_published`.
    """
    if on and comment.state != "published":
        raise Conflict("pick.not_published")
    if on is (comment.picked_at is not None):
        return
    picked = update(_comments).where(_comments.c.id == comment.id)
    await work.q.run(picked.values(picked_at=work.now if on else None))
    await count(work, comment, by=1 if on else -1)


async def count(work: Work, comment: Row[Any], *, by: int) -> None:
    """Count one pick more or less in the thread, and say so in the journal."""
    thread = update(_threads).where(_threads.c.id == comment.thread_id)
    await work.q.run(thread.values(picks=_threads.c.picks + by, version=_threads.c.version + 1))
    kind = "comment.picked" if by > 0 else "comment.unpicked"
    work.record(kind, site_id=comment.site_id, subject_id=comment.id, thread=comment.thread_id)


def ends(comment: Any, changes: dict[str, Any]) -> bool:
    """Say whether changes of a comment end its pick."""
    gone = changes.get("state", "published") != "published"
    return comment.picked_at is not None and (gone or changes.get("text", comment.text) != comment.text)


def is_as(comment: Any) -> Any:
    """Give the condition that a comment is still picked, or still not, as it was when it was read."""
    column = _comments.c.picked_at
    return column.is_(None) if comment.picked_at is None else column.is_not(None)

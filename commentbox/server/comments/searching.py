"""Finding comments of one thread by their words: published ones that the reader hears from, and no others.

Which comments have the words is the database's own index (`base/fulltext.py`); who may see them is said here, by the
condition that the pages use. Three statements, whatever the size of the thread.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, TextClause, text

from commentbox.server.base.db import Query
from commentbox.server.comments.cursors import BY_TIME, Cursor
from commentbox.server.comments.queries import HEARD, VERIFIED, number_of, orders, rows_by_id

HITS = 20


@dataclass(frozen=True)
class Hits:
    """A page of rows, the cursor of the next, and how many there are: in all, and from verified people."""

    rows: Sequence[Row[Any]] = ()
    next: Cursor | None = None
    total: int = 0
    verified_total: int = 0


async def search(
    query: Query, thread_id: str, words: Sequence[str], *, sort: str, cursor: Cursor | None, verified_only: bool
) -> Hits:
    """Give one page of the published comments that have words beginning with each of these."""
    if not words:
        return Hits()
    has = {"words": query.fulltext.spell(thread_id, words)}
    count = await query.first(_count_statement(query.fulltext.ids), has)
    total, verified_total = (count.total, count.verified_total or 0) if count else (0, 0)
    values = has | {"limit": HITS + 1, "verified": verified_only}
    if cursor:
        values |= {"id": cursor.id} | ({} if sort in BY_TIME else {"likes": cursor.likes})
    statement = _page_statement(query.fulltext.ids, sort, cursor is not None, verified_only)
    ids = [row.id for row in await query.all(statement, values)] if total else []
    rows = await rows_by_id(query, ids[:HITS], verified_only=verified_only)
    shown = [rows[each] for each in ids[:HITS] if each in rows]
    following = _after(shown[-1], sort, verified_only) if len(ids) > HITS else None
    return Hits(shown, following, total, verified_total)


def _after(row: Row[Any], sort: str, verified_only: bool) -> Cursor:
    return Cursor(sort, row.id, number_of(row, sort, verified_only))


@lru_cache(maxsize=2)
def _count_statement(ids: str) -> TextClause:
    return text(
        f"""SELECT count(*) AS total, sum(CASE WHEN {VERIFIED} THEN 1 ELSE 0 END) AS verified_total
        FROM comment c WHERE state = 'published' AND id IN ({ids})"""
    )


@lru_cache(maxsize=64)
def _page_statement(ids: str, sort: str, has_cursor: bool, verified_only: bool) -> TextClause:
    order, beyond = orders(sort, verified_only, tops=False)
    keyset = f"AND {beyond}" if has_cursor else ""
    return text(f"""SELECT id FROM comment c WHERE id IN ({ids}) AND {HEARD} {keyset} ORDER BY {order} LIMIT :limit""")

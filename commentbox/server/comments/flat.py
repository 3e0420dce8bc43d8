"""A thread as one flat list in reading order, page by page and nothing left out: what programs read.

People get `queries.page`, which shows a few replies of each parent and links to the rest. Here every comment comes once:
first the tops of a page with their counters, then the ids below them, then the rows of one page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, TextClause, bindparam, text

from commentbox.server.base.db import Query
from commentbox.server.comments.cursors import BY_TIME, Cursor
from commentbox.server.comments.queries import PARTS, number_of, orders, rows_by_id, seen_by
from commentbox.server.comments.tree import ROOM

PAGE = ROOM


@dataclass(frozen=True)
class Flat:
    """Rows in reading order, and the cursor of the next page."""

    rows: list[Row[Any]]
    next: Cursor | None


async def flat(
    query: Query, thread_id: str, *, sort: str, cursor: Cursor | None, verified_only: bool, part: str = ""
) -> Flat:
    """Give up to 60 rows of a thread, or of a `part` of it, after the cursor, in four statements."""
    tops = await _tops(query, thread_id, sort=sort, cursor=cursor, verified_only=verified_only, part=part)
    enough = _enough(tops, verified_only)
    places = await _below(query, [top.id for top in tops[:enough]], verified_only)
    order = [(top, place) for top in tops[:enough] for place in ("", *places.get(top.id, ()))]
    order = order[await _already_given(query, order, cursor) :]
    if cursor and not order and enough < len(tops):  # what was left of the first top is hidden by now
        on = cursor._replace(within="")
        return await flat(query, thread_id, sort=sort, cursor=on, verified_only=verified_only, part=part)
    ids = [_id(top, place) for top, place in order[:PAGE]]
    rows = await rows_by_id(query, ids, verified_only=verified_only)
    has_more = len(order) > PAGE or enough < len(tops)
    return Flat([rows[each] for each in ids if each in rows], _cursor(sort, order, verified_only) if has_more else None)


def _id(top: Row[Any], place: str) -> str:
    return place.rpartition("/")[2] or str(top.id)


def _cursor(sort: str, order: list[tuple[Row[Any], str]], verified_only: bool) -> Cursor:
    """Give the cursor behind a page's worth of `order`; behind a whole top it says nothing about what is within."""
    top, place = order[:PAGE][-1]
    goes_on = len(order) > PAGE and order[PAGE][0].id == top.id
    return Cursor(sort, top.id, number_of(top, sort, verified_only), 0, _id(top, place) if goes_on else "")


async def _tops(
    query: Query, thread_id: str, *, sort: str, cursor: Cursor | None, verified_only: bool, part: str
) -> Sequence[Row[Any]]:
    """Give the next tops, beginning with the one that the last page broke off in."""
    values: dict[str, Any] = {"thread": thread_id, "limit": PAGE + 1}
    if cursor:
        values["id"] = cursor.id
        values |= {} if sort in BY_TIME else {"likes": cursor.likes}
    keyset = ("from" if cursor.within else "after") if cursor else ""
    return await query.all(_top_statement(sort, keyset, verified_only, part), values)


def _enough(tops: Sequence[Row[Any]], verified_only: bool) -> int:
    """Say how many of the tops surely fill a page, with what is below them."""
    total = 0
    for number, top in enumerate(tops):
        if total > PAGE:
            return number
        total += 1 + (top.descendants_verified if verified_only else top.descendants_all)
    return len(tops)


async def _below(query: Query, tops: list[str], verified_only: bool) -> dict[str, list[str]]:
    """Give what is below each top in reading order: each as its path and id, which sorts as it is read."""
    if not tops:
        return {}
    places: dict[str, list[str]] = {}
    for row in await query.all(_below_statement(verified_only), {"tops": tops}):
        place = f"{row.path}/{row.id}"
        places.setdefault(place.partition("/")[0], []).append(place)
    return {top: sorted(found) for top, found in places.items()}


async def _already_given(query: Query, order: list[tuple[Row[Any], str]], cursor: Cursor | None) -> int:
    """Say how many of the first top's comments earlier pages gave, even if the last of them is hidden by now."""
    if not cursor or not cursor.within:
        return 0
    path = await query.scalar(text("SELECT path FROM comment WHERE id = :id"), {"id": cursor.within})
    last = f"{path}/{cursor.within}" if path else ""
    return sum(1 for top, place in order if top.id == cursor.id and place <= last)


@lru_cache(maxsize=64)
def _top_statement(sort: str, keyset: str, verified_only: bool, part: str) -> TextClause:
    order, beyond = orders(sort, verified_only)
    if keyset == "from":
        beyond = beyond.replace("<", "<=").replace(">", ">=")
    return text(
        f"""SELECT id, recommends_all, recommends_verified, descendants_all, descendants_verified FROM comment
        WHERE hangs_on = :thread AND {seen_by(verified_only)} = true {f"AND {beyond}" if keyset else ""} {PARTS[part]}
        ORDER BY {order} LIMIT :limit"""
    )


@lru_cache(maxsize=2)
def _below_statement(verified_only: bool) -> TextClause:
    seen = seen_by(verified_only)
    statement: TextClause = text(
        f"""WITH RECURSIVE below (id, path) AS (
        SELECT id, path FROM comment WHERE hangs_on IN :tops AND {seen} = true
        UNION ALL SELECT d.id, d.path FROM comment d JOIN below ON d.hangs_on = below.id WHERE d.{seen} = true)
        SELECT id, path FROM below"""
    )
    return statement.bindparams(bindparam("tops", expanding=True))

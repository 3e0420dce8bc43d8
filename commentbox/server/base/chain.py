"""Is the journal as it was written? Walking its chain against the anchors, anchoring it, cutting it at an anchor.

`journal` seals; this asks. An attacker who can write to the database can also compute hashes, so only the anchors outside
it show a history that was rewritten whole, or a tail that was cut off.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, delete, func, select

from commentbox.server.base import anchors, clock, facts
from commentbox.server.base.anchors import Anchor
from commentbox.server.base.db import Database, Query, table_of
from commentbox.server.base.errors import Conflict
from commentbox.server.base.journal import BATCH, CUT, chained_hash, cut_at
from commentbox.server.base.models import Journal
from commentbox.server.base.work import Work, begin

_table = table_of(Journal)


@dataclass(frozen=True)
class Finding:
    """The first thing that does not fit: where, and what. `what` is changed, missing, forked, anchor or cut."""

    position: int
    what: str


async def verify(query: Query, known: Sequence[Anchor] = ()) -> Finding | None:
    """Walk the chain and give the first thing that does not fit, or None."""
    position, previous = await cut_at(query)
    if position and not any((each.position, each.hash) == (position, previous) for each in known):
        return Finding(position, "cut")
    expected = {each.position: each.hash for each in known}
    if len(expected) < len({(each.position, each.hash) for each in known}):
        return Finding(_twice(known), "anchor")
    while rows := await _after(query, position):
        for row in rows:
            if (what := _wrong(row, position + 1, previous, expected)) is not None:
                return Finding(position + 1, what)
            position, previous = position + 1, row.hash
    beyond = [each for each in sorted(expected) if each > position]
    return Finding(position + 1, "missing") if beyond else None


def _wrong(row: Row[Any], position: int, previous: str, expected: dict[int, str]) -> str | None:
    if row.position != position:
        return "missing"
    if row.previous != previous:
        return "forked"
    if row.hash != chained_hash(position, previous, row):
        return "changed"
    return "anchor" if expected.get(position, row.hash) != row.hash else None


def _twice(known: Iterable[Anchor]) -> int:
    seen: dict[int, str] = {}
    return next(each.position for each in known if seen.setdefault(each.position, each.hash) != each.hash)


async def _after(query: Query, position: int) -> Sequence[Row[Any]]:
    return await query.all(select(_table).where(_table.c.position > position).order_by(_table.c.position).limit(BATCH))


async def last(query: Query) -> tuple[int, str]:
    """Give the last sealed position and the hash there; what was cut off counts."""
    row = await query.first(
        select(_table.c.position, _table.c.hash)
        .where(_table.c.position.is_not(None))
        .order_by(_table.c.position.desc())
        .limit(1)
    )
    return (row.position, row.hash) if row else await cut_at(query)


async def anchor(db: Database, file: Path, *, daily: bool = False) -> Anchor | None:
    """Write down where the journal stands; None where it has not grown, or (`daily`) was anchored today."""
    known = anchors.read(file)
    if daily and known and known[-1].day == clock.now().date().isoformat():
        return None
    async with db.read() as query:
        position, digest = await last(query)
    if position == 0 or (known and known[-1].position == position):
        return None
    return anchors.write(file, at=clock.now(), position=position, digest=digest)


async def cut(db: Database, known: Sequence[Anchor], *, before: datetime) -> tuple[int, int]:
    """Throw away what happened before a moment, up to the last anchor of that time; give position and number of rows.

    Refuses `journal.no_anchor` where no anchor is that old, and `journal.broken` where the journal does not fit.
    """
    old = [each for each in known if datetime.fromisoformat(each.at) < before]
    if not old:
        raise Conflict("journal.no_anchor")
    place = old[-1]
    async with begin(db) as work:
        if await verify(work.q, known) is not None:
            raise Conflict("journal.broken")
        return place.position, await _cut(work, place)


async def _cut(work: Work, place: Anchor) -> int:
    gone = await work.q.run(delete(_table).where(_table.c.position <= place.position))
    if gone:
        await facts.note(work, CUT, f"{place.position}:{place.hash}")
        work.record("journal.cut", position=place.position, rows=gone)
    return gone


async def length(query: Query) -> int:
    """Give the number of sealed rows, those cut off included."""
    return await query.scalar(select(func.coalesce(func.max(_table.c.position), 0))) or 0

"""Following the journal: a listener gets every sealed row after its position, and what it writes is written once.

The position is kept among the facts and moves in the very transaction in which the listener writes, so that whoever dies
in between begins again where nothing was done. `wiring.py` says who listens.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy import Row, select, update

from commentbox.server.base import chain, facts
from commentbox.server.base.db import Database, Query, table_of
from commentbox.server.base.models import Fact, Journal
from commentbox.server.base.work import Work, begin

BATCH = 200
"""Positions a transaction: few enough that posting does not wait for it."""
Listener = Callable[[Work, Sequence[Row[Any]]], Awaitable[None]]
_journal = table_of(Journal)
_facts = table_of(Fact)


async def follow(db: Database, name: str, listener: Listener, *, kinds: Sequence[str]) -> int:
    """Hand the next rows of these kinds to a listener, and say by how many positions it moved on; 0 is all there is."""
    async with db.read() as query:
        before, last = await position(query, name), await chain.length(query)
    until = min(last, before + BATCH)
    if until <= before:
        return 0
    async with begin(db) as work:
        if not await _move(work, name, before=before, until=until):
            return 0  # another process was quicker, and these rows are its own
        wanted = select(_journal).where(_journal.c.position > before, _journal.c.position <= until)
        rows = await work.q.all(wanted.where(_journal.c.kind.in_(kinds)).order_by(_journal.c.position))
        if rows:
            await listener(work, rows)
    return until - before


async def position(query: Query, name: str) -> int:
    """Give the position up to which a listener has heard everything."""
    return int(await facts.recall(query, _fact(name)) or 0)


async def start_here(db: Database, name: str) -> None:
    """Let a listener that was never there before begin with what happens from now on, not with the whole past."""
    async with db.read() as query:
        if await facts.recall(query, _fact(name)) is not None:
            return
        last = await chain.length(query)
    async with begin(db) as work:
        await work.q.add_if_new(Fact(name=_fact(name), value=str(last)))


async def _move(work: Work, name: str, *, before: int, until: int) -> bool:
    same = update(_facts).where(_facts.c.name == _fact(name), _facts.c.value == str(before))
    if await work.q.run(same.values(value=str(until))):
        return True
    return before == 0 and await work.q.add_if_new(Fact(name=_fact(name), value=str(until)))


def _fact(name: str) -> str:
    return f"follow.{name}"

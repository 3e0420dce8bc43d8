"""Attacks on the journal in the database itself, on both: each is found, and a retention cut is none."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from commentbox.server.base import anchors, chain, clock, journal
from commentbox.server.base.chain import Finding
from commentbox.server.base.db import Database, Query
from commentbox.server.base.errors import Conflict
from commentbox.server.base.ids import new_id
from commentbox.server.base.models import Journal
from commentbox.server.base.work import begin
from tests.factories import START

_table = Journal.__table__
_at = _table.c.position


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "anchors"


async def write(db: Database, number: int) -> None:
    """Let things happen, and seal them."""
    async with begin(db) as work:
        for each in range(number):
            work.record("thing.happened", number=each)
    while await journal.seal(db):
        pass


@pytest.fixture
async def anchored(db: Database, file: Path) -> Path:
    """Eight entries, anchored at the fourth and the eighth."""
    clock.set(START)
    for _ in range(2):
        await write(db, 4)
        await chain.anchor(db, file)
        clock.advance(days=1)
    return file


def forge(file: Path, change: Callable[[list[str]], list[str]]) -> list[str]:
    """Write a file of anchors anew, and give its lines as they were."""
    lines = file.read_text().splitlines()
    file.write_text("".join(f"{line}\n" for line in change(lines)))
    return lines


async def found(db: Database, file: Path | None) -> Finding | None:
    async with db.read() as query:
        return await chain.verify(query, anchors.read(file) if file else ())


async def edit(query: Query) -> None:
    await query.run(update(_table).where(_at == 3).values(kind="other.happened"))


async def edit_the_data(query: Query) -> None:
    await query.run(update(_table).where(_at == 3).values(data={"number": 9}))


async def take_out(query: Query) -> None:
    await query.run(delete(_table).where(_at == 3))


async def take_the_first_out(query: Query) -> None:
    await query.run(delete(_table).where(_at <= 2))


async def swap(query: Query) -> None:
    for old, new in ((3, 900), (4, 3), (900, 4)):
        await query.run(update(_table).where(_at == old).values(position=new))


async def fork(query: Query) -> None:
    """Add an entry that follows the third one, behind all the others."""
    third = await query.first(select(_table).where(_at == 3))
    row = {**third._mapping, "id": new_id(clock.now()), "position": 9, "previous": third.previous}
    await query.run(insert(_table), row)


async def write_anew(query: Query) -> None:
    """Change an entry and compute every hash after it again, as somebody would who knows how."""
    await edit(query)
    previous = await query.scalar(select(_table.c.hash).where(_at == 2))
    for row in await query.all(select(_table).where(_at >= 3).order_by(_at)):
        digest = journal.chained_hash(row.position, previous, row)
        await query.run(update(_table).where(_table.c.id == row.id).values(previous=previous, hash=digest))
        previous = digest


async def cut_the_tail_off(query: Query) -> None:
    await query.run(delete(_table).where(_at >= 7))


async def cut_everything(query: Query) -> None:
    await query.run(delete(_table))


@pytest.mark.parametrize(
    ("attack", "finding"),
    [
        (edit, Finding(3, "changed")),
        (edit_the_data, Finding(3, "changed")),
        (take_out, Finding(3, "missing")),
        (take_the_first_out, Finding(1, "missing")),
        (swap, Finding(3, "forked")),
        (fork, Finding(9, "forked")),
        (write_anew, Finding(4, "anchor")),
        (cut_the_tail_off, Finding(7, "missing")),
        (cut_everything, Finding(1, "missing")),
    ],
)
async def test_an_attack_on_the_table_is_found(
    db: Database, anchored: Path, attack: Callable[[Query], Awaitable[None]], finding: Finding
) -> None:
    assert await found(db, anchored) is None
    async with db.write() as query:
        await attack(query)
    assert await found(db, anchored) == finding


async def test_without_anchors_a_history_written_anew_looks_whole_which_is_why_there_are_anchors(
    db: Database, anchored: Path
) -> None:
    async with db.write() as query:
        await write_anew(query)
    assert await found(db, None) is None


async def test_an_anchor_that_was_changed_is_found(db: Database, anchored: Path) -> None:
    lines = forge(anchored, lambda lines: [lines[0].replace('"position": 4', '"position": 5'), lines[1]])
    assert await found(db, anchored) == Finding(5, "anchor")
    forge(anchored, lambda _: [lines[0], lines[0].replace('"hash": "', '"hash": "x')])
    assert await found(db, anchored) == Finding(4, "anchor")


async def test_the_journal_is_anchored_once_a_day_and_only_if_it_grew(db: Database, file: Path) -> None:
    clock.set(START)
    assert await chain.anchor(db, file, daily=True) is None
    await write(db, 2)
    assert (await chain.anchor(db, file, daily=True)).position == 2
    await write(db, 1)
    assert await chain.anchor(db, file, daily=True) is None
    clock.advance(days=1)
    assert (await chain.anchor(db, file, daily=True)).position == 3
    clock.advance(days=1)
    assert await chain.anchor(db, file, daily=True) is None
    assert [each.position for each in anchors.read(file)] == [2, 3]


async def test_what_is_old_is_cut_at_an_anchor_and_the_chain_goes_on(db: Database, anchored: Path) -> None:
    known = anchors.read(anchored)
    with pytest.raises(Conflict):
        await chain.cut(db, known, before=START)
    assert await chain.cut(db, known, before=START + timedelta(hours=12)) == (4, 4)
    await write(db, 1)
    assert await found(db, anchored) is None
    async with db.read() as query:
        kinds = [row.kind for row in await query.all(select(_table.c.kind).order_by(_at))]
    assert kinds == ["thing.happened"] * 4 + ["journal.cut", "thing.happened"]
    assert await found(db, None) == Finding(4, "cut")


async def test_everything_may_be_cut_and_the_numbers_go_on(db: Database, anchored: Path) -> None:
    await chain.cut(db, anchors.read(anchored), before=clock.now())
    await write(db, 1)
    assert await found(db, anchored) is None
    async with db.read() as query:
        assert await chain.length(query) == 10


async def test_a_prefix_that_was_cut_elsewhere_than_at_an_anchor_is_found(db: Database, anchored: Path) -> None:
    async with begin(db) as work:
        third = await work.q.scalar(select(_table.c.hash).where(_at == 3))
        await work.q.run(delete(_table).where(_at <= 3))
        await chain.facts.note(work, journal.CUT, f"3:{third}")
    assert await found(db, anchored) == Finding(3, "cut")


async def test_a_broken_journal_is_not_cut(db: Database, anchored: Path) -> None:
    async with db.write() as query:
        await edit(query)
    with pytest.raises(Conflict):
        await chain.cut(db, anchors.read(anchored), before=clock.now())

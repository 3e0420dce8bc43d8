"""The data map says something about every column, and what it says of time is what the erasing code does."""

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event
from typer.testing import CliRunner

from commentbox import cli
from commentbox.server import datamap, wiring
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings
from commentbox.server.base.work import begin
from commentbox.server.datamap.keeping import KEEPINGS
from tests.factories import START
from tests.promises.test_leaving_is_true import Leaver, go, leaver  # noqa: F401  the fixture of somebody who did everything
from tests.rooms.test_migrations import metadata
from tests.visitor import Visitor

CHANGED = re.compile(r"^(DELETE FROM|UPDATE) (\w+)")


def claims(keeps: Callable[[Any], bool]) -> set[str]:
    """Give the tables with a column whose time is such a one."""
    return {table.name for table in datamap.entries() if any(keeps(each.kept) for each in table.columns)}


@contextmanager
def changes() -> Iterator[dict[str, set[str]]]:
    """Note which tables rows are deleted from, and which are changed, by whichever database."""
    noted: dict[str, set[str]] = {"DELETE FROM": set(), "UPDATE": set()}

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if found := CHANGED.match(statement):
            noted[found[1]].add(found[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield noted
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_every_column_of_the_schema_has_its_line_and_no_line_is_left_over() -> None:
    tables = metadata().tables
    assert {each.name for each in datamap.entries()} == set(tables)
    written = {name: set(said.get("columns", {})) for name, said in datamap.facts().items() if name != "common"}
    assert {f"{name}.{each}" for name in written for each in written[name] - set(tables[name].columns.keys())} == set()
    used = {each.kept.words for table in datamap.entries() for each in table.columns}
    assert used == {keeping.words for keeping in KEEPINGS.values()}


def test_a_column_without_a_line_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = {**datamap.facts(), "account": datamap.facts()["account"] | {"columns": {}}}
    monkeypatch.setattr(datamap, "facts", lambda: bare)
    with pytest.raises(datamap.NoFacts, match=r"account\.name"):
        datamap.entries.__wrapped__()


async def test_whatever_goes_by_itself_is_erased_by_the_sweep_that_is_named(db: Database) -> None:
    clock.set(START)
    for sweep in wiring.SWEEPS:
        with changes() as noted:
            await _once(db, sweep)
        claimed = claims(lambda keeping, sweep=sweep: keeping.swept_by is sweep)
        assert claimed <= noted["DELETE FROM"] | noted["UPDATE"], sweep
        assert noted["DELETE FROM"] <= claimed, sweep
    named = {keeping.swept_by for keeping in KEEPINGS.values()} - {None}
    assert named <= set(wiring.SWEEPS), "a sweep that is named is a sweep that runs"


async def _once(db: Database, sweep: Callable[[Any], Awaitable[Any]]) -> None:
    async with begin(db) as work:
        await sweep(work)


async def test_whatever_goes_with_the_account_is_erased_when_somebody_leaves(
    db: Database,
    settings: Settings,
    leaver: Leaver,  # noqa: F811  pytest finds it by its name
) -> None:
    with changes() as noted:
        await go(db, settings, leaver.id, "erase")
    erased, claimed = noted["DELETE FROM"], claims(lambda keeping: keeping.leaves)
    assert claimed <= erased | noted["UPDATE"], claimed - erased - noted["UPDATE"]
    assert erased - claimed <= {"one_time", "budget"}, "these two go because their time is up"


async def test_the_map_is_public_the_same_for_all_and_what_the_command_prints(visitor: Visitor) -> None:
    page = await visitor.open("/verification/data")
    assert page.status_code == 200 and "set-cookie" not in page.headers
    for table in datamap.entries():
        assert all(f"<code>{each.name}</code>" in page.text for each in table.columns), table.name
    assert 'href="/verification/data' in (await visitor.open("/verification")).text
    printed = CliRunner().invoke(cli.app, ["datamap"])
    assert printed.exit_code == 0 and printed.stdout == datamap.markdown()

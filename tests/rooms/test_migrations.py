"""The migrations make the very schema that the models describe, on both databases, and only once."""

import asyncio
import importlib
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text
from sqlmodel import SQLModel

from commentbox.server.base import migrate, schema
from commentbox.server.base.db import Database

ROOT = Path(__file__).parents[2]


def metadata() -> MetaData:
    """Give the tables of every room there is, whoever has imported it so far."""
    for file in (ROOT / "commentbox").rglob("*.py"):
        if "table=True" in file.read_text("utf-8"):
            importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    return SQLModel.metadata


def differences(connection: Connection) -> list:
    return compare_metadata(MigrationContext.configure(connection), metadata())


async def test_the_migrations_make_what_the_models_describe(db: Database) -> None:
    async with db.read() as query:
        assert await query.run_sync(differences) == []


async def test_a_migrated_database_is_current_and_migrating_again_changes_nothing(db: Database) -> None:
    await migrate.upgrade(db.url)
    async with db.read() as query:
        assert await schema.state_of(query) == "current"


async def test_a_database_of_a_later_release_is_still_served(db: Database) -> None:
    async with db.write() as query:
        ours = await query.scalar(text("SELECT version_num FROM alembic_version"))
        await query.run(text("UPDATE alembic_version SET version_num = '9999'"))
    async with db.read() as query:
        later = await schema.state_of(query)
    async with db.write() as query:
        await query.run(text("UPDATE alembic_version SET version_num = :ours"), {"ours": ours})
    assert later == "current"


async def test_an_empty_database_is_not_current(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'empty.sqlite3'}")
    async with db.read() as query:
        assert await schema.state_of(query) == "empty"
    await db.close()


async def test_two_servers_that_migrate_at_once_wait_for_each_other(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'new' / 'twice.sqlite3'}"
    program = f"import asyncio; from commentbox.server.base import migrate; asyncio.run(migrate.upgrade({url!r}))"
    servers = [await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=ROOT) for _ in range(2)]
    assert [await server.wait() for server in servers] == [0, 0]
    db = Database(url)
    async with db.read() as query:
        assert await schema.state_of(query) == "current"
    await db.close()

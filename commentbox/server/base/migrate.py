"""Bringing a database to the schema of this release, and asking whether it is there.

The steps lie in the top-level folder `alembic/`; an installed package carries them inside. They are run here and
nowhere else: `commentbox migrate`, the demo and the tests call `upgrade`, readiness asks `state`.
"""

import asyncio
from functools import cache
from pathlib import Path
from typing import Literal

from alembic.command import upgrade as alembic_upgrade
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from commentbox.server.base.db import Database, Query

STATE_SECONDS = 3
"""A load balancer asks every few seconds; a database that needs longer than this is not there."""
State = Literal["current", "behind", "empty", "unreachable"]
_PACKAGE = Path(__file__).parents[2]


async def upgrade(url: str) -> None:
    """Bring the database at `url` (with its asynchronous driver) up to date; two who do it at once wait for each other.

    No statement time-out here, unlike in `base/db.py`: a step over a large table may take its time.
    """
    _make_folder(url)
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


async def state(db: Database) -> State:
    """Say how the database stands, within seconds even where it hangs."""
    try:
        async with asyncio.timeout(STATE_SECONDS), db.read() as query:
            return await state_of(query)
    except (TimeoutError, OSError, SQLAlchemyError):
        return "unreachable"


async def state_of(query: Query) -> State:
    """Say whether this release can serve from the database: at our step, or at a later one that we do not know yet."""
    there = await query.run_sync(_revisions)
    script = ScriptDirectory.from_config(_config())
    ours = {step.revision for step in script.walk_revisions()}
    if not there:
        return "empty"
    return "current" if there == set(script.get_heads()) or not there & ours else "behind"


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    alembic_upgrade(config, "head")


def _revisions(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())


@cache
def _steps() -> Path:
    """Find the steps: inside an installed package, else beside it in a checkout."""
    installed = _PACKAGE / "_alembic"
    return installed if installed.is_dir() else _PACKAGE.parent / "alembic"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_steps()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _make_folder(url: str) -> None:
    """SQLite makes its file, but not the folder it lies in."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)

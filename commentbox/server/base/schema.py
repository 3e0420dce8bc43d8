"""Does the database have this release's schema? And bringing it there, in a process of its own.

The steps lie in the top-level folder `alembic/`; an installed package carries them inside. The tool that runs them costs
ten megabytes of memory, which a server that has run for months need not hold: `base/migrate.py` alone imports it.
"""

import asyncio
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from commentbox.server.base.db import Database, Query

STATE_SECONDS = 3
"""A load balancer asks every few seconds; a database that needs longer than this is not there."""
State = Literal["current", "behind", "empty", "unreachable"]

_PACKAGE = Path(__file__).parents[2]
_REVISION = re.compile(r'^revision = "(\w+)"', re.M)
_BEFORE = re.compile(r'^down_revision = "(\w+)"', re.M)


@cache
def steps() -> Path:
    """Say where the steps are: inside an installed package, else beside it in a checkout."""
    installed = _PACKAGE / "_alembic"
    return installed if installed.is_dir() else _PACKAGE.parent / "alembic"


async def state(db: Database) -> State:
    """Say how the database stands, within seconds even where it hangs."""
    try:
        async with asyncio.timeout(STATE_SECONDS), db.read() as query:
            return await state_of(query)
    except (TimeoutError, OSError, SQLAlchemyError):
        return "unreachable"


async def state_of(query: Query) -> State:
    """Say whether this release can serve from the database: at our last step, or at one of a later release."""
    there = await query.run_sync(_step)
    if there is None:
        return "empty"
    ours = _ours()
    return "current" if there == ours[-1] or there not in ours else "behind"


def upgrade_apart(url: str) -> None:
    """Bring the database at `url` up to date in a process of its own; raises CalledProcessError."""
    command = [sys.executable, "-m", "commentbox.server.base.migrate"]
    subprocess.run(command, env=os.environ | {"COMMENTBOX_DATABASE_URL": url}, check=True)


def _step(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


@cache
def _ours() -> tuple[str, ...]:
    """Give this release's steps in their order."""
    texts = [file.read_text("utf-8") for file in (steps() / "versions").glob("*.py")]
    after = {_found(_BEFORE, each): _found(_REVISION, each) for each in texts}
    chain = [after[None]]
    while chain[-1] in after:
        chain.append(after[chain[-1]])
    return tuple(each for each in chain if each)


def _found(pattern: re.Pattern[str], within: str) -> str | None:
    found = pattern.search(within)
    return found[1] if found else None

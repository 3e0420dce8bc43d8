"""Running the steps that bring a database to the schema of this release. `base/schema.py` says whether that is needed.

The command line runs this file as a program of its own; the tests call `upgrade`.
"""

import asyncio
from pathlib import Path

from alembic.command import upgrade as alembic_upgrade
from alembic.config import Config
from sqlalchemy import Connection, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from commentbox.server.base import schema
from commentbox.server.base.settings import Settings


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


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.steps()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    alembic_upgrade(config, "head")


def _make_folder(url: str) -> None:
    """SQLite makes its file, but not the folder it lies in."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)


if __name__ == "__main__":
    asyncio.run(upgrade(Settings().database))

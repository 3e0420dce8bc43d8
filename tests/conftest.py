"""What every test may ask for: a database (each test runs on SQLite and on PostgreSQL), settings, keys, the clock.

Nothing here stands in for our own code: the databases are real and made by the real migrations.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp, Message

from commentbox.server.app import create_app
from commentbox.server.base import clock, migrate
from commentbox.server.base.db import Database, engine_for
from commentbox.server.base.settings import Settings
from commentbox.server.base.signing import Keyring
from tests import postgres
from tests.valkey import Valkey, running
from tests.visitor import Visitor

ROOT = Path(__file__).parents[1]
IN_CI = os.environ.get("CI") == "true"
ENOUGH_BYTES = 1 << 30
"""Less free memory than this, and the SQLite files go to the disk after all."""


@pytest.fixture(scope="session", autouse=True)
def no_settings_from_outside() -> None:
    """A developer's own COMMENTBOX_… settings must not change what the tests say."""
    for name in [each for each in os.environ if each.startswith("COMMENTBOX_") and each != "COMMENTBOX_SHARED"]:
        del os.environ[name]


@pytest.fixture(autouse=True)
def true_clock() -> Iterator[None]:
    """Let the clock run true again after a test that set it."""
    yield
    clock.reset()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder with the export files and corpora, which are no part of this repository."""
    folder = Path(os.environ.get("COMMENTBOX_SHARED") or ROOT.parent / "shared")
    if (folder / "data" / "README.md").is_file():
        return folder
    if IN_CI:
        pytest.fail(f"The test data are missing: {folder / 'data'} must exist where CI=true.")
    pytest.skip(f"no test data: set COMMENTBOX_SHARED to the folder that holds data/ (looked in {folder})")


@pytest.fixture(scope="session")
def memory_folder() -> Iterator[Path]:
    """Give a temporary folder in memory where the machine has one: SQLite waits for every flush to disk."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ENOUGH_BYTES
    folder = Path(tempfile.mkdtemp(prefix="commentbox-", dir=memory if roomy else None))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(memory_folder: Path) -> Path:
    """Give a migrated, empty SQLite file to copy from."""
    file = memory_folder / "template.sqlite3"
    asyncio.run(migrate.upgrade(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    """Give a running PostgreSQL of this process with a migrated database."""
    with postgres.cluster() as running:
        asyncio.run(migrate.upgrade(running.url.replace("postgresql:", "postgresql+asyncpg:")))
        yield running


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """Give a running Valkey of this process."""
    with running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of an empty, migrated database, as COMMENTBOX_DATABASE_URL would say it."""
    if request.param == "postgresql":
        running: postgres.Cluster = request.getfixturevalue("cluster")
        running.empty()
        yield running.url
        return
    # Always the same address: the engine of the test before need not learn to compile its statements again.
    folder = request.getfixturevalue("memory_folder") / "database"
    folder.mkdir()
    shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "commentbox.sqlite3")
    yield f"sqlite:///{folder / 'commentbox.sqlite3'}"
    shutil.rmtree(folder)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Give the settings of a small instance. `settings.model_copy(update={…})` changes one."""
    return Settings(
        data_dir=tmp_path,
        database_url=database_url,
        base_url="http://comments.localhost:8000",
        secret="a secret that only the tests know",
    )


@pytest.fixture
def keyring(settings: Settings) -> Keyring:
    """Give the keys of the instance."""
    return Keyring(settings.secret_bytes())


@pytest.fixture(scope="session")
async def engines() -> AsyncIterator[dict[str, AsyncEngine]]:
    """Give the engines for PostgreSQL by address: a new one would connect and compile every statement again."""
    made: dict[str, AsyncEngine] = {}
    yield made
    for engine in made.values():
        await engine.dispose()


@pytest.fixture
def open_database(settings: Settings, engines: dict[str, AsyncEngine]) -> Callable[[], Database]:
    """Give what opens the database of this test, as often as it is asked."""
    url = settings.database
    if not url.startswith("sqlite") and url not in engines:
        engines[url] = engine_for(url)
    return lambda: Database(url, engines.get(url))


@pytest.fixture
async def db(open_database: Callable[[], Database]) -> AsyncIterator[Database]:
    """Give the opened database."""
    opened = open_database()
    yield opened
    await opened.close()


@pytest.fixture
async def app(settings: Settings, open_database: Callable[[], Database]) -> AsyncIterator[ASGIApp]:
    """Give the whole server in this process. Nothing runs beside the requests: tests seal and do jobs by hand."""
    created = create_app(settings, background=False, db=open_database())
    async with running_app(created):
        yield created


@pytest.fixture
async def new_visitor(app: ASGIApp, settings: Settings) -> AsyncIterator[Callable[..., Visitor]]:
    """Give a maker of visitors, one for each person of a test."""
    made: list[Visitor] = []

    def make(**options: Any) -> Visitor:
        made.append(Visitor(app, settings.origin, **options))
        return made[-1]

    yield make
    for each in made:
        await each.close()


@pytest.fixture
def visitor(new_visitor: Callable[..., Visitor]) -> Visitor:
    """Give somebody with an empty browser."""
    return new_visitor()


@pytest.fixture
def client(visitor: Visitor) -> httpx.AsyncClient:
    """Give a bare client that sends no header a test did not ask for."""
    return visitor.client


@asynccontextmanager
async def running_app(app: ASGIApp) -> AsyncIterator[None]:
    """Start and stop an application as a server does; httpx does not."""
    inbox: asyncio.Queue[Message] = asyncio.Queue()
    outbox: asyncio.Queue[Message] = asyncio.Queue()
    running = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}}, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    started = await outbox.get()
    assert started["type"] == "lifespan.startup.complete", started
    yield
    await inbox.put({"type": "lifespan.shutdown"})
    await running

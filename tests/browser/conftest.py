"""A browser as strict as a reader's, the running demo, passkeys by virtual authenticator, and axe in every frame.

All browser tests share one event loop, one browser and one demo; each has a context (a profile) of its own.
"""

import asyncio
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, BrowserContext, Frame, Page, async_playwright, expect
from pytest_asyncio import is_async_test
from selenium.webdriver import Remote
from starlette.types import ASGIApp

from tests.browser import webkit as webkitgtk
from tests.browser.axe import violations
from tests.browser.papers import Press
from tests.browser.passkeys import Passkeys
from tests.browser.people import Person

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).parent / "commentbox"
READY_SECONDS = 90
STEP_MILLISECONDS = 20_000
"""How long a locator may wait. Generous, because a loaded machine is slow and a right answer still comes."""

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    # The last of two switches wins: Playwright's own list would switch off ThirdPartyStoragePartitioning, without
    # which a cross-site frame sees the storage of the top-level window, as in no reader's browser.
    "--disable-features=MediaRouter,OptimizationHints,Translate,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable",
    # Debian's Chromium blocks third-party cookies by itself, Playwright's must be told.
    "--test-third-party-cookie-phaseout",
]
LAXER_THAN_REAL = ["--disable-popup-blocking"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder, and let it share one event loop: a browser cannot change loops."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
            if is_async_test(item):
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Give a Chromium with storage partitioning and the popup blocker on, as real ones have."""
    expect.set_options(timeout=STEP_MILLISECONDS)
    async with async_playwright() as playwright:
        found = shutil.which("chromium")
        launched = await playwright.chromium.launch(
            executable_path=found, args=ARGUMENTS, ignore_default_args=LAXER_THAN_REAL
        )
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def new_context(browser: Browser) -> AsyncIterator[Callable[..., Awaitable[BrowserContext]]]:
    """Give a maker of fresh profiles, one for each person of a test: `await new_context(java_script_enabled=False)`."""
    made: list[BrowserContext] = []

    async def make(**options: object) -> BrowserContext:
        context = await browser.new_context(**({"locale": "en-GB", "timezone_id": "Europe/London"} | options))  # type: ignore[arg-type]
        context.set_default_timeout(STEP_MILLISECONDS)
        made.append(context)
        return context

    yield make
    for context in made:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def context(new_context: Callable[..., Awaitable[BrowserContext]]) -> BrowserContext:
    """Give one reader's profile."""
    return await new_context()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext) -> Page:
    """Give one reader's tab."""
    return await context.new_page()


@pytest_asyncio.fixture(loop_scope="session")
async def passkeys(context: BrowserContext) -> Passkeys:
    """Give the reader's authenticator; it serves every window of the profile. See `Passkeys`."""
    return await Passkeys.of(context)


@pytest.fixture(scope="session")
def axe() -> Callable[[Page | Frame], Awaitable[list[str]]]:
    """Give a finder of accessibility faults: `assert await axe(page) == []`, cross-site frames included."""
    return violations


@pytest.fixture
def webkit() -> Iterator[Remote]:
    """Give a WebKitGTK, for tests that are not async: its frames get no cookie at all."""
    lacking = webkitgtk.missing()
    if lacking and os.environ.get("CI") == "true":
        pytest.fail(lacking)
    if lacking:
        pytest.skip(lacking)
    with webkitgtk.webkit() as driver:
        yield driver


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def serve() -> AsyncIterator[Callable[[ASGIApp, str], Awaitable[str]]]:
    """Give a starter of small servers in this process: `await serve(app, "evil.localhost")` gives the origin."""
    running: list[tuple[uvicorn.Server, asyncio.Task[None]]] = []

    async def start(app: ASGIApp, host: str) -> str:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
        running.append((server, asyncio.create_task(server.serve(sockets=[listener]))))
        return f"http://{host}:{listener.getsockname()[1]}"

    yield start
    for server, task in running:
        server.should_exit = True
        server.force_exit = True
        await task


@dataclass(frozen=True)
class Stack:
    """The running demo: a comment server and a newspaper on another site. Addresses as in `demo.json`."""

    comments: str
    paper: str
    article: str
    desk: str
    staff_link: str
    site: str
    environment: dict[str, str]

    def command(self, *arguments: str) -> str:
        """Run `commentbox …` on the demo's data and give what it prints."""
        done = subprocess.run(
            [str(PROGRAM), *arguments], env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self, query: str, *values: object) -> list[tuple]:
        """Ask the demo's database, past everything that could hide something."""
        with closing(self._database()) as database:
            return database.execute(query, values).fetchall()

    def an_hour_later(self) -> None:
        """Empty the rate budgets: all tests come from one address, and no reader signs up forty times an hour."""
        with closing(self._database()) as database, database:
            database.execute("DELETE FROM budget")

    def _database(self) -> sqlite3.Connection:
        folder = Path(self.environment["COMMENTBOX_DATA_DIR"])
        return sqlite3.connect(folder / "commentbox.sqlite3", timeout=STEP_MILLISECONDS / 1000)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Give the demo as `make demo` starts it, on ports of its own and with fresh data."""
    folder = tmp_path_factory.mktemp("demo")
    # The demo finds its secret there and leaves the paper's log-in off: the pages these tests print have no sso.js, and the
    # frame would wait for it. `test_sso.py` has a site of its own.
    (folder / "paper.secret").write_text("a secret of the demo that nobody uses here")
    ports = dict(zip(("COMMENTS_PORT", "NEWS_PORT"), map(str, _free_ports()), strict=True))
    environment = os.environ | ports | {"DEMO_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    demo = subprocess.Popen(
        [str(PROGRAM), "demo"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    )
    try:
        printed = _printed_until_ready(demo)
        assert demo.poll() is None, printed
        facts = json.loads((folder / "demo.json").read_text("utf-8"))
        yield Stack(**facts, environment=environment | _settings_of(folder, facts["comments"]))
    finally:
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=READY_SECONDS)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def press(stack: Stack, serve: Callable[[ASGIApp, str], Awaitable[str]]) -> Press:
    """Give a newspaper of the tests' own that the comment server knows as the demo's."""
    press = Press()
    press.origin = await serve(press.app, "news.localhost")
    stack.command("site", "origin", "add", stack.site, press.origin)
    return press


@pytest_asyncio.fixture(loop_scope="session")
async def come(stack: Stack, new_context: Callable[..., Awaitable[BrowserContext]]) -> Callable[..., Awaitable[Person]]:
    """Give a maker of people with browsers of their own: `ada = await come()`."""
    stack.an_hour_later()

    async def make(**options: object) -> Person:
        return await Person.come(stack, await new_context(**options))

    return make


def _printed_until_ready(demo: subprocess.Popen[str]) -> str:
    """Read lines up to `ready`, or to the end of a demo that failed."""
    lines: list[str] = []
    assert demo.stdout is not None
    for line in demo.stdout:
        lines.append(line)
        if line.strip() == "ready":
            break
    return "".join(lines)


def _settings_of(folder: Path, comments: str) -> dict[str, str]:
    """Give the settings under which a command works on the demo's data."""
    return {"COMMENTBOX_DATA_DIR": str(folder), "COMMENTBOX_BASE_URL": comments, "COMMENTBOX_DEMO": "true"}


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]

"""Serving: the server itself, the demo, and bringing a database up to date."""

import os
import socket
import sys
from typing import Annotated

import structlog
import typer

from commentbox.cli import terminal
from commentbox.demo import run as demonstration
from commentbox.server.accounts import queries
from commentbox.server.base import facts, logs
from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings
from commentbox.server.base.work import begin

log = structlog.get_logger()


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (COMMENTBOX_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (COMMENTBOX_PORT).")] = None,
    migrate: Annotated[bool, typer.Option("--migrate", help="Bring the database up to date first.")] = False,
) -> None:
    """Serve comments.

    One process that speaks plain http, meant to stand behind a reverse proxy that does https.
    Logs are JSON on standard output. A new database is made at the first start; one of an older release is
    refused until `commentbox migrate` (or `--migrate`) has brought it up to date.
    """
    settings = terminal.read_settings()
    logs.configure(settings.log_level)
    if migrate:
        terminal.upgrade(settings)
    terminal.do(_prepare(settings))
    listener = listen(host or settings.host, port or settings.port)
    address, taken = listener.getsockname()[:2]
    log.info("server.starting", address=address, port=taken, public=settings.origin)
    _become_the_server(listener)


def _become_the_server(listener: socket.socket) -> None:
    """Go on as the server alone, in this very process: what only commands need would stay in memory for good."""
    listener.set_inheritable(True)
    # -P: a folder that is called like a module of ours, where the command was typed, is nobody's business.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "commentbox.serving", str(listener.fileno())])


def listen(host: str, port: int) -> socket.socket:
    """Give a bound socket, or say that the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        terminal.fail(
            f"Cannot listen on {host}:{port} ({error.strerror}). Choose another:  commentbox serve --port 8010"
        )
    return listener


async def _prepare(settings: Settings) -> None:
    """See that the database is there, and note the host name while no passkey depends on another one."""
    await terminal.ready(settings)
    db = Database(settings.database)
    try:
        async with begin(db) as work:
            bound = await facts.recall(work.q, facts.PASSKEY_HOST)
            if bound != settings.rp_id and not await queries.passkeys_there_are(work.q):
                await facts.note(work, facts.PASSKEY_HOST, settings.rp_id)
    finally:
        await db.close()


def demo() -> None:
    """Play: a comment server and a small newspaper on this machine.

    Data lie in `.demo` (`DEMO_DIR`), ports are 8000 and 8001 (`COMMENTS_PORT`, `NEWS_PORT`). Ctrl-C stops both,
    the same command resumes. Everybody there is invented, and its identity provider verifies anybody: never on a real site.
    """
    demonstration.run()


def migrate() -> None:
    """Bring the database up to date with this release.

    Make a back-up first: there is no way backwards. The release before can still run on the new schema, so a
    server may go on serving meanwhile. Running it twice, or on two machines at once, does no harm.
    """
    terminal.upgrade(terminal.read_settings())
    terminal.out.print("The database is up to date.")

"""Serving: the server itself, the demo, and bringing a database up to date."""

import gc
import socket
from typing import Annotated

import structlog
import typer
import uvicorn

from commentbox.cli import terminal
from commentbox.demo import run as demonstration
from commentbox.server.accounts import queries
from commentbox.server.app import Server, create_app
from commentbox.server.base import facts, logs
from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings
from commentbox.server.base.work import begin

try:
    import resource
except ImportError:  # not on Windows, where there is no such limit
    resource = None  # type: ignore[assignment]

STOP_SECONDS = 5
"""How long answers under way may take after the server was told to stop."""
FILES_BESIDE = 200
"""Open files that are no live streams: database, listeners, readers of pages."""
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
    run_server(settings, listener)


def run_server(settings: Settings, listener: socket.socket) -> None:
    """Serve on a bound socket until a signal says stop."""
    config = uvicorn.Config(
        create_app(settings),
        loop="uvloop",
        http="httptools",
        access_log=False,  # ours knows no query strings, see ops.Count
        log_config=None,
        proxy_headers=False,  # gate/addresses.py reads them, from trusted proxies only
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    _spare_the_collector()
    _allow_open_files(settings.live_streams + FILES_BESIDE)
    try:
        Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        return


def _spare_the_collector() -> None:
    """Keep the garbage collector from walking everything that was imported, again and again: it never becomes garbage,
    and each full walk held every answer up for tens of milliseconds."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def _allow_open_files(wanted: int) -> None:
    """Raise our own limit of open files as far as we may; many systems begin with 1,024, and a stream is one."""
    if resource is None:
        return
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    if limit != resource.RLIM_INFINITY and limit < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


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

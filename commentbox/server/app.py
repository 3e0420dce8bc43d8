"""Assembly of the comment server: routes, the guard, error handlers, and what runs beside the requests. No logic."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from commentbox.server import ops, wiring
from commentbox.server.api import articles, badges
from commentbox.server.api import routes as api
from commentbox.server.base import chain, jobs, journal
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Refusal
from commentbox.server.base.settings import Settings
from commentbox.server.base.work import begin
from commentbox.server.gate.guards import Guard
from commentbox.server.gate.instance import Instance
from commentbox.server.gate.refusals import on_crash, on_http, on_refusal
from commentbox.server.live.following import TOPIC as JOURNAL
from commentbox.server.web import fronts
from commentbox.server.web.fast import Fast

HEARTBEAT_SECONDS = 1.0
"""The journal is sealed and jobs are looked for at least this often; a commit of this process wakes both at once."""
TELL_SECONDS = 1.0
"""Private news may be a second old; a reader of the journal at every commit would only be in the way of who posts."""
SWEEP_SECONDS = 600
log = structlog.get_logger()


def routes() -> list[BaseRoute]:
    """Give every route, the hot ones first."""
    return [*fronts.routes, *api.routes, *articles.routes, *badges.routes, *ops.routes]


def create_app(settings: Settings | None = None, *, background: bool = True, db: Database | None = None) -> ASGIApp:
    """Build the server. `background=False` leaves sealing and jobs to the caller (tests do them by hand)."""
    instance = wiring.instance(settings or Settings(), db)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(loop) for loop in _loops(instance)] if background else []
        try:
            yield
        finally:
            instance.live.close_all()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await instance.help.close()
            await instance.db.close()

    app = Starlette(
        routes=routes(),
        lifespan=lifespan,
        middleware=[Middleware(ops.Count), Middleware(Guard, origin=instance.settings.origin)],
        exception_handlers={Refusal: on_refusal, HTTPException: on_http, Exception: on_crash},
    )
    app.state.instance = instance
    return Fast(app, instance)


class Server(uvicorn.Server):
    """A uvicorn server that lets live streams go when it is told to stop; it would wait for them in vain."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop."""
        if isinstance(self.config.app, Fast):
            self.config.app.instance.live.close_all()
        await super().shutdown(sockets=sockets)


def _loops(instance: Instance) -> list[Coroutine[Any, Any, None]]:
    async def seal() -> None:
        while sealed := await journal.seal(instance.db):
            instance.bus.tell(JOURNAL)
            if sealed < journal.BATCH:
                break

    async def work_off() -> None:
        await jobs.run_due(instance.db, wiring.workers(instance))

    async def tell() -> None:
        await wiring.tell(instance)

    async def sweep() -> None:
        async with begin(instance.db) as work:
            for each in wiring.SWEEPS:
                await each(work)

    async def anchor() -> None:
        await chain.anchor(instance.db, instance.settings.anchor_path(), daily=True)

    woken = [_repeat(instance.db, seal), _repeat(instance.db, work_off)]
    timed = [_repeat(instance.db, tell, seconds=TELL_SECONDS)]
    timed += [_repeat(instance.db, each, seconds=SWEEP_SECONDS) for each in (sweep, anchor)]
    return [*woken, *timed, instance.bus.run(), instance.live.run(), instance.live.beat()]


async def _repeat(db: Database, call: Callable[[], Awaitable[None]], *, seconds: float | None = None) -> None:
    """Call again and again, with a pause, or as soon as something was committed; a failure is logged and passes."""
    while True:
        try:
            await call()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # a loop beside the requests must outlive a database that is away for a while
            log.warning("loop.failed", loop=call.__name__, error=type(error).__name__)
            await asyncio.sleep(HEARTBEAT_SECONDS)
        await (asyncio.sleep(seconds) if seconds else _pause(db))


async def _pause(db: Database) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(db.changed.wait(), HEARTBEAT_SECONDS)
    db.changed.clear()
    await asyncio.sleep(0.05)  # several commits in a row are one reason to look, not several

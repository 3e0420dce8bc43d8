"""For those who run the server: is it alive, can it serve, what is it doing. No name, address, id or query string.

`Count` stands around every request; `/metrics` shows what it counted, by route and never by path.
"""

import time

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from commentbox.server.base import jobs, schema
from commentbox.server.base.errors import Unavailable
from commentbox.server.gate.instance import instance_of

NO_ROUTE = "(none)"

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
REQUESTS = Counter("commentbox_requests", "Requests answered.", ["method", "route", "status"], registry=REGISTRY)
SECONDS = Histogram(
    "commentbox_request_seconds",
    "Time until an answer began.",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=REGISTRY,
)
FROM_MEMORY = Gauge(
    "commentbox_pages_from_memory_total", "Pages sent from memory, which the requests do not count.", registry=REGISTRY
)
JOBS_WAITING = Gauge("commentbox_jobs_waiting", "Jobs that are not done yet.", registry=REGISTRY)
STREAMS = Gauge("commentbox_live_streams", "Live streams that are open.", registry=REGISTRY)
log = structlog.get_logger()


class Count:
    """Counts and times every request; writes an access line where the setting asks for one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through and note how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, seconds = time.perf_counter(), 500, None

        async def watching(message: Message) -> None:
            nonlocal status, seconds
            if message["type"] == "http.response.start":
                status, seconds = message["status"], time.perf_counter() - began
            await send(message)

        try:
            await self._app(scope, receive, watching)
        finally:
            _note(scope, status, time.perf_counter() - began if seconds is None else seconds)


def _note(scope: Scope, status: int, seconds: float) -> None:
    route = route_of(scope)
    method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE") else "other"
    REQUESTS.labels(method, route, status).inc()
    SECONDS.labels(route).observe(seconds)
    if scope["app"].state.instance.settings.access_log:
        log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def route_of(scope: Scope) -> str:
    """Give the pattern of the route that answered: a path may hold a one-time token, its pattern never does."""
    endpoint, path = scope.get("endpoint"), scope["path"]
    if endpoint is None:
        return NO_ROUTE
    for name, value in scope.get("path_params", {}).items():
        path = path.replace(f"/{value}", f"/{{{name}}}", 1)
    return str(path)


async def healthz(request: Request) -> Response:
    """Say that the process answers."""
    return JSONResponse({"alive": True})


async def readyz(request: Request) -> Response:
    """Say that requests can be served. Refuses `ready.no_database` and `ready.not_migrated`."""
    state = await schema.state(instance_of(request).db)
    if state != "current":
        raise Unavailable("ready.no_database" if state == "unreachable" else "ready.not_migrated")
    return JSONResponse({"ready": True})


async def metrics(request: Request) -> Response:
    """Give the counters in the form Prometheus reads."""
    async with instance_of(request).db.read() as query:
        JOBS_WAITING.set(await jobs.waiting(query))
    STREAMS.set(len(instance_of(request).live))
    FROM_MEMORY.set(instance_of(request).cache.sent_at_once)
    return Response(generate_latest(REGISTRY), headers={"content-type": CONTENT_TYPE_LATEST})


routes: list[BaseRoute] = [
    Route("/healthz", healthz),
    Route("/readyz", readyz),
    Route("/metrics", metrics),
]

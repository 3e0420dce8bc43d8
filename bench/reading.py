"""Reading: the cached page beside a bare Starlette route, the queries of an uncached one, and what goes over the wire."""

import asyncio
import gzip
import re
import statistics
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from sqlalchemy import Engine, event

from bench import load, servers, town
from bench.results import Figure
from commentbox.server.app import create_app

ROUNDS = 5
SECONDS = 2.0
GZIP = {"Accept-Encoding": "gzip"}


def measure(folder: Path) -> dict[str, Figure]:
    """Measure on the imported town."""
    environment = town.environment(folder)
    queries = {size: asyncio.run(_queries(folder, size)) for size in (town.SMALL, town.LARGE)}
    with ExitStack() as stack:
        ours = stack.enter_context(servers.commentbox(environment))
        at_rest = ours.resident_mb()
        weights = _weights(ours.port)
        plain = stack.enter_context(servers.plain())
        figures = _cached(ours.port, plain.port)
    against = "counted on a cold cache, in one process"
    return figures | {
        "uncached_queries_50": Figure(queries[town.SMALL], "queries", against, at_most=5),
        "uncached_queries_10000": Figure(queries[town.LARGE], "queries", against, at_most=5),
        "memory_at_rest": Figure(at_rest, "MB", "resident, after the start", at_most=120),
        "loader_bytes": Figure(weights["loader"], "bytes gzipped", "the bound of 3 kB", at_most=3000),
        "frame_bytes": Figure(
            weights["frame"],
            "bytes gzipped",
            "HTML of 20 comments, CSS, JS, htmx, live.js",
            at_most=40_000,
        ),
    }


def page(size: int) -> str:
    """Give the path of a thread's public page."""
    return f"/embed/thread?site={town.SITE}&url={quote(town.article(size), safe='')}"


def _cached(ours: int, plain: int) -> dict[str, Figure]:
    """Ask both for the same time, turn about, so that a busy machine is as busy for the one as for the other."""
    path, rates, ratios, slowest = page(town.SMALL), [], [], []
    load.get(ours, path, seconds=1.0, headers=GZIP)
    for _ in range(ROUNDS):
        bare = load.get(plain, "/", seconds=SECONDS)
        cached = load.get(ours, path, seconds=SECONDS, headers=GZIP)
        assert not bare.failures and not cached.failures, (bare.statuses, cached.statuses)
        rates.append(cached.requests_per_second)
        ratios.append(cached.requests_per_second / bare.requests_per_second)
        slowest.append(cached.p99_ms)
    against = f"bare Starlette plain text on uvicorn, {load.CONNECTIONS} connections, median of {ROUNDS} rounds"
    return {
        "cached_page_ratio": Figure(statistics.median(ratios), "of bare", against, at_least=0.5),
        "cached_page_rate": Figure(statistics.median(rates), "requests/s", against),
        "cached_page_p99": Figure(statistics.median(slowest), "ms", against),
    }


async def _queries(folder: Path, size: int) -> int:
    """Count the statements of one uncached page."""
    app: Any = create_app(town.settings(folder), background=False)
    instance = app.app.state.instance
    counted: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        counted.append(statement)

    event.listen(Engine, "before_cursor_execute", count)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=instance.settings.origin) as client:
        answer = await client.get(page(size))
    event.remove(Engine, "before_cursor_execute", count)
    await instance.db.close()
    assert answer.status_code == 200, answer.text
    return len(counted)


def _weights(port: int) -> dict[str, int]:
    """Weigh what a browser fetches: the loader before the reader is near, the whole frame after."""
    loader, _ = _fetch(port, "/loader.js")
    weight, html = _fetch(port, page(town.TWENTY))
    linked = re.findall(r'(?:src|href|data-live)="([^"]+\.(?:js|css)[^"]*)"', html)
    return {"loader": loader, "frame": weight + sum(_fetch(port, path)[0] for path in dict.fromkeys(linked))}


def _fetch(port: int, url: str) -> tuple[int, str]:
    """Give the compressed size of something and its text."""
    parts = urlsplit(url)
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", parts.path + (f"?{parts.query}" if parts.query else ""), headers=GZIP)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, (url, answer.status)
    packed = answer.getheader("Content-Encoding") == "gzip"
    return len(body), (gzip.decompress(body) if packed else body).decode()

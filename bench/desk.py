"""The desk: the next case of a queue with a hundred thousand open ones beside the next of an empty queue, and its statements.

`take_next` is what a moderator waits for after every decision. Both queues are asked in turn, on one database in a file.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bench import desk_pages
from bench.results import Figure
from commentbox.server import threads
from commentbox.server.base import clock, migrate
from commentbox.server.base.db import Database
from commentbox.server.base.ids import encode
from commentbox.server.base.work import begin
from commentbox.server.comments.models import Comment
from commentbox.server.moderation import claims, queue
from commentbox.server.moderation.queue import Wanted
from commentbox.server.moderation.seats import Seat
from commentbox.server.sites import actions as sites
from commentbox.server.threads import ArticleRef

CASES, BATCH = 100_000, 5_000
ROUNDS = 150
QUEUES = ("reported", "held")
BEGIN = datetime(2026, 1, 1, 8, tzinfo=UTC)


def measure(folder: Path) -> dict[str, Figure]:
    """Measure on a site whose queues are full, beside one where nothing waits."""
    return asyncio.run(_measure(folder))


async def _measure(folder: Path) -> dict[str, Figure]:
    url = f"sqlite+aiosqlite:///{folder / 'desk.sqlite3'}"
    await migrate.upgrade(url)
    db = Database(url)
    full, empty = await _site(db, "full"), await _site(db, "empty")
    await _fill(db, *full)
    clock.set(BEGIN + timedelta(days=200))
    figures: dict[str, Figure] = {}
    for name in QUEUES:
        figures |= await _compare(db, name, full[0], empty[0])
    figures["desk_counts_ms"] = Figure(
        await _counting(db, full[0]), "ms", f"all tabs of the desk, {2 * CASES} open cases, median"
    )
    await db.close()
    figures |= await desk_pages.measure(url, folder, full[0])
    clock.reset()
    return figures


async def _compare(db: Database, name: str, full: str, empty: str) -> dict[str, Figure]:
    """Ask both queues turn about, so that a busy machine is as busy for the one as for the other."""
    slow: list[float] = []
    quick: list[float] = []
    async with _counted(db) as statements:
        async with begin(db, actor=encode(1)) as work:
            await queue.take_next(work, Seat(encode(1), frozenset({full})), Wanted(name))
        queries = len(statements)
    for _ in range(ROUNDS):
        slow.append(await _next(db, name, full))
        quick.append(await _next(db, name, empty))
    against = f"the same of an empty queue, {CASES} cases in the other, {ROUNDS} rounds turn about"
    return {
        f"desk_next_{name}_queries": Figure(
            queries, "statements", "one case claimed, BEGIN and COMMIT aside", at_most=4
        ),
        f"desk_next_{name}_p99_ratio": Figure(_p99(slow) / _p99(quick), "of empty", against, at_most=2.0),
        f"desk_next_{name}_median": Figure(statistics.median(slow), "ms", against),
    }


async def _next(db: Database, name: str, site_id: str) -> float:
    """Take the next case and say how long it took; it is given back outside of that time."""
    seat = Seat(encode(1), frozenset({site_id}))
    began = time.perf_counter()
    async with begin(db, actor=seat.account_id) as work:
        case_id = await queue.take_next(work, seat, Wanted(name))
    took = (time.perf_counter() - began) * 1000
    async with begin(db) as work:
        await claims.release(work, seat, case_id or "")
    return took


async def _counting(db: Database, site_id: str) -> float:
    seat, spans = Seat(encode(1), frozenset({site_id})), []
    async with db.read() as query:
        for _ in range(20):
            began = time.perf_counter()
            await queue.counts(query, seat, filters=queue.Filters(), now=clock.now())
            spans.append((time.perf_counter() - began) * 1000)
    return statistics.median(spans)


def _p99(spans: list[float]) -> float:
    return sorted(spans)[int(len(spans) * 0.99)]


@asynccontextmanager
async def _counted(db: Database) -> AsyncIterator[list[str]]:
    told: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.split(" ")[0] in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"):
            told.append(statement)

    for engine in db.engines:
        event.listen(engine, "before_cursor_execute", count)
    yield told
    for engine in db.engines:
        event.remove(engine, "before_cursor_execute", count)


async def _site(db: Database, slug: str) -> tuple[str, str]:
    async with begin(db) as work:
        site_id = await sites.create(work, slug, name=slug, origins=[f"https://{slug}.example"])
        ref = ArticleRef(url=f"https://{slug}.example/quay")
        return site_id, await threads.register(work, site_id, ref, title="The quay", source="api")


async def _fill(db: Database, site_id: str, thread_id: str) -> None:
    """Write as many held comments as reported ones; every hundredth was reported more than once."""
    for first in range(0, 2 * CASES, BATCH):
        rows = [_row(number, site_id, thread_id) for number in range(first, first + BATCH)]
        async with begin(db) as work:
            await work.q.add_all(Comment, rows)


def _row(number: int, site_id: str, thread_id: str) -> dict[str, Any]:
    at = BEGIN + timedelta(seconds=number)
    is_held = number % 2 == 0
    return {
        "id": encode((int(at.timestamp() * 1000) << 32) + number),
        "site_id": site_id,
        "thread_id": thread_id,
        "hangs_on": thread_id,
        "path": "",
        "depth": 0,
        "name": f"Reader {number % 97}",
        "kind": "none",
        "tier": "unverified",
        "state": "held" if is_held else "published",
        "hold_rule": "links" if is_held else None,
        "revision": 1,
        "text": "The quay was built for ships.",
        "html": "<p>The quay was built for ships.</p>",
        "text_hash": "",
        "created_at": at,
        "risk": None if is_held else -(1 + (number % 100 == 1)),
        "reported_at": None if is_held else at,
        **dict.fromkeys(("recommends_all", "recommends_verified", "descendants_all", "descendants_verified"), 0),
    }

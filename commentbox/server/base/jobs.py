"""Durable jobs: leased, retried with growing pauses, finished exactly when their work has committed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Row, delete, func, select, update

from commentbox.server.base import clock
from commentbox.server.base.db import Database, Query, table_of
from commentbox.server.base.models import Job
from commentbox.server.base.work import Work, begin

LEASE_MINUTES = 5
"""Longer than any job takes; a job whose worker died is tried again after it."""
MOST_ATTEMPTS = 8
"""With pauses of 1, 2, 4 … minutes the last try comes two hours after the first."""
KEPT_DAYS = 30
"""Long enough to look into what went wrong; a job that was given up still names whom it was for."""

log = structlog.get_logger()
_table = table_of(Job)
Worker = Callable[[dict[str, Any]], Awaitable[None]]


async def run_due(db: Database, workers: Mapping[str, Worker]) -> int:
    """Carry out every job that is due, one after the other, and say how many were tried."""
    tried = 0
    while (job := await _lease_next(db)) is not None:
        tried += 1
        await _try(db, job, workers)
    return tried


async def waiting(query: Query) -> int:
    """Give the number of jobs that are not done yet, those given up included."""
    return await query.scalar(select(func.count()).where(_table.c.done_at.is_(None))) or 0


async def sweep(work: Work) -> int:
    """Forget jobs that were done or given up a while ago, and say how many."""
    over = _table.c.done_at.is_not(None) | (_table.c.attempts >= MOST_ATTEMPTS)
    oldest = work.now - timedelta(days=KEPT_DAYS)
    return await work.q.run(delete(_table).where(over, _table.c.not_before < oldest))


async def _lease_next(db: Database) -> Row[Any] | None:
    now = clock.now()
    free = (_table.c.lease_until.is_(None)) | (_table.c.lease_until < now)
    due = select(_table).where(_table.c.done_at.is_(None), _table.c.not_before <= now, free)
    due = due.where(_table.c.attempts < MOST_ATTEMPTS).order_by(_table.c.not_before).limit(1)
    async with db.read() as query:
        if await query.first(due) is None:
            return None
    async with begin(db) as work:
        job = await work.q.first(due.with_for_update(skip_locked=True) if work.q.locks_rows else due)
        if job is not None:
            lease = {"lease_until": work.now + timedelta(minutes=LEASE_MINUTES), "attempts": job.attempts + 1}
            await work.q.run(update(_table).where(_table.c.id == job.id).values(lease))
        return job


async def _try(db: Database, job: Row[Any], workers: Mapping[str, Worker]) -> None:
    try:
        await workers[job.kind](job.payload)
    except asyncio.CancelledError:
        raise
    except Exception as error:  # the job loop: whatever it was, it is logged, and the job comes back
        log.warning("job.failed", kind=job.kind, job=job.id, attempt=job.attempts + 1, error=type(error).__name__)
        pause = timedelta(minutes=2**job.attempts)
        after: dict[str, Any] = {
            "lease_until": None,
            "not_before": clock.now() + pause,
            "failure": type(error).__name__,
        }
    else:
        # Nothing is kept of what is done.
        after = {"done_at": clock.now(), "lease_until": None, "failure": None, "payload": {}}
    async with begin(db) as work:
        await work.q.run(update(_table).where(_table.c.id == job.id).values(after))

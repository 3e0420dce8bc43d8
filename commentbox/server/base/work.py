"""A unit of work: one transaction, one moment, its journal rows and its jobs, committed together or not at all.

Actions take the `Work` first. They never commit, read the clock, render or reach the network.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from commentbox.server.base import clock
from commentbox.server.base.db import Database, Query
from commentbox.server.base.ids import new_id
from commentbox.server.base.models import Job, Journal


@dataclass
class Work:
    """What an action needs: the query inside the transaction, the moment, and who acts (an account id, or None)."""

    q: Query
    now: datetime
    actor: str | None
    _journal: list[dict[str, Any]] = field(default_factory=list)
    _jobs: list[dict[str, Any]] = field(default_factory=list)
    _after: list[Callable[[], None]] = field(default_factory=list)

    def record(self, kind: str, *, site_id: str | None = None, subject_id: str | None = None, **data: Any) -> None:
        """Note what happened, in ids and codes only: erasing a person must not need to rewrite history."""
        self._journal.append(
            {
                "id": new_id(self.now),
                "at": self.now,
                "kind": kind,
                "actor_id": self.actor,
                "site_id": site_id,
                "subject_id": subject_id,
                "data": data,
            }
        )

    def job(self, kind: str, payload: dict[str, Any], *, not_before: datetime | None = None) -> str:
        """Leave something to be done after the commit, even if this process dies before it; give the job's id."""
        row = {
            "id": new_id(self.now),
            "kind": kind,
            "payload": payload,
            "not_before": not_before or self.now,
            "attempts": 0,
        }
        self._jobs.append(row)
        return str(row["id"])

    def after(self, call: Callable[[], None]) -> None:
        """Run `call` once the commit is through; for caches of this process only."""
        self._after.append(call)

    async def flush(self) -> None:
        """Write the journal rows and jobs noted so far."""
        journal, self._journal = self._journal, []
        jobs, self._jobs = self._jobs, []
        await self.q.add_all(Journal, journal)
        await self.q.add_all(Job, jobs)

    def committed(self) -> None:
        """Run what waited for the commit."""
        for call in self._after:
            call()


@asynccontextmanager
async def begin(db: Database, *, actor: str | None = None) -> AsyncIterator[Work]:
    """Open a unit of work. Leaving commits rows, journal and jobs together; an exception leaves nothing behind."""
    async with db.write() as query:
        work = Work(q=query, now=clock.now(), actor=actor)
        yield work
        await work.flush()
    work.committed()

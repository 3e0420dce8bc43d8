"""From the journal to what a reader may be told: only kinds of the list, only ids of what was public, never who is held.

A change of badge is in no kind of the list: announced live, it would date a verification to the second. The numbers of a
thread go with an event and never alone, for the same reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, func, select

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.models import Journal
from commentbox.server.comments.models import Comment
from commentbox.server.presenters.comments import is_filtered_out
from commentbox.server.threads import Thread
from commentbox.server.verification.models import Attestation

KINDS = {
    "comment.posted": "posted",
    "comment.published": "published",
    "comment.edited": "edited",
    "comment.picked": "edited",
    "comment.unpicked": "edited",
    "comment.removed": "removed",
    "comment.withdrawn": "withdrawn",
}
"""Kind in the journal -> what readers are told. Whatever is not here is not told."""
ENDS = ("comment.removed", "comment.withdrawn")
MOST = 500
"""Events read at once."""
FARTHEST = 2_000
"""Journal rows behind which nobody is told one by one any more: the page asks how many there are now."""

_j, _c, _t, _a = (table_of(model).c for model in (Journal, Comment, Thread, Attestation))


@dataclass(frozen=True, slots=True)
class Event:
    """Something readers of a thread may be told; tier and revocation are as they stand now."""

    position: int
    kind: str
    comment_id: str
    thread_id: str
    tier: str
    revoked_at: Any
    total: int
    verified_total: int

    def told(self, show: str) -> dict[str, Any]:
        """Give what readers with this filter hear: of what it hides only that the numbers moved."""
        numbers = {"total": self.total, "verified": self.verified_total}
        if is_filtered_out(self, show):
            return {"kind": "counts", **numbers}
        return {"kind": self.kind, "id": self.comment_id, "tier": self._tier(), **numbers}

    def _tier(self) -> str:
        return self.tier if self.revoked_at is None else "unverified"


async def head(query: Query) -> int:
    """Give the position of the newest sealed journal row."""
    return await query.scalar(_head()) or 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Events in order, and how far the journal was read for them."""

    events: list[Event]
    reached: int


async def since(query: Query, position: int, *, until: int) -> Batch:
    """Give the events of all threads after one position and up to another, `MOST` at once."""
    rows = await query.all(_since(False), {"after": position, "until": until})
    return Batch(_public(rows), rows[-1].position if len(rows) == MOST else until)


async def missed(query: Query, thread_id: str, position: int, *, until: int) -> list[Event] | None:
    """Give what a reader of a thread missed since an event of it; None where that is too far back, or was no event of
    the thread: with any number taken, somebody could try out how far the journal is, and watch it move."""
    if not 0 < position <= until or until - position > FARTHEST:
        return None
    rows = await query.all(_since(True), {"after": position - 1, "until": until, "thread": thread_id})
    begins = bool(rows) and rows[0].position == position and _was_public(rows[0])
    return _public(rows[1:]) if begins and len(rows) < MOST else None


async def last_of(query: Query, thread_id: str, *, until: int) -> int:
    """Give the position of a thread's newest event, 0 if it is not recent. Never the head of the journal itself: whoever
    watched it move would see to the second when anything happened, a verification too."""
    values = {"after": max(0, until - MOST), "until": until, "thread": thread_id}
    recent = _public(await query.all(_since(True), values))
    return recent[-1].position if recent else 0


async def numbers(query: Query, thread_id: str) -> dict[str, int]:
    """Give both counts of a thread, as an event has them."""
    row = await query.first(_numbers(), {"thread": thread_id})
    return {"total": row.total, "verified": row.verified_total} if row else {"total": 0, "verified": 0}


async def merged(query: Query, position: int, *, until: int) -> list[str]:
    """Give the threads that became part of another one after one position and up to another."""
    return [row.subject_id for row in await query.all(_merged(), {"after": position, "until": until})]


@lru_cache(maxsize=1)
def _merged() -> Any:
    new = (_j.position > bindparam("after")) & (_j.position <= bindparam("until"))
    return select(_j.subject_id).where(new, _j.kind == "thread.merged")


def _event(row: Any) -> Event:
    kind = KINDS[row.kind]
    return Event(row.position, kind, row.id, row.thread_id, row.tier, row.revoked_at, row.total, row.verified_total)


def _public(rows: Sequence[Any]) -> list[Event]:
    """Give the rows that readers may be told of, as events: what came or changed only while it is there to be read."""
    return [_event(row) for row in rows if _was_public(row) and (row.state == "published" or row.kind in ENDS)]


def _was_public(row: Any) -> bool:
    """Say whether readers know of the comment: not while it is held, nor if it was never published."""
    return row.state != "held" and row.published_at is not None


@lru_cache(maxsize=1)
def _head() -> Any:
    return select(func.max(_j.position))


@lru_cache(maxsize=1)
def _numbers() -> Any:
    return select(_t.total, _t.verified_total).where(_t.id == bindparam("thread"))


@lru_cache(maxsize=2)
def _since(of_one_thread: bool) -> Any:
    columns = (_c.id, _c.thread_id, _c.state, _c.tier, _c.published_at, _a.revoked_at, _t.total, _t.verified_total)
    joined = (
        table_of(Journal)
        .join(table_of(Comment), _c.id == _j.subject_id)
        .join(
            table_of(Thread),
            _t.id == _c.thread_id,
        )
    )
    joined = joined.outerjoin(table_of(Attestation), _a.id == _c.attestation_id)
    statement = select(_j.position, _j.kind, *columns).select_from(joined)
    statement = statement.where(_j.position > bindparam("after"), _j.position <= bindparam("until"))
    statement = statement.where(_j.kind.in_(tuple(KINDS)))
    if of_one_thread:
        statement = statement.where(_c.thread_id == bindparam("thread"))
    return statement.order_by(_j.position).limit(MOST)

"""The statements behind the queue: what waits, in which order, and how to go on after a row.

`queue` runs them. One form of row for every kind of case; what a kind does not know is null.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, literal, null, or_, select

from commentbox.server.accounts.models import Account
from commentbox.server.base.errors import Invalid
from commentbox.server.base.ids import looks_like_id
from commentbox.server.comments.models import Comment
from commentbox.server.moderation.models import Appeal, Claim
from commentbox.server.moderation.seats import Seat
from commentbox.server.notices.models import Notice
from commentbox.server.reports import Report
from commentbox.server.sites.models import Site
from commentbox.server.threads import Thread

_accounts = Account.__table__  # type: ignore[attr-defined]
_comments = Comment.__table__  # type: ignore[attr-defined]
_appeals = Appeal.__table__  # type: ignore[attr-defined]
_claims = Claim.__table__  # type: ignore[attr-defined]
_notices = Notice.__table__  # type: ignore[attr-defined]
_reports = Report.__table__  # type: ignore[attr-defined]
_sites = Site.__table__  # type: ignore[attr-defined]
_threads = Thread.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Filters:
    """What a moderator narrowed the queue to; None is everything. `reason` is a report's reason or a hold rule."""

    site_id: str | None = None
    tier: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Key:
    """One thing a queue is sorted by: the column, and the name it has in a row."""

    column: Any
    name: str
    descending: bool = False


@dataclass(frozen=True)
class Waiting:
    """A queue as a statement, and what it is sorted by; the last key is unique."""

    statement: Any
    keys: Sequence[Key]

    def ordered(self, after: str | None) -> Any:
        """Give the statement in its order, beginning after a cursor. Refuses `cursor.invalid`."""
        wanted = self.statement.where(self._beyond(_read(after, len(self.keys)))) if after else self.statement
        return wanted.order_by(*(key.column.desc() if key.descending else key.column for key in self.keys))

    def cursor(self, row: Row[Any]) -> str:
        """Give the cursor of what follows a row."""
        place = [getattr(row, key.name) for key in self.keys]
        written = [each.isoformat() if isinstance(each, datetime) else each for each in place]
        return base64.urlsafe_b64encode(json.dumps(written).encode()).decode().rstrip("=")

    def _beyond(self, place: list[Any]) -> Any:
        """Say `(a, b, c) > place` for keys of which each may go up or down."""
        options = []
        for position, key in enumerate(self.keys):
            level = [each.column == value for each, value in zip(self.keys[:position], place, strict=False)]
            value = place[position]
            further = key.column < value if key.descending else key.column > value
            options.append(and_(*level, further))
        return or_(*options)


def _read(cursor: str, length: int) -> list[Any]:
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        read = [datetime.fromisoformat(each) if isinstance(each, str) and "T" in each else each for each in place]
    except (ValueError, TypeError, RecursionError):
        raise Invalid("cursor.invalid") from None
    kinds = [type(each) for each in read]
    if kinds not in _PLACES[length] or not all(map(_is_ours, read)):
        raise Invalid("cursor.invalid")
    return read


def _is_ours(value: Any) -> bool:
    """Say whether a cursor we wrote could hold this: databases fail on numbers, ids and moments that are out of bounds."""
    if isinstance(value, datetime):
        return value.tzinfo is not None
    return 0 <= value < _MOST_REPORTERS if isinstance(value, int) else looks_like_id(value)


_MOST_REPORTERS = 10**9


_PLACES: dict[int, list[list[type]]] = {1: [[str]], 2: [[datetime, str]], 3: [[int, datetime, str]]}


def reported(seat: Seat, filters: Filters) -> Waiting:
    """Published comments with open reports: those most people reported first, then those that waited longest."""
    complaints = _complaints(seat)
    source = complaints.join(_comments, _comments.c.id == complaints.c.comment_id)
    wanted = _select(source, _comments.c.id, complaints=complaints).where(_comments.c.state == "published")
    if filters.reason:
        about = select(_reports.c.id).where(_reports.c.comment_id == _comments.c.id, _reports.c.closed_at.is_(None))
        wanted = wanted.where(about.where(_reports.c.reason == filters.reason).exists())
    by_number = Key(complaints.c.reporters, "reporters", descending=True)
    keys = (by_number, Key(complaints.c.since, "since"), Key(_comments.c.id, "case_id"))
    return Waiting(_narrow(wanted, seat, filters), keys)


def held(seat: Seat, filters: Filters) -> Waiting:
    """Comments that wait for review, the oldest first."""
    complaints = _complaints(seat)
    source = _comments.outerjoin(complaints, complaints.c.comment_id == _comments.c.id)
    wanted = _select(source, _comments.c.id, complaints=complaints).where(_comments.c.state == "held")
    if filters.reason:
        wanted = wanted.where(_comments.c.hold_rule == filters.reason)
    return Waiting(_narrow(wanted, seat, filters), (Key(_comments.c.id, "case_id"),))


def appealed(seat: Seat, filters: Filters) -> Waiting:
    """Appeals without an answer, by the day it is due."""
    source = _appeals.join(_comments, _comments.c.id == _appeals.c.comment_id)
    wanted = _select(source, _appeals.c.id, appeal=True).where(_appeals.c.decided_at.is_(None))
    return Waiting(_narrow(wanted, seat, filters), (Key(_appeals.c.due_at, "due_at"), Key(_appeals.c.id, "case_id")))


def noticed(seat: Seat, filters: Filters) -> Waiting:
    """Published comments with unanswered notices, by the moment an answer is due; each comment is one case."""
    columns = {
        "number": func.count(),
        "due_at": func.min(_notices.c.due_at),
        "flagger_id": func.max(_notices.c.flagger_id),
    }
    grouped = select(_notices.c.comment_id, *(value.label(name) for name, value in columns.items()))
    grouped = grouped.where(_notices.c.site_id.in_(seat.site_ids), _notices.c.decided_at.is_(None))
    if filters.reason:
        grouped = grouped.where(_notices.c.offence == filters.reason)
    found = grouped.group_by(_notices.c.comment_id).subquery("notices")
    source = found.join(_comments, _comments.c.id == found.c.comment_id)
    wanted = _select(source, _comments.c.id, notices=found).where(_comments.c.state == "published")
    return Waiting(_narrow(wanted, seat, filters), (Key(found.c.due_at, "due_at"), Key(_comments.c.id, "case_id")))


def claimed(seat: Seat, filters: Filters, now: datetime) -> Waiting:
    """Cases this moderator holds, the one that runs out first on top."""
    complaints = _complaints(seat)
    mine = _claims.alias("mine")
    source = (
        mine.outerjoin(_appeals, _appeals.c.id == mine.c.case_id)
        .join(_comments, _comments.c.id == func.coalesce(_appeals.c.comment_id, mine.c.case_id))
        .outerjoin(complaints, complaints.c.comment_id == _comments.c.id)
    )
    wanted = _select(source, mine.c.case_id, complaints=complaints, appeal=True)
    wanted = wanted.where(mine.c.account_id == seat.account_id, mine.c.until > now)
    return Waiting(_narrow(wanted, seat, filters), (Key(mine.c.until, "held_until"), Key(mine.c.case_id, "case_id")))


def _narrow(wanted: Any, seat: Seat, filters: Filters) -> Any:
    wanted = wanted.where(_comments.c.site_id.in_(seat.site_ids))
    if filters.site_id:
        wanted = wanted.where(_comments.c.site_id == filters.site_id)
    return wanted.where(_comments.c.tier == filters.tier) if filters.tier else wanted


def _complaints(seat: Seat) -> Any:
    """Open reports by comment. A report counts once an address or account, so that the number is one of people."""
    reporters, since = func.count().label("reporters"), func.min(_reports.c.created_at).label("since")
    grouped = select(_reports.c.comment_id, reporters, since)
    grouped = grouped.where(_reports.c.site_id.in_(seat.site_ids), _reports.c.closed_at.is_(None))
    return grouped.group_by(_reports.c.comment_id).subquery("complaints")


_COMMENT = ("site_id", "account_id", "name", "kind", "tier", "state", "hold_rule", "revision", "text", "created_at")
_APPEAL = ("statement_id", "opened_at")


def _select(source: Any, case_id: Any, *, complaints: Any = None, appeal: bool = False, notices: Any = None) -> Any:
    joined = (
        source.join(_threads, _threads.c.id == _comments.c.thread_id)
        .join(_sites, _sites.c.id == _comments.c.site_id)
        .outerjoin(_claims, _claims.c.case_id == case_id)
        .outerjoin(_accounts, _accounts.c.id == _claims.c.account_id)
    )
    return select(
        case_id.label("case_id"),
        (_appeals.c.id if appeal else null()).label("appeal_id"),
        _comments.c.id.label("comment_id"),
        *(_comments.c[name] for name in _COMMENT),
        _threads.c.title.label("thread_title"),
        _sites.c.name.label("site_name"),
        (func.coalesce(complaints.c.reporters, 0) if complaints is not None else literal(0)).label("reporters"),
        (complaints.c.since if complaints is not None else null()).label("since"),
        *((_appeals.c[name] if appeal else null()).label(name) for name in _APPEAL),
        ((_appeals if appeal else notices).c.due_at if appeal or notices is not None else null()).label("due_at"),
        (notices.c.number if notices is not None else literal(0)).label("notices"),
        (notices.c.flagger_id if notices is not None else null()).label("flagger_id"),
        _claims.c.account_id.label("holder_id"),
        _accounts.c.name.label("holder_name"),
        _claims.c.until.label("held_until"),
    ).select_from(joined)

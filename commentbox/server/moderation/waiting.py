"""The statements behind the queue: what waits, in which order, and how to go on after a row.

Each queue picks from one index, site by site, so that a hundred thousand open cases cost no more than one; only the picked
few are joined with what is shown of them. `queue` runs the statements.
"""

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, func, null, or_, select, union_all

from commentbox.server.accounts.models import Account
from commentbox.server.accounts.queries import SHOWN_NAME
from commentbox.server.base.db import table_of
from commentbox.server.base.errors import Invalid
from commentbox.server.base.ids import first_id, looks_like_id
from commentbox.server.comments.models import Comment
from commentbox.server.moderation import notes, proposals
from commentbox.server.moderation.models import Appeal, Claim, Decision, Statement
from commentbox.server.moderation.seats import Seat, seen_threads
from commentbox.server.notices.models import Notice
from commentbox.server.reports import Report
from commentbox.server.sites.models import Site
from commentbox.server.threads import Thread

NEW_HOURS = 24
"""What nobody looked at within a day stays published and leaves the queue of new comments; a report brings it back."""
COUNTED = 1000
"""Numbers beside queues are exact up to here; more is said as such."""
_accounts = table_of(Account)
_comments = table_of(Comment)
_appeals = table_of(Appeal)
_claims = table_of(Claim)
_decisions = table_of(Decision)
_notices = table_of(Notice)
_other = _notices.alias("other")
_reports = table_of(Report)
_sites = table_of(Site)
_statements = table_of(Statement)
_threads = table_of(Thread)


@dataclass(frozen=True)
class Filters:
    """What a moderator narrowed the queue to; None is everything. `reason` is a report's reason, a hold rule or a kind of
    offence, `rule` the house rule of a decision, `hours` how long a case has waited at least, `among` the sites of a language.
    """

    site_id: str | None = None
    tier: str | None = None
    reason: str | None = None
    thread_id: str | None = None
    section: str | None = None
    rule: str | None = None
    hours: int | None = None
    among: frozenset[str] | None = None

    def sites(self, seat: Seat) -> list[str]:
        """Give the sites that are left of a seat's."""
        found = seat.site_ids if self.among is None else seat.site_ids & self.among
        return sorted(found & {self.site_id} if self.site_id else found)


@dataclass(frozen=True)
class Key:
    """One thing a queue is sorted by: the column, and the name it has in a row."""

    column: Any
    name: str
    descending: bool = False


@dataclass(frozen=True)
class Waiting:
    """A queue: the cases as a statement (with `case_id`, `comment_id` and the keys), whose site it is, what it is sorted by.

    The last key is unique, and the case's id.
    """

    cases: Any
    site: Any
    keys: Sequence[Key]

    def picked(self, sites: Iterable[str], after: str | None, *, at_most: int) -> Any:
        """Give the first cases behind a cursor, of each site as many as may be needed. Refuses `cursor.invalid`."""
        place = _read(after, self.keys) if after else None
        each_site = []
        for site_id in sites:
            here = self.cases.where(self.site == site_id)
            here = here.where(self._beyond(place)) if place else here
            sub = here.order_by(*_ordered(self.keys)).limit(at_most).subquery()
            each_site.append(select(*sub.c))
        return union_all(*each_site).subquery("picked")

    def one(self, case_id: str) -> Any:
        """Give the statement that finds a case if it is still in the queue."""
        return self.cases.where(self.keys[-1].column == case_id)

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


def _ordered(keys: Sequence[Key], columns: Any = None) -> list[Any]:
    found = [(key.column if columns is None else columns[key.name], key.descending) for key in keys]
    return [column.desc() if descending else column for column, descending in found]


def _read(cursor: str, keys: Sequence[Key]) -> list[Any]:
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        read = [datetime.fromisoformat(each) if isinstance(each, str) and "T" in each else each for each in place]
    except (ValueError, TypeError, RecursionError):
        raise Invalid("cursor.invalid") from None
    kinds = [type(each) for each in read]
    if kinds not in _PLACES[len(keys)] or not all(map(_is_ours, read)):
        raise Invalid("cursor.invalid")
    return read


def _is_ours(value: Any) -> bool:
    """Say whether a cursor we wrote could hold this: databases fail on numbers, ids and moments that are out of bounds."""
    if isinstance(value, datetime):
        return value.tzinfo is not None
    return -_MOST_REPORTERS < value <= 0 if isinstance(value, int) else looks_like_id(value)


_MOST_REPORTERS = 10**9


_PLACES: dict[int, list[list[type]]] = {1: [[str]], 2: [[datetime, str]], 3: [[int, datetime, str]]}


def reported(filters: Filters, now: datetime) -> Waiting:
    """Published comments with open reports: those most people reported first, then those that waited longest."""
    cases = _of_comments(_comments.c.risk, _comments.c.reported_at.label("since"))
    cases = cases.where(_comments.c.risk.is_not(None), _comments.c.state == "published")
    if filters.reason:
        about = select(_reports.c.id).where(_reports.c.comment_id == _comments.c.id, _reports.c.closed_at.is_(None))
        cases = cases.where(about.where(_reports.c.reason == filters.reason).exists())
    if filters.hours:
        cases = cases.where(_comments.c.reported_at <= now - timedelta(hours=filters.hours))
    keys = (Key(_comments.c.risk, "risk"), Key(_comments.c.reported_at, "since"), Key(_comments.c.id, "case_id"))
    return Waiting(_narrowed(cases, filters), _comments.c.site_id, keys)


def held(filters: Filters, now: datetime) -> Waiting:
    """Comments that wait for review, the oldest first."""
    cases = _of_comments().where(_comments.c.state == "held")
    if filters.reason:
        cases = cases.where(_comments.c.hold_rule == filters.reason)
    return _by_age(_narrowed(cases, filters), filters, now)


def fresh(filters: Filters, now: datetime) -> Waiting:
    """Comments of the last day that nobody at the desk has looked at and nobody asks about, the oldest first; imported ones
    are not new.
    """
    looked_at = select(_decisions.c.id).where(_decisions.c.comment_id == _comments.c.id).exists()
    cases = _of_comments().where(_comments.c.state == "published", _comments.c.risk.is_(None), ~looked_at)
    cases = cases.where(~_open_notices(_comments.c.id, _other.c.id).exists())
    cases = cases.where(_comments.c.id >= first_id(now - timedelta(hours=NEW_HOURS)))
    # Not IS NULL: SQLite would take the index of imported comments for it, and walk over all that never were.
    written_here = func.coalesce(_comments.c.imported_from, "") == ""
    return _by_age(_narrowed(cases.where(written_here), filters), filters, now)


def _by_age(cases: Any, filters: Filters, now: datetime) -> Waiting:
    if filters.hours:
        cases = cases.where(_comments.c.id <= first_id(now - timedelta(hours=filters.hours)))
    return Waiting(cases, _comments.c.site_id, (Key(_comments.c.id, "case_id"),))


def appealed(filters: Filters, now: datetime) -> Waiting:
    """Appeals without an answer, against measures too, by the day it is due."""
    columns = (_appeals.c.id.label("case_id"), _appeals.c.comment_id, _appeals.c.id.label("appeal_id"))
    source = _appeals.outerjoin(_comments, _comments.c.id == _appeals.c.comment_id)
    cases = select(*columns, _appeals.c.due_at.label("key_due")).select_from(source)
    cases = _narrowed(cases.where(_appeals.c.decided_at.is_(None)), filters, proposed=True)
    if filters.hours:
        cases = cases.where(_appeals.c.opened_at <= now - timedelta(hours=filters.hours))
    return Waiting(cases, _appeals.c.site_id, (Key(_appeals.c.due_at, "key_due"), Key(_appeals.c.id, "case_id")))


def noticed(filters: Filters, now: datetime) -> Waiting:
    """Published comments with unanswered notices, by the moment an answer is due; each comment is one case."""
    columns = (_notices.c.comment_id.label("case_id"), _notices.c.comment_id, null().label("appeal_id"))
    source = _notices.join(_comments, _comments.c.id == _notices.c.comment_id)
    cases = select(*columns, _notices.c.due_at.label("key_due")).select_from(source)
    cases = cases.where(_notices.c.decided_at.is_(None), _comments.c.state == "published", _is_most_pressing())
    if filters.reason:
        about = _open_notices(_comments.c.id, _other.c.id).where(_other.c.offence == filters.reason)
        cases = cases.where(about.exists())
    if filters.hours:
        cases = cases.where(_notices.c.created_at <= now - timedelta(hours=filters.hours))
    keys = (Key(_notices.c.due_at, "key_due"), Key(_notices.c.comment_id, "case_id"))
    return Waiting(_narrowed(cases, filters), _notices.c.site_id, keys)


def _open_notices(comment_id: Any, *columns: Any) -> Any:
    """Give the statement for the unanswered notices about a comment."""
    return select(*columns).where(_other.c.comment_id == comment_id, _other.c.decided_at.is_(None))


def _is_most_pressing() -> Any:
    """Say that no other open notice about the same comment is due before this one."""
    sooner = (_other.c.due_at < _notices.c.due_at) | (
        (_other.c.due_at == _notices.c.due_at) & (_other.c.id < _notices.c.id)
    )
    return ~_open_notices(_notices.c.comment_id, _other.c.id).where(sooner).exists()


def claimed(seat: Seat, filters: Filters, now: datetime) -> Waiting:
    """Cases this moderator holds, the one that runs out first on top."""
    site_id = func.coalesce(_appeals.c.site_id, _comments.c.site_id)
    source = _claims.outerjoin(_appeals, _appeals.c.id == _claims.c.case_id).outerjoin(
        _comments, _comments.c.id == func.coalesce(_appeals.c.comment_id, _claims.c.case_id)
    )
    columns = (_claims.c.case_id, _comments.c.id.label("comment_id"), _appeals.c.id.label("appeal_id"))
    cases = select(*columns, _claims.c.until.label("key_until")).select_from(source)
    cases = cases.where(_claims.c.account_id == seat.account_id, _claims.c.until > now)
    keys = (Key(_claims.c.until, "key_until"), Key(_claims.c.case_id, "case_id"))
    return Waiting(_narrowed(cases, filters, proposed=True), site_id, keys)


def done(filters: Filters, now: datetime) -> Waiting:
    """Comments that were decided about, by their last decision, the newest first."""
    later = _decisions.alias("later")
    newer = select(later.c.id).where(later.c.comment_id == _decisions.c.comment_id, later.c.id > _decisions.c.id)
    columns = (_decisions.c.comment_id.label("case_id"), _decisions.c.comment_id, null().label("appeal_id"))
    source = _decisions.join(_comments, _comments.c.id == _decisions.c.comment_id)
    cases = select(*columns, _decisions.c.id.label("decision_id")).select_from(source).where(~newer.exists())
    if filters.rule:
        cases = cases.where(_decisions.c.rule == filters.rule)
    if filters.hours:
        cases = cases.where(_decisions.c.id <= first_id(now - timedelta(hours=filters.hours)))
    key = Key(_decisions.c.id, "decision_id", descending=True)
    return Waiting(_narrowed(cases, filters, proposed=True), _decisions.c.site_id, (key,))


def _of_comments(*columns: Any) -> Any:
    return select(
        _comments.c.id.label("case_id"), _comments.c.id.label("comment_id"), null().label("appeal_id"), *columns
    )


def _narrowed(cases: Any, filters: Filters, *, proposed: bool = False) -> Any:
    """Narrow by tier, thread and section. What waits for a second person waits in one place, unless `proposed` is shown too."""
    if filters.tier:
        cases = cases.where(_comments.c.tier == filters.tier)
    if filters.thread_id:
        cases = cases.where(_comments.c.thread_id == filters.thread_id)
    if filters.section:
        there = select(_threads.c.id).where(_threads.c.id == _comments.c.thread_id)
        cases = cases.where(there.where(_threads.c.section == filters.section).exists())
    return cases if proposed else cases.where(~proposals.about_comment(_comments.c.id))


def seen_by(waiting: Waiting, seat: Seat) -> Waiting:
    """Give what of a queue belongs to the seat's sections."""
    seen = seen_threads(seat, waiting.site, _comments.c.thread_id)
    return Waiting(waiting.cases.where(seen), waiting.site, waiting.keys)


def free_for(waiting: Waiting, seat: Seat, now: datetime) -> Waiting:
    """Give what of a queue this moderator can take next: held by nobody, and not about a comment of their own."""
    case_id = waiting.keys[-1].column
    taken = select(_claims.c.case_id).where(_claims.c.case_id == case_id, _claims.c.until > now)
    own = func.coalesce(_comments.c.account_id, "") == seat.account_id
    asked = notes.asked_by(case_id, seat.account_id)
    return Waiting(waiting.cases.where(~taken.exists(), ~own, ~asked), waiting.site, waiting.keys)


_COMMENT = ("account_id", "kind", "tier", "state", "hold_rule", "revision", "created_at", "html")


def shown(picked: Any, keys: Sequence[Key], *, at_most: int) -> Any:
    """Give the statement for what is shown of the picked cases, in their order; what a kind does not know is null."""
    people, deciders = _accounts.alias("person"), _accounts.alias("decider")
    joined = (
        picked.outerjoin(_comments, _comments.c.id == picked.c.comment_id)
        .outerjoin(_appeals, _appeals.c.id == picked.c.appeal_id)
        .outerjoin(_statements, _statements.c.id == _appeals.c.statement_id)
        .outerjoin(people, people.c.id == _statements.c.account_id)
        .outerjoin(_threads, _threads.c.id == _comments.c.thread_id)
        .join(_sites, _sites.c.id == func.coalesce(_appeals.c.site_id, _comments.c.site_id))
        .outerjoin(_claims, _claims.c.case_id == picked.c.case_id)
        .outerjoin(_accounts, _accounts.c.id == _claims.c.account_id)
    )
    decided_by: tuple[Any, ...] = (null().label("action"), null().label("was"), null().label("decided_by"))
    if "decision_id" in picked.c:
        joined = joined.outerjoin(_decisions, _decisions.c.id == picked.c.decision_id)
        joined = joined.outerjoin(deciders, deciders.c.id == _decisions.c.account_id)
        decided_by = (_decisions.c.action, _decisions.c.was, deciders.c.name.label("decided_by"))
    columns = (
        *picked.c,
        *(_comments.c[name] for name in _COMMENT),
        func.coalesce(_comments.c.name, people.c.name, "").label("name"),
        func.coalesce(_comments.c.text, _appeals.c.text, "").label("text"),
        _threads.c.title.label("thread_title"),
        _sites.c.id.label("site_id"),
        _sites.c.name.label("site_name"),
        _sites.c.policy,
        (-func.coalesce(_comments.c.risk, 0)).label("reporters"),
        (_comments.c.risk == 0).label("is_suggested"),
        *(() if "since" in picked.c else (_comments.c.reported_at.label("since"),)),
        *(_appeals.c[name] for name in ("statement_id", "opened_at")),
        (picked.c.key_due if "key_due" in picked.c else _appeals.c.due_at).label("due_at"),
        _open_notices(_comments.c.id, func.count()).scalar_subquery().label("notices"),
        _open_notices(_comments.c.id, func.max(_other.c.flagger_id)).scalar_subquery().label("flagger_id"),
        *decided_by,
        _claims.c.account_id.label("holder_id"),
        SHOWN_NAME.label("holder_name"),
        _claims.c.until.label("held_until"),
    )
    found = select(*columns).select_from(joined)
    return found.order_by(*_ordered(keys, picked.c)).limit(at_most)

"""Reading notices: open ones for the desk, one's own by code, those an author is asked about. Never who sent them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import NotFound
from commentbox.server.comments.models import Comment, Revision
from commentbox.server.notices.models import AuthorityOrder, Flagger, Notice
from commentbox.server.sites.models import Site

_notices = table_of(Notice)
_flaggers = table_of(Flagger)
_orders = table_of(AuthorityOrder)
_comments = table_of(Comment)
_revisions = table_of(Revision)
_sites = table_of(Site)
_SEEN = [column for column in _notices.c if column.name not in ("by", "notifier")]


async def open_about(query: Query, comment_id: str) -> list[Row[Any]]:
    """Give the unanswered notices about a comment for the desk, the most pressing first, each with its `flagger` or what its
    order says.
    """
    first = _notices.alias("first")
    joined = _notices.outerjoin(_flaggers, _flaggers.c.id == _notices.c.flagger_id)
    joined = joined.outerjoin(first, first.c.id == _notices.c.against)
    joined = joined.outerjoin(_orders, _orders.c.notice_id == _notices.c.id)
    columns = (*_SEEN, _flaggers.c.name.label("flagger"), first.c.decision_id.label("first_decision_id"))
    columns += (_orders.c.authority, _orders.c.reference, _orders.c.territory)
    still = (_notices.c.comment_id == comment_id) & _notices.c.decided_at.is_(None)
    return list(await query.all(select(*columns).select_from(joined).where(still).order_by(_notices.c.due_at)))


async def by_id(query: Query, notice_id: str) -> Row[Any]:
    """Give one notice. Refuses `notice.unknown`."""
    row = await query.first(select(*_SEEN).where(_notices.c.id == notice_id))
    if row is None:
        raise NotFound("notice.unknown")
    return row


async def root_of(query: Query, sent_id: str) -> str:
    """Give the notice a complaint is against, or what was asked for: under it stands how its sender can be reached."""
    return await query.scalar(select(_notices.c.against).where(_notices.c.id == sent_id)) or sent_id


async def with_context(query: Query, notice_id: str) -> Row[Any] | None:
    """Give a notice with what its sender may see of the comment: the judged text, and the state it is in now."""
    return await query.first(_with_context().where(_notices.c.id == notice_id))


async def complaint_against(query: Query, notice_id: str) -> Row[Any] | None:
    """Give the complaint about the answer to a notice."""
    return await query.first(select(*_SEEN).where(_notices.c.against == notice_id))


async def for_author(query: Query, owned: Any) -> list[Row[Any]]:
    """Give the notices by people spoken about that the author of a comment is asked about; `owned` says whose comments."""
    about = _with_context().where(_notices.c.kind == "about_me", owned)
    return list(await query.all(about.order_by(_notices.c.id.desc()).limit(20)))


def about_author(notice_id: str, owned: Any) -> Any:
    """Give the statement that finds a complaint by the person spoken about, for the author of the comment alone."""
    joined = _notices.join(_comments, _comments.c.id == _notices.c.comment_id)
    columns = (_notices.c.id, _notices.c.comment_id, _comments.c.thread_id)
    return select(*columns).select_from(joined).where(_notices.c.id == notice_id, _notices.c.kind == "about_me", owned)


def _with_context() -> Any:
    revised = (_revisions.c.comment_id == _notices.c.comment_id) & (_revisions.c.number == _notices.c.revision)
    joined = (
        _notices.join(_comments, _comments.c.id == _notices.c.comment_id)
        .join(_sites, _sites.c.id == _notices.c.site_id)
        .outerjoin(_revisions, revised)
    )
    return select(
        *_SEEN,
        _revisions.c.html.label("judged_html"),
        _comments.c.state.label("comment_state"),
        _comments.c.account_id.label("author_id"),
        _sites.c.name.label("site_name"),
        _sites.c.lang.label("site_lang"),
        _sites.c.policy.label("site_policy"),
    ).select_from(joined)


async def unfounded_by(query: Query, notifier: str) -> list[datetime]:
    """Give when notices of somebody were found manifestly unfounded."""
    theirs = (_notices.c.notifier == notifier) & _notices.c.is_unfounded & _notices.c.decided_at.is_not(None)
    return [row.decided_at for row in await query.all(select(_notices.c.decided_at).where(theirs))]


async def answered_by(query: Query, decision_id: str) -> list[str]:
    """Give the notices that a decision answered."""
    rows = await query.all(select(_notices.c.id).where(_notices.c.decision_id == decision_id))
    return [row.id for row in rows]


async def overdue(query: Query, now: datetime) -> int:
    """Count notices whose answer is late, on every site; for the metrics."""
    late = _notices.c.decided_at.is_(None) & (_notices.c.due_at < now)
    return await query.scalar(select(func.count()).where(late)) or 0

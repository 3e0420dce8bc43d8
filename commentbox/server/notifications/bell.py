"""The bell: how many pieces of news an account has not seen, the newest of them, and marking them as seen.

Every question is put to the rules again at the moment of looking: what was muted, filtered or taken away since is neither
shown nor counted, however far behind the journal's follower is.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, delete, or_, select, update

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.ids import encode
from commentbox.server.base.work import Work
from commentbox.server.comments.models import Comment
from commentbox.server.notifications.choices import choices_of
from commentbox.server.notifications.models import Notification
from commentbox.server.notifications.rules import FROM_PEOPLE, Choices, News, Way, way_of
from commentbox.server.sites.models import Site
from commentbox.server.threads import Thread

NEWEST = 20
COUNTED = 100
"""More than this is not counted further: the bell says 99+."""
KEPT_DAYS = 90
"""How long news is kept: after a season nobody looks for it under the bell, and the comments themselves stay."""

_n = table_of(Notification).c
_notifications = table_of(Notification)
_comments = table_of(Comment)
_parents = _comments.alias("parent")
_threads = table_of(Thread)
_sites = table_of(Site)
_said = (_comments.c.id == _n.subject_id) & _n.kind.in_(FROM_PEOPLE)
_JUDGED = (_comments.c.account_id.label("by"), _comments.c.tier, _comments.c.state, _n.kind, _n.thread_id)
_COUNTING = select(*_JUDGED).select_from(_notifications.outerjoin(_comments, _said))
_SHOWING = select(
    *_JUDGED,
    *(_n[name] for name in ("id", "account_id", "site_id", "subject_id", "at", "seen_at", "mailed_at")),
    _comments.c.name.label("author"),
    _comments.c.kind.label("badge_kind"),
    _comments.c.label,
    _comments.c.html,
    _parents.c.html.label("answered_html"),
    (_parents.c.account_id == _n.account_id).label("answers_own"),
    _threads.c.title,
    _threads.c.url,
    _sites.c.name.label("site_name"),
    _sites.c.slug,
).select_from(
    _notifications.outerjoin(_comments, _said)
    .outerjoin(_parents, _parents.c.id == _comments.c.parent_id)
    .outerjoin(_threads, _threads.c.id == _n.thread_id)
    .outerjoin(_sites, _sites.c.id == _n.site_id)
)


async def move_thread(work: Work, thread_id: str, into: str, *, at_most: int) -> int:
    """Let the news of a merged thread be news of the one that remains; say how many it was."""
    rows = await work.q.all(select(_n.id).where(_n.thread_id == thread_id).limit(at_most))
    if rows:
        moved = update(_notifications).where(_n.id.in_([row.id for row in rows]))
        await work.q.run(moved.values(thread_id=into))
    return len(rows)


async def unseen(query: Query, account_id: str, *, site_id: str | None = None) -> int:
    """Count the news an account has not seen, up to COUNTED; of one site where a session is for one."""
    wanted = _mine(_COUNTING, account_id, site_id).where(_n.seen_at.is_(None)).order_by(_n.id.desc()).limit(COUNTED)
    rows = await query.all(wanted)
    choices = (await choices_of(query, [account_id])).get(account_id) if rows else None
    return sum(way(row, choices) != "no" for row in rows)


async def newest(query: Query, account_id: str, *, site_id: str | None = None) -> list[Row[Any]]:
    """Give the newest news of an account, seen and unseen, as the rules let it be shown now."""
    rows = await query.all(_mine(_SHOWING, account_id, site_id).order_by(_n.id.desc()).limit(COUNTED))
    choices = (await choices_of(query, [account_id])).get(account_id)
    return [row for row in rows if way(row, choices) != "no"][:NEWEST]


async def unmailed(query: Query, account_id: str, *, since: Any, at_most: int) -> Sequence[Row[Any]]:
    """Give the oldest news that was neither seen nor mailed, for the rules to judge."""
    waiting = _SHOWING.where(_n.account_id == account_id, _n.seen_at.is_(None), _n.mailed_at.is_(None))
    return await query.all(waiting.where(_n.at >= since).order_by(_n.id).limit(at_most))


def way(row: Row[Any], choices: Choices | None) -> Way:
    """Say how the account of this row is told of it now."""
    return way_of(News(row.kind, by=row.by, tier=row.tier, state=row.state, thread_id=row.thread_id), choices)


async def mark_seen(work: Work, account_id: str, *, site_id: str | None = None, until: str | None = None) -> None:
    """Note that an account has seen its news, up to and with the piece `until`: what came later stays new."""
    mine = _mine(update(_notifications), account_id, site_id).where(_n.seen_at.is_(None))
    await work.q.run((mine.where(_n.id <= until) if until else mine).values(seen_at=work.now))


async def sweep(work: Work) -> int:
    """Throw away news that is older than anybody looks for, and say how many pieces."""
    oldest = encode(int((work.now - timedelta(days=KEPT_DAYS)).timestamp() * 1000) << 32)
    return await work.q.run(delete(_notifications).where(_n.id < oldest))


def _mine(statement: Any, account_id: str, site_id: str | None) -> Any:
    mine = statement.where(_n.account_id == account_id)
    return mine if site_id is None else mine.where(or_(_n.site_id == site_id, _n.site_id.is_(None)))

"""From the journal to the bell: who is to be told of a comment that readers see, and what is told no more.

Everything is judged by how the comment stands now, so that rows heard twice or late do no harm.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select

from commentbox.server.base.db import table_of
from commentbox.server.base.ids import new_id
from commentbox.server.base.models import Journal
from commentbox.server.base.work import Work
from commentbox.server.comments.models import Comment
from commentbox.server.moderation import proposals, seats
from commentbox.server.notifications import mailing
from commentbox.server.notifications.choices import choices_of
from commentbox.server.notifications.models import MailChoice, Notification
from commentbox.server.notifications.rules import FROM_PEOPLE, News, way_of

NAME = "notifications"
SHOWN = ("comment.posted", "comment.published")
MENTIONED = "comment.mentioned"
"""Its subject is the comment, its data name the `account`; one row for each."""
GONE = ("comment.removed", "comment.withdrawn", "comment.deleted")
LEFT = "account.deleted"
EXPIRING = "identity.ending"
"""Its subject is the account, its data name the `attestation_id`."""
ANSWERED = "identity.answered"
"""A service answered after the person had left. Its subject is the account, its data name the `attempt_id`."""
HANDED = "case.handed_over"
"""Its subject is the case, its data name the account it went `to`."""
PROPOSED, CLOSED = "decision.proposed", "proposal.closed"
KINDS = (*SHOWN, MENTIONED, *GONE, LEFT, EXPIRING, ANSWERED, HANDED, PROPOSED, CLOSED)

_journal = table_of(Journal)
_comments = table_of(Comment)
_notifications = table_of(Notification)
_mail = table_of(MailChoice)


@dataclass(frozen=True)
class Told:
    """One piece of news and for whom. `again` is what was there before and came back: it is mailed no second time."""

    account_id: str
    subject_id: str
    at: datetime
    news: News
    site_id: str | None = None
    again: bool = False


async def listen(work: Work, rows: Sequence[Row[Any]], *, digest_hour: int) -> None:
    """Tell people what these rows of the journal mean for them."""
    await _take_along(work, rows)
    of_people = (*_expiring(rows), *_answered(rows), *_handed(rows))
    found = [*await _of_comments(work, rows), *of_people, *await _proposed(work, rows)]
    choices = await choices_of(work.q, {each.account_id for each in found})
    ways = {each: way_of(each.news, choices.get(each.account_id)) for each in found}
    await add(work, [each for each, way in ways.items() if way != "no"])
    await mailing.plan(work, {each.account_id for each, way in ways.items() if way == "mail"}, digest_hour=digest_hour)


async def add(work: Work, told: Sequence[Told]) -> None:
    """Note news; what is noted already stays as it is."""
    if told:
        statement = work.q.upsert(Notification)
        once = statement.on_conflict_do_nothing(index_elements=["account_id", "kind", "subject_id"])
        await work.q.run(once, [_row(work, each) for each in told])


def _row(work: Work, told: Told) -> dict[str, Any]:
    return {
        "id": new_id(work.now),
        "account_id": told.account_id,
        "site_id": told.site_id,
        "kind": told.news.kind,
        "subject_id": told.subject_id,
        "thread_id": told.news.thread_id,
        "at": told.at,
        "seen_at": None,
        "mailed_at": work.now if told.again else None,
    }


async def add_decision(work: Work, account_id: str, *, statement_id: str, site_id: str, at: datetime) -> None:
    """Note that somebody decided about an account; about the same statement again is new again. Its mail goes apart."""
    statement = work.q.upsert(Notification)
    newer = statement.on_conflict_do_update(
        index_elements=["account_id", "kind", "subject_id"],
        set_={"at": statement.excluded.at, "seen_at": None},
        where=_notifications.c.at < statement.excluded.at,
    )
    told = Told(account_id, statement_id, at, News("decision"), site_id=site_id, again=True)
    await work.q.run(newer, _row(work, told))


async def _take_along(work: Work, rows: Sequence[Row[Any]]) -> None:
    """Forget the news of comments that are gone, and all news of people who left."""
    gone = [row.subject_id for row in rows if row.kind in GONE]
    left = [row.subject_id for row in rows if row.kind == LEFT]
    if gone:
        of_people = _notifications.c.kind.in_(FROM_PEOPLE)
        await work.q.run(delete(_notifications).where(_notifications.c.subject_id.in_(gone), of_people))
    if left:
        await forget(work, left)
    closed = [row.subject_id for row in rows if row.kind == CLOSED]
    if closed:
        to_confirm = _notifications.c.subject_id.in_(closed) & (_notifications.c.kind == "proposal")
        await work.q.run(delete(_notifications).where(to_confirm))


def _handed(rows: Sequence[Row[Any]]) -> list[Told]:
    """Give the cases that colleagues handed over."""
    handed = [row for row in rows if row.kind == HANDED and row.data.get("to")]
    return [Told(row.data["to"], row.subject_id, row.at, News("handover"), site_id=row.site_id) for row in handed]


async def _proposed(work: Work, rows: Sequence[Row[Any]]) -> list[Told]:
    """Give whoever can confirm what was proposed and still waits: who decides on the whole site, but who proposed it."""
    waiting = [row for row in rows if row.kind == PROPOSED and await proposals.waits(work.q, row.subject_id)]
    return [
        Told(account_id, row.subject_id, row.at, News("proposal"), site_id=row.site_id)
        for row in waiting
        for account_id in await seats.who_confirms(work.q, row.site_id, row.actor_id or "")
    ]


async def forget(work: Work, account_ids: Collection[str]) -> None:
    """Throw away everything that these accounts were told, and what they wanted by mail."""
    for table in (_notifications, _mail):
        await work.q.run(delete(table).where(table.c.account_id.in_(account_ids)))


async def _of_comments(work: Work, rows: Sequence[Row[Any]]) -> list[Told]:
    """Give the replies and mentions in comments that these rows show for the first time, or again."""
    moments = {row.subject_id: row.at for row in rows if row.kind in (*SHOWN, MENTIONED)}
    if not moments:
        return []
    comments = await work.q.all(_with_parent().where(_comments.c.id.in_(moments)).order_by(_comments.c.id))
    mentions = await work.q.all(
        select(_journal.c.subject_id, _journal.c.data)
        .where(_journal.c.kind == MENTIONED, _journal.c.subject_id.in_(moments))
        .order_by(_journal.c.id)
    )
    whom: dict[str, list[str]] = {}
    for row in mentions:
        whom.setdefault(row.subject_id, []).append(str(row.data["account"]))
    shown = {row.subject_id for row in rows if row.kind in SHOWN}
    again = {row.id for row in comments if row.id in shown and row.published_at and row.published_at < moments[row.id]}
    return [
        each for row in comments for each in _told(row, whom.get(row.id, ()), at=moments[row.id], again=row.id in again)
    ]


def _with_parent() -> Any:
    parents = _comments.alias("parent")
    joined = _comments.outerjoin(parents, parents.c.id == _comments.c.parent_id)
    columns = ("id", "site_id", "thread_id", "account_id", "tier", "state", "published_at")
    return select(*(_comments.c[name] for name in columns), parents.c.account_id.label("parent_author")).select_from(
        joined
    )


def _told(row: Row[Any], mentioned: Iterable[str], *, at: datetime, again: bool) -> list[Told]:
    """Give who is concerned by a comment: whom it answers, then whom it mentions besides."""
    kinds = dict.fromkeys(mentioned, "mention") | ({row.parent_author: "reply"} if row.parent_author else {})
    return [
        Told(
            account_id=account_id,
            subject_id=row.id,
            at=at,
            news=News(kind, by=row.account_id, tier=row.tier, state=row.state, thread_id=row.thread_id),
            site_id=row.site_id,
            again=again,
        )
        for account_id, kind in kinds.items()
    ]


def _expiring(rows: Sequence[Row[Any]]) -> list[Told]:
    ending = [row for row in rows if row.kind == EXPIRING]
    return [Told(row.subject_id, row.data["attestation_id"], row.at, News("expiring")) for row in ending]


def _answered(rows: Sequence[Row[Any]]) -> list[Told]:
    """Its mail goes apart (`letters.send_notice`): it is a decision about them."""
    came = [row for row in rows if row.kind == ANSWERED]
    return [Told(row.subject_id, row.data["attempt_id"], row.at, News("answered"), again=True) for row in came]

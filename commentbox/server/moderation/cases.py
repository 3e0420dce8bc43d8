"""One case with everything a moderator should see before deciding: context, author, reports, revisions, history.

Reads only. What belongs to another site is NotFound, and an author's history ends at the site's border.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from commentbox.server import legal_holds, reports
from commentbox.server.accounts.models import Account
from commentbox.server.accounts.queries import SHOWN_NAME
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import NotFound
from commentbox.server.base.ids import looks_like_id
from commentbox.server.comments.models import Comment, Revision
from commentbox.server.moderation import appeals, authors, claims, notes, noticing, rulings, statements
from commentbox.server.moderation.authors import Author
from commentbox.server.moderation.models import Decision, Statement
from commentbox.server.moderation.seats import Seat, appeal_for_desk, colleagues, comment_for_desk, has_colleague
from commentbox.server.notices import queries as notices
from commentbox.server.sites import actions as sites
from commentbox.server.threads import by_id as thread_by_id

REPLIES = 3
"""Replies shown below the comment; enough to see how it was taken."""
_accounts = table_of(Account)
_comments = table_of(Comment)
_decisions = table_of(Decision)
_revisions = table_of(Revision)
_statements = table_of(Statement)


@dataclass(frozen=True)
class Case:
    """A case as it stands. `statement` is the one appealed against, or else in force; `hearing` is there for an appeal.

    `may_answer_from` is the moment from which this moderator may answer the notices; None for never, if there are any.
    """

    id: str
    comment: Row[Any]
    site: Row[Any]
    thread: Row[Any]
    ancestors: Sequence[Row[Any]]
    replies: Sequence[Row[Any]]
    reports: Sequence[Row[Any]]
    notices: Sequence[Row[Any]]
    may_answer_from: datetime | None
    legal_hold: Row[Any] | None
    revisions: Sequence[Row[Any]]
    decisions: Sequence[Row[Any]]
    last_decision: str | None
    holder: Row[Any] | None
    statement: Row[Any] | None
    author: Author
    waiting_appeal: bool
    notes: Sequence[Row[Any]]
    colleagues: Sequence[Row[Any]]
    has_colleague: bool
    appeal: Row[Any] | None = None
    hearing: "Hearing | None" = None


@dataclass(frozen=True)
class Hearing:
    """Who decided first, and from when this moderator may hear the appeal (None: never)."""

    judge_name: str
    is_judge: bool
    may_hear_from: datetime | None


async def find(query: Query, seat: Seat, case_id: str, *, now: datetime) -> Case:
    """Give a case by the id of its comment or of an appeal about one. Refuses `case.unknown`."""
    if not looks_like_id(case_id):
        raise NotFound("case.unknown")
    appeal = await _appeal(query, seat, case_id)
    if appeal is not None and appeal.comment_id is None:
        raise NotFound("case.unknown")  # against a measure: the page of that person has it
    comment = await comment_for_desk(query, seat, appeal.comment_id if appeal else case_id)
    thread = await thread_by_id(query, comment.thread_id)
    return Case(
        id=case_id,
        comment=comment,
        site=await sites.by_id(query, comment.site_id),
        thread=thread,
        ancestors=await _ancestors(query, comment),
        replies=await _replies(query, comment),
        reports=await reports.open_reports(query, comment.id),
        notices=(found := await notices.open_about(query, comment.id)),
        legal_hold=await legal_holds.about(query, comment.id),
        may_answer_from=await noticing.may_hear_from(query, seat, found),
        revisions=await _all_revisions(query, comment.id),
        decisions=await authors.decisions_about(query, _decisions.c.comment_id == comment.id),
        last_decision=await rulings.latest_id(query, comment.id),
        holder=await claims.holder(query, case_id),
        statement=await _statement(query, comment, appeal),
        author=await authors.of_comment(query, comment, now=now),
        notes=await notes.about(query, case_id),
        colleagues=await colleagues(query, comment.site_id, seat.account_id, section=thread.section),
        waiting_appeal=await appeals.is_waiting(query, comment.id),
        has_colleague=await has_colleague(query, comment.site_id, seat.account_id),
        appeal=appeal,
        hearing=await hearing_of(query, seat, appeal) if appeal else None,
    )


async def _appeal(query: Query, seat: Seat, case_id: str) -> Row[Any] | None:
    try:
        return await appeal_for_desk(query, seat, case_id)
    except NotFound:
        return None


async def _statement(query: Query, comment: Row[Any], appeal: Row[Any] | None) -> Row[Any] | None:
    if appeal is None:
        return await statements.in_force(query, comment.id)
    return await query.first(select(_statements).where(_statements.c.id == appeal.statement_id))


async def hearing_of(query: Query, seat: Seat, appeal: Row[Any]) -> Hearing:
    """Say who decided what an appeal is against, and from when this moderator may hear it."""
    judges = await appeals.judges_of(query, appeal)
    name = await query.scalar(select(SHOWN_NAME).where(_accounts.c.id == judges[0]))
    return Hearing(name or "", seat.account_id in judges, await appeals.may_hear_from(query, seat, appeal))


async def _ancestors(query: Query, comment: Row[Any]) -> Sequence[Row[Any]]:
    if not comment.path:
        return ()
    return await query.all(
        select(_comments).where(_comments.c.id.in_(comment.path.split("/"))).order_by(_comments.c.depth)
    )


async def _replies(query: Query, comment: Row[Any]) -> Sequence[Row[Any]]:
    below = select(_comments).where(_comments.c.hangs_on == comment.id, _comments.c.state == "published")
    return await query.all(below.order_by(_comments.c.id).limit(REPLIES))


async def _all_revisions(query: Query, comment_id: str) -> Sequence[Row[Any]]:
    statement = select(_revisions).where(_revisions.c.comment_id == comment_id)
    return await query.all(statement.order_by(_revisions.c.number))

"""One person as moderators of one site see them: who, what holds, what was decided, what waits, their last comments.

Reads only. `people` decides; whoever never wrote on this site is NotFound.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from commentbox.server.accounts.models import Account
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import NotFound
from commentbox.server.comments.models import Comment
from commentbox.server.moderation import authors, cases, people, rulings, seats
from commentbox.server.moderation.authors import Author
from commentbox.server.moderation.cases import Hearing
from commentbox.server.moderation.models import Appeal, Proposal, Statement
from commentbox.server.moderation.seats import Seat
from commentbox.server.threads import Thread

LAST = 20
_accounts = table_of(Account)
_appeals = table_of(Appeal)
_comments = table_of(Comment)
_proposals = table_of(Proposal)
_statements = table_of(Statement)
_threads = table_of(Thread)


@dataclass(frozen=True)
class Waiting:
    """An appeal against a measure: itself, the statement it is against, who decided and who may hear it."""

    appeal: Row[Any]
    statement: Row[Any]
    hearing: Hearing


@dataclass(frozen=True)
class Person:
    """Somebody on a site. `last_decision` is what a verdict must have seen; `is_oneself` may decide nothing here."""

    site: Row[Any]
    author: Author
    comments: Sequence[Row[Any]]
    appeals: Sequence[Waiting]
    proposal: Row[Any] | None
    last_decision: str | None
    has_colleague: bool
    is_oneself: bool

    @property
    def account(self) -> Row[Any]:
        """Give the account's row."""
        assert self.author.account is not None
        return self.author.account


async def find(query: Query, seat: Seat, slug: str, account_id: str, *, now: datetime) -> Person:
    """Give a person on one of the seat's sites. Refuses `case.unknown`."""
    site = await seats.site_by_slug(query, seat, slug)
    await people.check_known(query, seat, account_id, site_id=site.id)
    author = await authors.on_site(query, account_id, site_id=site.id, now=now)
    if author.account is None or author.account.deleted_at is not None:
        raise NotFound("case.unknown")
    return Person(
        site=site,
        author=author,
        comments=await _last_comments(query, account_id, site.id),
        appeals=[each async for each in _waiting(query, seat, account_id, site_id=site.id)],
        proposal=await _proposal(query, account_id, site.id),
        last_decision=await rulings.latest_about(query, account_id, site_id=site.id),
        has_colleague=await seats.has_colleague(query, site.id, seat.account_id),
        is_oneself=account_id == seat.account_id,
    )


async def _last_comments(query: Query, account_id: str, site_id: str) -> Sequence[Row[Any]]:
    columns = (*(_comments.c[name] for name in ("id", "text", "state", "hold_rule", "created_at")), _threads.c.title)
    theirs = select(*columns).join(_threads, _threads.c.id == _comments.c.thread_id)
    theirs = theirs.where(_comments.c.account_id == account_id, _comments.c.site_id == site_id)
    return await query.all(theirs.order_by(_comments.c.id.desc()).limit(LAST))


async def _waiting(query: Query, seat: Seat, account_id: str, *, site_id: str) -> Any:
    mine = select(_appeals).join(_statements, _statements.c.id == _appeals.c.statement_id)
    mine = mine.where(_statements.c.account_id == account_id, _appeals.c.site_id == site_id)
    open_ones = mine.where(_appeals.c.comment_id.is_(None), _appeals.c.decided_at.is_(None))
    for appeal in await query.all(open_ones.order_by(_appeals.c.due_at)):
        statement = await query.first(select(_statements).where(_statements.c.id == appeal.statement_id))
        if statement is not None:
            yield Waiting(appeal, statement, await cases.hearing_of(query, seat, appeal))


async def _proposal(query: Query, account_id: str, site_id: str) -> Row[Any] | None:
    about = (_proposals.c.subject_id == account_id) & (_proposals.c.site_id == site_id)
    joined = select(*_proposals.c, _accounts.c.name.label("by")).outerjoin(
        _accounts, _accounts.c.id == _proposals.c.account_id
    )
    return await query.first(joined.where(about, _proposals.c.closed_at.is_(None)))

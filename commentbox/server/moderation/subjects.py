"""What a decision is about: one revision of a comment, or a measure on an account. One shape for both.

Decisions, statements, appeals and undo work on a `Subject` and need not know which it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from commentbox.server.accounts import standings
from commentbox.server.accounts.rules import INSTANCE
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import NotFound
from commentbox.server.base.work import Work
from commentbox.server.moderation import measures, rules
from commentbox.server.moderation.models import Decision, Statement
from commentbox.server.moderation.seats import Seat, comment_to_decide

_decisions = table_of(Decision)
_statements = table_of(Statement)


@dataclass(frozen=True)
class Subject:
    """A comment (`comment` is its row) or a measure (`standing_id`), as it stands.

    `account_id` is the author or whoever the measure is on, `until` a measure's end, `statement_id` its statement,
    `because_of` the comment that led to it.
    """

    site_id: str
    account_id: str | None
    state: str
    restriction: str
    comment: Row[Any] | None = None
    revision: int = 0
    hold_rule: str | None = None
    standing_id: str | None = None
    statement_id: str | None = None
    until: datetime | None = None
    everywhere: bool = False
    because_of: str | None = None

    @property
    def comment_id(self) -> str | None:
        """Give the comment's id, None for a measure."""
        return self.comment.id if self.comment is not None else None

    def next_state(self, action: str) -> str:
        """Give the state it goes into. Refuses `case.closed`."""
        table = rules if self.comment is not None else measures
        return table.next_state(self.state, action)


def of_comment(comment: Row[Any]) -> Subject:
    """Give a comment as the subject of a decision."""
    return Subject(
        site_id=comment.site_id,
        account_id=comment.account_id,
        state=comment.state,
        restriction=rules.RESTRICTIONS.get(comment.state, ""),
        comment=comment,
        revision=comment.revision,
        hold_rule=comment.hold_rule,
    )


async def to_decide(work: Work, seat: Seat, decision: Row[Any]) -> Subject:
    """Give what an earlier decision was about, held fast until the end of the transaction. Refuses `case.unknown`."""
    if decision.comment_id is not None:
        return of_comment(await comment_to_decide(work, seat, decision.comment_id))
    if decision.site_id not in seat.site_ids:
        raise NotFound("case.unknown")
    await standings.lock_account(work, decision.subject_id)
    return await of_standing(work.q, decision.standing_id, site_id=decision.site_id, now=work.now)


async def of_standing(query: Query, standing_id: str, *, site_id: str, now: datetime) -> Subject:
    """Give a measure that was imposed once as the subject of a decision on a site. Refuses `case.unknown`."""
    row = await standings.by_id(query, standing_id)
    if row is None or row.site_id not in (site_id, INSTANCE):
        raise NotFound("case.unknown")
    lifted = await query.scalar(select(_statements.c.lifted_at).where(_statements.c.id == row.statement_id))
    return Subject(
        site_id=site_id,
        account_id=row.account_id,
        state=measures.state_of(until=row.until, lifted=lifted is not None, now=now),
        restriction=row.kind,
        standing_id=row.id,
        statement_id=row.statement_id,
        until=row.until,
        everywhere=row.site_id == INSTANCE,
    )


async def to_hear(work: Work, seat: Seat, appeal: Row[Any]) -> Subject:
    """Give what an appeal is about, held fast until the end of the transaction. Refuses `case.unknown`."""
    if appeal.comment_id is not None:
        return of_comment(await comment_to_decide(work, seat, appeal.comment_id))
    decided = select(_decisions).join(_statements, _statements.c.decision_id == _decisions.c.id)
    decision = await work.q.first(decided.where(_statements.c.id == appeal.statement_id))
    if decision is None:
        raise NotFound("case.unknown")
    return await to_decide(work, seat, decision)


def facts_of(subject: Subject) -> Mapping[str, Any]:
    """Give what the journal keeps of a subject: ids and numbers."""
    if subject.comment is not None:
        return {"comment": subject.comment_id, "revision": subject.revision}
    return {"account": subject.account_id, "standing": subject.standing_id}

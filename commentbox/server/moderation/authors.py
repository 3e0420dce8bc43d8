"""An author as moderators of one site see them: figures, what is in force, what was decided so far.

Reads only; a history ends at the site's border. `cases` shows it beside a comment, `persons` as a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, or_, select

from commentbox.server.accounts import standings
from commentbox.server.accounts.models import Account
from commentbox.server.base.db import Query, table_of
from commentbox.server.comments.models import Comment
from commentbox.server.moderation.models import Appeal, Decision, Statement

HISTORY = 20
SHOWN = ("remove", "restore", "warn", "silence", "hold", "ban", "lift", "revoke")
"""Decisions that say something about a person; approvals do not, answers and undos show on what they answer or undo."""
_accounts = table_of(Account)
_appeals = table_of(Appeal)
_comments = table_of(Comment)
_decisions = table_of(Decision)
_statements = table_of(Statement)


@dataclass(frozen=True)
class Author:
    """Who wrote it, on this site: figures and what is in force. A guest has neither age nor history."""

    account: Row[Any] | None
    standing: Sequence[Row[Any]]
    comments: int
    removed: int
    held: int
    appeals: dict[str, int]
    decisions: Sequence[Row[Any]]


NOBODY = Author(None, (), 0, 0, 0, {}, ())


async def of_comment(query: Query, comment: Row[Any], *, now: datetime) -> Author:
    """Give the author of a comment, with what was decided about everything else of theirs."""
    if comment.account_id is None:
        return NOBODY
    return await on_site(query, comment.account_id, site_id=comment.site_id, now=now, but=comment.id)


async def on_site(query: Query, account_id: str, *, site_id: str, now: datetime, but: str = "") -> Author:
    """Give an account as one site knows it. Decisions about the comment `but` are left out: they stand elsewhere."""
    theirs = (_comments.c.account_id == account_id) & (_comments.c.site_id == site_id)
    states = await query.all(
        select(_comments.c.state, func.count().label("number")).where(theirs).group_by(_comments.c.state)
    )
    numbers = {row.state: row.number for row in states}
    about = and_(_decisions.c.comment_id.in_(select(_comments.c.id).where(theirs)), _decisions.c.comment_id != but)
    about = or_(about, and_(_decisions.c.subject_id == account_id, _decisions.c.site_id == site_id))
    return Author(
        account=await query.first(select(_accounts).where(_accounts.c.id == account_id)),
        standing=await standings.in_force(query, account_id, site_id=site_id, now=now),
        comments=sum(numbers.values()),
        removed=numbers.get("removed", 0),
        held=numbers.get("held", 0),
        appeals=await _outcomes(query, account_id, site_id),
        decisions=await decisions_about(query, and_(about, _decisions.c.action.in_(SHOWN))),
    )


async def decisions_about(query: Query, condition: Any) -> Sequence[Row[Any]]:
    """Give decisions, newest first, each with who made it, its statement's end, and whether it was undone or fell."""
    undone = _decisions.alias("undone")
    was_undone = select(undone.c.id).where(undone.c.undoes == _decisions.c.id).exists().label("was_undone")
    joined = (
        _decisions.outerjoin(_accounts, _accounts.c.id == _decisions.c.account_id)
        .outerjoin(_statements, _statements.c.decision_id == _decisions.c.id)
        .outerjoin(_appeals, _appeals.c.statement_id == _statements.c.id)
    )
    columns = (_statements.c.lifted_at, _statements.c.until, _statements.c.rule_text, _appeals.c.outcome)
    statement = select(*_decisions.c, _accounts.c.name.label("by"), was_undone, *columns)
    statement = statement.select_from(joined).where(condition).order_by(_decisions.c.id.desc())
    return await query.all(statement.limit(HISTORY))


async def _outcomes(query: Query, account_id: str, site_id: str) -> dict[str, int]:
    joined = _appeals.join(_statements, _statements.c.id == _appeals.c.statement_id)
    statement = select(_appeals.c.outcome, func.count().label("number")).select_from(joined)
    statement = statement.where(_statements.c.account_id == account_id, _appeals.c.site_id == site_id)
    rows = await query.all(statement.where(_appeals.c.outcome.is_not(None)).group_by(_appeals.c.outcome))
    return {row.outcome: row.number for row in rows}

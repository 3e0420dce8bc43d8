"""What moderation knows of somebody who leaves: whether anything is open about them, and parting its records from them."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from commentbox.server.accounts.models import Standing
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.work import Work
from commentbox.server.comments.models import Comment
from commentbox.server.moderation.models import Appeal, Statement
from commentbox.server.reports import Report
from commentbox.server.verification.people import OPEN_CASE

OPEN_CASE_DAYS = 183
"""How long the key of somebody who left an open case behind stays: as long as a decision in it could be appealed."""
_standings = table_of(Standing)
_statements = table_of(Statement)
_appeals = table_of(Appeal)
_comments = table_of(Comment)
_reports = table_of(Report)


async def what_is_open(query: Query, account_id: str, *, now: datetime) -> tuple[str | None, datetime | None]:
    """Give the rule under which a person's key stays when they leave, and its end: a measure in force, else an open case or
    appeal, else (None, None)."""
    measures = select(_standings.c.kind, _standings.c.until).where(_standings.c.account_id == account_id)
    in_force = _standings.c.until.is_(None) | (_standings.c.until > now)
    worst = _standings.c.until.desc().nulls_first()
    measure = await query.first(measures.where(in_force, _standings.c.kind != "warned").order_by(worst).limit(1))
    if measure is not None:
        return measure.kind, measure.until
    joined = _appeals.join(_statements, _statements.c.id == _appeals.c.statement_id)
    appeal = select(_appeals.c.id).select_from(joined).where(_statements.c.account_id == account_id)
    reported = _reports.join(_comments, _comments.c.id == _reports.c.comment_id)
    report = select(_reports.c.id).select_from(reported).where(_comments.c.account_id == account_id)
    for statement in (appeal.where(_appeals.c.decided_at.is_(None)), report.where(_reports.c.closed_at.is_(None))):
        if await query.first(statement.limit(1)) is not None:
            return OPEN_CASE, now + timedelta(days=OPEN_CASE_DAYS)
    return None, None


async def forget(work: Work, account_id: str) -> None:
    """Part statements and appeals from their author: that something was decided stays, without words about a person.

    An appeal nobody has heard lapses, for there is nobody left to tell.
    """
    theirs = select(_statements.c.id).where(_statements.c.account_id == account_id)
    appeals = update(_appeals).where(_appeals.c.statement_id.in_(theirs))
    await work.q.run(appeals.values(text="", answer=None))
    lapsed = appeals.where(_appeals.c.decided_at.is_(None))
    await work.q.run(lapsed.values(decided_at=work.now, outcome="lapsed"))
    changes = {"account_id": None, "facts": "", "explanation": ""}
    await work.q.run(update(_statements).where(_statements.c.account_id == account_id).values(changes))

"""What every decision has in common, whoever asked for it: its row, its effect on what it is about, its delivery.

`decisions`, `people` and `appeals` stand on this and do not know each other's ways.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, func, select

from commentbox.server.accounts import standings
from commentbox.server.accounts.models import Account
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import NotFound
from commentbox.server.base.ids import new_id
from commentbox.server.base.work import Work
from commentbox.server.comments import actions as comments
from commentbox.server.comments import heat
from commentbox.server.comments.models import Comment
from commentbox.server.moderation import statements
from commentbox.server.moderation.models import Decision
from commentbox.server.moderation.subjects import Subject, facts_of
from commentbox.server.sites.models import Site

DELIVER = "decision.deliver"
"""The job that tells those concerned; its payload is the decision's id. It is due when no undo can come any more."""
RESTRICTED = ("removed", "in_force", "over")
"""States that a statement stands behind; a measure that is over still counts in a history, and may be appealed against."""
_decisions = table_of(Decision)
_comments = table_of(Comment)
_accounts = table_of(Account)
_sites = table_of(Site)


@dataclass(frozen=True)
class Ruling:
    """What is decided: approve, remove, restore, warn, silence, hold, ban, lift, uphold, reject or undo, and what belongs
    to it."""

    action: str
    rule: str | None = None
    note: str | None = None
    undoes: str | None = None
    appeal_id: str | None = None
    along_with: str | None = None
    proposed_by: str | None = None


@dataclass(frozen=True)
class Decided:
    """A decision that stands: its id, its case (of a comment, an appeal or an account), and the state it led to.

    In the state `proposed` nothing is decided yet, and the id is the proposal's.
    """

    id: str
    case_id: str
    state: str


async def record(work: Work, subject: Subject, ruling: Ruling, *, moderator_id: str) -> str:
    """Write a decision about a subject as it stands, naming a comment's revision, and give its id."""
    measured = subject.comment is None
    decision = Decision(
        id=new_id(work.now),
        site_id=subject.site_id,
        comment_id=subject.comment_id,
        revision=subject.revision or None,
        subject_id=subject.account_id if measured else None,
        standing_id=subject.standing_id,
        because_of=subject.because_of,
        account_id=moderator_id,
        was=subject.state,
        was_held_by=subject.hold_rule,
        at=work.now,
        **vars(ruling),
    )
    await work.q.add(decision)
    facts = {**facts_of(subject), "action": ruling.action, "rule": ruling.rule}
    facts |= {"undoes": ruling.undoes} if ruling.undoes else {}
    work.record("case.decided", site_id=subject.site_id, subject_id=decision.id, **facts)
    return decision.id


async def carry_out(work: Work, subject: Subject, state: str, *, rule: str | None = None) -> None:
    """Bring a subject into the state that was decided; a restriction ends where a comment comes back or a measure goes.

    A measure is imposed in `people` alone, behind its statement; here it ends, or is put back by an undo.
    """
    if state == subject.state:
        return
    if subject.comment is not None:
        await _carry_out_comment(work, subject.comment, state, rule=rule)
    else:
        await standings.end(work, subject.standing_id or "")
    if state not in RESTRICTED:
        await statements.lift(work, subject)


async def _carry_out_comment(work: Work, comment: Row[Any], state: str, *, rule: str | None) -> None:
    if comment.state == "removed":
        await heat.cool(work, comment)
    if state == "removed":
        await comments.remove(work, comment, rule=rule or "")
    elif state == "held":
        await comments.hold_again(work, comment, rule=rule)
    else:
        await comments.publish(work, comment)


async def put_back(work: Work, subject: Subject, was: str, *, held_by: str | None) -> None:
    """Bring a subject back to what it was before a decision that is undone, its restriction too."""
    if was == subject.state:
        return
    if was == "in_force":
        until = await statements.until_of(work.q, subject.statement_id or "")
        await standings.resume(work, subject.standing_id or "", until=until)
    elif was != "over":
        await carry_out(work, subject, was, rule=held_by)
    if was in RESTRICTED:
        await statements.impose_again(work, subject)


def tell_later(work: Work, decision_id: str, *, seconds: int) -> None:
    """Leave the deliveries for when no undo can come any more."""
    work.job(DELIVER, {"decision_id": decision_id}, not_before=work.now + timedelta(seconds=seconds))


async def by_id(query: Query, decision_id: str) -> Row[Any]:
    """Give one decision. The caller checks the site through its comment. Refuses `case.unknown`."""
    row = await query.first(select(_decisions).where(_decisions.c.id == decision_id))
    if row is None:
        raise NotFound("case.unknown")
    return row


async def latest_id(query: Query, comment_id: str) -> str | None:
    """Give the id of the newest decision about a comment."""
    return await _newest(query, _decisions.c.comment_id == comment_id)


async def latest_about(query: Query, account_id: str, *, site_id: str) -> str | None:
    """Give the id of the newest decision about an account on a site."""
    return await _newest(query, (_decisions.c.subject_id == account_id) & (_decisions.c.site_id == site_id))


async def is_latest(query: Query, decision: Row[Any]) -> bool:
    """Say whether nothing was decided since about the same comment or measure."""
    about = _decisions.c.comment_id == decision.comment_id
    if decision.comment_id is None:
        about = _decisions.c.standing_id == decision.standing_id
    return await _newest(query, about) == decision.id


async def _newest(query: Query, about: Any) -> str | None:
    return await query.scalar(select(_decisions.c.id).where(about).order_by(_decisions.c.id.desc()).limit(1))


async def made_together(query: Query, decision: Row[Any]) -> Sequence[Row[Any]]:
    """Give the other half of a decision about a comment and its author at once, if it has one."""
    other = _decisions.c.along_with == decision.id
    if decision.along_with:
        other = _decisions.c.id == decision.along_with
    return await query.all(select(_decisions).where(other, _decisions.c.action != "undo"))


async def stands(query: Query, decision_id: str) -> bool:
    """Say whether a decision was not undone: what a delivery asks before it tells anybody."""
    return await query.first(select(_decisions.c.id).where(_decisions.c.undoes == decision_id)) is None


async def last_of(query: Query, moderator_id: str) -> Row[Any] | None:
    """Give a moderator's last decision, with the site's policy and the `name` it is about; the caller judges its age."""
    joined = (
        _decisions.join(_sites, _sites.c.id == _decisions.c.site_id)
        .outerjoin(_comments, _comments.c.id == _decisions.c.comment_id)
        .outerjoin(_accounts, _accounts.c.id == _decisions.c.subject_id)
    )
    name = func.coalesce(_comments.c.name, _accounts.c.name, "").label("name")
    statement = select(*_decisions.c, _sites.c.policy, _sites.c.slug, name).select_from(joined)
    statement = statement.where(_decisions.c.account_id == moderator_id)
    return await query.first(statement.order_by(_decisions.c.id.desc()).limit(1))

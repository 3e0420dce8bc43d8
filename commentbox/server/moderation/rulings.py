"""What every decision has in common, whoever asked for it: its row, its effect on the comment, its delivery.

`decisions` and `appeals` stand on this and do not know each other's ways.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select

from commentbox.server.base.db import Query
from commentbox.server.base.errors import NotFound
from commentbox.server.base.ids import new_id
from commentbox.server.base.work import Work
from commentbox.server.comments import actions as comments
from commentbox.server.comments.models import Comment
from commentbox.server.moderation import statements
from commentbox.server.moderation.models import Decision
from commentbox.server.sites.models import Site

DELIVER = "decision.deliver"
"""The job that tells those concerned; its payload is the decision's id. It is due when no undo can come any more."""
_decisions = Decision.__table__  # type: ignore[attr-defined]
_comments = Comment.__table__  # type: ignore[attr-defined]
_sites = Site.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Ruling:
    """What is decided: approve, remove, restore, uphold, reject or undo, and what belongs to it."""

    action: str
    rule: str | None = None
    note: str | None = None
    undoes: str | None = None
    appeal_id: str | None = None


@dataclass(frozen=True)
class Decided:
    """A decision that stands: its id, its case (a comment's or an appeal's id), and the state it left the comment in."""

    id: str
    case_id: str
    state: str


async def record(work: Work, comment: Row[Any], ruling: Ruling, *, moderator_id: str) -> str:
    """Write a decision about the comment as it stands, naming the revision, and give its id."""
    decision = Decision(
        id=new_id(work.now),
        site_id=comment.site_id,
        comment_id=comment.id,
        revision=comment.revision,
        account_id=moderator_id,
        action=ruling.action,
        was=comment.state,
        was_held_by=comment.hold_rule,
        rule=ruling.rule,
        note=ruling.note,
        undoes=ruling.undoes,
        appeal_id=ruling.appeal_id,
        at=work.now,
    )
    await work.q.add(decision)
    facts = {"comment": comment.id, "revision": comment.revision, "action": ruling.action, "rule": ruling.rule}
    facts |= {"undoes": ruling.undoes} if ruling.undoes else {}
    work.record("case.decided", site_id=comment.site_id, subject_id=decision.id, **facts)
    return decision.id


async def carry_out(work: Work, comment: Row[Any], state: str, *, rule: str | None) -> None:
    """Bring the comment into the state that was decided; a restriction ends where it comes back."""
    if state == comment.state:
        return
    if state == "removed":
        await comments.remove(work, comment, rule=rule or "")
        return
    if state == "held":
        await comments.hold_again(work, comment, rule=rule)
    else:
        await comments.publish(work, comment)
    await statements.lift(work, comment.id)


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
    statement = select(_decisions.c.id).where(_decisions.c.comment_id == comment_id)
    return await query.scalar(statement.order_by(_decisions.c.id.desc()).limit(1))


async def stands(query: Query, decision_id: str) -> bool:
    """Say whether a decision was not undone: what a delivery asks before it tells anybody."""
    return await query.first(select(_decisions.c.id).where(_decisions.c.undoes == decision_id)) is None


async def last_of(query: Query, moderator_id: str) -> Row[Any] | None:
    """Give a moderator's last decision, with the site's policy and the comment's `name`; the caller judges its age."""
    joined = _decisions.join(_sites, _sites.c.id == _decisions.c.site_id)
    joined = joined.join(_comments, _comments.c.id == _decisions.c.comment_id)
    statement = select(*_decisions.c, _sites.c.policy, _comments.c.name).select_from(joined)
    statement = statement.where(_decisions.c.account_id == moderator_id)
    return await query.first(statement.order_by(_decisions.c.id.desc()).limit(1))

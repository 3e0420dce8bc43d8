"""Statements of reasons: written with the decision, read by the one they are about, lifted when the decision falls.

`decisions` and `appeals` write; the author's pages read, by account or by the code a guest was given at posting.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, update

from commentbox.server.base.db import Query
from commentbox.server.base.errors import NotFound
from commentbox.server.base.ids import new_id
from commentbox.server.base.work import Work
from commentbox.server.comments.models import Comment, Revision
from commentbox.server.moderation import rules
from commentbox.server.moderation.models import Appeal, Decision, Statement
from commentbox.server.sites.models import Site
from commentbox.server.sites.rules import Policy
from commentbox.server.threads import Thread

PAGE = 20
_statements = Statement.__table__  # type: ignore[attr-defined]
_decisions = Decision.__table__  # type: ignore[attr-defined]
_appeals = Appeal.__table__  # type: ignore[attr-defined]
_comments = Comment.__table__  # type: ignore[attr-defined]
_revisions = Revision.__table__  # type: ignore[attr-defined]
_threads = Thread.__table__  # type: ignore[attr-defined]
_sites = Site.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Issue:
    """What a statement is written under: the decision, how many reports and whose notice led to it, the policy."""

    decision_id: str
    reports: int
    policy: Policy
    notice: str = ""


@dataclass(frozen=True)
class Owner:
    """Who asks for a statement: an account, or a guest by the hash of a code."""

    account_id: str | None = None
    guest_code_hash: str | None = None


async def write(work: Work, comment: Row[Any], reasons: rules.Reasons, *, issue: Issue) -> str:
    """Write the statement for a comment about to be removed or refused, and give its id. Refuses `rule.unknown`."""
    by_law = rules.is_law(reasons.ground)
    found_by = rules.found_by(hold_rule=comment.hold_rule, reports=issue.reports, notice=issue.notice)
    statement = Statement(
        id=new_id(work.now),
        decision_id=issue.decision_id,
        site_id=comment.site_id,
        comment_id=comment.id,
        account_id=comment.account_id,
        restriction=rules.RESTRICTIONS[comment.state],
        since=work.now,
        facts=reasons.facts,
        found_by=found_by,
        ground="law" if by_law else "rule",
        rule=reasons.ground,
        rule_text="" if by_law else issue.policy.rule_text(reasons.ground),
        explanation=reasons.why,
        automated_detection=found_by == "screening",
        redress={"ways": list(rules.REDRESS)},
        appeal_until=rules.months_later(work.now, issue.policy.appeal_months),
    )
    await work.q.add(statement)
    facts = {"comment": comment.id, "restriction": statement.restriction, "rule": statement.rule}
    work.record("statement.issued", site_id=comment.site_id, subject_id=statement.id, **facts)
    return statement.id


async def lift(work: Work, comment_id: str) -> None:
    """End every restriction of a comment that is in force; its statements stay readable."""
    in_force = update(_statements).where(_statements.c.comment_id == comment_id, _statements.c.lifted_at.is_(None))
    await work.q.run(in_force.values(lifted_at=work.now))


async def impose_again(work: Work, comment_id: str) -> None:
    """Put the newest restriction of a comment back in force: the undo of what had lifted it."""
    newest = select(_statements.c.id).where(_statements.c.comment_id == comment_id)
    newest = newest.order_by(_statements.c.id.desc()).limit(1).scalar_subquery()
    await work.q.run(update(_statements).where(_statements.c.id == newest).values(lifted_at=None))


async def own(query: Query, statement_id: str, owner: Owner) -> Row[Any]:
    """Give one statement with its appeal, decision and comment, to the author of the comment and nobody else."""
    row = await query.first(_with_context().where(_statements.c.id == statement_id, _is_of(owner)))
    if row is None:
        raise NotFound("statement.unknown")
    return row


async def of_owner(query: Query, owner: Owner, *, before: str | None = None) -> list[Row[Any]]:
    """Give somebody's statements, newest first, a page at a time; `before` is the last id of the page before."""
    statement = _with_context().where(_is_of(owner)).order_by(_statements.c.id.desc()).limit(PAGE)
    return list(await query.all(statement.where(_statements.c.id < before) if before else statement))


async def in_force(query: Query, comment_id: str) -> Row[Any] | None:
    """Give the statement a removed comment is removed under."""
    statement = select(_statements).where(_statements.c.comment_id == comment_id, _statements.c.lifted_at.is_(None))
    return await query.first(statement.order_by(_statements.c.id.desc()).limit(1))


async def told_by(query: Query, decision_id: str) -> Row[Any] | None:
    """Give id, account and the site's language for what a decision wrote, answered an appeal against, or lifted."""
    answered = select(_appeals.c.statement_id).join(_decisions, _decisions.c.appeal_id == _appeals.c.id)
    answered = answered.where(_decisions.c.id == decision_id)
    lifting = _decisions.alias("lifting")
    lifted = select(lifting.c.id).where(lifting.c.id == decision_id, lifting.c.comment_id == _statements.c.comment_id)
    lifted = lifted.where(lifting.c.action == "restore", lifting.c.at == _statements.c.lifted_at).exists()
    told = (_statements.c.decision_id == decision_id) | _statements.c.id.in_(answered) | lifted
    found = select(_statements.c.id, _statements.c.account_id, _sites.c.lang)
    found = found.select_from(_statements.join(_sites, _sites.c.id == _statements.c.site_id))
    return await query.first(found.where(told).limit(1))


def _is_of(owner: Owner) -> Any:
    """An account's statements, or those about comments that carry a guest's code; without either, nothing."""
    if owner.account_id:
        return _statements.c.account_id == owner.account_id
    return (_comments.c.guest_code_hash == owner.guest_code_hash) & _comments.c.guest_code_hash.is_not(None)


def _with_context() -> Any:
    joined = (
        _statements.join(_comments, _comments.c.id == _statements.c.comment_id)
        .join(_decisions, _decisions.c.id == _statements.c.decision_id)
        .join(_threads, _threads.c.id == _comments.c.thread_id)
        .join(_sites, _sites.c.id == _statements.c.site_id)
        .outerjoin(_appeals, _appeals.c.statement_id == _statements.c.id)
        .outerjoin(
            _revisions,
            (_revisions.c.comment_id == _statements.c.comment_id) & (_revisions.c.number == _decisions.c.revision),
        )
    )
    return select(
        *_statements.c,
        _decisions.c.account_id.label("judge_id"),
        _decisions.c.revision,
        _revisions.c.html.label("judged_html"),
        _comments.c.state.label("comment_state"),
        _comments.c.created_at.label("commented_at"),
        _comments.c.name.label("author_name"),
        _threads.c.title.label("thread_title"),
        _threads.c.url.label("thread_url"),
        _sites.c.name.label("site_name"),
        _sites.c.slug.label("site_slug"),
        _sites.c.policy.label("site_policy"),
        _appeals.c.id.label("appeal_id"),
        _appeals.c.text.label("appeal_text"),
        _appeals.c.opened_at.label("appeal_opened_at"),
        _appeals.c.due_at.label("appeal_due_at"),
        _appeals.c.decided_at.label("appeal_decided_at"),
        _appeals.c.decided_by.label("appeal_decided_by"),
        _appeals.c.outcome.label("appeal_outcome"),
        _appeals.c.answer.label("appeal_answer"),
    ).select_from(joined)

"""Statements of reasons: written with the decision, read by the one they are about, lifted when the decision falls.

`decisions` and `appeals` write; the author's pages read, by account or by the code a guest was given at posting.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update

from commentbox.server.accounts.models import Standing
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import NotFound
from commentbox.server.base.ids import new_id
from commentbox.server.base.work import Work
from commentbox.server.comments.models import Comment, Revision
from commentbox.server.moderation import rules
from commentbox.server.moderation.models import Appeal, Decision, Statement
from commentbox.server.moderation.subjects import Subject
from commentbox.server.sites.models import Site
from commentbox.server.sites.rules import Policy
from commentbox.server.threads import Thread

PAGE = 20
_statements = table_of(Statement)
_decisions = table_of(Decision)
_appeals = table_of(Appeal)
_comments = table_of(Comment)
_revisions = table_of(Revision)
_threads = table_of(Thread)
_standings = table_of(Standing)
_sites = table_of(Site)


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


async def write(work: Work, subject: Subject, reasons: rules.Reasons, *, issue: Issue) -> str:
    """Write the statement for what is about to be restricted, and give its id. Refuses `rule.unknown`."""
    by_law = rules.is_law(reasons.ground)
    found_by = rules.found_by(hold_rule=subject.hold_rule, reports=issue.reports, notice=issue.notice)
    statement = Statement(
        id=new_id(work.now),
        decision_id=issue.decision_id,
        site_id=subject.site_id,
        comment_id=subject.comment_id,
        account_id=subject.account_id,
        restriction=subject.restriction,
        everywhere=subject.everywhere,
        since=work.now,
        until=subject.until,
        facts=reasons.facts,
        found_by=found_by,
        ground="law" if by_law else "rule",
        rule=reasons.ground,
        rule_text=ground_text(issue.policy, reasons.ground),
        rules_version=None if by_law else issue.policy.rules_version,
        explanation=reasons.why,
        automated_detection=found_by == "screening",
        redress={"ways": list(rules.REDRESS)},
        appeal_until=rules.months_later(work.now, issue.policy.appeal_months),
    )
    await work.q.add(statement)
    about = {"comment": subject.comment_id} if subject.comment_id else {"account": subject.account_id}
    facts = {**about, "restriction": statement.restriction, "rule": statement.rule}
    work.record("statement.issued", site_id=subject.site_id, subject_id=statement.id, **facts)
    return statement.id


def ground_text(policy: Policy, ground: str) -> str:
    """Give the words of a house rule, '' for a law. Refuses `rule.unknown` for what is neither."""
    return "" if rules.is_law(ground) else policy.rule_text(ground)


async def lift(work: Work, subject: Subject) -> None:
    """End every restriction of a comment that is in force, or the one of a measure; statements stay readable."""
    in_force = update(_statements).where(_about(subject), _statements.c.lifted_at.is_(None))
    await work.q.run(in_force.values(lifted_at=work.now))


async def impose_again(work: Work, subject: Subject) -> None:
    """Put the newest restriction of a subject back in force: the undo of what had lifted it."""
    newest = select(_statements.c.id).where(_about(subject)).order_by(_statements.c.id.desc()).limit(1)
    await work.q.run(update(_statements).where(_statements.c.id == newest.scalar_subquery()).values(lifted_at=None))


def _about(subject: Subject) -> Any:
    if subject.comment_id is not None:
        return _statements.c.comment_id == subject.comment_id
    return _statements.c.id == subject.statement_id


async def until_of(query: Query, statement_id: str) -> datetime | None:
    """Give the end a measure was imposed with."""
    return await query.scalar(select(_statements.c.until).where(_statements.c.id == statement_id))


async def own(query: Query, statement_id: str, owner: Owner) -> Row[Any]:
    """Give one statement with its appeal, decision and comment, to the one it is about and nobody else."""
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
    """Give id, account, comment and the site's language for what a decision wrote, answered an appeal against, or lifted."""
    answered = select(_appeals.c.statement_id).join(_decisions, _decisions.c.appeal_id == _appeals.c.id)
    answered = answered.where(_decisions.c.id == decision_id)
    lifting, imposing = _decisions.alias("lifting"), _decisions.alias("imposing")
    same_comment = lifting.c.comment_id == _statements.c.comment_id
    imposed = select(imposing.c.id).where(imposing.c.id == _statements.c.decision_id)
    same_measure = imposed.where(imposing.c.standing_id == lifting.c.standing_id).exists()
    lifted = select(lifting.c.id).where(lifting.c.id == decision_id, same_comment | same_measure)
    lifted = lifted.where(lifting.c.action.in_(("restore", "lift")), lifting.c.at == _statements.c.lifted_at)
    told = (_statements.c.decision_id == decision_id) | _statements.c.id.in_(answered) | lifted.exists()
    found = select(_statements.c.id, _statements.c.account_id, _statements.c.comment_id, _sites.c.lang)
    found = found.select_from(_statements.join(_sites, _sites.c.id == _statements.c.site_id))
    return await query.first(found.where(told).limit(1))


def _is_of(owner: Owner) -> Any:
    """An account's statements, or those about comments that carry a guest's code; without either, nothing."""
    if owner.account_id:
        return _statements.c.account_id == owner.account_id
    return (_comments.c.guest_code_hash == owner.guest_code_hash) & _comments.c.guest_code_hash.is_not(None)


def _with_context() -> Any:
    """A statement with what it is about: the comment that was judged, or the one that led to a measure, if there is one."""
    judged = func.coalesce(_decisions.c.revision, _comments.c.revision)
    joined = (
        _statements.join(_decisions, _decisions.c.id == _statements.c.decision_id)
        .join(_sites, _sites.c.id == _statements.c.site_id)
        .outerjoin(_comments, _comments.c.id == func.coalesce(_statements.c.comment_id, _decisions.c.because_of))
        .outerjoin(_threads, _threads.c.id == _comments.c.thread_id)
        .outerjoin(_standings, _standings.c.id == _decisions.c.standing_id)
        .outerjoin(_appeals, _appeals.c.statement_id == _statements.c.id)
        .outerjoin(_revisions, (_revisions.c.comment_id == _comments.c.id) & (_revisions.c.number == judged))
    )
    return select(
        *_statements.c,
        _decisions.c.account_id.label("judge_id"),
        _decisions.c.revision,
        _revisions.c.html.label("judged_html"),
        _comments.c.state.label("comment_state"),
        _standings.c.until.label("standing_until"),
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

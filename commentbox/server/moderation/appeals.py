"""Appeals: somebody's objection to a statement of reasons, and the answer of somebody who had no part in it.

Upheld, the comment comes back with its place and votes, or the measure ends; rejected, the answer says why. Either is a
second decision.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict, Invalid
from commentbox.server.base.ids import new_id
from commentbox.server.base.work import Work
from commentbox.server.moderation import claims, rules, rulings, seats, statements, subjects
from commentbox.server.moderation.models import Appeal, Decision, Statement
from commentbox.server.moderation.rulings import Decided
from commentbox.server.moderation.subjects import Subject

OUTCOMES = {"uphold": "upheld", "reject": "rejected"}
"""Action -> outcome."""
_appeals = table_of(Appeal)
_statements = table_of(Statement)
_decisions = table_of(Decision)


@dataclass(frozen=True)
class Answer:
    """What a moderator answers to an appeal: uphold or reject, in words for the author; `revision` 0 for a measure."""

    appeal_id: str
    action: str
    revision: int
    text: str
    note: str = ""


async def open_appeal(work: Work, statement_id: str, *, owner: statements.Owner, text: str) -> str:
    """Object to a statement about oneself, once, and give the appeal's id.

    Refuses `statement.unknown`, `appeal.exists`, `appeal.too_late`, `appeal.nothing_to_appeal`, `appeal.text_missing`.
    """
    row = await statements.own(work.q, statement_id, owner)
    if row.appeal_id is not None:
        raise Conflict("appeal.exists")
    words = rules.check_appeal(text, appeal_until=row.appeal_until, lifted=row.lifted_at is not None, now=work.now)
    policy = await seats.policy_of(work.q, row.site_id)
    appeal = Appeal(
        id=new_id(work.now),
        statement_id=row.id,
        site_id=row.site_id,
        comment_id=row.comment_id,
        text=words,
        opened_at=work.now,
        due_at=work.now + timedelta(days=policy.appeal_days),
    )
    if not await work.q.add_if_new(appeal):
        raise Conflict("appeal.exists")
    work.record("appeal.opened", site_id=row.site_id, subject_id=appeal.id, statement=row.id, comment=row.comment_id)
    return appeal.id


async def answer(work: Work, seat: seats.Seat, given: Answer) -> Decided:
    """Uphold or reject an appeal. Refuses `appeal.same_person`, `case.stale`, `case.taken`, `case.unknown`."""
    appeal, subject = await _locked(work, seat, given.appeal_id)
    seats.check_decides(seat, subject.site_id)
    rules.check_not_own(subject.account_id, seat.account_id)
    rules.check_may_hear(await may_hear_from(work.q, seat, appeal), work.now)
    policy = await seats.policy_of(work.q, subject.site_id)
    await claims.take(work, seat, appeal.id, minutes=policy.claim_minutes)
    _check_waiting(appeal, subject, revision=given.revision)
    if given.action not in OUTCOMES:
        raise Invalid("case.action_unknown", action=given.action[:20])
    state = subject.next_state(given.action)
    words = rules.check_answer(given.text)
    ruling = rulings.Ruling(
        given.action, rule=subject.hold_rule, note=rules.check_note(given.note), appeal_id=appeal.id
    )
    decision_id = await rulings.record(work, subject, ruling, moderator_id=seat.account_id)
    await rulings.carry_out(work, subject, state)
    await _close(work, appeal.id, by=seat.account_id, outcome=OUTCOMES[given.action], words=words)
    await claims.release(work, seat, appeal.id)
    facts = {"outcome": OUTCOMES[given.action], "decision": decision_id}
    work.record("appeal.answered", site_id=subject.site_id, subject_id=appeal.id, **facts)
    rulings.tell_later(work, decision_id, seconds=policy.undo_seconds)
    return Decided(decision_id, appeal.id, state)


async def _locked(work: Work, seat: seats.Seat, appeal_id: str) -> tuple[Row[Any], Subject]:
    """Give appeal and subject, the subject locked first as everywhere, so that two transactions cannot wait in a ring."""
    subject = await subjects.to_hear(work, seat, await seats.appeal_for_desk(work.q, seat, appeal_id))
    return await seats.appeal_for_desk(work.q, seat, appeal_id, lock=True), subject


def _check_waiting(appeal: Row[Any], subject: Subject, *, revision: int) -> None:
    if appeal.decided_at is not None:
        raise Conflict("case.stale", changed=["last_decision"], revision=subject.revision, state=subject.state)
    rules.check_fresh(rules.Seen(revision, subject.state), rules.Seen(subject.revision, subject.state))


async def _close(work: Work, appeal_id: str, *, by: str, outcome: str, words: str) -> None:
    answered = {"decided_at": work.now, "decided_by": by, "outcome": outcome, "answer": words}
    await work.q.run(update(_appeals).where(_appeals.c.id == appeal_id).values(answered))


async def reopen(work: Work, appeal_id: str) -> None:
    """Let an appeal wait again: the undo of its answer."""
    waiting = {"decided_at": None, "decided_by": None, "outcome": None, "answer": None}
    await work.q.run(update(_appeals).where(_appeals.c.id == appeal_id).values(waiting))
    work.record("appeal.reopened", subject_id=appeal_id)


async def is_waiting(query: Query, comment_id: str) -> bool:
    """Say whether an appeal about this comment waits for its answer."""
    statement = select(_appeals.c.id).where(_appeals.c.comment_id == comment_id, _appeals.c.decided_at.is_(None))
    return await query.first(statement) is not None


async def by_id(query: Query, appeal_id: str) -> Row[Any]:
    """Give an appeal that is known to be there."""
    row = await query.first(select(_appeals).where(_appeals.c.id == appeal_id))
    assert row is not None
    return row


async def judges_of(query: Query, appeal: Row[Any]) -> tuple[str, str | None]:
    """Give the ids of who made the decision that is appealed against, and of who proposed it, if somebody else did."""
    joined = _statements.join(_decisions, _decisions.c.id == _statements.c.decision_id)
    columns = (_decisions.c.account_id, _decisions.c.proposed_by)
    row = await query.first(select(*columns).select_from(joined).where(_statements.c.id == appeal.statement_id))
    return (row.account_id, row.proposed_by) if row else ("", None)


async def may_hear_from(query: Query, seat: seats.Seat, appeal: Row[Any]) -> datetime | None:
    """Give the moment from which this moderator may hear an appeal, or None for never."""
    judges = await judges_of(query, appeal)
    took_part = seat.account_id in judges
    others = took_part and await seats.has_colleague(query, appeal.site_id, seat.account_id)
    judge = seat.account_id if took_part else judges[0]
    return rules.may_hear_from(
        judge_id=judge, moderator_id=seat.account_id, has_colleague=others, opened_at=appeal.opened_at
    )

"""Decisions about comments: approve, remove, restore, and the undo of one within seconds.

Each is one transaction: the decision (naming the revision it judged), the statement of reasons where it restricts, the
comment's state with its counters, the reports and notices it answers, journal rows. What is sent waits until no undo can come.
Answers to appeals are in `appeals`.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from commentbox.server import reports
from commentbox.server.base.errors import Conflict
from commentbox.server.base.work import Work
from commentbox.server.moderation import appeals, claims, noticing, rules, rulings, statements
from commentbox.server.moderation.rulings import Decided
from commentbox.server.moderation.seats import Seat, comment_to_decide, policy_of
from commentbox.server.notices import actions as notices
from commentbox.server.sites.rules import Policy


@dataclass(frozen=True)
class Verdict:
    """What a moderator wants done about a comment, and what they had seen of it when they decided."""

    comment_id: str
    action: str
    seen: rules.Seen
    reasons: rules.Reasons | None = None
    note: str = ""
    told: notices.Told = field(default_factory=notices.Told)


async def decide(work: Work, seat: Seat, verdict: Verdict) -> Decided:
    """Carry out a verdict. Refuses `case.unknown`, `case.own`, `case.taken`, `case.stale`, `case.closed`, `reasons.…`."""
    comment, policy = await _case(work, seat, verdict.comment_id)
    await claims.take(work, seat, comment.id, minutes=policy.claim_minutes)
    last = await rulings.latest_id(work.q, comment.id)
    rules.check_fresh(verdict.seen, rules.Seen(comment.revision, comment.state, last))
    state = rules.next_state(comment.state, verdict.action)
    open_reports = len(await reports.open_reports(work.q, comment.id))
    found, told = await noticing.check(work, seat, comment.id, action=verdict.action, told=verdict.told)
    await _check_open(work, comment, verdict.action, open_reports=open_reports + len(found))
    reasons = rules.check_reasons(verdict.reasons) if verdict.action == "remove" else None
    ruling = rulings.Ruling(
        verdict.action, rule=reasons.ground if reasons else None, note=rules.check_note(verdict.note)
    )
    decision_id = await rulings.record(work, comment, ruling, moderator_id=seat.account_id)
    if reasons:
        issue = statements.Issue(decision_id, reports=open_reports, policy=policy, notice=noticing.found_by(found))
        await statements.write(work, comment, reasons, issue=issue)
    await rulings.carry_out(work, comment, state, rule=ruling.rule)
    await reports.close(work, comment.id, decision_id=decision_id)
    await noticing.answer(work, comment.id, action=verdict.action, decision_id=decision_id, told=told)
    noticing.tell_later(work, decision_id, seconds=policy.undo_seconds)
    await claims.release(work, seat, comment.id)
    rulings.tell_later(work, decision_id, seconds=policy.undo_seconds)
    return Decided(decision_id, comment.id, state)


async def undo(work: Work, seat: Seat, decision_id: str) -> Decided:
    """Take one's own last decision back: a second decision that puts everything where it was, before anybody is told.

    Refuses `undo.not_yours`, `undo.overtaken`, `undo.too_late`, `case.unknown`.
    """
    decision = await rulings.by_id(work.q, decision_id)
    comment, policy = await _case(work, seat, decision.comment_id)
    is_latest = await rulings.latest_id(work.q, comment.id) == decision.id
    undoable = rules.Undoable(decision.account_id, decision.action, decision.at, is_latest)
    rules.check_undo(undoable, moderator_id=seat.account_id, now=work.now, seconds=policy.undo_seconds)
    if comment.revision != decision.revision:
        raise Conflict("case.stale", changed=["revision"], revision=comment.revision, state=comment.state)
    ruling = rulings.Ruling("undo", undoes=decision.id, appeal_id=decision.appeal_id)
    second = await rulings.record(work, comment, ruling, moderator_id=seat.account_id)
    await rulings.carry_out(work, comment, decision.was, rule=decision.was_held_by)
    await _put_back(work, decision)
    await claims.try_take(work, seat, decision.appeal_id or comment.id, minutes=policy.claim_minutes)
    return Decided(second, decision.appeal_id or comment.id, decision.was)


async def _put_back(work: Work, decision: Row[Any]) -> None:
    """Open again what the decision had closed: reports, an appeal, a restriction it had lifted."""
    await reports.reopen(work, decision.id)
    await notices.reopen(work, decision.id)
    if decision.appeal_id:
        await appeals.reopen(work, decision.appeal_id)
    if decision.was == "removed":
        await statements.impose_again(work, decision.comment_id)


async def _case(work: Work, seat: Seat, comment_id: str) -> tuple[Row[Any], Policy]:
    comment = await comment_to_decide(work, seat, comment_id)
    rules.check_not_own(comment.account_id, seat.account_id)
    return comment, await policy_of(work.q, comment.site_id)


async def _check_open(work: Work, comment: Row[Any], action: str, *, open_reports: int) -> None:
    """Refuse to approve what nobody asked about, and to go round an appeal that waits for somebody else."""
    if action == "approve" and comment.state == "published" and not open_reports:
        raise Conflict("case.closed", state=comment.state)
    if action == "restore" and await appeals.is_waiting(work.q, comment.id):
        raise Conflict("case.has_appeal")

"""Decisions about comments: approve, remove, restore, with a measure on the author if need be, and the undo within seconds.

Each is one transaction: the decision (naming the revision it judged), the statement of reasons where it restricts, the
comment's state with its counters, the reports and notices it answers, journal rows. What is sent waits until no undo can
come. Answers to appeals are in `appeals`, decisions about people alone in `people`.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Row

from commentbox.server import reports
from commentbox.server.accounts import standings
from commentbox.server.base.errors import Conflict, Invalid
from commentbox.server.base.work import Work
from commentbox.server.comments import heat
from commentbox.server.moderation import (
    appeals,
    claims,
    notes,
    noticing,
    people,
    proposals,
    rules,
    rulings,
    statements,
    subjects,
)
from commentbox.server.moderation.measures import Measure
from commentbox.server.moderation.rulings import Decided
from commentbox.server.moderation.seats import Seat, check_proposes, comment_to_decide, policy_of
from commentbox.server.moderation.subjects import Subject
from commentbox.server.notices import actions as notices
from commentbox.server.sites.rules import Policy


@dataclass(frozen=True)
class Verdict:
    """What a moderator wants done about a comment, and what they had seen of it when they decided.

    `measure` is what a removal brings its author as well, for the same reasons.
    """

    comment_id: str
    action: str
    seen: rules.Seen
    reasons: rules.Reasons | None = None
    note: str = ""
    measure: Measure | None = None
    told: notices.Told = field(default_factory=notices.Told)


async def decide(work: Work, seat: Seat, verdict: Verdict, *, proposed_by: str | None = None) -> Decided:
    """Carry out a verdict, or propose it where this moderator learns. Refuses `case.unknown`, `case.own`, `case.taken`,
    `case.stale`, `case.closed`, `reasons.…`, `measure.…`, `notice.…`, `desk.read_only`.
    """
    subject, policy = await _case(work, seat, verdict.comment_id)
    await claims.take(work, seat, verdict.comment_id, minutes=policy.claim_minutes)
    last = await rulings.latest_id(work.q, verdict.comment_id)
    rules.check_fresh(verdict.seen, rules.Seen(subject.revision, subject.state, last))
    state = subject.next_state(verdict.action)
    waiting = await reports.open_reports(work.q, verdict.comment_id)
    open_reports = reports.by_people(waiting)
    subject = replace(subject, hold_rule=subject.hold_rule or reports.detected_by(waiting))
    found, told = await noticing.check(work, seat, verdict.comment_id, action=verdict.action, told=verdict.told)
    await _check_open(work, subject, verdict.action, asked=len(waiting) + len(found))
    reasons = rules.check_reasons(verdict.reasons) if verdict.action == "remove" else None
    if reasons:
        statements.ground_text(policy, reasons.ground)
    if subject.site_id in seat.learning:
        return await proposals.propose(work, seat, verdict, site_id=subject.site_id, action=verdict.action)
    ruling = rulings.Ruling(
        verdict.action,
        rule=reasons.ground if reasons else None,
        note=rules.check_note(verdict.note),
        proposed_by=proposed_by,
    )
    decision_id = await rulings.record(work, subject, ruling, moderator_id=seat.account_id)
    if reasons:
        issue = statements.Issue(decision_id, reports=open_reports, policy=policy, notice=noticing.found_by(found))
        await statements.write(work, subject, reasons, issue=issue)
    await rulings.carry_out(work, subject, state, rule=ruling.rule)
    await reports.close(work, verdict.comment_id, decision_id=decision_id)
    if verdict.action == "remove" and policy.heat_seconds and subject.comment is not None:
        senders = await reports.senders_of(work.q, decision_id)
        await heat.warm(work, subject.comment, senders, hours=policy.heat_hours)
    await noticing.answer(work, verdict.comment_id, action=verdict.action, decision_id=decision_id, told=told)
    await proposals.overtake(work, verdict.comment_id)
    await notes.close_opinions(work, verdict.comment_id)
    await claims.release(work, seat, verdict.comment_id)
    rulings.tell_later(work, decision_id, seconds=policy.undo_seconds)
    noticing.tell_later(work, decision_id, seconds=policy.undo_seconds)
    if verdict.measure:
        led = people.Led(decision_id, subject.hold_rule, open_reports, noticing.found_by(found))
        await _measure(work, seat, verdict, subject, led=led, proposed_by=proposed_by)
    return Decided(decision_id, verdict.comment_id, state)


async def _measure(
    work: Work, seat: Seat, verdict: Verdict, subject: Subject, *, led: people.Led, proposed_by: str | None
) -> None:
    """Impose what a removal brings its author, for the same reasons. Refuses `measure.guest`, `measure.alone`."""
    if verdict.action != "remove":
        raise Invalid("measure.alone")
    if subject.account_id is None or not await standings.lock_account(work, subject.account_id):
        raise Invalid("measure.guest")
    about = people.PersonVerdict(
        subject.account_id,
        subject.site_id,
        measure=verdict.measure or Measure("warn"),
        reasons=verdict.reasons,
        seen=await rulings.latest_about(work.q, subject.account_id, site_id=subject.site_id),
        because_of=subject.comment_id,
    )
    await people.impose(work, seat, about, led=led, proposed_by=proposed_by)


async def undo(work: Work, seat: Seat, decision_id: str) -> Decided:
    """Take one's own last decision back: a second decision that puts everything where it was, before anybody is told.

    What was decided about comment and author in one go is taken back in one go. Refuses `undo.not_yours`,
    `undo.overtaken`, `undo.too_late`, `case.unknown`.
    """
    decision = await rulings.by_id(work.q, decision_id)
    halves = [decision, *await rulings.made_together(work.q, decision)]
    halves.sort(key=lambda half: half.comment_id is None)  # the comment first: its thread is locked before its author
    undone = [await _undo(work, seat, half) for half in halves]
    return undone[0]


async def _undo(work: Work, seat: Seat, decision: Row[Any]) -> Decided:
    subject = await subjects.to_decide(work, seat, decision)
    policy = await policy_of(work.q, subject.site_id)
    is_latest = await rulings.is_latest(work.q, decision)
    undoable = rules.Undoable(decision.account_id, decision.action, decision.at, is_latest)
    rules.check_undo(undoable, moderator_id=seat.account_id, now=work.now, seconds=policy.undo_seconds)
    if subject.comment and subject.revision != decision.revision:
        raise Conflict("case.stale", changed=["revision"], revision=subject.revision, state=subject.state)
    ruling = rulings.Ruling("undo", undoes=decision.id, appeal_id=decision.appeal_id)
    second = await rulings.record(work, subject, ruling, moderator_id=seat.account_id)
    await rulings.put_back(work, subject, decision.was, held_by=decision.was_held_by)
    if subject.comment_id:
        await reports.reopen(work, decision.id, subject.comment_id)
        await notices.reopen(work, decision.id)
    if decision.appeal_id:
        await appeals.reopen(work, decision.appeal_id)
    case_id = decision.appeal_id or subject.comment_id or decision.subject_id
    if subject.comment or decision.appeal_id:
        await claims.try_take(work, seat, case_id, minutes=policy.claim_minutes)
    return Decided(second, case_id, decision.was)


async def _case(work: Work, seat: Seat, comment_id: str) -> tuple[Subject, Policy]:
    comment = await comment_to_decide(work, seat, comment_id)
    check_proposes(seat, comment.site_id)
    rules.check_not_own(comment.account_id, seat.account_id)
    return subjects.of_comment(comment), await policy_of(work.q, comment.site_id)


async def _check_open(work: Work, subject: Subject, action: str, *, asked: int) -> None:
    """Refuse to approve what somebody looked at and nobody asks about, and to go round an appeal that waits."""
    looked_at = await rulings.latest_id(work.q, subject.comment_id or "") is not None
    if action == "approve" and subject.state == "published" and not asked and looked_at:
        raise Conflict("case.closed", state=subject.state)
    if action == "restore" and await appeals.is_waiting(work.q, subject.comment_id or ""):
        raise Conflict("case.has_appeal")

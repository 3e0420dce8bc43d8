"""Decisions about people: warn, silence until, hold first, ban, and lifting one early.

Each is one transaction: the decision, the statement of reasons, the measure that names it, journal rows. A measure ends
by its own date; lifting it before is a second decision. Answers to appeals are in `appeals`, undo is in `decisions`.
"""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, or_, select

from commentbox.server.accounts import standings
from commentbox.server.accounts.models import Standing
from commentbox.server.accounts.rules import INSTANCE
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict, Forbidden, NotFound
from commentbox.server.base.ids import looks_like_id, new_id
from commentbox.server.base.work import Work
from commentbox.server.comments.models import Comment
from commentbox.server.moderation import measures, proposals, rules, rulings, seats, statements, subjects
from commentbox.server.moderation.measures import Measure
from commentbox.server.moderation.models import Appeal, Decision, Statement
from commentbox.server.moderation.rulings import Decided
from commentbox.server.moderation.seats import Seat
from commentbox.server.moderation.subjects import Subject

_appeals = table_of(Appeal)
_comments = table_of(Comment)
_decisions = table_of(Decision)
_statements = table_of(Statement)


@dataclass(frozen=True)
class PersonVerdict:
    """What a moderator wants done about a person on a site, and the last decision about them that was on the page."""

    account_id: str
    site_id: str
    measure: Measure
    reasons: rules.Reasons | None
    seen: str | None = None
    note: str = ""
    because_of: str | None = None


@dataclass(frozen=True)
class Led:
    """What led to a measure that is decided together with a comment: that decision, and how the matter came up."""

    along_with: str
    hold_rule: str | None
    reports: int
    notice: str = ""


async def decide(work: Work, seat: Seat, verdict: PersonVerdict, *, proposed_by: str | None = None) -> Decided:
    """Impose a measure, or propose it where a second person is needed. Refuses `case.unknown`, `case.own`, `case.stale`,
    `measure.…`, `reasons.…`, `desk.read_only`.
    """
    seats.check_proposes(seat, verdict.site_id)
    await to_decide(work, seat, verdict.account_id, site_id=verdict.site_id)
    latest = await rulings.latest_about(work.q, verdict.account_id, site_id=verdict.site_id)
    rules.check_fresh(rules.Seen(0, "", verdict.seen), rules.Seen(0, "", latest))
    return await impose(work, seat, verdict, proposed_by=proposed_by)


async def impose(
    work: Work, seat: Seat, verdict: PersonVerdict, *, led: Led | None = None, proposed_by: str | None = None
) -> Decided:
    """Impose a measure on somebody who is held fast already, with its decision and statement."""
    policy = await seats.policy_of(work.q, verdict.site_id)
    measure = measures.check(verdict.measure, everywhere_allowed=seat.everywhere)
    reasons = rules.check_reasons(verdict.reasons)
    statements.ground_text(policy, reasons.ground)
    await _check_new(work, verdict, measure)
    second = measures.needs_second(measure, bans_need_second=policy.bans_need_second)
    if proposed_by is None and (second or verdict.site_id in seat.learning):
        asked = replace(verdict, measure=measure, reasons=reasons)
        return await proposals.propose(work, seat, asked, site_id=verdict.site_id, action=measure.action)
    subject = _about_to_be(work, verdict, measure, led)
    ruling = rulings.Ruling(
        measure.action,
        rule=reasons.ground,
        note=rules.check_note(verdict.note),
        along_with=led.along_with if led else None,
        proposed_by=proposed_by,
    )
    decision_id = await rulings.record(work, subject, ruling, moderator_id=seat.account_id)
    came_up = led or Led("", None, 0)
    issue = statements.Issue(decision_id, reports=came_up.reports, policy=policy, notice=came_up.notice)
    statement_id = await statements.write(work, subject, reasons, issue=issue)
    await standings.impose(work, _standing(work, subject, statement_id))
    rulings.tell_later(work, decision_id, seconds=policy.undo_seconds)
    return Decided(decision_id, verdict.account_id, "in_force")


def _about_to_be(work: Work, verdict: PersonVerdict, measure: Measure, led: Led | None) -> Subject:
    """Give the measure before it is there, in the state `none`."""
    return Subject(
        site_id=verdict.site_id,
        account_id=verdict.account_id,
        state="none",
        restriction=measure.kind,
        standing_id=new_id(work.now),
        until=measure.until(work.now),
        everywhere=measure.everywhere,
        because_of=verdict.because_of,
        hold_rule=led.hold_rule if led else None,
    )


def _standing(work: Work, subject: Subject, statement_id: str) -> Standing:
    """Give the fact that posting looks at.

    Of a verified person it holds for the person: while it is in force no other account gets a badge by their key, and
    whoever leaves under it leaves key, rule and end behind (`verification/people.py`).
    """
    return Standing(
        id=subject.standing_id or "",
        account_id=subject.account_id or "",
        site_id=INSTANCE if subject.everywhere else subject.site_id,
        kind=subject.restriction,
        since=work.now,
        until=subject.until,
        statement_id=statement_id,
    )


async def _check_new(work: Work, verdict: PersonVerdict, measure: Measure) -> None:
    """Refuse a second measure of the same kind in the same place: the first is lifted before another end is set."""
    running = await standings.in_force(work.q, verdict.account_id, site_id=verdict.site_id, now=work.now)
    place = INSTANCE if measure.everywhere else verdict.site_id
    if any(row.kind == measure.kind and row.site_id in (place, INSTANCE) for row in running):
        raise Conflict("measure.exists")


async def lift(work: Work, seat: Seat, standing_id: str, *, site_id: str, note: str = "") -> Decided:
    """End a measure before its time: a second decision. Refuses `case.unknown`, `case.closed`, `measure.everywhere`."""
    subject = await subjects.of_standing(work.q, standing_id, site_id=site_id, now=work.now)
    seats.check_decides(seat, site_id)
    await to_decide(work, seat, subject.account_id or "", site_id=site_id)
    subject = await subjects.of_standing(work.q, standing_id, site_id=site_id, now=work.now)
    if subject.everywhere and not seat.everywhere:
        raise Forbidden("measure.everywhere")
    state = subject.next_state("lift")
    policy = await seats.policy_of(work.q, site_id)
    ruling = rulings.Ruling("lift", note=rules.check_note(note))
    decision_id = await rulings.record(work, subject, ruling, moderator_id=seat.account_id)
    await rulings.carry_out(work, subject, state)
    rulings.tell_later(work, decision_id, seconds=policy.undo_seconds)
    return Decided(decision_id, subject.account_id or "", state)


async def acknowledge(work: Work, account_id: str, statement_id: str) -> None:
    """Let somebody say that they read a warning, which ends it. Refuses `statement.unknown`."""
    await statements.own(work.q, statement_id, statements.Owner(account_id=account_id))
    await standings.acknowledge(work, account_id, statement_id)


async def to_decide(work: Work, seat: Seat, account_id: str, *, site_id: str) -> Row[Any]:
    """Give somebody known on a site, held fast until the end of the transaction. Refuses `case.unknown`, `case.own`."""
    await check_known(work.q, seat, account_id, site_id=site_id)
    rules.check_not_own(account_id, seat.account_id)
    row = await standings.lock_account(work, account_id)
    if row is None:
        raise NotFound("case.unknown")
    return row


async def check_known(query: Query, seat: Seat, account_id: str, *, site_id: str) -> None:
    """Refuse `case.unknown` for whoever never wrote on this site and was never decided about there: moderators of one
    title learn nothing of the readers of another.
    """
    seats.check_whole(seat, site_id)
    wrote = select(_comments.c.id).where(_comments.c.account_id == account_id, _comments.c.site_id == site_id)
    judged = select(_decisions.c.id).where(_decisions.c.subject_id == account_id, _decisions.c.site_id == site_id)
    known = or_(wrote.exists(), judged.exists())
    if site_id not in seat.site_ids or not looks_like_id(account_id) or not await query.scalar(select(known)):
        raise NotFound("case.unknown")


async def place_of(query: Query, seat: Seat, case_id: str) -> tuple[str, str]:
    """Give site and account of a case that is about a person: an appeal against a measure, or the account itself.

    Refuses `case.unknown`.
    """
    if not looks_like_id(case_id):
        raise NotFound("case.unknown")
    about = _appeals.join(_statements, _statements.c.id == _appeals.c.statement_id)
    appeal = select(_appeals.c.site_id, _statements.c.account_id).select_from(about)
    appeal = appeal.where(_appeals.c.id == case_id, _appeals.c.comment_id.is_(None))
    person = select(_decisions.c.site_id, _decisions.c.subject_id.label("account_id"))
    person = person.where(_decisions.c.subject_id == case_id, _decisions.c.site_id.in_(seat.whole_ids))
    row = await query.first(appeal) or await query.first(person.order_by(_decisions.c.id.desc()).limit(1))
    if row is None or row.site_id not in seat.whole_ids:
        raise NotFound("case.unknown")
    return str(row.site_id), str(row.account_id)

"""What moderators may do: the state machine of a case, who may hear an appeal, what an undo needs. Pure.

Knows no table and no clock: `decisions`, `appeals` and `claims` hand in what they read.
"""

import calendar
from dataclasses import dataclass
from datetime import datetime, timedelta

from commentbox.server.base.errors import Conflict, Forbidden, Gone, Invalid

FACTS_LENGTH = 2000
"""Long enough to explain, short enough to be read by the person it is about."""
NOTE_LENGTH = 2000
APPEAL_LENGTH = 5000
"""As long as the longest comment by default: an answer to a removal needs no more room than what was removed."""
SOLE_MODERATOR_HOURS = 24
"""Where nobody else is there to hear an appeal, the same person looks again after a night's sleep."""

NEXT_STATE = {
    ("held", "approve"): "published",
    ("held", "remove"): "removed",
    ("published", "approve"): "published",
    ("published", "remove"): "removed",
    ("removed", "restore"): "published",
    ("removed", "uphold"): "published",
    ("removed", "reject"): "removed",
    ("deleted", "uphold"): "deleted",
    ("deleted", "reject"): "deleted",
}
"""(state, action) -> state. What is missing cannot be done. An author who deleted it still gets an answer to the appeal."""

RESTRICTIONS = {"held": "refused", "published": "removed"}
"""State before a removal -> what the statement calls it: a held comment that is not published was refused."""

LAWS = ("threat", "incitement", "defamation", "private-data", "intimate", "sexual-abuse", "other")
"""Kinds of illegal content a statement may name instead of a house rule."""
LAW_PREFIX = "law:"
REDRESS = ("appeal", "dispute_body", "court")
"""Where an author can go against a decision (DSA art. 17(3)(f)): to us, to a certified body (art. 21), to a court."""

IMPORTED = "imported"
"""The hold rule of comments that waited in the old system: no rule of ours found them."""


@dataclass(frozen=True)
class Seen:
    """The state of a case that a moderator had before their eyes, or that it has now."""

    revision: int
    state: str
    last_decision: str | None = None


@dataclass(frozen=True)
class Reasons:
    """Why something is restricted, in words the author will read. `ground` is a house rule's code or `law:…`."""

    ground: str
    facts: str
    why: str = ""


def next_state(state: str, action: str) -> str:
    """Give the state a comment goes into. Refuses `case.closed` where the action does not fit its state."""
    if (state, action) not in NEXT_STATE:
        raise Conflict("case.closed", state=state)
    return NEXT_STATE[state, action]


def offered(state: str, *, asked: bool, has_appeal: bool) -> tuple[str, ...]:
    """Give what a moderator may decide about a comment in this state; a waiting appeal is answered, not gone round.

    `asked` says that it wants an answer: somebody reported it, or nobody at the desk has looked at it yet.
    """
    if state == "held":
        return ("approve", "remove")
    if state == "published":
        return ("approve", "remove") if asked else ("remove",)
    return ("restore",) if state == "removed" and not has_appeal else ()


def check_fresh(seen: Seen, now: Seen) -> None:
    """Refuse `case.stale` with what changed since the moderator looked."""
    changed = [name for name in ("revision", "state", "last_decision") if getattr(seen, name) != getattr(now, name)]
    if changed:
        raise Conflict("case.stale", changed=changed, revision=now.revision, state=now.state)


def check_not_own(author_id: str | None, moderator_id: str) -> None:
    """Refuse `case.own`: nobody decides about their own comment."""
    if author_id is not None and author_id == moderator_id:
        raise Forbidden("case.own")


def check_reasons(reasons: Reasons | None) -> Reasons:
    """Give the reasons, trimmed. Refuses a restriction without ground or facts, and one by law that names no law."""
    if reasons is None or not reasons.ground:
        raise Invalid("reasons.ground_missing")
    trimmed = Reasons(reasons.ground, reasons.facts.strip(), reasons.why.strip())
    if not trimmed.facts:
        raise Invalid("reasons.facts_missing")
    if max(len(trimmed.facts), len(trimmed.why)) > FACTS_LENGTH:
        raise Invalid("reasons.too_long", limit=FACTS_LENGTH)
    if is_law(trimmed.ground) and not trimmed.why:
        raise Invalid("reasons.law_missing")
    return trimmed


def is_law(ground: str) -> bool:
    """Say whether a ground is a law and not a house rule. Refuses `rule.unknown` for a law we have no word for."""
    if not ground.startswith(LAW_PREFIX):
        return False
    if ground.removeprefix(LAW_PREFIX) not in LAWS:
        raise Invalid("rule.unknown", rule=ground)
    return True


def check_note(note: str) -> str | None:
    """Give a moderators' note, trimmed, or None for an empty one. Refuses `note.too_long`."""
    if len(note) > NOTE_LENGTH:
        raise Invalid("note.too_long", limit=NOTE_LENGTH)
    return note.strip() or None


def found_by(*, hold_rule: str | None, reports: int, notice: str = "") -> str:
    """Say how the matter came up: by a notice, readers' reports, a screening rule, or a moderator's own eyes."""
    if notice:
        return notice
    if reports:
        return "readers"
    return "screening" if hold_rule and hold_rule != IMPORTED else "moderator"


def check_appeal(text: str, *, appeal_until: datetime, lifted: bool, now: datetime) -> str:
    """Give an appeal's text, trimmed. Refuses an empty or over-long one, one too late, and one against nothing."""
    if lifted:
        raise Conflict("appeal.nothing_to_appeal")
    if now > appeal_until:
        raise Gone("appeal.too_late", until=appeal_until.isoformat())
    return check_answer(text)


def check_answer(text: str) -> str:
    """Give the text of an appeal or of the answer to one, trimmed. Refuses an empty or over-long one."""
    if not text.strip():
        raise Invalid("appeal.text_missing")
    if len(text.strip()) > APPEAL_LENGTH:
        raise Invalid("appeal.too_long", limit=APPEAL_LENGTH)
    return text.strip()


def may_hear_from(*, judge_id: str, moderator_id: str, has_colleague: bool, opened_at: datetime) -> datetime | None:
    """Give the moment from which this moderator may hear an appeal, or None for never.

    Somebody else than the judge hears it, at once. Where the site has no other moderator, the judge may after a day.
    """
    if moderator_id != judge_id:
        return opened_at
    return None if has_colleague else opened_at + timedelta(hours=SOLE_MODERATOR_HOURS)


def check_may_hear(since: datetime | None, now: datetime) -> None:
    """Refuse `appeal.same_person`, with the moment from which it would be allowed if there is one."""
    if since is None:
        raise Forbidden("appeal.same_person", until=None)
    if now < since:
        raise Forbidden("appeal.same_person", until=since.isoformat())


@dataclass(frozen=True)
class Undoable:
    """What a possible undo is judged by."""

    account_id: str
    action: str
    at: datetime
    is_latest: bool


def check_undo(decision: Undoable, *, moderator_id: str, now: datetime, seconds: int) -> None:
    """Refuse the undo of another's decision, of an undo, of a badge taken away, of what is overtaken, and one too late."""
    if decision.account_id != moderator_id:
        raise Forbidden("undo.not_yours")
    if decision.action in ("undo", "revoke") or not decision.is_latest:
        raise Conflict("undo.overtaken")
    if now >= decision.at + timedelta(seconds=seconds):
        raise Gone("undo.too_late", seconds=seconds)


def months_later(moment: datetime, months: int) -> datetime:
    """Give the same day and hour some months on, or the month's last day where it has no such day."""
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))

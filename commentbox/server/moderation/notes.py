"""What moderators leave each other: notes, a case handed to a colleague, a second opinion asked for. Nobody else reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update

from commentbox.server.accounts.models import Account
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict, Forbidden, Invalid
from commentbox.server.base.ids import new_id
from commentbox.server.base.work import Work
from commentbox.server.moderation import claims, rules, seats
from commentbox.server.moderation.models import CaseNote, Claim
from commentbox.server.moderation.seats import Seat

KINDS = ("note", "handover", "opinion")
PAGE = 20
_notes = table_of(CaseNote)
_accounts = table_of(Account)
_claims = table_of(Claim)


@dataclass(frozen=True)
class Note:
    """What somebody leaves with a case, of which kind, and for a hand-over to whom; `section` is where the case is from."""

    case_id: str
    site_id: str
    kind: str
    text: str = ""
    to: str | None = None
    section: str | None = None


async def leave(work: Work, seat: Seat, note: Note) -> None:
    """Leave a note with a case. A hand-over moves the claim, an opinion gives it back. Refuses `note.empty`, `note.too_long`,
    `note.to`, `case.taken`, `desk.read_only`.
    """
    seats.check_proposes(seat, note.site_id)
    if note.kind not in KINDS:
        raise Invalid("input.invalid", field="kind")
    words = rules.check_note(note.text)
    if words is None and note.kind == "note":
        raise Invalid("note.empty")
    if note.kind == "handover":
        await _hand_over(work, seat, note)
    elif note.kind == "opinion":
        await claims.release(work, seat, note.case_id)
    left = CaseNote(
        id=new_id(work.now),
        case_id=note.case_id,
        site_id=note.site_id,
        account_id=seat.account_id,
        kind=note.kind,
        text=words or "",
        to_account_id=note.to if note.kind == "handover" else None,
        at=work.now,
    )
    await work.q.add(left)
    whom = {"to": note.to} if note.kind == "handover" else {}
    work.record(f"case.{_RECORDED[note.kind]}", site_id=note.site_id, subject_id=note.case_id, **whom)


_RECORDED = {"note": "noted", "handover": "handed_over", "opinion": "opinion_asked"}


async def _hand_over(work: Work, seat: Seat, note: Note) -> None:
    """Give the claim to a colleague. One's own or a free case anybody may hand on, a colleague's those who lead."""
    others = await seats.colleagues(work.q, note.site_id, seat.account_id, section=note.section)
    colleagues = {row.id for row in others}
    if note.to not in colleagues:
        raise Invalid("note.to")
    held = await claims.holder(work.q, note.case_id)
    of_another = held is not None and held.until > work.now and held.account_id != seat.account_id
    if of_another and note.site_id not in seat.leading:
        raise Conflict("case.taken", by=held.name if held else "", until=None)
    if of_another:
        await work.q.run(update(_claims).where(_claims.c.case_id == note.case_id).values(until=work.now))
    policy = await seats.policy_of(work.q, note.site_id)
    await claims.take(work, seat, note.case_id, minutes=policy.claim_minutes)
    until = work.now + timedelta(minutes=policy.claim_minutes)
    moved = update(_claims).where(_claims.c.case_id == note.case_id)
    if not await work.q.run(moved.values(account_id=note.to, until=until)):
        raise Forbidden("note.to")


async def close_opinions(work: Work, case_id: str) -> None:
    """Note that a case with an opinion asked for was decided."""
    asked = update(_notes).where(_notes.c.case_id == case_id, _notes.c.kind == "opinion", _notes.c.closed_at.is_(None))
    await work.q.run(asked.values(closed_at=work.now))


async def about(query: Query, case_id: str) -> Sequence[Row[Any]]:
    """Give the notes with a case, oldest first, with who left them and to whom (`by`, `to`)."""
    others = _accounts.alias("other")
    joined = _notes.outerjoin(_accounts, _accounts.c.id == _notes.c.account_id)
    joined = joined.outerjoin(others, others.c.id == _notes.c.to_account_id)
    found = select(*_notes.c, _accounts.c.name.label("by"), others.c.name.label("to")).select_from(joined)
    rows = await query.all(found.where(_notes.c.case_id == case_id).order_by(_notes.c.id.desc()).limit(PAGE))
    return rows[::-1]


async def handed_to(query: Query, account_id: str, *, now: datetime) -> Sequence[Row[Any]]:
    """Give the cases that colleagues handed to somebody who still holds them: case_id, and by whom."""
    joined = _claims.join(_notes, _notes.c.case_id == _claims.c.case_id)
    joined = joined.outerjoin(_accounts, _accounts.c.id == _notes.c.account_id)
    mine = (_claims.c.account_id == account_id) & (_claims.c.until > now)
    handed = (_notes.c.kind == "handover") & (_notes.c.to_account_id == account_id)
    found = select(_claims.c.case_id, _accounts.c.name.label("by")).select_from(joined).where(mine, handed)
    rows = await query.all(found.order_by(_notes.c.id.desc()).limit(PAGE))
    return list({row.case_id: row for row in reversed(rows)}.values())


def asked_by(case_id: Any, account_id: str) -> Any:
    """Give the condition that somebody waits for a second opinion on a case: it does not come back to them as the next."""
    asked = select(_notes.c.id).where(_notes.c.case_id == case_id, _notes.c.account_id == account_id)
    return asked.where(_notes.c.kind == "opinion", _notes.c.closed_at.is_(None)).exists()

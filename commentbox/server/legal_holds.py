"""Legal holds: one comment or account is kept past its erasure, from a day to a day, with a reason, in the journal.

Whoever erases asks `covers` first and keeps what it names; nothing becomes visible by it. When a hold ends, what was kept
for it goes (`moderation/holding.py`).
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, Row, ScalarSelect, func, select, update
from sqlmodel import Field, SQLModel

from commentbox.server.base.db import Moment, Query, table_of
from commentbox.server.base.errors import Invalid, NotFound
from commentbox.server.base.ids import looks_like_id, new_id
from commentbox.server.base.work import Work

KINDS = ("comment", "account")
LONGEST_DAYS = 366
"""A hold ends by itself within a year; a longer case needs somebody to say so again."""
REASON_LENGTH = 500


class LegalHold(SQLModel, table=True):
    """A hold on one thing. `placed_by` is an account, or None for the command line."""

    __tablename__ = "legal_hold"
    __table_args__ = (Index("ix_legal_hold_subject", "subject_id", "ended_at"),)

    id: str = Field(primary_key=True, max_length=16)
    kind: str = Field(max_length=8)
    subject_id: str = Field(max_length=16)
    reason: str = Field(max_length=REASON_LENGTH)
    placed_by: str | None = Field(default=None, max_length=16)
    placed_at: datetime = Field(sa_type=Moment)
    until: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)


_holds = table_of(LegalHold)


async def covers(query: Query, *subject_ids: str | None, now: datetime) -> bool:
    """Say whether one of these, a comment or an account, is held and must not be erased now."""
    wanted = [each for each in subject_ids if each]
    held = _holds.c.subject_id.in_(wanted) & _holds.c.ended_at.is_(None) & (_holds.c.until > now)
    return bool(wanted) and await query.scalar(select(_holds.c.id).where(held).limit(1)) is not None


def until(subject: Any, *, now: datetime) -> ScalarSelect[datetime]:
    """Give the column that says until when a thing is held at this moment, null for not at all; `subject` is a column."""
    in_force = (_holds.c.subject_id == subject) & _holds.c.ended_at.is_(None) & (_holds.c.until > now)
    return select(func.max(_holds.c.until)).where(in_force).scalar_subquery()


async def place(work: Work, kind: str, subject_id: str, *, reason: str, until: datetime) -> str:
    """Hold one thing until a moment, and give the hold's id. The caller sees to it that the thing is there.

    Refuses `legal_hold.kind_unknown`, `legal_hold.reason_missing`, `legal_hold.until_invalid`.
    """
    if kind not in KINDS or not looks_like_id(subject_id):
        raise Invalid("legal_hold.kind_unknown", kind=kind[:20])
    if not reason.strip() or len(reason.strip()) > REASON_LENGTH:
        raise Invalid("legal_hold.reason_missing", limit=REASON_LENGTH)
    if not work.now < until <= work.now + timedelta(days=LONGEST_DAYS):
        raise Invalid("legal_hold.until_invalid", days=LONGEST_DAYS)
    hold = LegalHold(
        id=new_id(work.now),
        kind=kind,
        subject_id=subject_id,
        reason=reason.strip(),
        placed_by=work.actor,
        placed_at=work.now,
        until=until,
    )
    await work.q.add(hold)
    work.record("legal_hold.placed", subject_id=hold.id, held=subject_id, of=kind, until=until.isoformat())
    return hold.id


async def end(work: Work, hold_id: str) -> Row[Any]:
    """End a hold and give it. Refuses `legal_hold.unknown`."""
    open_ = (_holds.c.id == hold_id) & _holds.c.ended_at.is_(None)
    row = await work.q.first(select(_holds).where(open_))
    if row is None:
        raise NotFound("legal_hold.unknown")
    await work.q.run(update(_holds).where(open_).values(ended_at=work.now))
    work.record("legal_hold.ended", subject_id=hold_id, held=row.subject_id, of=row.kind)
    return row


async def over(query: Query, now: datetime) -> list[Row[Any]]:
    """Give the holds whose day has come and that nobody ended yet."""
    due = _holds.c.ended_at.is_(None) & (_holds.c.until <= now)
    return list(await query.all(select(_holds).where(due).order_by(_holds.c.until).limit(100)))


async def about(query: Query, subject_id: str) -> Row[Any] | None:
    """Give the hold on a thing that lasts longest, or None."""
    open_ = (_holds.c.subject_id == subject_id) & _holds.c.ended_at.is_(None)
    return await query.first(select(_holds).where(open_).order_by(_holds.c.until.desc()).limit(1))


async def every(query: Query) -> list[Row[Any]]:
    """Give all holds, ended ones too, the newest first."""
    return list(await query.all(select(_holds).order_by(_holds.c.id.desc()).limit(500)))

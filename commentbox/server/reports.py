"""Readers' complaints about comments. A report needs no account and hides, holds or slows nothing by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Row, case, func, select, update
from sqlmodel import Field, SQLModel

from commentbox.server import contacts
from commentbox.server.base.db import Moment, Query, table_of
from commentbox.server.base.errors import Invalid, NotFound, TooMuch
from commentbox.server.base.ids import new_id
from commentbox.server.base.work import Work
from commentbox.server.comments.models import Comment
from commentbox.server.sites.models import Site

REASONS = ("attack", "contempt", "private", "advert", "illegal", "off_topic", "other")
OFFERED = tuple(each for each in REASONS if each != "illegal")
"""What the form offers: what is illegal has a form of its own (`notices`)."""
TEXT_LENGTH = 2000
SUGGESTED = "suggested"
"""The reason of what no person reported: outside help answered after publication, and would have held it."""


class Report(SQLModel, table=True):
    """One complaint. `by` is a keyed hash of the address of that day: one address counts once, and so does one account."""

    __tablename__ = "report"
    __table_args__ = (
        Index("ix_report_once", "comment_id", "by", unique=True),
        Index("ix_report_open", "site_id", "closed_at", "comment_id"),
        Index("ix_report_decision", "decision_id"),
    )

    id: str = Field(primary_key=True, max_length=16)
    site_id: str = Field(max_length=16)
    comment_id: str = Field(foreign_key="comment.id", max_length=16)
    by: str = Field(max_length=64)
    account_id: str | None = Field(default=None, max_length=16)
    tier: str = Field(default="unverified", max_length=10)
    reason: str = Field(max_length=12)
    text: str = ""
    related: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]"))
    created_at: datetime = Field(sa_type=Moment)
    closed_at: datetime | None = Field(default=None, sa_type=Moment)
    decision_id: str | None = Field(default=None, max_length=16)


_reports = table_of(Report)
_comments = table_of(Comment)
_sites = table_of(Site)


@dataclass(frozen=True)
class Complaint:
    """What a reader says about a comment, and who they are to us: a keyed address hash, and an account if signed in.

    `session_site_id` is the only site their session counts on; None is every.
    """

    reason: str
    text: str
    by: str
    account_id: str | None = None
    tier: str = "unverified"
    session_site_id: str | None = None
    email: str = ""
    related: tuple[str, ...] = ()
    lang: str = "en"

    def on(self, site_id: str) -> "Complaint":
        """Give the complaint as it counts on a site: without the account, where its session is for another one."""
        return self if self.session_site_id in (None, site_id) else replace(self, account_id=None, tier="unverified")

    def __post_init__(self) -> None:
        if self.reason not in REASONS:
            raise Invalid("report.reason_unknown", reason=self.reason[:40])
        if len(self.text) > TEXT_LENGTH:
            raise TooMuch("report.too_long", limit=TEXT_LENGTH, length=len(self.text))


async def report(work: Work, comment_id: str, complaint: Complaint) -> str | None:
    """Put a comment before the moderators, and give the code that shows the outcome; None where it was known before.

    A second one from the same person counts as one. Refuses `comment.unknown` for what readers cannot see.
    """
    statement = select(_comments.c.site_id, _comments.c.state).where(_comments.c.id == comment_id)
    row = await work.q.first(statement)
    if row is None or row.state not in ("published", "removed"):
        raise NotFound("comment.unknown", comment=comment_id[:40])
    complaint = complaint.on(row.site_id)
    record = Report(
        id=new_id(work.now),
        site_id=row.site_id,
        comment_id=comment_id,
        by=complaint.by,
        account_id=complaint.account_id,
        tier=complaint.tier,
        reason=complaint.reason,
        text=complaint.text,
        related=list(complaint.related),
        created_at=work.now,
    )
    if await _known_by_account(work.q, record) or not await work.q.add_if_new(record):
        return None
    await _count(work, comment_id)
    work.record("comment.reported", site_id=row.site_id, subject_id=comment_id, reason=complaint.reason)
    return await contacts.keep(work, record.id, email=complaint.email, lang=complaint.lang)


async def suggest(work: Work, comment_id: str, *, revision: int) -> bool:
    """Put a published comment before the moderators in nobody's name, once a revision; say whether that was new."""
    here = (_comments.c.id == comment_id) & (_comments.c.state == "published") & (_comments.c.revision == revision)
    site_id = await work.q.scalar(select(_comments.c.site_id).where(here))
    if site_id is None:
        return False
    record = Report(
        id=new_id(work.now),
        site_id=site_id,
        comment_id=comment_id,
        by=f"{SUGGESTED}:{revision}",
        reason=SUGGESTED,
        created_at=work.now,
    )
    if not await work.q.add_if_new(record):
        return False
    await _count(work, comment_id)
    work.record("comment.suggested", site_id=site_id, subject_id=comment_id, revision=revision)
    return True


def by_people(rows: Sequence[Any]) -> int:
    """Count the complaints that people made."""
    return sum(row.reason != SUGGESTED for row in rows)


def detected_by(rows: Sequence[Any]) -> str | None:
    """Give the rule that brought a published comment up, where a machine suggested it."""
    return SUGGESTED if any(row.reason == SUGGESTED for row in rows) else None


async def _known_by_account(query: Query, record: Report) -> bool:
    """Say whether the same person complained before, from another address."""
    if record.account_id is None:
        return False
    mine = (_reports.c.comment_id == record.comment_id) & (_reports.c.account_id == record.account_id)
    return await query.scalar(select(_reports.c.id).where(mine).limit(1)) is not None


async def open_reports(query: Query, comment_id: str) -> list[Row[Any]]:
    """Give the complaints about a comment that nobody has answered, oldest first."""
    statement = select(_reports).where(_reports.c.comment_id == comment_id, _reports.c.closed_at.is_(None))
    return list(await query.all(statement.order_by(_reports.c.id)))


async def close(work: Work, comment_id: str, *, decision_id: str) -> int:
    """Mark every open complaint about a comment as answered by a decision, and say how many it was."""
    ids = [row.id for row in await open_reports(work.q, comment_id)]
    if ids:
        answered = {"closed_at": work.now, "decision_id": decision_id}
        await work.q.run(update(_reports).where(_reports.c.id.in_(ids)).values(answered))
        await contacts.answered(work, ids)
        await _count(work, comment_id)
    return len(ids)


async def answered_by(query: Query, decision_id: str) -> list[str]:
    """Give the reports that a decision answered."""
    return [row.id for row in await query.all(select(_reports.c.id).where(_reports.c.decision_id == decision_id))]


async def senders_of(query: Query, decision_id: str) -> list[str | None]:
    """Give who sent each report that a decision answered; None for somebody without an account."""
    rows = await query.all(select(_reports.c.account_id).where(_reports.c.decision_id == decision_id))
    return [row.account_id for row in rows]


async def with_context(query: Query, report_id: str) -> Row[Any] | None:
    """Give a report with what its sender may see of the comment: the text while it is public, and its state."""
    joined = _reports.join(_comments, _comments.c.id == _reports.c.comment_id)
    joined = joined.join(_sites, _sites.c.id == _reports.c.site_id)
    columns = (_comments.c.state.label("comment_state"), _comments.c.html, _comments.c.hold_rule)
    statement = select(*_reports.c, *columns, _sites.c.name.label("site_name")).select_from(joined)
    return await query.first(statement.where(_reports.c.id == report_id))


async def reopen(work: Work, decision_id: str, comment_id: str) -> int:
    """Open again what a decision about a comment had answered, because the decision was undone."""
    answered = update(_reports).where(_reports.c.decision_id == decision_id, _reports.c.comment_id == comment_id)
    opened = await work.q.run(answered.values(closed_at=None, decision_id=None))
    if opened:
        await _count(work, comment_id)
    return opened


async def _count(work: Work, comment_id: str) -> None:
    """Keep the comment's own figures right: the queue is sorted by them, over one index. A suggestion alone is 0: it comes
    after everything that people asked about."""
    still = (_reports.c.comment_id == comment_id) & _reports.c.closed_at.is_(None)
    number, first = (
        select(case((func.count() > 0, -func.count(case((_reports.c.reason != SUGGESTED, 1)))))).where(still),
        select(func.min(_reports.c.created_at)).where(still),
    )
    figures = {"risk": number.scalar_subquery(), "reported_at": first.scalar_subquery()}
    await work.q.run(update(_comments).where(_comments.c.id == comment_id).values(figures))


async def count_open(query: Query, site_ids: list[str]) -> int:
    """Count comments with open complaints on some sites."""
    statement = select(func.count(func.distinct(_reports.c.comment_id)))
    return await query.scalar(statement.where(_reports.c.site_id.in_(site_ids), _reports.c.closed_at.is_(None))) or 0


async def forget(work: Work, account_id: str) -> None:
    """Part every complaint from somebody who leaves: it still counts, without their words and without them."""
    await work.q.run(update(_reports).where(_reports.c.account_id == account_id).values(account_id=None, text=""))

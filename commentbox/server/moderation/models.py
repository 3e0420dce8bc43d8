"""Tables of the moderation room: leases, decisions, statements of reasons, appeals."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from commentbox.server.base.db import Moment


class Claim(SQLModel, table=True):
    """A moderator's lease on a case. The case is a comment's id or an appeal's."""

    __tablename__ = "claim"
    __table_args__ = (Index("ix_claim_account", "account_id", "until"),)

    case_id: str = Field(primary_key=True, max_length=16)
    account_id: str = Field(max_length=16)
    until: datetime = Field(sa_type=Moment)


class Decision(SQLModel, table=True):
    """What a moderator did about one revision of one comment. An undo or the answer to an appeal is another decision.

    action: approve, remove, restore, uphold, reject, undo. `was` and `was_held_by` are the comment's state and hold rule
    before it, so that an undo knows the way back. `note` is for moderators only.
    """

    __tablename__ = "decision"
    __table_args__ = (
        Index("ix_decision_comment", "comment_id", "id"),
        Index("ix_decision_site", "site_id", "id"),
        Index("ix_decision_account", "account_id", "id"),
    )

    id: str = Field(primary_key=True, max_length=16)
    site_id: str = Field(max_length=16)
    comment_id: str = Field(max_length=16)
    revision: int
    account_id: str = Field(max_length=16)
    action: str = Field(max_length=12)
    was: str = Field(max_length=10)
    was_held_by: str | None = Field(default=None, max_length=40)
    rule: str | None = Field(default=None, max_length=40)
    note: str | None = Field(default=None, max_length=2000)
    undoes: str | None = Field(default=None, max_length=16)
    appeal_id: str | None = Field(default=None, max_length=16)
    at: datetime = Field(sa_type=Moment)


class Statement(SQLModel, table=True):
    """The statement of reasons the author is told (EU Digital Services Act art. 17), written with the decision.

    restriction: removed or refused. found_by: readers, notice, flagger, screening or moderator. ground: rule or law.
    `territory` is where it holds, '' for everywhere.
    """

    __tablename__ = "statement"
    __table_args__ = (Index("ix_statement_account", "account_id", "id"), Index("ix_statement_comment", "comment_id"))

    id: str = Field(primary_key=True, max_length=16)
    decision_id: str = Field(foreign_key="decision.id", max_length=16)
    site_id: str = Field(max_length=16)
    comment_id: str = Field(max_length=16)
    account_id: str | None = Field(default=None, max_length=16)
    restriction: str = Field(max_length=20)
    since: datetime = Field(sa_type=Moment)
    until: datetime | None = Field(default=None, sa_type=Moment)
    territory: str = Field(default="", max_length=200, sa_column_kwargs={"server_default": ""})
    facts: str
    found_by: str = Field(max_length=12)
    ground: str = Field(max_length=12)
    rule: str = Field(max_length=40)
    rule_text: str
    explanation: str = ""
    automated_detection: bool = False
    automated_decision: bool = False
    redress: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    appeal_until: datetime = Field(sa_type=Moment)
    lifted_at: datetime | None = Field(default=None, sa_type=Moment)


class Appeal(SQLModel, table=True):
    """An author's objection to a statement: text only, heard by somebody else. outcome: upheld or rejected."""

    __tablename__ = "appeal"
    __table_args__ = (Index("ix_appeal_open", "site_id", "decided_at", "due_at"),)

    id: str = Field(primary_key=True, max_length=16)
    statement_id: str = Field(foreign_key="statement.id", unique=True, max_length=16)
    site_id: str = Field(max_length=16)
    comment_id: str = Field(max_length=16)
    text: str
    opened_at: datetime = Field(sa_type=Moment)
    due_at: datetime = Field(sa_type=Moment)
    decided_at: datetime | None = Field(default=None, sa_type=Moment)
    decided_by: str | None = Field(default=None, max_length=16)
    outcome: str | None = Field(default=None, max_length=12)
    answer: str | None = None

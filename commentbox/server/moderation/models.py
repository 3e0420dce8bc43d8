"""Tables of the moderation room: leases, decisions and proposals, statements of reasons, appeals."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, false
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
    """What a moderator did about one revision of a comment, or about an account (`subject_id`) by a measure.

    action: approve, remove, restore; warn, silence, hold, ban, lift, revoke; uphold, reject, undo. An undo or the answer to an
    appeal is another decision. `was` and `was_held_by` are the state before it (a comment's with its hold rule, or a
    measure's), so that an undo knows the way back. `because_of` is the comment that led to a measure, `along_with` the
    decision it was made in one go with, `proposed_by` who asked for it first. `note` is for moderators only.
    """

    __tablename__ = "decision"
    __table_args__ = (
        Index("ix_decision_comment", "comment_id", "id"),
        Index("ix_decision_site", "site_id", "id"),
        Index("ix_decision_account", "account_id", "id"),
        Index("ix_decision_subject", "subject_id", "id"),
        Index("ix_decision_standing", "standing_id", "id"),
    )

    id: str = Field(primary_key=True, max_length=16)
    site_id: str = Field(max_length=16)
    comment_id: str | None = Field(default=None, max_length=16)
    revision: int | None = None
    subject_id: str | None = Field(default=None, max_length=16)
    standing_id: str | None = Field(default=None, max_length=16)
    because_of: str | None = Field(default=None, max_length=16)
    along_with: str | None = Field(default=None, max_length=16)
    proposed_by: str | None = Field(default=None, max_length=16)
    account_id: str = Field(max_length=16)
    action: str = Field(max_length=12)
    was: str = Field(max_length=10)
    was_held_by: str | None = Field(default=None, max_length=40)
    rule: str | None = Field(default=None, max_length=40)
    note: str | None = Field(default=None, max_length=2000)
    undoes: str | None = Field(default=None, max_length=16)
    appeal_id: str | None = Field(default=None, max_length=16)
    at: datetime = Field(sa_type=Moment)


class Proposal(SQLModel, table=True):
    """A decision that counts only once somebody else confirms it: a trainee's, or a ban where the site wants two.

    `verdict` is what would be decided, with its reasons. outcome: confirmed, declined, or overtaken.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        Index("ix_proposal_open", "site_id", "closed_at", "id"),
        Index("ix_proposal_comment", "comment_id", "closed_at"),
    )

    id: str = Field(primary_key=True, max_length=16)
    site_id: str = Field(max_length=16)
    comment_id: str | None = Field(default=None, max_length=16)
    subject_id: str | None = Field(default=None, max_length=16)
    account_id: str = Field(max_length=16)
    action: str = Field(max_length=12)
    verdict: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    at: datetime = Field(sa_type=Moment)
    closed_at: datetime | None = Field(default=None, sa_type=Moment)
    closed_by: str | None = Field(default=None, max_length=16)
    outcome: str | None = Field(default=None, max_length=12)


class CaseNote(SQLModel, table=True):
    """What moderators say to each other about a case; nobody else reads it. kind: note, handover (to somebody), or opinion,
    which is closed by the decision that follows.
    """

    __tablename__ = "case_note"
    __table_args__ = (Index("ix_case_note_case", "case_id", "id"),)

    id: str = Field(primary_key=True, max_length=16)
    case_id: str = Field(max_length=16)
    site_id: str = Field(max_length=16)
    account_id: str = Field(max_length=16)
    kind: str = Field(max_length=12)
    text: str = Field(max_length=2000)
    to_account_id: str | None = Field(default=None, max_length=16)
    at: datetime = Field(sa_type=Moment)
    closed_at: datetime | None = Field(default=None, sa_type=Moment)


class DryRun(SQLModel, table=True):
    """What other screening rules would have done with a site's last comments; `result` is None until it is done.

    Numbers by kind, rule and tier, and ids of examples; no texts.
    """

    __tablename__ = "dry_run"
    __table_args__ = (Index("ix_dry_run_site", "site_id", "id"),)

    id: str = Field(primary_key=True, max_length=16)
    site_id: str = Field(max_length=16)
    settings: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    based_on: int
    account_id: str | None = Field(default=None, max_length=16)
    asked_at: datetime = Field(sa_type=Moment)
    done_at: datetime | None = Field(default=None, sa_type=Moment)
    result: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))


class DeskView(SQLModel, table=True):
    """A view of the queue that a moderator keeps under a name."""

    __tablename__ = "desk_view"

    account_id: str = Field(primary_key=True, max_length=16)
    name: str = Field(primary_key=True, max_length=40)
    fields: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class Statement(SQLModel, table=True):
    """The statement of reasons somebody is told (EU Digital Services Act art. 17), written with the decision.

    restriction: removed or refused (a comment); warned, silenced, held_first, banned or no_badge (an account, on one site
    or `everywhere`). found_by: readers, notice, flagger, order, screening or moderator. ground: rule or law. `territory` is
    where it holds, '' for all countries.
    """

    __tablename__ = "statement"
    __table_args__ = (Index("ix_statement_account", "account_id", "id"), Index("ix_statement_comment", "comment_id"))

    id: str = Field(primary_key=True, max_length=16)
    decision_id: str = Field(foreign_key="decision.id", max_length=16)
    site_id: str = Field(max_length=16)
    comment_id: str | None = Field(default=None, max_length=16)
    account_id: str | None = Field(default=None, max_length=16)
    restriction: str = Field(max_length=20)
    everywhere: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    since: datetime = Field(sa_type=Moment)
    until: datetime | None = Field(default=None, sa_type=Moment)
    territory: str = Field(default="", max_length=200, sa_column_kwargs={"server_default": ""})
    facts: str
    found_by: str = Field(max_length=12)
    ground: str = Field(max_length=12)
    rule: str = Field(max_length=40)
    rule_text: str
    rules_version: int | None = None
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
    comment_id: str | None = Field(default=None, max_length=16)
    text: str
    opened_at: datetime = Field(sa_type=Moment)
    due_at: datetime = Field(sa_type=Moment)
    decided_at: datetime | None = Field(default=None, sa_type=Moment)
    decided_by: str | None = Field(default=None, max_length=16)
    outcome: str | None = Field(default=None, max_length=12)
    answer: str | None = None

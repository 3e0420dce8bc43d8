"""Tables of the ground floor: the journal, jobs, one-time things and rate budgets."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from commentbox.server.base.db import Moment


class Journal(SQLModel, table=True):
    """What happened, in ids and codes only. `position` and `hash` are given by the sealer after the commit."""

    __tablename__ = "journal"
    __table_args__ = (Index("ix_journal_site_kind", "site_id", "kind", "id"), Index("ix_journal_subject", "subject_id"))

    id: str = Field(primary_key=True, max_length=16)
    at: datetime = Field(sa_type=Moment)
    kind: str = Field(max_length=64)
    actor_id: str | None = Field(default=None, max_length=16)
    site_id: str | None = Field(default=None, max_length=16)
    subject_id: str | None = Field(default=None, max_length=16)
    data: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    position: int | None = Field(default=None, unique=True)
    previous: str | None = Field(default=None, max_length=64)
    hash: str | None = Field(default=None, max_length=64)


class Job(SQLModel, table=True):
    """Work that outlives the request: mail, take-backs of a tier. Leased, tried again, never lost."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_due", "done_at", "not_before"),)

    id: str = Field(primary_key=True, max_length=16)
    kind: str = Field(max_length=64)
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    not_before: datetime = Field(sa_type=Moment)
    lease_until: datetime | None = Field(default=None, sa_type=Moment)
    attempts: int = 0
    done_at: datetime | None = Field(default=None, sa_type=Moment)
    failure: str | None = Field(default=None, max_length=200)


class OneTime(SQLModel, table=True):
    """A hand-over, challenge, nonce, invitation or the like: its key is hashed, it is used at most once."""

    __tablename__ = "one_time"

    kind: str = Field(primary_key=True, max_length=32)
    key_hash: str = Field(primary_key=True, max_length=64)
    data: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    expires_at: datetime = Field(sa_type=Moment, index=True)
    used_at: datetime | None = Field(default=None, sa_type=Moment)


class Budget(SQLModel, table=True):
    """How often somebody did something in the present window of time."""

    __tablename__ = "budget"

    key: str = Field(primary_key=True, max_length=64)
    window: int = Field(primary_key=True)
    spent: int
    expires_at: datetime = Field(sa_type=Moment, index=True)


class Fact(SQLModel, table=True):
    """Something an instance must remember about itself, such as the host name its passkeys are bound to."""

    __tablename__ = "fact"

    name: str = Field(primary_key=True, max_length=40)
    value: str = Field(max_length=400)

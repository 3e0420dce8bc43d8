"""Tables of the verification room. Nothing here leads back to a person: no name, no subject, no token."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from commentbox.server.base.db import Moment


class Attempt(SQLModel, table=True):
    """One try to verify: bound to an account and a browser, used once, forgotten after 30 days."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_account", "account_id"),)

    id: str = Field(primary_key=True, max_length=16)
    account_id: str = Field(foreign_key="account.id", max_length=16)
    provider: str = Field(max_length=40)
    state_hash: str = Field(unique=True, max_length=64)
    browser_hash: str = Field(max_length=64)
    keep: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment, index=True)
    outcome: str = Field(default="pending", max_length=16)


class Attestation(SQLModel, table=True):
    """The dated fact that a person was verified. `kind` is name or person; `person_key` is the one-way key."""

    __tablename__ = "attestation"
    __table_args__ = (Index("ix_attestation_account", "account_id"),)

    id: str = Field(primary_key=True, max_length=16)
    account_id: str = Field(max_length=16)
    kind: str = Field(max_length=8)
    name_version: int
    method: str = Field(max_length=12)
    assurance: str = Field(max_length=16)
    month: date
    expires_at: datetime = Field(sa_type=Moment)
    person_key: str | None = Field(default=None, unique=True, max_length=80)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
    revoked_why: str | None = Field(default=None, max_length=12)


class KeptKey(SQLModel, table=True):
    """What stays of somebody who left while a measure was in force or a case open: their key, its rule and its end."""

    __tablename__ = "kept_key"

    person_key: str = Field(primary_key=True, max_length=80)
    rule: str = Field(max_length=20)
    until: datetime | None = Field(default=None, sa_type=Moment)

"""Tables of the verification room. Nothing here leads back to a person: no name, no subject, no token."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from commentbox.server.base.db import Moment


class Attempt(SQLModel, table=True):
    """One try to verify: bound to an account and a browser, used once, forgotten after 30 days.

    purpose: badge, or recovery, which earns no badge and is begun by somebody who is not signed in.
    """

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
    purpose: str = Field(default="badge", max_length=10, sa_column_kwargs={"server_default": "badge"})


class Attestation(SQLModel, table=True):
    """The dated fact that a person was verified. `kind` is name or person; `person_key` is the one-way key.

    `asleep` says why nobody speaks by it for now: recovery (somebody asks for the account), passkeys (none of those that
    were there is left), moved (to another account). What was written with it before stays as it was.
    """

    __tablename__ = "attestation"
    __table_args__ = (Index("ix_attestation_account", "account_id"), Index("ix_attestation_expires_at", "expires_at"))

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
    asleep: str | None = Field(default=None, max_length=10)
    moved_at: datetime | None = Field(default=None, sa_type=Moment)
    ending_told_at: datetime | None = Field(default=None, sa_type=Moment)


class PersonBan(SQLModel, table=True):
    """A person who gets no badge for a while: key, end and rule, and no account. It survives the account it began with."""

    __tablename__ = "person_ban"

    person_key: str = Field(primary_key=True, max_length=80)
    rule: str = Field(max_length=40)
    since: datetime = Field(sa_type=Moment)
    until: datetime | None = Field(default=None, sa_type=Moment)


class Recovery(SQLModel, table=True):
    """A request for a verified account by somebody without its passkeys. States and events are in `recovery_rules.py`.

    `credential_id` is the passkey that waits: it begins to work, alone, when the request is through. `attestation_id` says
    which person the account is held to belong to, whoever else verifies with it meanwhile.
    """

    __tablename__ = "recovery"
    __table_args__ = (Index("ix_recovery_account", "account_id", "id"),)

    id: str = Field(primary_key=True, max_length=16)
    account_id: str = Field(foreign_key="account.id", max_length=16)
    state: str = Field(max_length=10)
    credential_id: str = Field(max_length=16)
    attestation_id: str = Field(max_length=16)
    asked_at: datetime = Field(sa_type=Moment)
    due_at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)


class ProviderSession(SQLModel, table=True):
    """A session held at a provider, by the keyed hash of its id: there as long as the attestation that rests on it.

    `sealed` is the id itself, encrypted with a key outside the database, only while the session is open (decisions/0006).
    `looked_at` and `expires_at` go after 30 days, so that nothing finer than a month is left of when it was.
    """

    __tablename__ = "provider_session"

    mac: str = Field(primary_key=True, max_length=64)
    provider: str = Field(max_length=40)
    account_id: str = Field(max_length=16, index=True)
    attempt_id: str | None = Field(default=None, max_length=16)
    attestation_id: str | None = Field(default=None, max_length=16)
    state: str = Field(default="pending", max_length=10)
    sealed: str | None = Field(default=None, max_length=600)
    looked_at: datetime | None = Field(default=None, sa_type=Moment)
    expires_at: datetime | None = Field(default=None, sa_type=Moment, index=True)


class ProviderEvent(SQLModel, table=True):
    """Something a provider told us once, by the keyed hash of its id: a webhook, or an assertion that works once."""

    __tablename__ = "provider_event"

    mac: str = Field(primary_key=True, max_length=64)
    session_mac: str | None = Field(default=None, max_length=64)
    seen_at: datetime = Field(sa_type=Moment, index=True)

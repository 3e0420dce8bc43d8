"""Tables of the accounts room: people, how they sign in, what they may do, and the facts of reach."""

from datetime import datetime

from sqlalchemy import JSON, Column, Index, false
from sqlmodel import Field, SQLModel

from commentbox.server.base.db import Moment


class Account(SQLModel, table=True):
    """A commenter; belongs to the instance. `name_version` counts renames, which is what Verified name is bound to.

    `article_reach` is the reach under articles of their own, where it differs from `reach`. `leaves_at` is when the account
    is deleted, and `leaves_how` what becomes of its comments: erase or keep. `profile_id` is the address of their public profile.
    While `frozen_since` is set, somebody asks to recover the account: credentials, name and mail stay as they are.
    """

    __tablename__ = "account"
    __table_args__ = (Index("ix_account_profile", "profile_id", unique=True),)

    id: str = Field(primary_key=True, max_length=16)
    name: str = Field(max_length=40)
    name_number: int = 0
    name_version: int = 1
    reach: str = Field(default="everyone", max_length=12)
    article_reach: str | None = Field(default=None, max_length=12)
    show: str | None = Field(default=None, max_length=12)
    profile_id: str | None = Field(default=None, max_length=16)
    email: str | None = Field(default=None, max_length=254)
    email_lang: str | None = Field(default=None, max_length=12)
    email_confirmed_at: datetime | None = Field(default=None, sa_type=Moment)
    email_refused_at: datetime | None = Field(default=None, sa_type=Moment)
    attestation_id: str | None = Field(default=None, max_length=16)
    created_at: datetime = Field(sa_type=Moment)
    deleted_at: datetime | None = Field(default=None, sa_type=Moment)
    leaves_at: datetime | None = Field(default=None, sa_type=Moment)
    leaves_how: str | None = Field(default=None, max_length=8)
    frozen_since: datetime | None = Field(default=None, sa_type=Moment)


class NameHold(SQLModel, table=True):
    """Who holds a name, by its skeleton: an account, a guest (by the hash of a guest code), or nobody (reserved).

    `number` is 0 but for people with Verified name who share one. A name given up is held `until` a day; of somebody who
    has left, the skeleton is a hash (`names.given_up`).
    """

    __tablename__ = "name_hold"
    __table_args__ = (Index("ix_name_hold_account", "account_id"),)

    skeleton: str = Field(primary_key=True, max_length=160)
    number: int = Field(default=0, primary_key=True)
    account_id: str | None = Field(default=None, max_length=16)
    guest_code_hash: str | None = Field(default=None, max_length=64)
    until: datetime | None = Field(default=None, sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)


class Credential(SQLModel, table=True):
    """One way to sign in. kind: passkey (handle, public_key, sign_count), recovery_code (handle = hash), mail_link; sso, the
    paper's own log-in (handle = site and a keyed hash of the paper's id); and waiting, a passkey that signs nobody in until
    a recovery is through.

    `attested_as` is the attestation a passkey was there for; `copied_at` is when its counter went back: it is locked.
    """

    __tablename__ = "credential"
    __table_args__ = (Index("ix_credential_account", "account_id"),)

    id: str = Field(primary_key=True, max_length=16)
    account_id: str = Field(foreign_key="account.id", max_length=16)
    kind: str = Field(max_length=16)
    handle: str = Field(unique=True, max_length=1400)
    public_key: bytes | None = None
    sign_count: int = 0
    label: str = Field(default="", max_length=60)
    created_at: datetime = Field(sa_type=Moment)
    last_used_at: datetime | None = Field(default=None, sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)
    attested_as: str | None = Field(default=None, max_length=16)
    copied_at: datetime | None = Field(default=None, sa_type=Moment)


class Session(SQLModel, table=True):
    """A sign-in. kind: top (own window), frame (partitioned cookie), bearer (no cookie), sso (by the paper's own
    log-in, for one site, never as verified), staff (desk).

    `by_passkey` is what speaking as verified needs; `fresh_at` is the last user verification. A session that a printed
    code opened (`by_code`) may ask to recover a verified account. `credential_id` is the passkey behind it, in a frame too: where
    that turns out to be copied, its sessions end.
    """

    __tablename__ = "session"
    __table_args__ = (Index("ix_session_account", "account_id"),)

    id: str = Field(primary_key=True, max_length=16)
    token_hash: str = Field(unique=True, max_length=64)
    account_id: str = Field(foreign_key="account.id", max_length=16)
    site_id: str | None = Field(default=None, max_length=16)
    kind: str = Field(max_length=8)
    by_passkey: bool = False
    by_code: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    credential_id: str | None = Field(default=None, max_length=16)
    fresh_at: datetime | None = Field(default=None, sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment, index=True)


class Role(SQLModel, table=True):
    """What somebody is on one site ('' = whole instance): admin, moderator, staff, author, subscriber, subscribed.

    `sections` are those of the site a desk role is limited to; None is all of it.
    """

    __tablename__ = "role"

    account_id: str = Field(primary_key=True, foreign_key="account.id", max_length=16)
    site_id: str = Field(default="", primary_key=True, max_length=16)
    role: str = Field(primary_key=True, max_length=12)
    sections: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))


class Standing(SQLModel, table=True):
    """A measure in force: warned, silenced, held_first, banned; for one site or ('') the instance."""

    __tablename__ = "standing"
    __table_args__ = (Index("ix_standing_account", "account_id", "site_id"),)

    id: str = Field(primary_key=True, max_length=16)
    account_id: str = Field(foreign_key="account.id", max_length=16)
    site_id: str = Field(default="", max_length=16)
    kind: str = Field(max_length=12)
    since: datetime = Field(sa_type=Moment)
    until: datetime | None = Field(default=None, sa_type=Moment)
    statement_id: str | None = Field(default=None, max_length=16)


class Mute(SQLModel, table=True):
    """An account hears no more from a person, or no more news from a thread. kind: person or thread."""

    __tablename__ = "mute"
    __table_args__ = (Index("ix_mute_target", "target_id"),)

    account_id: str = Field(primary_key=True, max_length=16)
    target_id: str = Field(primary_key=True, max_length=16)
    kind: str = Field(max_length=8)
    since: datetime = Field(sa_type=Moment)

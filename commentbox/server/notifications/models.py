"""Tables of the notifications room: what people are told of, and whether they want it by mail."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from commentbox.server.base.db import Moment


class Notification(SQLModel, table=True):
    """A piece of news for one account. kind: reply, mention (of comment `subject_id`), decision (a statement's id) or
    expiring (an attestation's). `mailed_at` is set once it needs no mail any more."""

    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_once", "account_id", "kind", "subject_id", unique=True),
        Index("ix_notification_account", "account_id", "id"),
        Index("ix_notification_unseen", "account_id", "seen_at", "id"),
        Index("ix_notification_subject", "subject_id"),
    )

    id: str = Field(primary_key=True, max_length=16)
    account_id: str = Field(max_length=16)
    site_id: str | None = Field(default=None, max_length=16)
    kind: str = Field(max_length=12)
    subject_id: str = Field(max_length=16)
    thread_id: str | None = Field(default=None, max_length=16)
    at: datetime = Field(sa_type=Moment)
    seen_at: datetime | None = Field(default=None, sa_type=Moment)
    mailed_at: datetime | None = Field(default=None, sa_type=Moment)


class MailChoice(SQLModel, table=True):
    """What an account wants by mail, in which language. pace: never, at_once, hourly or daily. No row means never.

    `since` is when the pace was chosen: what is older is never mailed. `due_at` is when the next mail is planned for.
    """

    __tablename__ = "mail_choice"

    account_id: str = Field(primary_key=True, max_length=16)
    pace: str = Field(default="never", max_length=8)
    reply: bool = True
    mention: bool = True
    expiring: bool = True
    lang: str = Field(default="en", max_length=12)
    since: datetime = Field(sa_type=Moment)
    due_at: datetime | None = Field(default=None, sa_type=Moment)

"""Tables of the webhooks room: endpoints, and what is or was to be delivered to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from commentbox.server.base.db import Moment


class Webhook(SQLModel, table=True):
    """An endpoint of a site. Its secrets are derived by `secret_number`; the one before signs along until `old_until`.

    `planned_at` is when the next job for it is due, None where nothing waits. `failing_since` is the first of a row of
    failures, `off_at` when it was switched off, by somebody or by failing for too long.
    """

    __tablename__ = "webhook"

    id: str = Field(primary_key=True, max_length=16)
    site_id: str = Field(foreign_key="site.id", max_length=16, index=True)
    url: str = Field(max_length=500)
    kinds: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    secret_number: int = 1
    old_until: datetime | None = Field(default=None, sa_type=Moment)
    made_at: datetime = Field(sa_type=Moment)
    planned_at: datetime | None = Field(default=None, sa_type=Moment)
    failures: int = 0
    failing_since: datetime | None = Field(default=None, sa_type=Moment)
    off_at: datetime | None = Field(default=None, sa_type=Moment)


class Delivery(SQLModel, table=True):
    """One message to an endpoint. state: waiting, sent, or dropped. `answer` is the last status, or a code of ours."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (Index("ix_webhook_delivery_hook", "webhook_id", "state", "id"),)

    id: str = Field(primary_key=True, max_length=16)
    webhook_id: str = Field(foreign_key="webhook.id", max_length=16)
    kind: str = Field(max_length=40)
    subject_id: str | None = Field(default=None, max_length=16)
    codes: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    happened_at: datetime = Field(sa_type=Moment)
    state: str = Field(default="waiting", max_length=8)
    tries: int = 0
    answer: str = Field(default="", max_length=40)
    settled_at: datetime | None = Field(default=None, sa_type=Moment)

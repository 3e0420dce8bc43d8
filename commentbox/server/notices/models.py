"""Tables of the notices room. Who sent a notice is in `contacts`, and nowhere here."""

from datetime import datetime

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from commentbox.server.base.db import Moment


class Notice(SQLModel, table=True):
    """One notice about one revision of a comment, and what became of it.

    kind: `illegal`, `about_me` (by the person spoken about), `complaint` (against the answer to the notice `against`), `order`
    (of an authority, `AuthorityOrder`).
    outcome: `removed`, `kept`, `gone` (its author took the comment back first). `notifier` is a keyed hash of the mail
    address, so that notices sent in bad faith can be counted; it goes with the address. The author's words are theirs
    about a notice of kind `about_me`.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_open", "site_id", "decided_at", "due_at"),
        Index("ix_notice_comment", "comment_id", "decided_at"),
        Index("ix_notice_once", "comment_id", "kind", "by", unique=True),
        Index("ix_notice_notifier", "notifier", "decided_at"),
    )

    id: str = Field(primary_key=True, max_length=16)
    site_id: str = Field(max_length=16)
    comment_id: str = Field(foreign_key="comment.id", max_length=16)
    revision: int
    kind: str = Field(max_length=10)
    offence: str = Field(max_length=20)
    law: str = Field(default="", max_length=200)
    location: str
    why: str
    untrue: str = ""
    related: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    is_urgent: bool = False
    by: str = Field(max_length=64)
    notifier: str | None = Field(default=None, max_length=64)
    flagger_id: str | None = Field(default=None, max_length=16)
    against: str | None = Field(default=None, max_length=16, index=True)
    created_at: datetime = Field(sa_type=Moment)
    due_at: datetime = Field(sa_type=Moment)
    author_said: str | None = Field(default=None, max_length=10)
    author_text: str = ""
    author_at: datetime | None = Field(default=None, sa_type=Moment)
    decision_id: str | None = Field(default=None, max_length=16, index=True)
    decided_at: datetime | None = Field(default=None, sa_type=Moment)
    outcome: str | None = Field(default=None, max_length=10)
    answer: str = ""
    is_unfounded: bool = False


class AuthorityOrder(SQLModel, table=True):
    """An authority's order to act against a comment (DSA art. 9), beside the notice it is handled as. `territory` is where it
    is to hold, as country codes; `entered_by` is None where it was typed on the server.
    """

    __tablename__ = "authority_order"

    notice_id: str = Field(primary_key=True, foreign_key="notice.id", max_length=16)
    site_id: str = Field(foreign_key="site.id", max_length=16, index=True)
    authority: str = Field(max_length=200)
    reference: str = Field(max_length=100)
    territory: str = Field(default="", max_length=200)
    entered_by: str | None = Field(default=None, max_length=16)


class Flagger(SQLModel, table=True):
    """A trusted flagger (DSA art. 22): an organisation whose notices come first. Its code is hashed."""

    __tablename__ = "flagger"

    id: str = Field(primary_key=True, max_length=16)
    name: str = Field(max_length=120)
    code_hash: str = Field(unique=True, max_length=64)
    since: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)

"""Tables of the comments room."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Computed, Index, Integer, SmallInteger, text
from sqlmodel import Field, SQLModel

from commentbox.server.base.db import Moment


def _below(counter: str) -> str:
    return f"CASE WHEN depth = 0 THEN {counter} ELSE 0 END"


class Comment(SQLModel, table=True):
    """One comment as it stands now; what it was before is in Revision.

    `hangs_on` is the parent's id, or the thread's for a comment at the top, so that one index form serves every level.
    `path` lists the ancestors' ids from the top, joined by '/'. `in_all` and `in_verified` say whether readers who
    hear from everyone or from verified people only see anything here: the comment, or a stub that something hangs on.
    `discussed` and `discussed_verified` are the replies below a comment at the top, 0 elsewhere, for the sort by them.
    `score` is what outside help thought of the present text, in tenths from 0 to 10 (null where nobody was asked).
    `risk` is minus the number of people whose complaints nobody answered yet (null for none), `reported_at` when the first
    of them came: ascending, they are the order of the queue. `caught` is what screening saw in the present text, each with
    its rule, what it was, the word list, and where in the text that readers see (for the desk). `picked_at` is there for an
    editor's pick, while it is published; `answers` counts what guests of honour have published below a comment at the top.
    `heat` is what the chain below it has until `heated_until`, `heat_given` how much of it the removal of this comment gave.
    """

    __tablename__ = "comment"
    __table_args__ = (
        Index("ix_comment_all_time", "hangs_on", "in_all", "id"),
        Index("ix_comment_all_liked", "hangs_on", "in_all", "recommends_all", "id"),
        Index("ix_comment_all_liked_verified", "hangs_on", "in_all", "recommends_verified", "id"),
        Index("ix_comment_verified_time", "hangs_on", "in_verified", "id"),
        Index("ix_comment_verified_liked", "hangs_on", "in_verified", "recommends_all", "id"),
        Index("ix_comment_verified_liked_verified", "hangs_on", "in_verified", "recommends_verified", "id"),
        Index("ix_comment_all_discussed", "hangs_on", "in_all", "discussed", "id"),
        Index("ix_comment_verified_discussed", "hangs_on", "in_verified", "discussed_verified", "id"),
        Index("ix_comment_thread_time", "thread_id", "id"),
        Index("ix_comment_account", "account_id", "id"),
        Index("ix_comment_attestation", "attestation_id"),
        Index("ix_comment_state", "site_id", "state", "id"),
        Index("ix_comment_imported", "site_id", "imported_from", unique=True),
        Index(
            "ix_comment_reported",
            "site_id",
            "risk",
            "reported_at",
            "id",
            sqlite_where=text("risk IS NOT NULL"),
            postgresql_where=text("risk IS NOT NULL"),
        ),
        Index(
            "ix_comment_answered",
            "hangs_on",
            "id",
            sqlite_where=text("answers > 0"),
            postgresql_where=text("answers > 0"),
        ),
        Index(
            "ix_comment_picked",
            "thread_id",
            "id",
            sqlite_where=text("picked_at IS NOT NULL"),
            postgresql_where=text("picked_at IS NOT NULL"),
        ),
    )

    id: str = Field(primary_key=True, max_length=16)
    site_id: str = Field(foreign_key="site.id", max_length=16)
    thread_id: str = Field(foreign_key="thread.id", max_length=16)
    parent_id: str | None = Field(default=None, max_length=16)
    hangs_on: str = Field(max_length=16)
    path: str = ""
    depth: int = 0
    account_id: str | None = Field(default=None, max_length=16)
    name: str = Field(max_length=80)
    kind: str = Field(default="none", max_length=8)
    tier: str = Field(default="unverified", max_length=10)
    label: str | None = Field(default=None, max_length=12)
    attestation_id: str | None = Field(default=None, max_length=16)
    state: str = Field(max_length=10)
    hold_rule: str | None = Field(default=None, max_length=40)
    caught: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    revision: int = 1
    text: str
    html: str
    text_hash: str = Field(default="", max_length=64)
    post_key: str | None = Field(default=None, max_length=64, unique=True)
    guest_code_hash: str | None = Field(default=None, max_length=64, index=True)
    imported_from: str | None = Field(default=None, max_length=200)
    created_at: datetime = Field(sa_type=Moment)
    edited_at: datetime | None = Field(default=None, sa_type=Moment)
    published_at: datetime | None = Field(default=None, sa_type=Moment)
    recommends_all: int = 0
    recommends_verified: int = 0
    descendants_all: int = 0
    descendants_verified: int = 0
    discussed: int | None = Field(default=None, sa_column=Column(Integer, Computed(_below("descendants_all"))))
    discussed_verified: int | None = Field(
        default=None, sa_column=Column(Integer, Computed(_below("descendants_verified")))
    )
    score: int | None = Field(default=None, sa_type=SmallInteger)
    risk: int | None = None
    reported_at: datetime | None = Field(default=None, sa_type=Moment)
    picked_at: datetime | None = Field(default=None, sa_type=Moment)
    heat: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    heat_given: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    heated_until: datetime | None = Field(default=None, sa_type=Moment)
    answers: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    in_all: bool = Field(
        default=None,
        sa_column=Column(
            Boolean, Computed("state = 'published' OR descendants_all > 0", persisted=True), nullable=False
        ),
    )
    in_verified: bool = Field(
        default=None,
        sa_column=Column(
            Boolean,
            Computed("(state = 'published' AND tier = 'verified') OR descendants_verified > 0", persisted=True),
            nullable=False,
        ),
    )


class Revision(SQLModel, table=True):
    """What a comment said at one time, with the tier it was said in, and since when readers saw it (None: never)."""

    __tablename__ = "revision"

    comment_id: str = Field(primary_key=True, foreign_key="comment.id", max_length=16)
    number: int = Field(primary_key=True)
    text: str
    html: str
    tier: str = Field(max_length=10)
    kind: str = Field(max_length=8)
    created_at: datetime = Field(sa_type=Moment)
    shown_at: datetime | None = Field(default=None, sa_type=Moment)


class Nudges(SQLModel, table=True):
    """How often writers of a tier were asked to think again before posting, in a month, and what they did then: posted
    other words, or the same. No text and no person. Whoever posted nothing is neither.
    """

    __tablename__ = "nudges"

    site_id: str = Field(primary_key=True, max_length=16)
    month: date = Field(primary_key=True)
    tier: str = Field(primary_key=True, max_length=10)
    shown: int = 0
    changed: int = 0
    anyway: int = 0

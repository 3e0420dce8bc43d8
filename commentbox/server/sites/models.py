"""Tables of the sites room: newspaper titles, the origins they are read on, their keys, and what was changed about them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from commentbox.server.base.db import Moment


class Site(SQLModel, table=True):
    """One newspaper title. `policy` holds only what differs from the defaults (sites/rules.py)."""

    __tablename__ = "site"

    id: str = Field(primary_key=True, max_length=16)
    slug: str = Field(unique=True, max_length=40)
    name: str = Field(max_length=120)
    lang: str = Field(default="en", max_length=12)
    policy: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_type=Moment)


class HouseRules(SQLModel, table=True):
    """The house rules of a site as they were from one moment on; a statement names their version. The first one that is
    kept is what was there before the first change.
    """

    __tablename__ = "house_rules"

    site_id: str = Field(primary_key=True, foreign_key="site.id", max_length=16)
    version: int = Field(primary_key=True)
    rules: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    account_id: str | None = Field(default=None, max_length=16)
    at: datetime = Field(sa_type=Moment)


class ScreeningRules(SQLModel, table=True):
    """The settings that judge comments as they were from one moment on, who set them and which of them changed.

    `again` is the earlier version that was set again, `dry_run_id` the dry run that was looked at before. The first version
    that is kept is what was there before the first change.
    """

    __tablename__ = "screening_rules"

    site_id: str = Field(primary_key=True, foreign_key="site.id", max_length=16)
    version: int = Field(primary_key=True)
    settings: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    changed: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    again: int | None = None
    dry_run_id: str | None = Field(default=None, max_length=16)
    account_id: str | None = Field(default=None, max_length=16)
    at: datetime = Field(sa_type=Moment)


class ScreeningDraft(SQLModel, table=True):
    """Screening settings that are being worked on and not in force; one for a site, whoever of its admins works on it."""

    __tablename__ = "screening_draft"

    site_id: str = Field(primary_key=True, foreign_key="site.id", max_length=16)
    settings: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    based_on: int
    account_id: str | None = Field(default=None, max_length=16)
    at: datetime = Field(sa_type=Moment)


class SiteLook(SQLModel, table=True):
    """The look of a site as it was from one moment on (base/looks.py). The first one that is kept is what was there before
    the first change.
    """

    __tablename__ = "site_look"

    site_id: str = Field(primary_key=True, foreign_key="site.id", max_length=16)
    version: int = Field(primary_key=True)
    look: str = Field(default="", max_length=200)
    account_id: str | None = Field(default=None, max_length=16)
    at: datetime = Field(sa_type=Moment)


class SiteChange(SQLModel, table=True):
    """One change of what a site is and decides: a setting, an origin, an article's address, a reserved name, a key.

    `account_id` is None where it was made on the command line. `undoes` is the change it takes back.
    """

    __tablename__ = "site_change"
    __table_args__ = (Index("ix_site_change_site", "site_id", "id"),)

    id: str = Field(primary_key=True, max_length=16)
    site_id: str = Field(foreign_key="site.id", max_length=16)
    setting: str = Field(max_length=60)
    before: Any = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    after: Any = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    reason: str = Field(default="", max_length=300)
    account_id: str | None = Field(default=None, max_length=16)
    undoes: str | None = Field(default=None, max_length=16)
    at: datetime = Field(sa_type=Moment)


class SiteKey(SQLModel, table=True):
    """A key with which the paper's own server speaks to the API. Only its hash is kept."""

    __tablename__ = "site_key"

    id: str = Field(primary_key=True, max_length=16)
    site_id: str = Field(foreign_key="site.id", max_length=16, index=True)
    label: str = Field(max_length=60)
    token_hash: str = Field(unique=True, max_length=64)
    made_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)


class Origin(SQLModel, table=True):
    """An origin (`https://paper.example`) whose pages may frame this site's comments."""

    __tablename__ = "origin"

    site_id: str = Field(primary_key=True, foreign_key="site.id", max_length=16)
    origin: str = Field(primary_key=True, max_length=255)

"""Threads: the comments of one article, found by its id or its address.

A thread exists once the paper's ownership of the article is known: by API, import, the desk, the demo, a signed tag, or
one guarded look at the page. Reading an unknown article creates nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, Column, Index, Row, bindparam, func, null, select, text, union_all, update
from sqlmodel import Field, SQLModel

from commentbox.server.accounts.models import Mute
from commentbox.server.base.db import Moment, Query, table_of
from commentbox.server.base.errors import Invalid, NotFound
from commentbox.server.base.ids import new_id
from commentbox.server.base.work import Work
from commentbox.server.sites.addresses import URL_LENGTH, canonical_url, url_key
from commentbox.server.sites.models import Origin, Site
from commentbox.server.sites.rules import Policy, Questions, ThreadLimits, under_limits

ARTICLE_ID_LENGTH = 200
SECTION_LENGTH = 60


class Thread(SQLModel, table=True):
    """The comments of one article. `version` moves with every publicly visible change; counters count the published."""

    __tablename__ = "thread"
    __table_args__ = (
        Index("ix_thread_article", "site_id", "article_id", unique=True),
        Index(
            "ix_thread_merged",
            "merged_into",
            sqlite_where=text("merged_into IS NOT NULL"),
            postgresql_where=text("merged_into IS NOT NULL"),
        ),
        Index(
            "ix_thread_questions",
            "id",
            sqlite_where=text("questions IS NOT NULL"),
            postgresql_where=text("questions IS NOT NULL"),
        ),
    )

    id: str = Field(primary_key=True, max_length=16)
    site_id: str = Field(foreign_key="site.id", max_length=16)
    article_id: str | None = Field(default=None, max_length=ARTICLE_ID_LENGTH)
    url: str = Field(default="", max_length=URL_LENGTH)
    title: str = Field(default="", max_length=300)
    state: str = Field(default="open", max_length=8)
    closed_reason: str | None = Field(default=None, max_length=300)
    open_until: datetime | None = Field(default=None, sa_type=Moment)
    verified_only_until: datetime | None = Field(default=None, sa_type=Moment)
    verified_only_reason: str | None = Field(default=None, max_length=300)
    limits: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    announcement: str | None = Field(default=None, max_length=1000)
    announced_until: datetime | None = Field(default=None, sa_type=Moment)
    questions: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    heated_until: datetime | None = Field(default=None, sa_type=Moment)
    merged_into: str | None = Field(default=None, max_length=16)
    author_id: str | None = Field(default=None, max_length=16)
    section: str | None = Field(default=None, max_length=SECTION_LENGTH)
    version: int = 1
    total: int = 0
    verified_total: int = 0
    picks: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    source: str = Field(max_length=8)
    created_at: datetime = Field(sa_type=Moment)


class ThreadUrl(SQLModel, table=True):
    """An address that leads to a thread; a moved article keeps its old ones."""

    __tablename__ = "thread_url"

    site_id: str = Field(primary_key=True, max_length=16)
    url_key: str = Field(primary_key=True, max_length=64)
    thread_id: str = Field(foreign_key="thread.id", max_length=16, index=True)


class SiteSection(SQLModel, table=True):
    """A section of a newspaper that some thread belongs to, for lists to choose from."""

    __tablename__ = "site_section"

    site_id: str = Field(primary_key=True, foreign_key="site.id", max_length=16)
    name: str = Field(primary_key=True, max_length=SECTION_LENGTH)


class NamedTwice(SQLModel, table=True):
    """A page that named two threads: `thread_id` by its id, which won, and `other_id` by its address. For the desk."""

    __tablename__ = "named_twice"

    site_id: str = Field(primary_key=True, foreign_key="site.id", max_length=16)
    url_key: str = Field(primary_key=True, max_length=64)
    thread_id: str = Field(primary_key=True, max_length=16)
    other_id: str = Field(max_length=16)
    url: str = Field(max_length=URL_LENGTH)
    seen_at: datetime = Field(sa_type=Moment)
    settled_at: datetime | None = Field(default=None, sa_type=Moment)


_threads = table_of(Thread)
_urls = table_of(ThreadUrl)
_sections = table_of(SiteSection)
_sites = table_of(Site)
_mutes = table_of(Mute)
_origins = table_of(Origin)


@dataclass(frozen=True)
class ArticleRef:
    """How a page names its article: an id, an address, or both; `sig` is the paper's signature over them."""

    article_id: str | None = None
    url: str | None = None
    sig: str | None = None

    def __post_init__(self) -> None:
        if not self.article_id and not self.url:
            raise Invalid("article.missing")
        if self.article_id and len(self.article_id) > ARTICLE_ID_LENGTH:
            raise Invalid("article.id_too_long", limit=ARTICLE_ID_LENGTH)
        if self.url and len(self.url) > URL_LENGTH:
            raise Invalid("article.url_too_long", limit=URL_LENGTH)


async def find(query: Query, slug: str, ref: ArticleRef) -> Row[Any] | None:
    """Give site and thread in one row (thread columns are None for an article nobody commented on), or None for an
    unknown site. `origins` are the site's, with spaces between. Where id and address name two threads, the id wins, and
    `named_by_url` is the other."""
    values = {"slug": slug, "article": ref.article_id or ""}
    if ref.url:
        values["key"] = url_key(ref.url)
    return await query.first(_find_statement(bool(ref.article_id), bool(ref.url)), values)


@lru_cache(maxsize=4)
def _find_statement(by_article: bool, by_url: bool) -> Any:
    joined = _sites.outerjoin(
        _threads, (_threads.c.site_id == _sites.c.id) & _threads.c.id.in_(_candidates(by_article, by_url))
    )
    own_origins = select(func.aggregate_strings(_origins.c.origin, " ")).where(_origins.c.site_id == _sites.c.id)
    named_by_url: Any = null()
    if by_article and by_url:
        other = select(_urls.c.thread_id).where(_urls.c.site_id == _sites.c.id, _urls.c.url_key == bindparam("key"))
        named_by_url = other.scalar_subquery()
    statement = select(
        named_by_url.label("named_by_url"),
        _sites.c.id.label("site_id"),
        _sites.c.slug,
        _sites.c.name.label("site_name"),
        _sites.c.lang,
        _sites.c.policy,
        own_origins.scalar_subquery().label("origins"),
        *(column for column in _threads.c if column.name not in ("id", "site_id")),
        _threads.c.id.label("thread_id"),
    ).select_from(joined)
    statement = statement.where(_sites.c.slug == bindparam("slug")).limit(1)
    if not (by_article and by_url):
        return statement
    # A thread without an id is neither equal nor unequal to one, and PostgreSQL would put that first.
    by_id = _candidates(True, False).scalar_subquery()
    return statement.order_by((_threads.c.id == by_id).desc().nulls_last())


def _candidates(by_article: bool, by_url: bool) -> Any:
    arms = []
    if by_article:
        named = _threads.alias("named")
        of_site = select(func.coalesce(named.c.merged_into, named.c.id)).where(named.c.site_id == _sites.c.id)
        arms.append(of_site.where(named.c.article_id == bindparam("article")))
    if by_url:
        of_site = select(_urls.c.thread_id).where(_urls.c.site_id == _sites.c.id)
        arms.append(of_site.where(_urls.c.url_key == bindparam("key")))
    arms = [arm.correlate(_sites) for arm in arms]
    return arms[0] if len(arms) == 1 else union_all(*arms)


def policy_of(found: Any, *, now: datetime) -> Policy:
    """Give what holds in a thread, of a row with the site's `policy` and the thread's `limits`: the stricter of the two."""
    policy = Policy.model_validate(found.policy or {})
    limits = limits_of(found, now=now)
    return under_limits(policy, limits) if limits else policy


def closes_at(found: Any, policy: Policy) -> datetime | None:
    """Say when a thread closes, or closed, by its age: what its site has set, unless a moderator keeps it open for longer."""
    if not policy.close_after_days or found.created_at is None:
        return None
    old: datetime = found.created_at + timedelta(days=policy.close_after_days)
    return max(old, found.open_until or old)


def is_closed(found: Any, policy: Policy, *, now: datetime) -> bool:
    """Say whether a thread takes no comments, by a moderator's hand or by age."""
    old = closes_at(found, policy)
    return found.state == "closed" or (old is not None and old <= now)


def limits_of(found: Any, *, now: datetime) -> ThreadLimits | None:
    """Give what a moderator set for a thread, or None where that is nothing or over."""
    limits = ThreadLimits.model_validate(found.limits) if found.limits else None
    return limits if limits and limits.until > now else None


def questions_of(found: Any, *, now: datetime) -> Questions | None:
    """Give the questions that a thread takes now or from a later moment on, or None where there are none or they are over."""
    questions = Questions.model_validate(found.questions) if found.questions else None
    return questions if questions and questions.until > now else None


async def policy_for(query: Query, thread_id: str, *, now: datetime) -> Policy:
    """Give what holds in a thread, by its id. Refuses `thread.unknown`."""
    joined = _threads.join(_sites, _sites.c.id == _threads.c.site_id)
    row = await query.first(
        select(_sites.c.policy, _threads.c.limits).select_from(joined).where(_threads.c.id == thread_id)
    )
    if row is None:
        raise NotFound("thread.unknown", thread=thread_id)
    return policy_of(row, now=now)


async def note_named_twice(work: Work, site_id: str, url: str, *, thread_id: str, other_id: str) -> None:
    """Put an address before the desk that names another thread than the id beside it; once, however often it happens."""
    named = NamedTwice(
        site_id=site_id, url_key=url_key(url), thread_id=thread_id, other_id=other_id, url=url, seen_at=work.now
    )
    if await work.q.add_if_new(named):
        work.record("thread.named_twice", site_id=site_id, subject_id=thread_id, other=other_id)


async def by_id(query: Query, thread_id: str) -> Row[Any]:
    """Give a thread's row. Refuses `thread.unknown`."""
    row = await query.first(select(_threads).where(_threads.c.id == thread_id))
    if row is None:
        raise NotFound("thread.unknown", thread=thread_id)
    return row


async def version_of(query: Query, thread_id: str) -> int | None:
    """Give the number that moves with every publicly visible change, or None for no thread."""
    version: int | None = await query.scalar(select(_threads.c.version).where(_threads.c.id == thread_id))
    return version


async def muted_by(query: Query, account_id: str) -> list[Row[Any]]:
    """Give the threads an account wants no news from, the latest first: id, title, url, since."""
    joined = _threads.join(_mutes, _mutes.c.target_id == _threads.c.id)
    columns = (_threads.c.id, _threads.c.title, _threads.c.url, _mutes.c.since)
    statement = select(*columns).select_from(joined).where(_mutes.c.account_id == account_id)
    return list(await query.all(statement.order_by(_mutes.c.since.desc())))


async def forget_author(work: Work, account_id: str) -> None:
    """Part articles here from somebody who leaves."""
    await work.q.run(update(_threads).where(_threads.c.author_id == account_id).values(author_id=None))
    for thread_id, questions in await honouring(work.q, account_id):
        others = tuple(guest for guest in questions.guests if guest.id != account_id)
        kept = questions.model_copy(update={"guests": others}).model_dump(mode="json") if others else None
        await work.q.run(update(_threads).where(_threads.c.id == thread_id).values(questions=kept))


async def honouring(query: Query, account_id: str) -> list[tuple[str, Questions]]:
    """Give the threads in which somebody is or was a guest of honour. Few threads ever take questions."""
    asked = await query.all(select(_threads.c.id, _threads.c.questions).where(_threads.c.questions.is_not(None)))
    read = [(row.id, Questions.model_validate(row.questions)) for row in asked]
    return [(thread_id, questions) for thread_id, questions in read if questions.honours(account_id)]


async def register(
    work: Work,
    site_id: str,
    ref: ArticleRef,
    *,
    title: str,
    source: str,
    author_id: str | None = None,
    section: str = "",
) -> str:
    """Make sure the article has a thread, and give its id. A known article gets the new title, address and section, which all
    come from the paper, never from a reader.

    Where its id and its address name two threads, the id wins and `thread.named_twice` goes to the desk.
    """
    by_article = await _id_by_article(work.q, site_id, ref.article_id)
    by_url = await _id_by_url(work.q, site_id, ref.url)
    if by_article and by_url and by_article != by_url:
        await note_named_twice(work, site_id, str(ref.url), thread_id=by_article, other_id=by_url)
    known = by_article or by_url
    if known is None:
        known = await _open(work, site_id, ref, title=title, source=source, author_id=author_id)
    else:
        await _refresh(work, known, ref, title=title, has_url=by_url is not None)
    if tidy_section(section):
        await put_in_section(work, known, section, site_id=site_id)
    return known


def tidy_section(section: str) -> str:
    """Give a section's name on one line and as long as it may be; '' is none."""
    return " ".join(section.split())[:SECTION_LENGTH].strip()


async def put_in_section(work: Work, thread_id: str, section: str, *, site_id: str) -> None:
    """Say which section of the paper an article stands in; '' for none."""
    name = tidy_section(section) or None
    other = _threads.c.section.is_distinct_from(name)
    if not await work.q.run(update(_threads).where(_threads.c.id == thread_id, other).values(section=name)):
        return
    if name:
        known = work.q.upsert(SiteSection).on_conflict_do_nothing(index_elements=["site_id", "name"])
        await work.q.run(known, {"site_id": site_id, "name": name})
    work.record("thread.sectioned", site_id=site_id, subject_id=thread_id)


async def sections_of(query: Query, site_ids: Collection[str]) -> list[Row[Any]]:
    """Give the sections of sites by name: site_id, name."""
    found = select(_sections).where(_sections.c.site_id.in_(site_ids))
    return list(await query.all(found.order_by(_sections.c.name, _sections.c.site_id)))


async def _id_by_article(query: Query, site_id: str, article_id: str | None) -> str | None:
    if not article_id:
        return None
    remaining = func.coalesce(_threads.c.merged_into, _threads.c.id)
    named = _threads.c.article_id == article_id
    found: str | None = await query.scalar(select(remaining).where(_threads.c.site_id == site_id, named))
    return found


async def _id_by_url(query: Query, site_id: str, url: str | None) -> str | None:
    if not url:
        return None
    by_url = select(_urls.c.thread_id).where(_urls.c.site_id == site_id, _urls.c.url_key == url_key(url))
    return await query.scalar(by_url)


async def named(query: Query, site_id: str, name: str) -> str | None:
    """Give the thread that an article's id or address leads to; None where there is none."""
    if found := await _id_by_article(query, site_id, name):
        return found
    try:
        return await _id_by_url(query, site_id, name)
    except Invalid:
        return None


async def _open(work: Work, site_id: str, ref: ArticleRef, *, title: str, source: str, author_id: str | None) -> str:
    thread = Thread(
        id=new_id(work.now),
        site_id=site_id,
        article_id=ref.article_id,
        url=canonical_url(ref.url) if ref.url else "",
        title=title[:300],
        author_id=author_id,
        source=source,
        created_at=work.now,
    )
    await work.q.add(thread)
    if ref.url:
        await work.q.add(ThreadUrl(site_id=site_id, url_key=url_key(ref.url), thread_id=thread.id))
    work.record("thread.opened", site_id=site_id, subject_id=thread.id, source=source)
    return thread.id


async def _refresh(work: Work, thread_id: str, ref: ArticleRef, *, title: str, has_url: bool) -> None:
    row = await by_id(work.q, thread_id)
    changes: dict[str, Any] = {}
    if title and title[:300] != row.title:
        changes["title"] = title[:300]
    if ref.article_id and row.article_id is None:
        changes["article_id"] = ref.article_id
    if changes:
        await work.q.run(update(_threads).where(_threads.c.id == thread_id).values(changes))
    if ref.url and not has_url:
        await move(work, thread_id, ref.url)


async def move(work: Work, thread_id: str, url: str) -> None:
    """Point a moved article at its new address; the old addresses go on leading to it."""
    row = await by_id(work.q, thread_id)
    statement = work.q.upsert(ThreadUrl)
    statement = statement.on_conflict_do_update(index_elements=["site_id", "url_key"], set_={"thread_id": thread_id})
    await work.q.run(statement, {"site_id": row.site_id, "url_key": url_key(url), "thread_id": thread_id})
    moved = (
        update(_threads)
        .where(_threads.c.id == thread_id)
        .values(url=canonical_url(url), version=_threads.c.version + 1)
    )
    await work.q.run(moved)
    work.record("thread.moved", site_id=row.site_id, subject_id=thread_id)

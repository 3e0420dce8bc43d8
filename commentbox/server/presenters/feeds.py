"""The newest comments of a thread or a site as other programs read them: feeds, front pages, one comment on its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from markupsafe import Markup

from commentbox.server.base import i18n
from commentbox.server.base.db import Query
from commentbox.server.base.errors import NotFound
from commentbox.server.comments import latest, queries
from commentbox.server.comments.tree import Branch
from commentbox.server.presenters import reading
from commentbox.server.presenters.comments import EVERYBODY, CommentView, Scene, comment_view, state_of
from commentbox.server.presenters.places import Place
from commentbox.server.presenters.searching import excerpt
from commentbox.server.presenters.thread import Found, scene_of
from commentbox.server.sites import actions as sites
from commentbox.server.sites.rules import Policy


@dataclass(frozen=True)
class ItemView:
    """A comment in a feed. `html` and `excerpt` are empty where the reader's filter folds it; `href` leads to it."""

    comment: CommentView
    html: Markup
    excerpt: Markup
    title: str
    article: str | None
    href: str


@dataclass(frozen=True)
class FeedView:
    """The newest comments of an article or of a site. `version` is the thread's, None for a whole site."""

    site_name: str
    title: str
    home: str | None
    lang: str
    is_indexable: bool
    items: tuple[ItemView, ...]
    kept_for: str | None
    version: int | None

    @property
    def updated(self) -> datetime | None:
        """Give the moment of the newest change that is shown."""
        moments = [item.comment.edited_at or item.comment.created_at for item in self.items]
        return max(moments, default=None)


@dataclass(frozen=True)
class Wanted:
    """What a feed is to be about: an article of a site (`place` names it), or with `whole` the whole site."""

    place: Place | None
    slug: str
    show: str
    lang: str | None
    origin: str
    limit: int = latest.MOST


async def feed(query: Query, wanted: Wanted, *, now: datetime) -> FeedView:
    """Give a feed, in three statements. Refuses `site.unknown`."""
    if wanted.place is None:
        return await _of_site(query, wanted, now=now)
    found = await reading.find(query, wanted.place)
    scene, row = scene_of(found, wanted.place, now=now), found.row
    late: Sequence[latest.Late] = ()
    if found.thread_id:
        hears_verified = scene.tally.verified_only
        late = await latest.of_thread(query, found.thread_id, verified_only=hears_verified, limit=wanted.limit)
    return FeedView(
        site_name=row.site_name,
        title=row.title or "",
        home=row.url or wanted.place.url,
        lang=reading.language(found, wanted.place),
        is_indexable=found.policy.indexable,
        items=_items(late, scene, wanted, lang=reading.language(found, wanted.place)),
        kept_for=found.thread_id,
        version=row.version or 0,
    )


async def _of_site(query: Query, wanted: Wanted, *, now: datetime) -> FeedView:
    site = await sites.by_slug(query, wanted.slug)
    place = Place(site=wanted.slug, show=wanted.show, lang=wanted.lang)
    scene = Scene(place, EVERYBODY, rule_words=lambda _code: "", is_open=False, verified_only=False, now=now)
    lang = i18n.best(wanted.lang, site.lang)
    late = await latest.of_site(query, site.id, verified_only=scene.tally.verified_only, limit=wanted.limit)
    return FeedView(
        site_name=site.name,
        title="",
        home=None,
        lang=lang,
        is_indexable=Policy.model_validate(site.policy or {}).indexable,
        items=_items(late, scene, wanted, lang=lang),
        kept_for=site.id,
        version=None,
    )


def _items(late: Sequence[latest.Late], scene: Scene, wanted: Wanted, *, lang: str) -> tuple[ItemView, ...]:
    with i18n.use(lang):
        return items_of(late, scene, origin=wanted.origin)


def items_of(late: Sequence[latest.Late], scene: Scene, *, origin: str) -> tuple[ItemView, ...]:
    """Give those comments as items that readers of this place see, in the language of the moment."""
    return tuple(_item(each, scene, origin) for each in late if state_of(each.row, scene.place.show) == "published")


def _item(late: latest.Late, scene: Scene, origin: str) -> ItemView:
    comment = comment_view(Branch(late.row), scene, alone=True)
    html = Markup("") if comment.is_folded else comment.html or Markup("")
    return ItemView(
        comment=comment,
        html=html,
        excerpt=excerpt(html, ()),
        title=late.title,
        article=late.url or None,
        href=link_to(comment.id, late.url, origin),
    )


def link_to(comment_id: str, article: str | None, origin: str) -> str:
    """Give the address where people read a comment: on the paper's page, else on our own."""
    return f"{article}#cb-comment-{comment_id}" if article else f"{origin}/c/{comment_id}"


@dataclass(frozen=True)
class OneView:
    """One comment on its own, to be shown on other people's pages; `href` leads to the talk it is part of."""

    comment: CommentView
    site_name: str
    title: str
    article: str | None
    href: str


async def one(query: Query, place: Place, comment_id: str, *, now: datetime, origin: str) -> tuple[Found, OneView]:
    """Give a comment on its own, or the stub in its place. Refuses `comment.unknown`, also for one never public."""
    where = await queries.place_of(query, comment_id)
    place = replace(place, site=where.slug, url=where.url or None, article_id=where.article_id)
    found = await reading.find(query, place)
    scene = scene_of(found, place, now=now)
    rows: dict[str, Any] = await queries.rows_by_id(query, [comment_id], verified_only=scene.tally.verified_only)
    if comment_id not in rows:
        raise NotFound("comment.unknown", comment=comment_id)
    with i18n.use(reading.language(found, place)):
        view = comment_view(Branch(rows[comment_id]), scene, alone=True)
    href = link_to(comment_id, found.row.url, origin)
    return found, OneView(view, found.row.site_name, found.row.title or "", found.row.url or None, href)

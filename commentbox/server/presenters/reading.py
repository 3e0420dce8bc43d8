"""From an address to a view: finds the thread, reads one page of it, and builds what templates and the API show.

Everything here only reads. Fronts call it; the statements are in the rooms.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from markupsafe import Markup

from commentbox.server import threads
from commentbox.server.base import clock, fulltext, i18n, looks
from commentbox.server.base.db import Query
from commentbox.server.base.errors import NotFound
from commentbox.server.base.ids import looks_like_id
from commentbox.server.comments import mentions, picks, queries, searching, stepping
from commentbox.server.comments.cursors import read_after, read_cursor
from commentbox.server.comments.flat import flat
from commentbox.server.presenters.badges import badge_of
from commentbox.server.presenters.comments import EVERYBODY, CommentView, Reader, shown_html
from commentbox.server.presenters.places import Place
from commentbox.server.presenters.thread import (
    Found,
    ThreadView,
    around_view,
    flat_views,
    found_view,
    fresh_view,
    page_view,
    picks_view,
    replies_view,
    scene_of,
)
from commentbox.server.threads import ArticleRef


@dataclass(frozen=True)
class Asked:
    """What an address asks for beside the place: a page after a cursor, one comment with what is around it, words, or only
    a part of the comments."""

    place: Place
    cursor: str | None = None
    comment: str | None = None
    words: str | None = None
    only: str = ""


@dataclass(frozen=True)
class Listing:
    """A flat page for programs."""

    comments: list[CommentView]
    total: int
    verified_total: int
    hidden: int
    next: str | None
    thread_id: str | None
    version: int


async def find(query: Query, place: Place) -> Found:
    """Give site and thread. Refuses `site.unknown`."""
    row = await threads.find(query, place.site, ArticleRef(article_id=place.article_id, url=place.url, sig=place.sig))
    if row is None:
        raise NotFound("site.unknown", site=place.site[:60])
    return Found(row, threads.policy_of(row, now=clock.now()))


def language(found: Found, place: Place) -> str:
    """Give the language to speak: the one asked for, else the site's."""
    return i18n.best(place.lang, found.row.lang)


def look(found: Found, place: Place) -> str:
    """Give the look to wear: the one asked for, else the site's."""
    return looks.over(found.policy.look, place.theme or "")


async def thread_view(
    query: Query, found: Found, asked: Asked, *, now: datetime, reader: Reader = EVERYBODY
) -> ThreadView:
    """Give a page of a thread in four statements. Refuses `cursor.invalid`, and `comment.unknown` for what is no id."""
    place = asked.place
    scene = scene_of(found, place, now=now, reader=reader, focus=asked.comment)
    verified_only = scene.tally.verified_only
    cursor = None if asked.comment else read_cursor(asked.cursor, place.sort)
    if asked.comment:
        _check_id(asked.comment)
        around = await _around(query, found, asked, verified_only=verified_only)
        if around is not None:
            with i18n.use(language(found, place)):
                return around_view(found, around, scene)
    if asked.words:
        hits = await _hits(query, found, asked.words, sort=place.sort, cursor=cursor, verified_only=verified_only)
        with i18n.use(language(found, place)):
            return found_view(found, asked.words, hits, scene)
    if asked.only == "picks":
        picked = await _picks(query, found, sort=place.sort, cursor=cursor, verified_only=verified_only)
        with i18n.use(language(found, place)):
            return picks_view(found, picked, scene)
    page = queries.Page([], None)
    if found.thread_id:
        how: Any = {"sort": place.sort, "cursor": cursor, "verified_only": verified_only, "part": asked.only}
        page = await queries.page(query, found.thread_id, **how)
    with i18n.use(language(found, place)):
        before = cursor.seen if cursor else 0
        return page_view(found, page, scene, seen_before=before, gone=bool(asked.comment), only=asked.only)


async def _around(query: Query, found: Found, asked: Asked, *, verified_only: bool) -> queries.Around | None:
    """Give a linked comment with what is around it; None where it is gone, or never was for readers: then the thread is
    shown from its beginning, and says so."""
    thread, wanted, after = found.thread_id or "", asked.comment or "", read_after(asked.cursor)
    try:
        return await queries.around(query, thread, wanted, after=after, verified_only=verified_only)
    except NotFound:
        return None


async def _hits(query: Query, found: Found, typed: str, **how: Any) -> searching.Hits:
    words = fulltext.words_in(typed)
    return await searching.search(query, found.thread_id, words, **how) if found.thread_id else searching.Hits()


async def _picks(query: Query, found: Found, **how: Any) -> picks.Picked:
    return await picks.page(query, found.thread_id, **how) if found.thread_id else picks.Picked()


async def replies(
    query: Query, place: Place, comment_id: str, *, after: str, opened: bool, now: datetime
) -> tuple[Found, ThreadView]:
    """Give the next replies of a comment, or with `opened` the comment itself with everything under it.

    `place` needs no article: the comment says where it is.
    """
    _check_id(comment_id)
    where = await queries.place_of(query, comment_id)
    place = replace(place, site=where.slug, url=where.url or None, article_id=where.article_id)
    found = await find(query, place)
    scene = scene_of(found, replace(place, show="everyone") if opened else place, now=now)
    around = await queries.around(
        query, where.thread_id, comment_id, after=read_after(after), verified_only=scene.tally.verified_only
    )
    with i18n.use(language(found, place)):
        return found, replies_view(found, around, scene, itself=opened)


async def fresh(query: Query, found: Found, place: Place, ids: Sequence[str], *, now: datetime) -> ThreadView:
    """Give single comments of a thread as they stand now, each without its replies; what is not to be seen is left out."""
    scene = scene_of(found, place, now=now)
    rows: Sequence[Any] = ()
    if found.thread_id:
        rows = await queries.some(query, found.thread_id, ids, verified_only=scene.tally.verified_only)
    with i18n.use(language(found, place)):
        return fresh_view(found, rows, scene)


def _check_id(comment_id: str) -> None:
    if not looks_like_id(comment_id):
        raise NotFound("comment.unknown", comment=comment_id[:40])


async def listing(query: Query, found: Found, asked: Asked, *, now: datetime) -> Listing:
    """Give a flat page in reading order; pages together give every comment of the thread."""
    place, (total, verified_total) = asked.place, found.counts
    scene = scene_of(found, place, now=now)
    cursor = read_cursor(asked.cursor, place.sort)
    comments, following = [], None
    if found.thread_id and asked.only == "picks":
        picked = await _picks(query, found, sort=place.sort, cursor=cursor, verified_only=scene.tally.verified_only)
        comments, following = flat_views(found, picked.rows, scene), picked.next
    elif found.thread_id:
        verified_only = scene.tally.verified_only
        how: Any = {"sort": place.sort, "cursor": cursor, "verified_only": verified_only, "part": asked.only}
        page = await flat(query, found.thread_id, **how)
        comments, following = flat_views(found, page.rows, scene), page.next
    return Listing(
        comments=comments,
        total=total,
        verified_total=verified_total,
        hidden=total - verified_total if place.show == "verified" else 0,
        next=following.text() if following else None,
        thread_id=found.thread_id,
        version=found.row.version or 0,
    )


async def step(query: Query, found: Found, place: Place, comment_id: str, which: str) -> str:
    """Give the id of the author's next or previous comment for a reader of this place. Refuses `comment.unknown`."""
    _check_id(comment_id)
    verified_only = place.show == "verified"
    return await stepping.step(query, found.thread_id or "", comment_id, which=which, verified_only=verified_only)


async def people(query: Query, found: Found, place: Place) -> list[dict[str, str]]:
    """Give the people of a thread whom a reader of this place hears from: name, and badge in words."""
    if not found.thread_id:
        return []
    named = await mentions.people(query, found.thread_id, verified_only=place.show == "verified")
    with i18n.use(language(found, place)):
        return [{"name": each.name, "badge": badge_of(each.kind).words} for each in named]


async def place_of(query: Query, comment_id: str) -> Any:
    """Say where a comment is: slug, url, article_id. Refuses `comment.unknown`."""
    return await queries.place_of(query, comment_id)


async def public_comment(query: Query, comment_id: str) -> Any:
    """Give a comment that readers see: id, name, html, created_at. Refuses `comment.unknown`."""
    rows = await queries.rows_by_id(query, [comment_id], verified_only=False)
    row = rows.get(comment_id)
    if row is None or row.state != "published":
        raise NotFound("comment.unknown", comment=comment_id[:40])
    return row


def as_shown(found: Found, place: Place, html: str) -> Markup:
    """Give a text that was just rendered as a reader of this place sees it."""
    with i18n.use(language(found, place)):
        return shown_html(html)

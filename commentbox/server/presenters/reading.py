"""From an address to a view: finds the thread, reads one page of it, and builds what templates and the API show.

Everything here only reads. Fronts call it; the statements are in the rooms.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row

from commentbox.server import threads
from commentbox.server.accounts.queries import measures_of
from commentbox.server.accounts.rules import Measure, forbids_posting
from commentbox.server.base import clock, fulltext, i18n, looks
from commentbox.server.base.db import Query
from commentbox.server.base.errors import NotFound
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.ids import looks_like_id
from commentbox.server.comments import mentions, queries, searching, stepping
from commentbox.server.comments.cursors import read_after, read_cursor
from commentbox.server.comments.flat import flat
from commentbox.server.comments.posting import facts_of
from commentbox.server.comments.rules import edit_until
from commentbox.server.presenters.badges import badge_of
from commentbox.server.presenters.comments import EVERYBODY, CommentView, Reader, shown_html
from commentbox.server.presenters.places import Place
from commentbox.server.presenters.thread import (
    Found,
    NoticeView,
    ThreadView,
    around_view,
    flat_views,
    found_view,
    fresh_view,
    page_view,
    replies_view,
    rule_words,
    scene_of,
)
from commentbox.server.presenters.viewer import (
    ComposerView,
    HeldView,
    OwnView,
    ViewerView,
    composer_view,
    hold_words,
    measure_notice,
    removed_notice,
    viewer_view,
)
from commentbox.server.threads import ArticleRef
from commentbox.server.verification.speaking import Speaker
from commentbox.server.votes import recommended_in_thread

REMOVED = 3
"""Newest own removed comments that a thread tells their author about; the account page has them all."""


@dataclass(frozen=True)
class Asked:
    """What an address asks for beside the place: a page after a cursor, one comment with what is around it, or words."""

    place: Place
    cursor: str | None = None
    comment: str | None = None
    words: str | None = None


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
    page = queries.Page([], None)
    if found.thread_id:
        page = await queries.page(query, found.thread_id, sort=place.sort, cursor=cursor, verified_only=verified_only)
    with i18n.use(language(found, place)):
        return page_view(found, page, scene, seen_before=cursor.seen if cursor else 0, gone=bool(asked.comment))


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
    if found.thread_id:
        verified_only = scene.tally.verified_only
        page = await flat(query, found.thread_id, sort=place.sort, cursor=cursor, verified_only=verified_only)
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


async def reader_of(query: Query, found: Found, speaker: Speaker | None, *, now: datetime) -> Reader:
    """Give what a page must know about its one reader."""
    if speaker is None:
        return Reader(account_id="")
    marked, muted = [], {}
    if found.thread_id:
        marked = await recommended_in_thread(query, speaker.account_id, found.thread_id)
        muted = await queries.muted_in_thread(query, found.thread_id, speaker.account_id)
    return Reader(
        account_id=speaker.account_id,
        speaks_verified=speaker.speaks_verified,
        recommended=frozenset(marked),
        muted=muted,
        may_edit_since=now - timedelta(minutes=found.policy.edit_minutes),
    )


@dataclass(frozen=True)
class Writing:
    """What the composer is to hold: a reply or an edit, or a text that was refused, with the sentence why.

    `quotes` begins a reply with the words that it answers; `preview` is how the text would look; `guest_name` is what a
    guest typed; `asks_in` says that signing in would help.
    """

    parent_id: str | None = None
    parent_name: str | None = None
    edits: str | None = None
    text: str = ""
    error: str | None = None
    closed: str | None = None
    preview: Markup | None = None
    quotes: bool = False
    guest_name: str = ""
    asks_in: bool = False


def replying(writing: Writing, parent: CommentView) -> Writing:
    """Say whom a reply answers, or why this reader cannot answer them: before anything is typed."""
    protected = _("Only verified people may reply to this person") if parent.is_protected else None
    closed = None if parent.can_reply or not parent.is_published else parent.closed or protected
    return replace(writing, parent_name=parent.author, closed=closed)


async def viewer_layer(
    query: Query,
    found: Found,
    place: Place,
    speaker: Speaker | None,
    *,
    now: datetime,
    writing: Writing | None = None,
    at_desk: bool = False,
) -> ViewerView:
    """Give the private layer of a thread: composer, own held comments, own marks."""
    writing = writing or Writing()
    measures: tuple[Measure, ...] = ()
    if speaker:
        measures = await measures_of(query, speaker.account_id, site_id=found.row.site_id, now=now)
    blocking = forbids_posting(measures)
    own: Sequence[Any] = ()
    if speaker and found.thread_id:
        own = await queries.own_in_thread(query, found.thread_id, speaker.account_id)
    reader = await reader_of(query, found, speaker, now=now)
    facts = await facts_of(query, speaker, thread_id=found.thread_id)
    with i18n.use(language(found, place)):
        closed = NoticeView(writing.closed) if writing.closed else None
        instead = measure_notice(blocking) if blocking else closed
        watched = [measure_notice(each) for each in measures if each.kind == "held_first" and not blocking]
        return viewer_view(
            place,
            composer_view(found, place, speaker, now=now, instead=instead, facts=facts, **_filled(writing)),
            composer_view(found, place, speaker, now=now, instead=instead, facts=facts),
            held=[_held(row, found, now) for row in own if row.state == "held"],
            removed=watched + [_removed(row, found) for row in own if row.state == "removed"][:REMOVED],
            speaker=speaker,
            at_desk=at_desk,
            recommended=sorted(reader.recommended),
            muted=reader.muted,
            thread_id=found.thread_id,
            own={row.id: _own(row, found) for row in own if row.state != "removed"},
        )


def _filled(writing: Writing) -> dict[str, Any]:
    names = ("parent_id", "parent_name", "edits", "text", "error", "guest_name", "asks_in", "preview")
    fields = {name: getattr(writing, name) for name in names}
    return fields | ({"action": f"/comments/{writing.edits}/edit"} if writing.edits else {})


def _own(row: Any, found: Found) -> OwnView:
    return OwnView(edit_until(row, window_minutes=found.policy.edit_minutes).isoformat(), row.state)


def _removed(row: Any, found: Found) -> NoticeView:
    return removed_notice(rule_words(found.policy, row.hold_rule))


def _held(row: Any, found: Found, now: datetime) -> HeldView:
    return HeldView(
        id=row.id,
        author=row.name,
        badge=badge_of(row.kind),
        created_at=row.created_at,
        html=shown_html(row.html),
        why=hold_words(row.hold_rule),
        can_edit=now <= edit_until(row, window_minutes=found.policy.edit_minutes),
    )


async def editor(
    query: Query, found: Found, place: Place, speaker: Speaker | None, comment_id: str, *, now: datetime
) -> ComposerView:
    """Give the form for editing one's own comment. Refuses `comment.unknown` to everybody else."""
    text = await own_text(query, found, speaker, comment_id)
    writing = Writing(edits=comment_id, text=text)
    with i18n.use(language(found, place)):
        return composer_view(found, place, speaker, now=now, **_filled(writing))


async def own_text(query: Query, found: Found, speaker: Speaker | None, comment_id: str) -> str:
    """Give the text of one's own comment as it was typed. Refuses `comment.unknown`."""
    own: Sequence[Row[Any]] = ()
    if speaker and found.thread_id:
        own = await queries.own_in_thread(query, found.thread_id, speaker.account_id)
    for row in own:
        if row.id == comment_id and row.state != "removed":
            return str(row.text)
    raise NotFound("comment.unknown", comment=comment_id[:40])


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


def hold_sentence(found: Found, place: Place, rule: str | None) -> str:
    """Say to its author why a comment waits."""
    with i18n.use(language(found, place)):
        return hold_words(rule)


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


def composer(found: Found, place: Place, *, now: datetime) -> ComposerView:
    """Give the form as somebody signed out sees it: part of the public layer."""
    with i18n.use(language(found, place)):
        return composer_view(found, place, None, now=now)

"""Threads as other programs take them: Atom and JSON feeds, one comment on its own with oEmbed, a part to inline.

All public, the same bytes for everybody, without a cookie.
"""

import json
import re
from collections.abc import Callable
from html import escape
from typing import Any
from xml.etree import ElementTree

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.accounts.rules import SHOWS
from commentbox.server.base import clock, i18n
from commentbox.server.base.errors import NotFound, Refusal
from commentbox.server.base.i18n import gettext as _
from commentbox.server.gate.asking import asked_of, look_of, place_of
from commentbox.server.gate.forms import Fields, path_id, query_of
from commentbox.server.gate.headers import content_policy
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.public import Built, public
from commentbox.server.gate.refusals import answer
from commentbox.server.presenters import feeds, reading
from commentbox.server.presenters.feeds import FeedView, ItemView, Wanted
from commentbox.server.presenters.places import WINDOW, Place

ATOM = "http://www.w3.org/2005/Atom"
ATOM_TYPE, JSON_TYPE = "application/atom+xml; charset=utf-8", "application/feed+json; charset=utf-8"
WIDTH, HEIGHT = 560, 260
"""The frame of an embedded comment, where the page that asks says nothing; it scrolls if the comment is longer."""
HTML = "text/html; charset=utf-8"
_PERMALINK = re.compile(r"/(?:c|comment)/(\w{16})(?:[?#]|$)|[?&]comment=(\w{16})|#cb-comment-(\w{16})")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


async def atom(request: Request) -> Response:
    """Give the newest comments as an Atom feed."""
    return await _feed(request, ATOM_TYPE, write_atom)


async def json_feed(request: Request) -> Response:
    """Give the newest comments as a JSON feed."""
    return await _feed(request, JSON_TYPE, write_json)


async def _feed(request: Request, kind: str, write: Callable[[FeedView, str, str], str]) -> Response:
    wanted = _wanted(query_of(request), instance_of(request).settings.origin)

    async def build() -> Built:
        async with instance_of(request).db.read() as query:
            view = await feeds.feed(query, wanted, now=clock.now())
        here = f"{wanted.origin}{request.url.path}?{request.url.query}"
        with i18n.use(view.lang):
            body = write(view, here, wanted.origin)
        headers = {"content-type": kind, "content-language": view.lang, "content-security-policy": content_policy()}
        headers |= {} if view.is_indexable else {"x-robots-tag": "noindex"}
        return Built(body, view.kept_for, view.version, headers)

    # The feed names its own address, so each spelling of it is a page of its own.
    return await public(request, repr((request.url.path, request.url.query)), build)


def _wanted(fields: Fields, origin: str) -> Wanted:
    """Read which feed is meant: of an article, or where none is named of the whole site."""
    has_article = fields.optional("url", limit=8000) or fields.optional("article_id", limit=1000)
    place = place_of(fields, WINDOW) if has_article else None
    look = look_of(fields)
    slug, show = fields.needed("site", limit=60), fields.choice("show", SHOWS)
    return Wanted(place=place, slug=slug, show=show, lang=look["lang"], origin=origin)


def _title(view: FeedView) -> str:
    return f"{_('Comments')}: {view.title} · {view.site_name}" if view.title else f"{_('Comments')} · {view.site_name}"


def _heading(item: ItemView) -> str:
    badge = item.comment.badge.words if item.comment.badge else ""
    return f"{item.comment.author} ({badge})" + (f": {item.title}" if item.title else "")


def _html(item: ItemView) -> str:
    return str(item.html) or f"<p>{escape(_('A comment from an unverified person is folded.'))}</p>"


def write_atom(view: FeedView, here: str, origin: str) -> str:
    """Write a feed as Atom; `here` is its own address."""
    root = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": view.lang})
    _add(root, "title", _title(view))
    _add(root, "id", here)
    _add(root, "link", rel="self", type="application/atom+xml", href=here)
    if view.home:
        _add(root, "link", rel="alternate", type="text/html", href=view.home)
    _add(root, "updated", (view.updated or clock.now()).isoformat())
    for item in view.items:
        _entry(root, item, origin)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode")


def _entry(root: ElementTree.Element, item: ItemView, origin: str) -> None:
    comment, entry = item.comment, ElementTree.SubElement(root, "entry")
    _add(entry, "title", _heading(item))
    _add(entry, "id", f"{origin}/c/{comment.id}")
    _add(entry, "link", rel="alternate", type="text/html", href=item.href)
    _add(entry, "published", comment.created_at.isoformat())
    _add(entry, "updated", (comment.edited_at or comment.created_at).isoformat())
    _add(ElementTree.SubElement(entry, "author"), "name", comment.author or "")
    words = comment.badge.words if comment.badge else ""
    _add(entry, "category", term=comment.tier, scheme=f"{origin}/verification", label=words)
    if comment.is_picked:
        _add(entry, "category", term="picked", label=_("Editor’s pick"))
    _add(entry, "content", _html(item), type="html")


def _add(parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: str) -> None:
    element = ElementTree.SubElement(parent, tag, {name: _NOT_XML.sub("", value) for name, value in attributes.items()})
    element.text = None if text is None else _NOT_XML.sub("", text)


def write_json(view: FeedView, here: str, origin: str) -> str:
    """Write a feed as JSON Feed; `here` is its own address."""
    feed: dict[str, Any] = {"version": "https://jsonfeed.org/version/1.1", "title": _title(view), "feed_url": here}
    feed |= {"home_page_url": view.home} if view.home else {}
    feed |= {"language": view.lang, "items": [_json_item(item, origin) for item in view.items]}
    return json.dumps(feed, ensure_ascii=False, separators=(",", ":"))


def _json_item(item: ItemView, origin: str) -> dict[str, Any]:
    comment, badge = item.comment, item.comment.badge
    said = {
        "id": f"{origin}/c/{comment.id}",
        "url": item.href,
        "title": _heading(item),
        "content_html": _html(item),
        "date_published": comment.created_at.isoformat(),
        "authors": [{"name": comment.author}],
        "tags": [comment.tier],
        "_commentbox": {
            "tier": comment.tier,
            "badge": {"kind": badge.kind, "words": badge.words} if badge else None,
            "label": comment.label,
            "picked": comment.is_picked,
            "recommends": {"all": comment.recommends_all, "verified": comment.recommends_verified},
        },
    }
    return said | ({"date_modified": comment.edited_at.isoformat()} if comment.edited_at else {})


async def include(request: Request) -> Response:
    """Give the first page of a thread as a part of a page: plain HTML for the paper's own server to put in its article."""
    asked = asked_of(query_of(request), WINDOW)
    origin = instance_of(request).settings.origin

    async def build() -> Built:
        instance = instance_of(request)
        async with instance.db.read() as query:
            found = await reading.find(query, asked.place)
            view = await reading.thread_view(query, found, asked, now=clock.now())
        lang = reading.language(found, asked.place)
        html = instance.render.html("include.html", lang=lang, view=view, origin=origin)
        headers = {"content-type": HTML, "content-language": lang, "content-security-policy": content_policy()}
        kept = None if asked.words or view.gone else found.thread_id
        return Built(html, kept, found.row.version or 0, headers)

    return await public(request, repr(("/include", asked)), build)


async def comment(request: Request) -> Response:
    """Give one comment on its own, with its badge. Any page may frame it: it is public, and nothing can be done in it."""
    try:
        return await _comment(request)
    except Refusal as refusal:
        response = answer(request, refusal.code, status=refusal.status, data=refusal.data)
        response.headers["content-security-policy"] = content_policy(ancestors="*")
        return response


async def _comment(request: Request) -> Response:
    comment_id, look = path_id(request), look_of(query_of(request))
    place = Place(site="", page=WINDOW, **look)

    async def build() -> Built:
        instance = instance_of(request)
        async with instance.db.read() as query:
            found, view = await feeds.one(query, place, comment_id, now=clock.now(), origin=instance.settings.origin)
        lang = reading.language(found, place)
        html = instance.render.html("one.html", lang=lang, theme=reading.look(found, place), one=view)
        headers = {"content-type": HTML, "content-language": lang}
        headers["content-security-policy"] = content_policy(ancestors="*")
        return Built(html, found.thread_id, found.row.version or 0, headers)

    return await public(request, repr(("/comment", place.fields, comment_id)), build)


async def oembed(request: Request) -> Response:
    """Say how a comment is embedded, to programs that know its address alone (oEmbed 1.0). Refuses `comment.unknown`."""
    fields = query_of(request)
    link = fields.needed("url", limit=8000)
    fields.choice("format", ("json",))
    size = _size(fields, "maxwidth", WIDTH), _size(fields, "maxheight", HEIGHT)
    known = _PERMALINK.search(link)
    comment_id = next((each for each in known.groups() if each), "") if known else ""
    if not comment_id:
        raise NotFound("comment.unknown", comment=link[:40])
    look = look_of(fields)

    async def build() -> Built:
        return await _oembed(request, Place(site="", page=WINDOW, **look), comment_id, size)

    return await public(request, repr(("/oembed", comment_id, size, look)), build)


def _size(fields: Fields, name: str, usual: int) -> int:
    text = fields.text(name, limit=6)
    return min(usual, max(200, int(text))) if text.isascii() and text.isdigit() else usual


async def _oembed(request: Request, place: Place, comment_id: str, size: tuple[int, int]) -> Built:
    instance, (width, height) = instance_of(request), size
    origin = instance.settings.origin
    async with instance.db.read() as query:
        found, view = await feeds.one(query, place, comment_id, now=clock.now(), origin=origin)
    if view.comment.author is None:
        raise NotFound("comment.unknown", comment=comment_id)
    lang = reading.language(found, place)
    with i18n.use(lang):
        title = _("Comment by %(name)s", name=view.comment.author)
    source = escape(f"{origin}/comment/{comment_id}?lang={lang}&show={place.show}")
    frame = f'<iframe src="{source}" title="{escape(title)}" width="{width}" height="{height}" loading="lazy"></iframe>'
    said = {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "author_name": view.comment.author,
        "provider_name": view.site_name,
        "provider_url": view.article or origin,
        "cache_age": 5,
        "width": width,
        "height": height,
        "html": frame,
    }
    headers = {"content-type": "application/json", "content-security-policy": content_policy()}
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return Built(body, found.thread_id, found.row.version or 0, headers)


routes = [
    Route("/feed.atom", atom),
    Route("/feed.json", json_feed),
    Route("/include", include),
    Route("/comment/{id}", comment),
    Route("/oembed", oembed),
]

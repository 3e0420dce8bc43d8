"""Whether an article is the paper's own, so that a thread may open for it: signed in the tag, or seen on the paper's page.

Registering by API, import, desk or demo goes straight to `threads.register`. Title and address always come from the
paper, never from the reader.
"""

import asyncio
import hashlib
import hmac
from contextlib import suppress
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from urllib.parse import urljoin

from commentbox.server import threads
from commentbox.server.base import fetch
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Forbidden, Invalid, NotFound
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.sites import actions as sites
from commentbox.server.sites.addresses import URL_LENGTH
from commentbox.server.sites.rules import is_private_host, origin_of
from commentbox.server.threads import ArticleRef


def site_key(keyring: Keyring, site_id: str, version: int = 1) -> bytes:
    """Give the key a paper signs its tags with; `commentbox site key` prints it in hex. A new version ends the one before."""
    return keyring.key(f"tag:{site_id}" if version == 1 else f"tag:{site_id}:{version}")


@dataclass(frozen=True)
class Opening:
    """What it takes to open a thread: the site's id and slug, the article, our own origin to look for on the page, and which
    of the site's keys signs its tags.
    """

    site_id: str
    slug: str
    ref: ArticleRef
    our_origin: str
    key_version: int = 1


def plainly_foreign(ref: ArticleRef, origins: str) -> str | None:
    """Say without any look why no thread opens for an article nobody registered: the refusal's code, None if one may.

    `origins` are the site's, with spaces between. A signature is left to `open_thread`, which has the key.
    """
    if ref.sig:
        return None
    if ref.url is None:
        return "article.unknown"
    return None if origin_of(ref.url) in origins.lower().split() else "article.foreign"


async def open_thread(db: Database, keyring: Keyring, opening: Opening) -> str:
    """Open the thread of an article nobody registered, if it is the paper's own, and give its id.

    Refuses `article.unknown`, `article.foreign`, `article.unreachable`.
    """
    ref, title, section, source = opening.ref, "", "", "tag"
    if not check_signature(site_key(keyring, opening.site_id, opening.key_version), ref):
        ref, title, section = await _seen_on_page(db, opening)
        source = "fetch"
    async with begin(db) as work:
        return await threads.register(work, opening.site_id, ref, title=title, source=source, section=section)


async def _seen_on_page(db: Database, opening: Opening) -> tuple[ArticleRef, str, str]:
    """Give how the page names its article, its title and its section."""
    if opening.ref.url is None:
        raise NotFound("article.unknown", article_id=opening.ref.article_id)
    async with db.read() as query:
        await sites.check_own_host(query, opening.site_id, opening.ref.url)
    host = origin_of(opening.ref.url).split("://")[1].rsplit(":", 1)[0]
    final, html = await fetch.page(opening.ref.url, may_be_private=is_private_host(host))
    # In a thread: a page made for it keeps the parser busy for seconds.
    seen = await asyncio.to_thread(_read, html, our_origin=opening.our_origin, slug=opening.slug)
    if not seen.has_tag or (seen.article_id or None) != opening.ref.article_id:
        raise Forbidden("article.foreign", reason="no_tag")
    ref = replace(opening.ref, url=_canonical(seen.canonical, final))
    return ref, _seen_title(seen.title), _seen_title(seen.section)


def _canonical(stated: str, final: str) -> str:
    """Give the address a page states for itself, if that can be one of the same origin, else where it was found."""
    try:
        url = urljoin(final, stated)
        own = len(url) <= URL_LENGTH and url.isprintable() and origin_of(url) == origin_of(final)
    except (ValueError, Invalid):
        return final
    return url if own else final


def _seen_title(title: str) -> str:
    """Give a title on one line, without what cannot be seen or turns text around."""
    return " ".join("".join(letter for letter in title if letter.isprintable() or letter.isspace()).split())


@dataclass
class _Page(HTMLParser):
    our_origin: str
    slug: str
    has_tag: bool = False
    article_id: str = ""
    canonical: str = ""
    title: str = ""
    section: str = ""
    _in_title: bool = field(default=False, repr=False)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "script" and values.get("src", "").split("?")[0] == f"{self.our_origin}/loader.js":
            self.has_tag = self.has_tag or values.get("data-site") == self.slug
            self.article_id = self.article_id or values.get("data-article-id", "")
        elif tag == "link" and "canonical" in values.get("rel", "").lower().split():
            self.canonical = self.canonical or values.get("href", "")
        elif tag == "meta" and values.get("property") == "og:title":
            self.title = values.get("content", "")
        elif tag == "meta" and values.get("property") == "article:section":
            self.section = self.section or values.get("content", "")
        self._in_title = tag == "title" and not self.title

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data


def _read(html: str, *, our_origin: str, slug: str) -> _Page:
    """Read a page as far as it can be read. Without `close`, which goes back over an unfinished end again and again."""
    page = _Page(our_origin, slug)
    with suppress(AssertionError):  # what the parser says to a declaration that is none
        page.feed(html)
    return page


def signature(key: bytes, ref: ArticleRef) -> str:
    """Give the `data-sig` of a tag: HMAC-SHA256 in hex over the article's id, a newline, and its address."""
    message = f"{ref.article_id or ''}\n{ref.url or ''}".encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def check_signature(key: bytes, ref: ArticleRef) -> bool:
    """Say whether the tag's signature is the paper's."""
    return bool(ref.sig) and hmac.compare_digest(
        signature(key, ref).encode(), (ref.sig or "").lower().encode("utf-8", "replace")
    )

"""Reads WordPress exports (WXR 1.0 to 1.2, http and https name spaces): RSS items with `<wp:comment>` inside."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from commentbox.server.base.errors import Invalid
from commentbox.server.transfer.canonical import KEPT, Article, Record, State
from commentbox.server.transfer.formats.dates import moment, shifted, utc_offset
from commentbox.server.transfer.formats.names import shown_name
from commentbox.server.transfer.source import Source
from commentbox.server.transfer.xml_scan import LONGEST_TEXT, scan

_WP_SPACE = re.compile(r"https?://(?:www\.)?wordpress\.org/export/[0-9.]+/?")

_ITEM_FIELDS = frozenset(
    ("title", "link", "guid", "wp:post_id", "wp:status", "wp:comment_status", "wp:post_date_gmt", "wp:post_date")
)
_COMMENT_FIELDS = frozenset(
    "wp:comment_" + name for name in ("id", "author", "date", "date_gmt", "content", "approved", "type", "parent")
)
_LONGEST_TITLE = 300

# Comments of these articles were never public; made public, they would tell what the paper had not published.
_NOT_PUBLIC = frozenset(("draft", "private", "pending", "trash", "future", "auto-draft"))

# Not written by readers: other sites' links, and plug-ins' private notes. Every other type is a reader's comment.
_NOT_READERS = frozenset(
    ("pingback", "trackback", "order_note", "edd_payment_note", "webhook_delivery", "action_log", "note", "feedback")
)
_STATES: dict[str, tuple[State, str]] = {
    "1": ("published", ""),
    "approve": ("published", ""),
    "approved": ("published", ""),
    "spam": ("skipped", "spam"),
    "trash": ("deleted", "trash"),
    "post-trashed": ("deleted", "post-trashed"),
}


def read(source: Source, *, notes: Counter[str], mend: bool) -> Iterator[Article | Record]:
    """Give the items and comments of a WordPress export."""
    watcher = _WordPress(notes)
    yield from scan(source, watcher, shorten=_short, notes=notes, mend=mend)
    if not watcher.is_export:
        raise Invalid("import.wrong_format", format="wordpress", root="rss")


def _short(name: str) -> str:
    """Give "wp:comment" for WordPress's own elements, the bare name for RSS's; others get a name nobody asks for."""
    space, _, local = name.rpartition(" ")
    if not space:
        return local
    return f"wp:{local}" if _WP_SPACE.fullmatch(space) else f"other:{local}"


class _WordPress:
    """Gathers one `<item>` and one `<wp:comment>` in it at a time; comments are given before their article is."""

    def __init__(self, notes: Counter[str]) -> None:
        self.is_export = False
        self._notes = notes
        self._items = 0
        self._blog = ""
        self._item: dict[str, str] = {}
        self._comment: dict[str, str] = {}
        self._inside: list[str] = [""] * 6
        self._offset: timedelta | None = None
        self._done: list[Article | Record] = []

    def opened(self, depth: int, name: str, attributes: dict[str, str]) -> bool:
        if depth == 1 and name != "rss":
            raise Invalid("import.wrong_format", format="wordpress", root=name)
        if depth > 5:
            return False
        self._inside[depth] = name
        if name.startswith("wp:"):
            self.is_export = True
        if name == "item" and depth == 3:
            self._items += 1
            self._item = {}
        elif name == "wp:comment" and depth == 4:
            self._comment = {}
        return self._is_wanted(depth, name)

    def _is_wanted(self, depth: int, name: str) -> bool:
        if depth == 5:
            return self._inside[4] == "wp:comment" and name in _COMMENT_FIELDS
        if depth == 4:
            return self._inside[3] == "item" and name in _ITEM_FIELDS
        return depth == 3 and name in ("wp:base_blog_url", "wp:base_site_url", "link")

    def closed(self, depth: int, name: str, text: str) -> None:
        if depth == 5 and text:
            self._comment[name] = text
        elif depth == 4 and name == "wp:comment" and self._inside[3] == "item":
            self._done.append(self._record())
        elif depth == 4 and text:
            self._item[name] = text
        elif depth == 3 and name == "item":
            self._done.append(self._article())
        elif depth == 3 and text and (name != "link" or not self._blog):
            self._blog = _blog_name(text)

    def collected(self) -> list[Article | Record]:
        done, self._done = self._done, []
        return done

    def _article(self) -> Article:
        item = self._item
        link = item.get("link", "").strip() or item.get("guid", "").strip()
        status = item.get("wp:status", "").strip()
        reason = "no_address" if not link.startswith(("http://", "https://")) else ""
        return Article(
            ref=str(self._items),
            id=item.get("wp:post_id", "").strip(),
            url=link,
            title=shown_name(item.get("title", ""), longest=_LONGEST_TITLE),
            closed=item.get("wp:comment_status", "").strip() == "closed",
            created_at=moment(item.get("wp:post_date_gmt", "")) or moment(item.get("wp:post_date", "")),
            reason="not_published" if status in _NOT_PUBLIC else reason,
        )

    def _record(self) -> Record:
        fields = {name.removeprefix("wp:comment_"): text for name, text in self._comment.items()}
        state, reason = _state(fields)
        parent = fields.get("parent", "").strip()
        return Record(
            ref=self._ref(fields.get("id", "").strip() or self._made_up_id(fields)),
            article_ref=str(self._items),
            parent_ref=self._ref(parent) if parent not in ("", "0") else "",
            name=shown_name(fields.get("author", "")),
            html=fields.get("content", "").strip() if state in KEPT else "",
            created_at=self._moment(fields),
            state=state,
            reason=reason,
        )

    def _ref(self, comment_id: str) -> str:
        """Name a comment by its blog too: every WordPress counts from 1, and a paper may merge several."""
        blog = self._blog or _blog_name(self._item.get("link", ""))
        return f"wordpress:{blog}:{comment_id[:60]}"

    def _made_up_id(self, fields: dict[str, str]) -> str:
        said = "\0".join(
            [self._item.get("link", ""), *(fields.get(key, "") for key in ("author", "date", "date_gmt", "content"))]
        )
        return "x" + hashlib.sha256(said.encode()).hexdigest()[:24]

    def _moment(self, fields: dict[str, str]) -> datetime | None:
        """Give the time in UTC. Very old comments have only the blog's clock; a neighbour says how far that is off."""
        utc, local = moment(fields.get("date_gmt", "")), moment(fields.get("date", ""))
        if utc is not None:
            self._offset = utc_offset(local, utc) or self._offset
            return utc
        if local is None:
            return None
        self._notes["dates_guessed"] += 1
        return shifted(local, self._offset)


def _state(fields: dict[str, str]) -> tuple[State, str]:
    kind = fields.get("type", "").strip()
    if kind in _NOT_READERS:
        return "skipped", kind
    if len(fields.get("content", "")) > LONGEST_TEXT:
        return "skipped", "too_long"
    # What WordPress says in a word we do not know is shown to a moderator, not to everybody.
    return _STATES.get(fields.get("approved", "").strip(), ("held", ""))


def _blog_name(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    name = (parts.netloc.rpartition("@")[2] + parts.path).rstrip("/").lower()
    return name if len(name) <= 100 else hashlib.sha256(name.encode()).hexdigest()[:24]

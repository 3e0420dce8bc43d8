"""Reads Disqus XML exports (`<disqus>` with `<thread>` and `<post>`), as they really come: any order, any layout."""

import hashlib
from collections import Counter
from collections.abc import Iterator

from commentbox.server.base.errors import Invalid
from commentbox.server.transfer.canonical import KEPT, Article, Record, State
from commentbox.server.transfer.formats.dates import moment
from commentbox.server.transfer.formats.names import shown_name
from commentbox.server.transfer.source import Source
from commentbox.server.transfer.xml_scan import LONGEST_TEXT, scan

_THREAD_FIELDS = frozenset(("id", "link", "title", "createdAt", "isClosed", "isDeleted"))
_POST_FIELDS = frozenset(("message", "createdAt", "isDeleted", "isSpam", "isApproved"))
_LONGEST_TITLE = 300


def read(source: Source, *, notes: Counter[str], mend: bool) -> Iterator[Article | Record]:
    """Give the threads and posts of a Disqus export."""
    return scan(source, _Disqus(), shorten=_local, notes=notes, mend=mend)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


class _Disqus:
    """Gathers one `<thread>` or `<post>` at a time. Ids stand in attributes (`dsq:id`); `<id>` is the paper's own."""

    def __init__(self) -> None:
        self._fields: dict[str, str] = {}
        self._kind = ""
        self._inside = ""
        self._done: list[Article | Record] = []

    def opened(self, depth: int, name: str, attributes: dict[str, str]) -> bool:
        if depth == 1 and name != "disqus":
            raise Invalid("import.wrong_format", format="disqus", root=name)
        if depth == 2:
            self._kind, self._fields = name, {"ref": attributes.get("id", "").strip()}
        elif depth == 3:
            return self._opened_field(name, attributes)
        elif depth == 4:
            return self._kind == "post" and self._inside == "author" and name == "name"
        return False

    def _opened_field(self, name: str, attributes: dict[str, str]) -> bool:
        self._inside = name
        if self._kind == "thread":
            return name in _THREAD_FIELDS
        if self._kind == "post" and name in ("thread", "parent"):
            self._fields[name] = attributes.get("id", "").strip()
        return self._kind == "post" and name in _POST_FIELDS

    def closed(self, depth: int, name: str, text: str) -> None:
        if depth == 4 and self._inside == "author" and name == "name":
            self._fields["name"] = text
        elif depth == 3 and text:
            self._fields[name] = text
        elif depth == 2 and self._kind == "thread":
            self._done.append(_article(self._fields))
        elif depth == 2 and self._kind == "post":
            self._done.append(_record(self._fields))

    def collected(self) -> list[Article | Record]:
        done, self._done = self._done, []
        return done


def _article(fields: dict[str, str]) -> Article:
    own_id = fields.get("id", "").strip()
    link = fields.get("link", "").strip()
    if not link and own_id.startswith(("http://", "https://")):
        link = own_id
    return Article(
        ref=fields["ref"],
        id=own_id,
        url=link,
        title=shown_name(fields.get("title", ""), longest=_LONGEST_TITLE),
        closed=_is_true(fields.get("isClosed")),
        created_at=moment(fields.get("createdAt", "")),
        reason="deleted" if _is_true(fields.get("isDeleted")) else "" if link else "no_address",
    )


def _record(fields: dict[str, str]) -> Record:
    message = fields.get("message", "").strip()
    state, reason = _state(fields)
    if len(message) > LONGEST_TEXT:
        state, reason = "skipped", "too_long"
    parent = fields.get("parent", "")
    return Record(
        ref=f"disqus:{fields['ref'][:100] or _made_up_ref(fields)}",
        article_ref=fields.get("thread", ""),
        parent_ref=f"disqus:{parent[:100]}" if parent else "",
        name=shown_name(fields.get("name", "")),
        html=message if state in KEPT else "",
        created_at=moment(fields.get("createdAt", "")),
        state=state,
        reason=reason,
    )


def _state(fields: dict[str, str]) -> tuple[State, str]:
    if _is_true(fields.get("isSpam")):
        return "skipped", "spam"
    if _is_true(fields.get("isDeleted")):
        return "deleted", "deleted"
    if not _is_true(fields.get("isApproved", "true")):
        return "held", ""
    return "published", ""


def _made_up_ref(fields: dict[str, str]) -> str:
    """Name a post that has no id by what it says, so that a second run knows it again."""
    said = "\0".join(fields.get(key, "") for key in ("thread", "parent", "createdAt", "name", "message"))
    return "x" + hashlib.sha256(said.encode()).hexdigest()[:24]


def _is_true(text: str | None) -> bool:
    return text is not None and text.strip().lower() in ("true", "1")

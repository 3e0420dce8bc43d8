"""Where a reader is in a thread: an opaque, URL-safe text that says after which comment the next page begins. Pure."""

from typing import NamedTuple

from commentbox.server.base.errors import Invalid
from commentbox.server.base.ids import looks_like_id
from commentbox.server.base.signing import b64url, b64url_bytes

SORTS = ("newest", "oldest", "recommended", "verified", "discussed")
BY_TIME = ("newest", "oldest")
"""Sorts for which the id says it all; the others need the number that was last shown, too."""
_DIGITS = 9
"""More digits than that would not fit the databases' integers."""


class Cursor(NamedTuple):
    """The last comment at the top that was shown, by what it was sorted, and how many comments came before the next.

    `within` is the comment under it that was given last, where a flat page ended inside a top comment's replies.
    """

    sort: str
    id: str
    likes: int = 0
    seen: int = 0
    within: str = ""

    def text(self) -> str:
        """Write the cursor for a link."""
        return b64url(f"{SORTS.index(self.sort)}.{self.id}.{self.likes}.{self.seen}.{self.within}".encode())


def read_cursor(text: str | None, sort: str) -> Cursor | None:
    """Read what `Cursor.text` wrote. Refuses `cursor.invalid`: not ours, or made for another order."""
    if not text:
        return None
    try:
        which, top, likes, seen, within = b64url_bytes(text).decode("ascii").split(".")
    except (ValueError, Invalid):
        raise Invalid("cursor.invalid") from None
    well_formed = (
        looks_like_id(top) and (not within or looks_like_id(within)) and _is_number(likes) and _is_number(seen)
    )
    if not well_formed or which != str(SORTS.index(sort)):
        raise Invalid("cursor.invalid")
    return Cursor(sort, top, int(likes), int(seen), within)


class After(NamedTuple):
    """The last reply of a comment that was shown, and how many comments its replies up to that one hold."""

    id: str = ""
    seen: int = 0

    def text(self) -> str:
        """Write it for a link."""
        return f"{self.id}.{self.seen}" if self.id else ""


def read_after(text: str | None) -> After:
    """Read what `After.text` wrote. Refuses `cursor.invalid`."""
    if not text:
        return After()
    reply, _, seen = text.partition(".")
    if not looks_like_id(reply) or not _is_number(seen):
        raise Invalid("cursor.invalid")
    return After(reply, int(seen))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS

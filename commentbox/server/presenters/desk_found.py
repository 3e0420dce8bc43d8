"""A comment that was looked up at the desk, around the words that were looked for and as it reads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commentbox.server.base import fulltext, markup
from commentbox.server.presenters.desk_case import state_words

BEFORE, LONGEST = 80, 240
"""So many characters stand before the first word that was found, and so many are shown in all."""


@dataclass(frozen=True, slots=True)
class FoundView:
    """One comment: whose, since when, how it stands, and the part of its text with the words; (text, is a word found)."""

    id: str
    name: str
    at: datetime
    state: str
    pieces: tuple[tuple[str, bool], ...]


def found_view(row: Any, typed: str) -> FoundView:
    """Give the view, in the language of the moment."""
    plain, words = markup.plain(row.html), fulltext.words_in(typed)
    first = next(iter(fulltext.spans(plain, words)), (0, 0))[0]
    start = max(0, first - BEFORE)
    shown = ("…" if start else "") + plain[start : start + LONGEST] + ("…" if len(plain) > start + LONGEST else "")
    return FoundView(row.id, row.name, row.created_at, state_words(row.state), _pieces(shown, words))


def _pieces(shown: str, words: list[str]) -> tuple[tuple[str, bool], ...]:
    pieces, at = [], 0
    for start, end in fulltext.spans(shown, words):
        pieces += [(shown[at:start], False), (shown[start:end], True)]
        at = end
    return tuple(piece for piece in (*pieces, (shown[at:], False)) if piece[0])

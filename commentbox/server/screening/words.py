"""Finds a site's words in a text as words of their own: "ass" is not in "class", and Scunthorpe is a town.

Languages that write without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) have no words to see, so there an
entry is found anywhere; Korean hangs its particles behind a word, so there an entry is found at the beginning of one.
"""

import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

_UNSPACED = ("CJK ", "HIRAGANA", "KATAKANA", "THAI ", "LAO ", "KHMER ", "MYANMAR ")
_KOREAN = ("HANGUL",)


class Listed(NamedTuple):
    """A word list made ready: phrases by their first word, beginnings of words, and pieces of text."""

    phrases: dict[str, list[tuple[str, ...]]]
    beginnings: tuple[str, ...]
    pieces: tuple[str, ...]


def first_found(text: str, listed: tuple[str, ...]) -> str | None:
    """Give the first word of the list that stands in the text, folded in case and width; None if there is none."""
    ready, words = _ready(listed), words_of(text)
    for place, word in enumerate(words):
        for phrase in ready.phrases.get(word, ()):
            if tuple(words[place : place + len(phrase)]) == phrase:
                return " ".join(phrase)
        if word.startswith(ready.beginnings):
            return word
    joined = "".join(words)
    return next((piece for piece in ready.pieces if piece in joined), None)


def words_of(text: str) -> list[str]:
    """Split a text into its words: letters, marks and digits, folded; invisible characters inside a word do not part it."""
    return "".join(map(_folded, unicodedata.normalize("NFKC", text).casefold())).split()


@cache
def _folded(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    return char if category[0] in "LMN" else " "


@lru_cache(maxsize=64)
def _ready(listed: tuple[str, ...]) -> Listed:
    phrases: dict[str, list[tuple[str, ...]]] = {}
    beginnings, pieces = [], []
    for words in filter(None, map(words_of, listed)):
        if _is_written_in("".join(words), _UNSPACED):
            pieces.append("".join(words))
        elif len(words) == 1 and _is_written_in(words[0], _KOREAN):
            beginnings.append(words[0])
        else:
            phrases.setdefault(words[0], []).append(tuple(words))
    return Listed(phrases, tuple(beginnings), tuple(pieces))


def _is_written_in(word: str, scripts: tuple[str, ...]) -> bool:
    return any(unicodedata.name(char, "").startswith(scripts) for char in word)

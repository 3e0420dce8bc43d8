"""Full text on each database: finding comments by the beginnings of their words. `base/db.py` says which of the two it is.

The index is kept by the database itself, by triggers (see the migration `0006_search`), so that nothing which writes a
comment has to think of it. The words of published, held and removed comments are in it; who may find which, the asker says.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MOST_WORDS = 8
"""More words narrow a search no further, and each costs a look into the index."""
_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670]")


@dataclass(frozen=True)
class Fulltext:
    """How one database is asked. `ids` selects comment ids by `:words`, which `spell` writes for a thread or (None) for all."""

    ids: str
    spell: Callable[[str | None, Sequence[str]], str]


def words_in(typed: str) -> list[str]:
    """Give the words of what was typed, each once; operators, quotes and pictures are none."""
    found = (each.lower() for each in _WORD.findall(unicodedata.normalize("NFC", typed)))
    return list(dict.fromkeys(found))[:MOST_WORDS]


def folded(word: str) -> str:
    """Give a word as the index has it: small letters without accents and vowel points."""
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", word))
    return unicodedata.normalize("NFC", bare).lower()


def spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Say where in a text the words are found, by the beginnings of its own words."""
    begins = tuple(folded(word) for word in words)
    return [found.span() for found in _WORD.finditer(text) if begins and folded(found[0]).startswith(begins)]


def _for_sqlite(thread_id: str | None, words: Sequence[str]) -> str:
    wanted = " AND ".join(f'"{word}" *' for word in words)
    there = f'thread : "{thread_id}" AND ' if thread_id else ""
    return f"{there}words : ({wanted})"


def _for_postgresql(thread_id: str | None, words: Sequence[str]) -> str:
    # A compatibility letter may fold into several words; nothing but letters and digits ever comes between the quotes.
    parts = [part for word in words for part in _WORD.findall(folded(word))]
    there = [f"'{thread_id}'"] if thread_id else []
    return " & ".join([*there, *(f"'{part}':*" for part in parts)])


SQLITE = Fulltext(
    "SELECT searched.comment_id FROM comment_search JOIN searched ON searched.n = comment_search.rowid "
    "WHERE comment_search MATCH :words",
    _for_sqlite,
)
POSTGRESQL = Fulltext(
    "SELECT comment_id FROM searched WHERE words @@ CAST(CAST(:words AS text) AS tsquery)",
    _for_postgresql,
)

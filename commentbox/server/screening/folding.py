"""Splits a text into words and undoes disguises: f.u.c.k, sh1t, fuuuck, Cyrillic letters among Latin ones. Pure.

A word has one plain form, folded in case and width, and, only if it is written like a disguise, forms that say what it
looks like. Ordinary words have none, so that 455 is no word, "fall" is not "fail" and a Russian word is not a Latin one.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from commentbox.server.accounts.skeletons import look

SPELLED_FROM = 3
"""So many letters in a row, each alone, are read as one word: "f u c k", but not "as s"."""
_CHUNK = re.compile(r"\S+")
_EDGES = ".,;:!?\"'()[]{}<>…–—-“”„«»‹›‘’`*_~/"
_GLUE = dict.fromkeys(map(ord, "*_\\~"))
"""Marks of emphasis: "wo**rd**" reads as one word, also where no Markdown made it bold."""
_SIGNS = {"@": "a", "$": "s", "€": "e", "!": "l", "|": "l", "+": "t"}
_DIGITS = {"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b"}
_RUN = re.compile(r"(.)\1{2,}")
_MOST_KEPT = 20_000
"""More different characters than any paper sees; whoever sends all of Unicode fills no memory."""


class Word(NamedTuple):
    """A word: as its language writes it, from where to where it stands, and what it looks like if it is a disguise."""

    plain: str
    start: int
    end: int
    looks: tuple[str, ...] = ()


def words_in(text: str) -> list[Word]:
    """Give the words of a text in reading order, letters spelled one by one put together after them."""
    stretched = _RUN.search(text.casefold()) is not None
    found: list[Word] = []
    for chunk in _CHUNK.finditer(text):
        core = chunk[0].strip(_EDGES)
        if core.isascii() and core.isalpha():
            start = chunk.start() + chunk[0].index(core)
            found.append(_ordinary(core, start))
        else:
            found += _careful(chunk[0], chunk.start())
    found += _spelled(found)
    return [_relaxed(word) for word in found] if stretched else found


def plain_words(text: str, *, keep: str = "") -> list[str]:
    """Split a text into its words in their plain form; what stands between them is gone, but for the signs to `keep`."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char if char in keep else _KEPT[ord(char)] for char in folded).split()


def look_of(word: str) -> str:
    """Give what a plain word looks like: two words that readers take for each other have the same."""
    return word.translate(_LOOKS)


def _ordinary(core: str, start: int) -> Word:
    """A word of plain letters; capitals inside it may be there for their look ("sIut")."""
    plain = core.lower()
    odd = not (core[1:].islower() or core.isupper() or len(core) == 1)
    return Word(plain, start, start + len(core), (look_of(plain),) if odd else ())


def _careful(chunk: str, offset: int) -> Iterator[Word]:
    """Give the words of a piece with more than plain letters in it, and what they look like where that is a disguise."""
    looks = dict(_disguises(chunk, offset))
    for word in _runs(chunk, offset, _KEPT):
        look = looks.pop((word.start, word.end), None)
        yield word._replace(looks=(look,)) if look else word
    yield from (Word("", *place, (look,)) for place, look in looks.items())
    if any(ord(char) in _GLUE for char in chunk.strip(_EDGES)):
        for whole in plain_words(chunk.translate(_GLUE)):
            yield Word(whole, offset, offset + len(chunk))


def _disguises(chunk: str, offset: int) -> Iterator[tuple[tuple[int, int], str]]:
    core = chunk.strip(_EDGES)
    before = offset + (chunk.index(core) if core else 0)
    for word in _runs(core, before, _SIGNED):
        bare = _bare(word.plain)
        if _is_disguise(bare) or (not word.plain.isascii() and _mixes(word.plain)):
            yield (word.start, word.end), look_of(bare)


def _runs(chunk: str, offset: int, table: "_Table") -> Iterator[Word]:
    """Give the words inside a piece without white space, as a table says what belongs to one."""
    kept, start = "", 0
    for place, char in enumerate(chunk):
        folded = table[ord(char)]
        if folded == " ":
            if kept:
                yield Word(kept, offset + start, offset + place)
            kept = ""
            continue
        start = start if kept else place
        kept += folded
    if kept:
        yield Word(kept, offset + start, offset + len(chunk))


def _is_disguise(word: str) -> bool:
    """Say whether digits or signs stand in for letters: there are letters too, and as many as digits, but "B52" is a name."""
    letters = sum(char.isalpha() for char in word)
    digits = sum(char.isdigit() for char in word)
    signs = sum(char in _SIGNS for char in word)
    if not (digits or signs) or not letters or word.strip("!|+").isalpha():
        return False
    return digits < letters or (digits == letters and letters > 1)


def _mixes(word: str) -> bool:
    """Say whether plain Latin letters stand beside what only looks like some, or under marks that no language writes."""
    latin = any(char.isascii() and char.isalpha() for char in word)
    return latin and any(_LOOKS[ord(char)].isascii() or _is_loose_mark(char) for char in word if not char.isascii())


def _is_loose_mark(char: str) -> bool:
    return unicodedata.category(char) == "Mn"


def _bare(word: str) -> str:
    """Take away marks that stand loose on Latin letters: composed letters keep theirs, "año" is not "ano"."""
    return "".join(char for char in word if not _is_loose_mark(char))


def _spelled(words: list[Word]) -> list[Word]:
    """Put together letters that stand alone, one after the other."""
    found, run = [], []
    for word in [*words, Word("  ", 0, 0)]:
        if len(word.plain) == 1:
            run.append(word)
        if len(word.plain) < 2:
            continue
        if len(run) >= SPELLED_FROM:
            plain = "".join(each.plain for each in run)
            looks = (look_of(plain),) if _is_disguise(plain) or not plain.isascii() else ()
            found.append(Word(plain, run[0].start, run[-1].end, looks))
        run = []
    return found


def _relaxed(word: Word) -> Word:
    """Add forms without the letters that were drawn out, once and twice each."""
    plain = word.plain
    if not _RUN.search(plain):
        return word
    forms = (_RUN.sub(r"\1", plain), _RUN.sub(r"\1\1", plain))
    return word._replace(looks=(*word.looks, *map(look_of, forms)))


class _Table(dict[int, str]):
    """Characters as words have them, made as they come up: "" for what cannot be seen, a blank for what parts words."""

    def __init__(self, signs: dict[str, str]) -> None:
        super().__init__({ord(char): char for char in signs})

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        folded = unicodedata.normalize("NFKC", char).casefold()
        kept = "" if category == "Cf" else folded if category[0] in "LMN" else " "
        if len(self) < _MOST_KEPT:
            self[code] = kept
        return kept


class _Looks(dict[int, str]):
    """What a letter looks like, made as it comes up; i, l and 1 are one."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        seen = char if char.isascii() else look(char).casefold()
        self[code] = seen = "l" if seen in ("i", "1") else seen
        return seen


_KEPT, _SIGNED = _Table({}), _Table(_SIGNS)
_LOOKS = _Looks({ord(char): seen for char, seen in (_SIGNS | _DIGITS).items()})

"""Finds a site's words in a text as words of their own: "ass" is not in "class", and Scunthorpe is a town. Pure.

Languages that write without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) have no words to see, so there an
entry is found anywhere; Korean hangs its particles behind a word, so there an entry is found at the beginning of one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, Protocol

from commentbox.server.screening import languages
from commentbox.server.screening.folding import Word, look_of, plain_words, words_in
from commentbox.server.screening.patterns import ANY, STAR, Patterns

EFFECTS = ("block", "hold", "nudge")
"""What a list does, the strongest first: it refuses a comment, holds it, or lets its writer think again."""
MOST_FOUND = 30
"""More of one list in one text than this says nothing new."""
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003ffff]"
)
_KOREAN = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_WILD = re.compile(r"[*?]")


class WordList(Protocol):
    """A list as the policy has it. `effect` is block, hold or nudge; `lang` is '' for every language."""

    @property
    def name(self) -> str:
        """What the paper calls it."""

    @property
    def effect(self) -> str:
        """What comes of it."""

    @property
    def lang(self) -> str:
        """For which language."""

    @property
    def entries(self) -> tuple[str, ...]:
        """Words, or several in a row, with wildcards."""


class Found(NamedTuple):
    """An entry of a list, and from where to where it stands in the text."""

    listed: WordList
    start: int
    end: int


@dataclass
class _Node:
    """A place in the tree of entries: what ends here, and which words may follow."""

    ends: list[WordList] = field(default_factory=list)
    after: dict[str, "_Node"] = field(default_factory=dict)


def found_in(text: str, lists: tuple[WordList, ...]) -> list[Found]:
    """Give what stands in a text of the lists that are for its language, in reading order."""
    if not lists:
        return []
    return list(_in_its_language(_ready(lists), text))


def _in_its_language(ready: "_Ready", text: str) -> Iterator[Found]:
    words, speaks, counted = words_in(text), None, dict[str, int]()
    hits = {(each.start, each.end, each.listed.name): each for each in (*ready.words(words), *ready.pieces(text))}
    for _place, hit in sorted(hits.items()):
        if hit.listed.lang:
            speaks = languages.language_of(word.plain for word in words) if speaks is None else speaks
            if speaks not in ("", hit.listed.lang):
                continue
        counted[hit.listed.name] = counted.get(hit.listed.name, 0) + 1
        if counted[hit.listed.name] <= MOST_FOUND:
            yield hit


class _Ready:
    """Lists made ready: a tree of entries word by word, and pieces of text for languages without spaces."""

    def __init__(self, lists: Iterable[WordList]) -> None:
        self._root, known = _Node(), dict[str, None]()
        self._pieces: dict[str, list[WordList]] = {}
        for listed in sorted(lists, key=lambda each: EFFECTS.index(each.effect)):
            for words in filter(None, map(entry_words, listed.entries)):
                if _UNSPACED.search("".join(words)):
                    self._pieces.setdefault(_WILD.sub("", "".join(words)), []).append(listed)
                    continue
                known |= dict.fromkeys(words)
                self._node(words).ends.append(listed)
        self._vocabulary = Vocabulary(known)
        self._lengths: dict[str, set[int]] = {}
        for piece in self._pieces:
            self._lengths.setdefault(piece[0], set()).add(len(piece))

    def _node(self, words: Sequence[str]) -> _Node:
        node = self._root
        for word in words:
            node = node.after.setdefault(word, _Node())
        return node

    def words(self, words: Sequence[Word]) -> Iterator[Found]:
        """Give what stands in words, one after the other."""
        met: dict[tuple[str, tuple[str, ...]], set[str]] = {}
        for word in words:
            if (word.plain, word.looks) not in met:
                met[word.plain, word.looks] = self._vocabulary.fitted_by(word)
        fits = [met[word.plain, word.looks] for word in words]
        for place, first in enumerate(words):
            if not fits[place]:
                continue
            nodes, reached = [self._root], place
            while nodes and reached < len(words):
                nodes = [node.after[each] for node in nodes for each in fits[reached] if each in node.after]
                ending = {id(listed): listed for node in nodes for listed in node.ends}
                yield from (Found(listed, first.start, words[reached].end) for listed in ending.values())
                reached += 1

    def pieces(self, text: str) -> Iterator[Found]:
        """Give what stands in a text of a language without spaces, wherever it begins."""
        if not self._pieces or not _UNSPACED.search(text):
            return
        folded = [(letter, place) for place, char in enumerate(text) for letter in "".join(plain_words(char))]
        joined = "".join(letter for letter, _ in folded)
        for at, letter in enumerate(joined):
            for length in self._lengths.get(letter, ()):
                for listed in self._pieces.get(joined[at : at + length], ()):
                    yield Found(listed, folded[at][1], folded[at + length - 1][1] + 1)


class Vocabulary:
    """The words of all entries, and which of them a word of a text fits: as it is written, or as it looks."""

    def __init__(self, words: Iterable[str]) -> None:
        """Keep plain words in tables and those with wildcards in an automaton."""
        known = list(words)
        self._plain = {word for word in known if not _WILD.search(word)}
        self._wild = Patterns(word for word in known if word not in self._plain)
        self._looks: dict[str, list[str]] = {}
        for word in known:
            self._looks.setdefault(_look(word), []).append(word)
        self._wild_looks = Patterns(look for look in self._looks if _WILD.search(look))

    def fitted_by(self, word: Word) -> set[str]:
        """Give the words of entries that a word fits."""
        found = {word.plain} & self._plain if word.plain else set()
        found.update(self._wild.fitted_by(word.plain))
        for look in word.looks:
            found.update(self._looks.get(look, ()))
            for pattern in self._wild_looks.fitted_by(look):
                found.update(self._looks[pattern])
        return found


def entry_words(entry: str) -> list[str]:
    """Give the words of an entry, folded, their wildcards kept; one in Korean stands for all that begins with it."""
    words = [re.sub(r"\*+", STAR, word) for word in plain_words(entry, keep=ANY + STAR)]
    words = [word for word in words if word.strip(ANY + STAR)]
    if len(words) == 1 and _KOREAN.search(words[0]):
        return [words[0].rstrip(STAR) + STAR]
    return words


def _look(word: str) -> str:
    """Give what a word of an entry looks like; wildcards stay what they are."""
    return "".join(each if each in (ANY, STAR) else look_of(each) for each in re.split(r"([*?])", word))


@lru_cache(maxsize=64)
def _ready(lists: tuple[WordList, ...]) -> _Ready:
    return _Ready(lists)

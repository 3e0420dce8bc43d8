"""Patterns with wildcards, all of a list at once: `?` is one letter, `*` any number of them, both within a word. Pure.

A bit-parallel automaton (Baeza-Yates and Gonnet 1992, with the star of Navarro and Raffinot 2002): one bit for each letter
of each pattern, a few operations on one long number for each letter of a word. Its time grows with the letters of the word
and the number of bits, whatever the patterns are, so none can stall anything.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

ANY, STAR = "?", "*"
LONGEST_WORD = 100
"""Longer ones are looked at so far: nobody's language has them, and what begins like an entry is found all the same."""
HEAD = 3
MOST_FITTED = 40
"""A word that fits more patterns than this is caught already; the first ones count."""


class Patterns:
    """Says which of its patterns a whole word fits. Those that begin with a star are read from the end of the word."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """Sort the patterns by the end from which they are read."""
        known = list(patterns)
        backward = {each for each in known if each.startswith(STAR) and not each.endswith(STAR)}
        self._forward = _Grouped(each for each in known if each not in backward)
        self._backward = _Grouped(each[::-1] for each in known if each in backward)

    def fitted_by(self, word: str) -> list[str]:
        """Give the patterns that a word fits from its first letter to its last."""
        return self._forward.fitted_by(word) + [each[::-1] for each in self._backward.fitted_by(word[::-1])]


class _Grouped:
    """Patterns by their first letters, so that a word meets those of its own only; the others, under "", meet every word."""

    def __init__(self, patterns: Iterable[str]) -> None:
        groups: dict[str, list[str]] = {}
        for pattern in patterns:
            head = pattern[:HEAD]
            groups.setdefault(head if head.isalnum() and len(head) == HEAD else "", []).append(pattern)
        self._groups = {head: _Automaton(group) for head, group in groups.items()}

    def fitted_by(self, word: str) -> list[str]:
        groups = self._groups
        return [each for head in {"", word[:HEAD]} if head in groups for each in groups[head].fitted_by(word)]


class _Automaton:
    """Patterns side by side, a bit for each letter or `?`."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._pattern_at: dict[int, str] = {}
        self._letters: dict[str, int] = {}
        self._any = self._stays = self._first = self._always = self._last = 0
        bit = 0
        for pattern in patterns:
            bit = self._add(pattern, bit)
        self._letters = {letter: bits | self._any for letter, bits in self._letters.items()}

    def fitted_by(self, word: str) -> list[str]:
        state, enter = 0, self._first
        for letter in word[:LONGEST_WORD]:
            state = (((state & ~self._last) << 1 | enter) & self._letters.get(letter, self._any)) | state & self._stays
            enter = self._always
            if not (state or enter):
                return []
        return [self._pattern_at[bit] for bit in islice(_bits(state & self._last), MOST_FITTED)]

    def _add(self, pattern: str, bit: int) -> int:
        letters = pattern.lstrip(STAR)
        if not letters:
            return bit
        self._first |= 1 << bit
        self._always |= (1 << bit) * (letters != pattern)
        for letter in letters:
            if letter == STAR:
                self._stays |= 1 << bit - 1  # the letter before it stays found, whatever comes
                continue
            if letter == ANY:
                self._any |= 1 << bit
            else:
                self._letters[letter] = self._letters.get(letter, 0) | 1 << bit
            bit += 1
        self._last |= 1 << bit - 1
        self._pattern_at[bit - 1] = pattern
        return bit


def _bits(number: int) -> Iterator[int]:
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest

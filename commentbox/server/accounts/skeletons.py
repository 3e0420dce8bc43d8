"""Skeletons (UTS #39): two names that look alike have the same one. Pure; kept with every name to hold it unique.

The standard's prototypes are for one letter case. Readers see both, so a prototype here goes by how the small letter
looks and, where that is nothing Latin, by the capital: Cyrillic н is Н is H. And i, l, I and 1 are one letter, since
"PayPaI" with a capital I is the oldest trick. Greek capitals Ν and Υ alone keep the look of their small letters.
"""

import json
import re
import unicodedata
from functools import cache

from commentbox.server.accounts.letters import JOINERS, PUNCTUATION, is_word_part, package_text, tidy

_DROPPED = dict.fromkeys(map(ord, PUNCTUATION | JOINERS))
_DIRECTION_MARK = "\u200e"  # the file puts it around right-to-left characters
_SMALL_CAPITAL = re.compile(r"LATIN LETTER SMALL CAPITAL ([A-Z])")
_STEPS = 8  # every prototype is stable after four


def skeleton(text: str) -> str:
    """Give what two look-alike names share. Its own skeleton is itself; never empty unless the text is."""
    folded = shape = _folded(tidy(text))
    for _ in range(_STEPS):
        earlier, shape = shape, _folded("".join(map(look, shape.translate(_DROPPED)))).replace("vv", "w")
        if earlier == shape:
            break
    return shape or folded


def _folded(text: str) -> str:
    """Decompose and fold the case; the Turkish capital İ becomes a plain i."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).casefold()).replace("i\u0307", "i")


@cache
def _looks() -> dict[str, str]:
    """Give the prototypes of the letters, marks and digits: about 2,000 of the file's 6,300 characters."""
    read: dict[str, list[str]] = json.loads(package_text("confusables.json"), object_hook=_only_the_character)
    seen: set[str] = set()
    looks: dict[str, str] = {}
    for source, peers in read.items():
        # The file lost the direction of its pairs. A prototype never has one itself and stands after its first source.
        if len(peers) > 1 or peers[0] in seen:
            continue
        seen.add(source)
        if _is_letter(letter := source.strip(_DIRECTION_MARK)):
            looks[letter] = peers[0].strip(_DIRECTION_MARK)
    return looks


def _only_the_character(read: dict[str, object]) -> object:
    """Drop the long names while the file is being read; they are nine tenths of it."""
    return read["c"] if read.keys() == {"c", "n"} and isinstance(read["c"], str) else read


def _is_letter(text: str) -> bool:
    return len(text) == 1 and is_word_part(text) and not unicodedata.decomposition(text).startswith("<")


@cache
def look(char: str) -> str:
    """Give what a small letter, a mark or a digit looks like in either case."""
    if char == "i":
        return "l"  # as its capital does
    small = _looks().get(char, char)
    if small.isascii():
        return small
    capital = _looks().get(char.upper(), char.upper())
    if len(capital) == 1 and capital.isascii():
        return capital
    named = _SMALL_CAPITAL.fullmatch(unicodedata.name(small, "")) if len(small) == 1 else None
    return named[1] if named else small

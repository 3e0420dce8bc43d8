"""What the local classifier sees of a text: its words, pairs of words, and letters in fours, hashed into so many places. Pure.

No word is kept anywhere: a place stands for whatever falls into it.
"""

import re
import unicodedata
import zlib
from collections import Counter
from itertools import pairwise

PLACES = 1 << 16
LONGEST = 5000
"""Characters that are looked at; what a comment is shows long before."""
_WORD = re.compile(r"[^\W_]+|[!?]{2,}")
_ADDRESS = re.compile(r"https?://\S+|\bwww\.\S+")
_SAME = re.compile(r"(.)\1{2,}")


def features(text: str) -> dict[int, float]:
    """Give the places a text falls into, each with its weight; all of them together have length one."""
    words = words_of(text)
    seen: Counter[int] = Counter()
    seen.update(_place("w", word) for word in words)
    seen.update(_place("p", f"{one} {other}") for one, other in pairwise(words))
    for word in words:
        edged = f" {word} "
        seen.update(_place("c", edged[at : at + 4]) for at in range(max(1, len(edged) - 3)))
    damped = {place: 1.0 + 0.5 * (count > 1) for place, count in seen.items()}
    length = sum(weight * weight for weight in damped.values()) ** 0.5 or 1.0
    return {place: weight / length for place, weight in damped.items()}


def words_of(text: str) -> list[str]:
    """Split a text into folded words; an address is the word `address`, and a letter drawn out is written twice."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).casefold()
    return _WORD.findall(_SAME.sub(r"\1\1", _ADDRESS.sub(" address ", plain)))


def _place(kind: str, piece: str) -> int:
    return zlib.crc32(f"{kind}:{piece}".encode("utf-8", "replace")) % PLACES

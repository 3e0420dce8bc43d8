"""What changed between two revisions of a text, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"\s+|\S+")
MOST_WORDS = 4000
"""Comparing is quadratic at worst; beyond this the whole text counts as changed."""


@dataclass(frozen=True, slots=True)
class PieceView:
    """A stretch of text: `same`, `gone` or `new`."""

    kind: str
    text: str


def changes(before: str, after: str) -> tuple[PieceView, ...]:
    """Give both texts as one line of pieces, in reading order."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) + len(new) > MOST_WORDS:
        return (PieceView("gone", before), PieceView("new", after))
    pieces = []
    for tag, start, end, from_, to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(PieceView("same", "".join(old[start:end])))
            continue
        pieces += [PieceView("gone", "".join(old[start:end]))] if end > start else []
        pieces += [PieceView("new", "".join(new[from_:to]))] if to > from_ else []
    return tuple(pieces)

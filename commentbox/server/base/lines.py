"""Other people's words where a browser does not keep them apart from ours: in the header of a mail, in plain text."""

import unicodedata

_JOINERS = "\u200c\u200d"  # they make letters of Persian and Indic scripts; the other invisible signs only mislead
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def one_line(text: str, longest: int) -> str:
    """Give a text in one line of so many characters at most, without signs that are not seen or turn the direction."""
    line = " ".join("".join(char if _is_seen(char) else " " for char in text).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def seen_lines(text: str, longest: int) -> str:
    """Give a text of several lines likewise, cut at a word where it is too long."""
    lines = "\n".join("".join(filter(_is_seen, line)) for line in text.split("\n"))
    return lines if len(lines) <= longest else lines[:longest].rpartition(" ")[0].rstrip() + " …"


def _is_seen(char: str) -> bool:
    return char in _JOINERS or unicodedata.category(char) not in _UNSEEN

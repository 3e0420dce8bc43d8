"""Cleans the names and titles of old systems: markup and entities read, nothing invisible, no e-mail address."""

import re
import unicodedata

from commentbox.server.base.markup import plain

_LONGEST = 80
_ADDRESS = re.compile(r"^([^@\s]{1,64})@[^@\s]+\.[^@\s]+$")
_SPACES = re.compile(r"\s+")
# Persian, Indic scripts and joined emoji need these two; every other format character is invisible mischief.
_JOINERS = "\u200c\u200d"


def shown_name(text: str, *, longest: int = _LONGEST) -> str:
    """Give the name on one line, without tags, control and direction characters. Empty stays empty.

    Some old systems took an e-mail address for a name: only what stands before the @ is kept, as no address may be
    stored or shown.
    """
    if "<" in text or "&" in text:
        text = plain(text)
    name = _SPACES.sub(" ", text if text.isascii() and text.isprintable() else _visible(text)).strip()[:longest]
    address = _ADDRESS.match(name)
    return address[1] if address else name


def _visible(text: str) -> str:
    return "".join(_seen(letter, unicodedata.category(letter)) for letter in text)


def _seen(letter: str, category: str) -> str:
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category in ("Cf", "Co", "Cs") and letter not in _JOINERS else letter

"""Time-ordered ids, made by the application: 16 characters, 48 bits of milliseconds and 32 of chance.

Sorting ids sorts by time of making, so that every keyset index can end in the id. Imports make ids for their own dates.
"""

import secrets
import threading
from datetime import datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 16
_lock = threading.Lock()
_last = 0


def new_id(at: datetime) -> str:
    """Give an id for the moment `at` (aware). Ids made in one process for the same millisecond still ascend."""
    global _last
    fresh = (max(0, int(at.timestamp() * 1000)) << 32) | secrets.randbits(32)
    with _lock:
        if fresh >> 32 == _last >> 32 and fresh <= _last:
            fresh = _last + 1
        _last = fresh
    return encode(fresh)


def first_id(at: datetime) -> str:
    """Give what comes before every id made at the moment `at` or later: for asking by age where ids are indexed."""
    return encode(max(0, int(at.timestamp() * 1000)) << 32)


def encode(number: int) -> str:
    """Write an 80-bit number in 16 base-32 characters that sort as the number does."""
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(75, -1, -5))


def looks_like_id(text: str) -> bool:
    """Say whether `text` could be one of our ids; a cheap check before any look-up."""
    return len(text) == _LENGTH and all(letter in _ALPHABET for letter in text)

"""What strangers send must not stay: addresses with padding, spellings nobody asked for twice."""

import pytest

from commentbox.server.base import cache
from commentbox.server.base.cache import Cache, make_entry

PATH = "/embed/thread"


async def _unmoved(_thread_id: str) -> int:
    return 1


def _filled(*keys: str) -> Cache:
    pages = Cache()
    for key in keys:
        pages.put(key, make_entry("<p>", thread_id="t", version=1, headers={}), (PATH, b"site=gazette"))
    return pages


async def test_padded_addresses_are_answered_and_not_remembered() -> None:
    pages = _filled("page")
    padded = (PATH, b"site=gazette&x=" + b"A" * 60_000)
    assert await pages.get("page", _unmoved, padded) is not None
    assert pages.find(*padded) is None
    assert pages.find(PATH, b"site=gazette") is not None


async def test_spellings_that_were_forgotten_are_forgotten_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "ALIASES", 10)
    pages = _filled("one", "two")
    for number in range(200):
        await pages.get("one" if number % 2 else "two", _unmoved, (PATH, b"x=%d" % number))
    assert sum(len(entry.aliases) for entry in pages._entries.values()) <= 10

"""The cache of public pages: quick to hit, quick to forget, bounded, and never older than it says."""

import asyncio
import gzip
from typing import Any

import pytest

from commentbox.server.base import cache as caching
from commentbox.server.base.cache import Cache, Entry, make_entry
from commentbox.server.base.errors import NotFound

ALIAS = ("/embed/thread", b"site=a")


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give the cache a clock that stands still until it is told to go on."""

    class Ticking:
        now = 1000.0

        def monotonic(self) -> float:
            return self.now

    clock = Ticking()
    monkeypatch.setattr(caching, "time", clock)
    return clock


def entry(thread_id: str = "t", *, version: int = 1, size: int = 10) -> Entry:
    return make_entry("x" * size, thread_id=thread_id, version=version, headers={"content-type": "text/html"})


class Versions:
    """What the database would say, and how often it was asked."""

    def __init__(self, version: int) -> None:
        self.version, self.asked = version, 0

    async def __call__(self, thread_id: str) -> int:
        self.asked += 1
        return self.version


def test_an_entry_has_both_encodings_and_one_tag() -> None:
    made = entry(size=1000)
    assert gzip.decompress(made.gzipped) == made.plain
    for headers, body in ((made.plain_headers, made.plain), (made.gzip_headers, made.gzipped)):
        named = dict(headers)
        assert named[b"etag"] == made.etag and named[b"content-length"] == str(len(body)).encode()
    assert entry(size=1000).etag == made.etag != entry(size=1001).etag


async def test_a_fresh_page_is_found_by_its_query_string_without_asking(ticking: Any) -> None:
    cache, versions = Cache(), Versions(1)
    kept = entry()
    cache.put("key", kept, ALIAS)
    assert cache.find(*ALIAS) is kept
    assert cache.find("/embed/thread", b"site=b") is None
    ticking.now += 1.5
    assert cache.find(*ALIAS) is None, "after a second the version must be looked at"
    assert await cache.get("key", versions, ALIAS) is kept
    assert cache.find(*ALIAS) is kept and versions.asked == 1


async def test_another_spelling_of_the_same_place_shares_the_page(ticking: Any) -> None:
    cache, other = Cache(), ("/embed/thread", b"site=a&show=everyone")
    cache.put("key", entry(), ALIAS)
    assert await cache.get("key", Versions(1), other) is not None
    assert cache.find(*other) is cache.find(*ALIAS)


async def test_a_page_is_forgotten_once_its_thread_has_moved(ticking: Any) -> None:
    cache = Cache()
    cache.put("key", entry(), ALIAS)
    ticking.now += 1.5
    assert await cache.get("key", Versions(2), ALIAS) is None
    assert cache.find(*ALIAS) is None


async def test_no_page_is_kept_longer_than_five_seconds(ticking: Any) -> None:
    cache, versions = Cache(), Versions(1)
    cache.put("key", entry(), ALIAS)
    for _ in range(4):
        ticking.now += 1.2
        assert await cache.get("key", versions, ALIAS) is not None
    ticking.now += 1.2
    assert await cache.get("key", versions, ALIAS) is None


async def test_many_readers_at_once_ask_for_the_version_once(ticking: Any) -> None:
    cache, versions = Cache(), Versions(1)
    cache.put("key", entry(), ALIAS)
    ticking.now += 1.5
    for _ in range(50):
        assert await cache.get("key", versions, ALIAS) is not None
    assert versions.asked == 1


async def test_many_readers_at_once_build_a_page_once(ticking: Any) -> None:
    cache, built = Cache(), []

    async def make() -> Entry:
        built.append(1)
        await asyncio.sleep(0)
        return entry()

    pages = await asyncio.gather(*(cache.build("key", make, ALIAS) for _ in range(20)))
    assert len(built) == 1 and len({id(page) for page in pages}) == 1
    assert cache.find(*ALIAS) is pages[0]


async def test_a_page_built_while_somebody_wrote_is_looked_at_again(ticking: Any) -> None:
    cache = Cache()

    async def make() -> Entry:
        cache.touch("t")
        return entry()

    await cache.build("key", make, ALIAS)
    assert cache.find(*ALIAS) is None
    assert await cache.get("key", Versions(2), ALIAS) is None


async def test_a_page_that_cannot_be_built_is_refused_to_all_and_tried_again(ticking: Any) -> None:
    cache = Cache()

    async def fail() -> Entry:
        raise NotFound("site.unknown")

    async def make() -> Entry:
        return entry("")

    refused = await asyncio.gather(*(cache.build("key", fail, ALIAS) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in refused] == [NotFound] * 3
    assert (await cache.build("key", make, ALIAS)).thread_id == ""
    assert cache.find(*ALIAS) is None, "a page without a thread is not kept"


def test_own_writing_drops_every_page_of_the_thread_and_no_other(ticking: Any) -> None:
    cache = Cache()
    for number, thread in enumerate(("t", "t", "other")):
        cache.put(f"key {number}", entry(thread), ("/embed/thread", b"%d" % number))
    cache.touch("t")
    cache.touch("unknown")
    assert [cache.find("/embed/thread", b"%d" % number) is None for number in range(3)] == [True, True, False]


def test_the_least_used_pages_go_when_there_are_too_many_bytes(ticking: Any) -> None:
    cache = Cache(largest=3 * entry(size=50_000).size)
    for number in range(5):
        cache.put(f"key {number}", entry(f"t{number}", size=50_000), ("/embed/thread", b"%d" % number))
    assert [cache.find("/embed/thread", b"%d" % number) is None for number in range(5)] == [True, True, *[False] * 3]


def test_invented_query_strings_cannot_fill_the_memory(ticking: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "ALIASES", 10)
    cache = Cache()
    for number in range(100):
        cache.put("key", entry(), ("/embed/thread", b"%d" % number))
    assert len(cache._aliases) <= 10

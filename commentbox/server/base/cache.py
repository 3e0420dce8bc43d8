"""Finished public pages in memory: built and compressed once a version of a thread, sent many times.

An entry may be served for a second without a look at the database, and for `LIFETIME_SECONDS` if the thread's version has
not moved; then it is built again, because badges' owners, site rules and origins are not in the version. What this process
writes itself drops its pages at once (`touch`). Bounded by bytes, least recently used first out. Holds nothing private.
"""

import asyncio
import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

LARGEST = 32 * 1024 * 1024
"""Bytes of pages kept; a page of 50 comments is about 15 kB compressed and 100 kB plain."""
TRUSTED_SECONDS = 1.0
LIFETIME_SECONDS = 5.0
"""Public pages may be five seconds old (PRODUCT, Defaults)."""
ALIASES = 20_000
"""Query strings remembered; the same page has many spellings, and strangers may invent more."""
LONGEST_ALIAS = 1024
"""Bytes of a query string that is remembered: a padded one takes the longer way and leaves nothing behind."""
COMPRESSION = 6

Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Entry:
    """A page, ready to be sent in both encodings. `aliases` are the query strings that lead to it."""

    thread_id: str
    version: int | None
    etag: bytes
    plain: bytes
    gzipped: bytes
    plain_headers: Headers
    gzip_headers: Headers
    made_at: float
    checked_at: float
    status: int = 200
    aliases: set[tuple[str, bytes]] = field(default_factory=set)

    @property
    def size(self) -> int:
        """Give the bytes it costs."""
        return len(self.plain) + len(self.gzipped) + 1024


def make_entry(html: str, *, thread_id: str, version: int | None, headers: dict[str, str], status: int = 200) -> Entry:
    """Give the entry for a finished page: compressed, with length and ETag."""
    plain = html.encode()
    packed = gzip.compress(plain, compresslevel=COMPRESSION, mtime=0)
    # Weak, because both encodings carry the same one.
    etag = f'W/"{hashlib.sha256(plain).hexdigest()[:20]}"'.encode()
    common = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    common += [(b"etag", etag), (b"vary", b"Accept-Encoding")]
    now = time.monotonic()
    return Entry(
        thread_id=thread_id,
        version=version,
        etag=etag,
        plain=plain,
        gzipped=packed,
        plain_headers=[*common, (b"content-length", str(len(plain)).encode())],
        gzip_headers=[*common, (b"content-encoding", b"gzip"), (b"content-length", str(len(packed)).encode())],
        made_at=now,
        checked_at=now,
        status=status,
    )


class Cache:
    """The pages of one process. `find` is on the hottest path there is and does two look-ups."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._aliases: dict[tuple[str, bytes], str] = {}
        self._threads: dict[str, set[str]] = {}
        self._building: dict[str, asyncio.Task[Entry]] = {}
        self._bytes = 0
        self._touches = 0
        self.sent_at_once = 0
        """Pages sent from memory before anything else was looked at; for the metrics."""

    def find(self, path: str, query: bytes) -> Entry | None:
        """Give the page for a query string as it came, if it need not be checked."""
        entry = self._entries.get(self._aliases.get((path, query), ""))
        if entry is None or time.monotonic() - entry.checked_at > TRUSTED_SECONDS:
            return None
        return entry

    async def get(
        self, key: str, version_of: Callable[[str], Awaitable[int | None]], alias: tuple[str, bytes]
    ) -> Entry | None:
        """Give the page for a normalised key, if its thread still has the version it was built from."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        now = time.monotonic()
        if now - entry.made_at > LIFETIME_SECONDS:
            self.drop(key)
            return None
        if now - entry.checked_at > TRUSTED_SECONDS:
            entry.checked_at = now  # whoever comes meanwhile is served the old page and asks nothing
            moved = await version_of(entry.thread_id) != entry.version
            if self._entries.get(key) is not entry:
                return None
            if moved:
                self.drop(key)
                return None
        self._remember(key, entry, alias)
        return entry

    async def build(self, key: str, make: Callable[[], Awaitable[Entry]], alias: tuple[str, bytes]) -> Entry:
        """Build a page, once for all who ask meanwhile, and keep it. One without a thread is not kept."""
        task = self._building.get(key)
        if task is None:
            task = self._building[key] = asyncio.ensure_future(self._built(key, make, alias))
            task.add_done_callback(lambda _: self._building.pop(key, None))
        return await asyncio.shield(task)

    async def _built(self, key: str, make: Callable[[], Awaitable[Entry]], alias: tuple[str, bytes]) -> Entry:
        touches = self._touches
        entry = await make()
        if touches != self._touches:  # somebody wrote while it was built: let the next reader look at the version
            entry.checked_at = float("-inf")
        if entry.thread_id:
            self.put(key, entry, alias)
        return entry

    def put(self, key: str, entry: Entry, alias: tuple[str, bytes]) -> None:
        """Keep a page that was just built."""
        self.drop(key)
        self._entries[key] = entry
        self._threads.setdefault(entry.thread_id, set()).add(key)
        self._bytes += entry.size
        self._remember(key, entry, alias)
        while self._bytes > self._largest and len(self._entries) > 1:
            self.drop(next(iter(self._entries)))

    def touch(self, thread_id: str) -> None:
        """Forget the pages of a thread that this process has just changed."""
        self._touches += 1
        for key in list(self._threads.get(thread_id, ())):
            self.drop(key)

    def drop(self, key: str) -> None:
        """Forget one page."""
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self._bytes -= entry.size
        for alias in entry.aliases:
            self._aliases.pop(alias, None)
        keys = self._threads[entry.thread_id]
        keys.discard(key)
        if not keys:
            del self._threads[entry.thread_id]

    def _remember(self, key: str, entry: Entry, alias: tuple[str, bytes]) -> None:
        self._entries.move_to_end(key)
        if len(alias[1]) > LONGEST_ALIAS:
            return
        if len(self._aliases) >= ALIASES:
            self._forget_aliases()
        self._aliases[alias] = key
        entry.aliases.add(alias)

    def _forget_aliases(self) -> None:
        self._aliases.clear()
        for entry in self._entries.values():
            entry.aliases.clear()

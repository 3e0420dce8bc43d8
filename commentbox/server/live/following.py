"""One follower a process: it reads the journal once for all open streams and gives each what its reader may hear.

While nobody listens nothing is read. Whoever reads too slowly is let go, comes back with the position they had reached, and
gets the rest from the journal.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import structlog

from commentbox.server.accounts.rules import SHOWS
from commentbox.server.base.bus import Bus
from commentbox.server.base.cache import Cache
from commentbox.server.base.db import Database, Query
from commentbox.server.base.errors import TooMany, Unavailable
from commentbox.server.live import events
from commentbox.server.live.events import Event
from commentbox.server.live.readers import Readers
from commentbox.server.live.streams import BEAT_SECONDS, Stream, packed, piece

TOPIC = "journal"
"""What the bus says after the journal was sealed."""
LOOK_SECONDS = 5.0
"""The journal is looked at so often even if the bus says nothing: its messages may be lost."""
PER_ADDRESS = 100
"""Open streams of one network address: an office or a phone company's gateway, and no more."""
SLOT_SECONDS = 1.0
"""Signs of life are given to a fifteenth of the streams at a time, so that nobody else waits for all of them."""
AT_ONCE = 250
"""Streams served before everybody else gets a turn."""
log = structlog.get_logger()


@dataclass
class _Followed:
    """A thread with open streams; `last` is the position of its newest event, None while nobody asked."""

    streams: set[Stream] = field(default_factory=set)
    last: int | None = None


class Live:
    """All open streams of a process. `run` and `beat` are two loops beside the requests."""

    def __init__(self, db: Database, bus: Bus, cache: Cache, *, most: int) -> None:
        self._db, self._cache, self._most = db, cache, most
        self._threads: dict[str, _Followed] = {}
        self._addresses: Counter[str] = Counter()
        self._open = 0
        self._slots: list[set[Stream]] = [set() for _ in range(BEAT_SECONDS)]
        self._position = 0
        self._woken = asyncio.Event()
        self._closing = False
        self.readers = Readers(bus)
        bus.hear(TOPIC, lambda _: self._woken.set())

    def __len__(self) -> int:
        return self._open

    async def open(self, query: Query, stream: Stream, *, after: int) -> None:
        """Begin to fill a stream: with what came after a position, or (0, or too far back) with how things stand.

        Refuses `live.full` and `live.too_many`.
        """
        self._check_room(stream.address)
        if not self._threads:
            position = await events.head(query)
            self._position = self._position if self._threads else position
        followed = self._register(stream)
        until = self._position
        try:
            news = await events.missed(query, stream.thread_id, after, until=until)
            if news is None:
                stream.first = [await self._standing(query, stream, followed, until)]
            else:
                stream.first = [self._beat(stream.thread_id), *(piece(event, stream.show) for event in news)]
        except BaseException:
            self.close(stream)
            raise

    def _check_room(self, address: str) -> None:
        if self._closing or len(self) >= self._most:
            raise Unavailable("live.full")
        if self._addresses[address] >= PER_ADDRESS:
            raise TooMany("live.too_many", limit=PER_ADDRESS)

    def _register(self, stream: Stream) -> _Followed:
        followed = self._threads.setdefault(stream.thread_id, _Followed())
        followed.streams.add(stream)
        self._slots[stream.slot].add(stream)
        self._addresses[stream.address] += 1
        self._open += 1
        self.readers.came(stream.thread_id)
        return followed

    def close(self, stream: Stream) -> None:
        """Forget a stream."""
        followed = self._threads.get(stream.thread_id)
        if followed is None or stream not in followed.streams:
            return
        followed.streams.remove(stream)
        if not followed.streams:
            del self._threads[stream.thread_id]
        self._slots[stream.slot].discard(stream)
        self._addresses[stream.address] -= 1
        if not self._addresses[stream.address]:
            del self._addresses[stream.address]
        self._open -= 1
        self.readers.went(stream.thread_id)

    async def _standing(self, query: Query, stream: Stream, followed: _Followed, until: int) -> bytes:
        last = followed.last
        if last is None:
            last = await events.last_of(query, stream.thread_id, until=until)
            followed.last = max(last, followed.last or 0)
        numbers = await events.numbers(query, stream.thread_id)
        facts = {"kind": "at", **numbers, "readers": self.readers.count(stream.thread_id)}
        return packed(facts, last)

    async def news(self, query: Query, thread_id: str | None, show: str, *, after: int) -> dict[str, Any]:
        """Give the same to somebody who asks now and then: what came after a position, or how things stand."""
        if thread_id is None:
            return {"position": 0, "readers": None, "events": [{"kind": "at", "total": 0, "verified": 0}]}
        until, readers = await events.head(query), self.readers.count(thread_id)
        news = await events.missed(query, thread_id, after, until=until)
        if news is None:
            after = await events.last_of(query, thread_id, until=until)
            told = [{"kind": "at", **await events.numbers(query, thread_id)}]
        else:
            after = news[-1].position if news else after
            told = [event.told(show) for event in news]
        return {"position": after, "readers": readers, "events": told}

    async def run(self) -> None:
        """Follow the journal until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOK_SECONDS)
            self._woken.clear()
            try:
                await self.look()
            except Exception as error:  # a database that is away must not end the following
                log.warning("live.failed", error=type(error).__name__)
                await asyncio.sleep(1)

    async def look(self) -> None:
        """Read what is new in the journal and hand it to every stream of its thread."""
        while self._threads:
            before = self._position
            async with self._db.read() as query:
                until = await events.head(query)
                if until <= before:
                    return
                batch = await events.since(query, before, until=until)
                gone = await events.merged(query, before, until=until)
            if self._position != before:
                continue  # everybody left meanwhile and somebody else came, who begins further on
            # First the position and then the streams: one that is opened meanwhile begins after what is handed out here.
            self._position = batch.reached
            await self._hand_out(batch.events)
            self._let_go(gone)

    def _let_go(self, thread_ids: Iterable[str]) -> None:
        """End the streams of threads that became part of another one: their pages come back, and find that one."""
        for each in thread_ids:
            followed = self._threads.get(each)
            for stream in tuple(followed.streams if followed else ()):
                stream.end()

    async def _hand_out(self, batch: Iterable[Event]) -> None:
        """Give each stream all that is new for it as one piece. Who gets it is settled before anybody else has a turn."""
        for served, (stream, news) in enumerate([*self._deliveries(batch)], 1):
            stream.put(news)
            if served % AT_ONCE == 0:
                await asyncio.sleep(0)

    def _deliveries(self, batch: Iterable[Event]) -> Iterator[tuple[Stream, bytes]]:
        by_thread: dict[str, list[Event]] = {}
        for event in batch:
            if event.thread_id in self._threads:
                by_thread.setdefault(event.thread_id, []).append(event)
        for thread_id, news in by_thread.items():
            followed = self._threads[thread_id]
            followed.last = news[-1].position
            self._cache.touch(thread_id)  # another process may have changed it, and pages will ask at once
            pieces = {show: b"".join(piece(event, show) for event in news) for show in SHOWS}
            yield from ((stream, pieces[stream.show]) for stream in followed.streams)

    async def beat(self) -> None:
        """Give every stream a sign of life, a part of them each second, until cancelled."""
        while True:
            for slot in self._slots:
                await asyncio.sleep(SLOT_SECONDS)
                beats = {each: self._beat(each) for each in {stream.thread_id for stream in slot}}
                for stream in tuple(slot):
                    stream.put(beats[stream.thread_id])
            self.readers.tell()

    def _beat(self, thread_id: str) -> bytes:
        return packed({"kind": "beat", "readers": self.readers.count(thread_id)})

    def close_all(self) -> None:
        """End every stream and open no more: the server is stopping."""
        self._closing = True
        for slot in self._slots:
            for stream in tuple(slot):
                stream.end()

"""How many people read a thread now: open streams and recent polls, in every process of the instance. Numbers only, in
memory only; nobody is known by them, and a small number is not said, because two readers would know each other by it.
"""

import json
import secrets
import time
from collections import Counter

from commentbox.server.base.bus import Bus

FEWEST = 3
"""Below it nothing is said."""
FRESH_SECONDS = 45.0
"""A poll, and what another process said, counts for so long: three times as long as the pause between two."""
TOPIC = "readers"
PER_MESSAGE = 200
"""Threads in one message: an id, a number and their quotes take 30 bytes at most."""


class Readers:
    """Counts for the threads that are open somewhere."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._self = secrets.token_hex(4)
        self._streams: Counter[str] = Counter()
        self._polls: dict[str, dict[str, float]] = {}
        self._elsewhere: dict[str, dict[str, tuple[int, float]]] = {}
        bus.hear(TOPIC, self._heard)

    def came(self, thread_id: str) -> None:
        """Count an open stream."""
        self._streams[thread_id] += 1

    def went(self, thread_id: str) -> None:
        """Count a stream no more."""
        self._streams[thread_id] -= 1
        if not self._streams[thread_id]:
            del self._streams[thread_id]

    def polled(self, thread_id: str, address: str) -> None:
        """Count somebody who asks every few seconds, once for each (hashed) address."""
        self._polls.setdefault(thread_id, {})[address] = time.monotonic()

    def count(self, thread_id: str) -> int | None:
        """Say how many read a thread now, or None where they are too few to say."""
        oldest = time.monotonic() - FRESH_SECONDS
        elsewhere = self._elsewhere.get(thread_id, {}).values()
        number = self._own(thread_id, oldest) + sum(count for count, at in elsewhere if at > oldest)
        return number if number >= FEWEST else None

    def _own(self, thread_id: str, oldest: float) -> int:
        polls = self._polls.get(thread_id, {}).values()
        return self._streams[thread_id] + sum(at > oldest for at in polls)

    def tell(self) -> None:
        """Tell the other processes, and forget what is old."""
        self._forget()
        oldest = time.monotonic() - FRESH_SECONDS
        own = {each: self._own(each, oldest) for each in self._streams.keys() | self._polls.keys()}
        threads = sorted(own)
        for start in range(0, len(threads), PER_MESSAGE):
            part = {each: own[each] for each in threads[start : start + PER_MESSAGE]}
            self._bus.tell(TOPIC, json.dumps([self._self, part], separators=(",", ":")))

    def _heard(self, text: str) -> None:
        if not text:
            return
        sender, threads = json.loads(text)
        if sender == self._self:
            return
        for thread_id, count in threads.items():
            self._elsewhere.setdefault(thread_id, {})[sender] = (count, time.monotonic())

    def _forget(self) -> None:
        oldest = time.monotonic() - FRESH_SECONDS
        self._polls = {
            thread_id: fresh
            for thread_id, polls in self._polls.items()
            if (fresh := {address: at for address, at in polls.items() if at > oldest})
        }
        self._elsewhere = {
            thread_id: counts
            for thread_id, told in self._elsewhere.items()
            if (counts := {sender: each for sender, each in told.items() if each[1] > oldest})
        }

"""One open stream, and what goes over it: finished bytes, in a queue that has an end."""

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any

from commentbox.server.live.events import Event

WAITING = 32
"""Pieces a stream may be behind before it is let go."""
BEAT_SECONDS = 15
"""Every stream hears something this often, so that a page knows a silent one from a quiet thread."""


class Stream:
    """What one open page is still to be told. `first` goes before everything in the queue."""

    __slots__ = ("_end", "_queue", "address", "first", "show", "slot", "thread_id")

    def __init__(self, thread_id: str, show: str, address: str) -> None:
        self.thread_id, self.show, self.address = thread_id, show, address
        self.slot = random.randrange(BEAT_SECONDS)
        self.first: list[bytes] = []
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(WAITING)
        self._end: Callable[[], Any] = lambda: None

    async def next(self) -> bytes:
        """Wait for the next piece."""
        return self.first.pop(0) if self.first else await self._queue.get()

    def put(self, piece: bytes) -> None:
        """Leave a piece; a stream with too many of them is ended."""
        try:
            self._queue.put_nowait(piece)
        except asyncio.QueueFull:
            self.end()

    def when_ended(self, call: Callable[[], Any]) -> None:
        """Say what ends the sending of this stream."""
        self._end = call

    def end(self) -> None:
        """Let the reader go."""
        self._end()


def piece(event: Event, show: str) -> bytes:
    """Give an event as readers with a filter hear it."""
    return packed(event.told(show), event.position)


def packed(facts: dict[str, Any], position: int | None = None) -> bytes:
    """Give facts in the form of a stream, with the position to come back with."""
    name = "" if position is None else f"id: {position}\n"
    return f"{name}data: {json.dumps(facts, separators=(',', ':'))}\n\n".encode()

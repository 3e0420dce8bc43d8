"""A load generator that runs everywhere: keep-alive connections over bare sockets, each sending as soon as it was answered.

It parses just enough of an answer to know where it ends, so that the server under test is the slow side and not we.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat

import uvloop

CONNECTIONS = 32
"""As many as the figures in the issue are stated for."""


@dataclass(frozen=True)
class Load:
    """What came of it. Milliseconds are what one connection waited for one answer."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    worst_ms: float
    statuses: dict[int, int]

    @property
    def failures(self) -> int:
        """Give the number of answers that were no success."""
        return sum(count for status, count in self.statuses.items() if not 200 <= status < 400)


def get(
    port: int, path: str, *, seconds: float, headers: dict[str, str] | None = None, host: str = "127.0.0.1"
) -> Load:
    """Ask for one path again and again."""
    request = encode("GET", path, headers={"Host": f"{host}:{port}"} | (headers or {}))
    return run(port, [repeat(request)] * CONNECTIONS, seconds=seconds)


def run(port: int, connections: list[Iterator[bytes]], *, seconds: float) -> Load:
    """Send what each iterator gives over a connection of its own, until the time is over or it gives nothing more."""
    return uvloop.run(_run(port, connections, seconds))


def encode(method: str, path: str, *, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Write one request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _run(port: int, connections: list[Iterator[bytes]], seconds: float) -> Load:
    began = time.perf_counter()
    clients = [_Client(port, requests, until=began + seconds) for requests in connections]
    await asyncio.gather(*(client.connect() for client in clients))
    await asyncio.gather(*(client.done for client in clients))
    took = time.perf_counter() - began
    waits = sorted(wait for client in clients for wait in client.waits)
    statuses = Counter[int]()
    for client in clients:
        statuses.update(client.statuses)
    return Load(
        requests_per_second=len(waits) / took,
        p50_ms=percentile(waits, 0.50) * 1000,
        p99_ms=percentile(waits, 0.99) * 1000,
        worst_ms=waits[-1] * 1000 if waits else 0,
        statuses=dict(statuses),
    )


def percentile(ordered: list[float], share: float) -> float:
    """Give the value that `share` of an ascending list does not pass."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


class _Client(asyncio.Protocol):
    """One client: sends, waits for the whole answer, sends again. Connects anew where the server hangs up."""

    def __init__(self, port: int, requests: Iterator[bytes], *, until: float) -> None:
        self.waits: list[float] = []
        self.statuses = Counter[int]()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._port = port
        self._requests = requests
        self._until = until
        self._buffer = b""
        self._missing = 0
        self._sent_at = 0.0
        self._waiting = False
        self._connecting: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Open the connection; the first request follows at once."""
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.done.done():
            return
        if self._waiting:
            self.statuses[0] += 1
            self._waiting, self._missing, self._buffer = False, 0, b""
        self._connecting = asyncio.get_running_loop().create_task(self.connect())

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        elif not self._begin_answer(data):
            return
        if self._missing <= 0:
            self._missing, self._waiting = 0, False
            self.waits.append(time.perf_counter() - self._sent_at)
            if self._hangs_up:
                self._transport.close()
            else:
                self._send()

    def _begin_answer(self, data: bytes) -> bool:
        """Read status and length once the head is here; say whether it is."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = self._buffer[:end].lower()
        self.statuses[int(head[9:12])] += 1
        at = head.find(b"content-length:")
        if at < 0 and head[9:12] not in (b"304", b"204"):
            raise ValueError(f"an answer without a length: {head!r}")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        self._missing = end + 4 + length - len(self._buffer)
        self._hangs_up = b"connection: close" in head
        self._buffer = b""
        return True

    def _send(self) -> None:
        now = time.perf_counter()
        request = next(self._requests, None) if now < self._until else None
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent_at, self._waiting = now, True
        self._transport.write(request)  # type: ignore[attr-defined]

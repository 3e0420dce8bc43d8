"""Live: 5,000 open streams in one process, what they weigh, and how long a new comment takes until the last has heard of it."""

import asyncio
import resource
import statistics
import time
from itertools import islice
from pathlib import Path
from urllib.parse import quote, urlencode

from bench import servers, town
from bench.load import encode
from bench.results import Figure

STREAMS = 5_000
AT_ONCE = 100
"""Streams opened together: a page is opened, not five thousand in the same instant."""
ROUNDS = 5
REST_SECONDS = 0.5
"""Between two comments, so that the one before has quite passed."""
SECONDS = 30
"""The longest anything here may take."""
ORIGIN = "http://comments.localhost:8000"
ARTICLE = f"{town.PAPER}/quay-0"
PATH = f"/embed/stream?site={town.SITE}&url={quote(ARTICLE, safe='')}"


class Listener(asyncio.Protocol):
    """One open page. Counts itself off `waiting` when the awaited words come."""

    def __init__(self, crowd: "Crowd", number: int) -> None:
        self._crowd, self._number = crowd, number

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream, from a network address of its own."""
        headers = {"Host": "127.0.0.1", "X-Forwarded-For": f"198.18.{self._number // 250}.{self._number % 250}"}
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(encode("GET", PATH, headers=headers))

    def data_received(self, data: bytes) -> None:
        """Look for what is awaited."""
        if self._crowd.awaited in data:
            self._crowd.arrived()

    def connection_lost(self, _error: Exception | None) -> None:
        """Count a page that was let go."""
        self._crowd.lost += 1


class Crowd:
    """Every open page, and the moment when the last of them has heard something."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._pages: list[Listener] = []
        self._left = 0
        self._all = asyncio.Event()
        self.awaited = b""
        self.lost = 0

    def expect(self, words: bytes, number: int) -> None:
        """Await some words at so many pages."""
        self.awaited, self._left = words, number
        self._all.clear()

    def arrived(self) -> None:
        """Count one page that has heard them."""
        self._left -= 1
        if not self._left:
            self._all.set()

    async def heard(self) -> None:
        """Wait until all have."""
        await asyncio.wait_for(self._all.wait(), SECONDS)

    async def gather(self) -> None:
        """Open every page, and wait until each has been told how things stand."""
        loop, numbers = asyncio.get_running_loop(), iter(range(STREAMS))
        while some := list(islice(numbers, AT_ONCE)):
            self.expect(b'"kind":"at"', len(some))
            opening = [
                loop.create_connection(lambda number=number: Listener(self, number), "127.0.0.1", self._port)
                for number in some
            ]
            self._pages += [page for _, page in await asyncio.gather(*opening)]
            await self.heard()

    def leave(self) -> None:
        """Close every page."""
        for page in self._pages:
            page.transport.abort()


def measure(folder: Path) -> dict[str, Figure]:
    """Open the streams, post, and wait for the last."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(town.found(folder))
    [writer, *_] = asyncio.run(town.writers(folder))
    with servers.commentbox(town.environment(folder)) as ours:
        return asyncio.run(_measure(ours, writer))


async def _measure(ours: servers.Server, writer: town.Writer) -> dict[str, Figure]:
    alone = [await _post(ours.port, writer, number) for number in range(ROUNDS)]
    crowd, began = Crowd(ours.port), time.perf_counter()
    await crowd.gather()
    opened, held = time.perf_counter() - began, ours.resident_mb()
    posted, reached = [], []
    for number in range(ROUNDS):
        await asyncio.sleep(REST_SECONDS)
        crowd.expect(b'"kind":"posted"', STREAMS)
        began = time.perf_counter()
        posted.append(await _post(ours.port, writer, ROUNDS + number))
        await crowd.heard()
        reached.append(time.perf_counter() - began)
    crowd.leave()
    against = f"{STREAMS} open streams in one process, median of {ROUNDS} comments"
    return {
        "live_memory": Figure(held, "MB", f"resident, {STREAMS} open streams", at_most=500),
        "live_reach": Figure(statistics.median(reached), "s", f"until the last has heard; {against}", at_most=2),
        "live_reach_worst": Figure(max(reached), "s", against),
        "live_opening": Figure(opened, "s", f"until all are open, {AT_ONCE} at a time"),
        "live_post": Figure(statistics.median(posted) * 1000, "ms", f"a post's answer; {against}"),
        "live_post_alone": Figure(statistics.median(alone) * 1000, "ms", "a post's answer, nobody listening"),
        "live_lost": Figure(crowd.lost, "streams", "none may be let go", at_most=0),
    }


async def _post(port: int, writer: town.Writer, number: int) -> float:
    """Post one comment in the thread that is listened to; give the seconds until it is answered."""
    turn = number % len(writer.tokens)
    headers = {
        "Host": f"127.0.0.1:{port}",
        "Origin": ORIGIN,
        "Authorization": f"Bearer {writer.tokens[turn]}",
        "X-Forwarded-For": f"198.51.100.{turn}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    form = {"site": town.SITE, "url": ARTICLE, "text": f"Point {number} about the quay."}
    began = time.perf_counter()
    reader, sender = await asyncio.open_connection("127.0.0.1", port)
    sender.write(encode("POST", "/comments", headers=headers, body=urlencode(form).encode()))
    status = (await asyncio.wait_for(reader.readline(), SECONDS)).split()[1]
    seconds = time.perf_counter() - began
    sender.close()
    assert status in (b"200", b"303"), status
    return seconds

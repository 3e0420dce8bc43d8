"""The contract of every bus, on real servers: within one process, over PostgreSQL's NOTIFY, over Valkey's publish."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import pytest
import structlog.testing

from commentbox.server import wiring
from commentbox.server.base.bus import LARGEST, WAITING, Bus, Memory
from commentbox.server.base.bus.postgres import Notify
from commentbox.server.base.bus.redis import Redis
from commentbox.server.base.settings import Settings
from tests.conftest import postgres
from tests.valkey import Valkey

SECONDS = 15


class Heard:
    """What a hearer was told, and waiting for more of it."""

    def __init__(self, bus: Bus, topic: str) -> None:
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self.end = bus.hear(topic, self._queue.put_nowait)

    async def next(self) -> str:
        return await asyncio.wait_for(self._queue.get(), SECONDS)

    async def until(self, text: str) -> list[str]:
        """Everything up to a message, and without it."""
        found = []
        while (message := await self.next()) != text:
            found.append(message)
        return found


@dataclass
class Line:
    """Two processes of an instance, which for the bus in memory are one; and how their link is cut from outside."""

    make: Callable[[], Bus]
    cut: Callable[[], object] | None = None


@asynccontextmanager
async def carrying(bus: Bus) -> AsyncIterator[Bus]:
    """Run a bus, and wait until its link is up."""
    up = Heard(bus, "up")
    task = asyncio.create_task(bus.run())
    if not isinstance(bus, Memory):
        assert await up.next() == ""
    up.end()
    yield bus
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(params=["memory", "postgresql", "valkey"])
def line(request: pytest.FixtureRequest) -> Line:
    if request.param == "memory":
        bus = Memory()
        return Line(lambda: bus)
    if request.param == "valkey":
        valkey: Valkey = request.getfixturevalue("valkey")
        return Line(lambda: Redis(valkey.url, "one"), lambda: _again(valkey))
    cluster: postgres.Cluster = request.getfixturevalue("cluster")
    return Line(lambda: Notify(cluster.url), lambda: _cut_listeners(cluster.url))


def _again(valkey: Valkey) -> None:
    valkey.stop()
    valkey.start()


async def _cut_listeners(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%LISTEN%' AND pid <> pg_backend_pid()"
    )
    await connection.close()


async def test_everybody_who_hears_a_topic_is_told_in_every_process_and_in_order(line: Line) -> None:
    async with carrying(line.make()) as one, carrying(line.make()) as other:
        heard = [Heard(one, "news"), Heard(one, "news"), Heard(other, "news")]
        for number in range(100):
            one.tell("news", f"0123456789abcdef {number} ü")
        for each in heard:
            assert [await each.next() for _ in range(100)] == [f"0123456789abcdef {number} ü" for number in range(100)]


async def test_other_topics_are_not_heard_and_an_ended_hearer_hears_nothing(line: Line) -> None:
    async with carrying(line.make()) as bus:
        heard, other, ended = Heard(bus, "news"), Heard(bus, "readers"), Heard(bus, "news")
        ended.end()
        bus.tell("readers", "1")
        bus.tell("news")
        bus.tell("news", "last")
        assert await heard.until("last") == [""]
        assert await other.until("1") == []
        assert ended._queue.empty()


async def test_the_largest_message_arrives_and_a_larger_one_is_a_defect(line: Line) -> None:
    async with carrying(line.make()) as bus:
        heard = Heard(bus, "news")
        text = "x" * (LARGEST - len("news "))
        bus.tell("news", text)
        assert await heard.next() == text
        with pytest.raises(ValueError):
            bus.tell("news", text + "x")


async def test_a_broken_link_is_mended_and_everybody_told_to_look(line: Line) -> None:
    if line.cut is None:
        return  # in memory nothing breaks
    with structlog.testing.capture_logs() as logs:
        async with carrying(line.make()) as bus:
            heard = Heard(bus, "news")
            cutting = line.cut()
            if asyncio.iscoroutine(cutting):
                await cutting
            assert await heard.next() == "", "whoever may have missed something is told to look"
            bus.tell("news", "again")
            assert await heard.until("again") == []
    assert {entry["event"] for entry in logs} == {"bus.away"}


@pytest.mark.parametrize("kind", [Notify, Redis])
async def test_a_server_that_is_not_there_holds_nobody_up(kind: type, unused_tcp_port: int) -> None:
    address = f"127.0.0.1:{unused_tcp_port}"
    bus = Notify(f"postgresql://somebody@{address}/x") if kind is Notify else Redis(f"redis://{address}", "one")
    for number in range(5_000):
        bus.tell("news", str(number))
        bus.tell("news", str(number))
    with pytest.raises(OSError):
        await bus._carry()
    assert not bus.is_up
    assert list(bus._waiting) == [f"news {number}" for number in range(5_000 - WAITING, 5_000)], "each once, the newest"


async def test_a_wrong_password_is_no_link(valkey: Valkey) -> None:
    bus = Redis(f"redis://:wrong@127.0.0.1:{valkey.port}", "one")
    with pytest.raises(ConnectionError, match="WRONGPASS"):
        await bus._carry()
    assert not bus.is_up


def test_the_settings_choose_the_bus(settings: Settings, database_url: str) -> None:
    usual = Notify if database_url.startswith("postgres") else Memory
    assert type(wiring.bus(settings)) is usual
    for url, kind in (("redis://127.0.0.1", Redis), ("valkeys://127.0.0.1", Redis), ("memory:", Memory)):
        assert type(wiring.bus(settings.model_copy(update={"bus_url": url}))) is kind

"""The bus: how the processes of one instance tell each other that something happened.

Messages are ids and small numbers, never text, and any of them may be lost: whoever hears one looks in the database, and
looks there now and then without having heard any. So a lost message delays news and loses none. `wiring.py` chooses the
adapter; `tests/rooms/test_bus.py` is the contract of all.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import structlog

LARGEST = 7_000
"""Bytes of a message with its topic. PostgreSQL carries less than 8,000."""
WAITING = 1_000
"""Messages kept while the link is away; then the oldest go."""
RETRY_SECONDS = 0.5
SLOWEST_RETRY_SECONDS = 15.0
"""Pauses between two tries to connect begin with the first and double up to the second."""
LINK_SECONDS = 5.0
"""How long the other side may take for anything; a network that is away must not hold us for ever."""
QUIET_SECONDS = 10.0
"""After so long without anything to say the other side is asked whether it is still there."""
CHANNEL = "commentbox"

Hearer = Callable[[str], None]
log = structlog.get_logger()


class Bus(Protocol):
    """Carries messages to everybody who hears their topic, in every process, the sender's own included."""

    def tell(self, topic: str, text: str = "") -> None:
        """Tell everybody. Never waits and never fails; over `LARGEST` bytes is a ValueError, a defect of the caller."""

    def hear(self, topic: str, hearer: Hearer) -> Callable[[], None]:
        """Call `hearer` with every message of a topic, in the order one process told them; what is given ends it.

        After the link was away every hearer is called once with '', because it may have missed something.
        """

    async def run(self) -> None:
        """Carry messages until cancelled."""


class Ears:
    """Who hears what in this process: the half that all adapters share."""

    def __init__(self) -> None:
        self._hearers: dict[str, list[Hearer]] = {}

    def hear(self, topic: str, hearer: Hearer) -> Callable[[], None]:
        """Call `hearer` with every message of a topic; what is given ends it."""
        self._hearers.setdefault(topic, []).append(hearer)
        return lambda: self._hearers[topic].remove(hearer)

    def _heard(self, message: str) -> None:
        topic, _, text = message.partition(" ")
        for hearer in tuple(self._hearers.get(topic, ())):
            hearer(text)

    def _missed(self) -> None:
        """Say to everybody that there was silence."""
        for topic in tuple(self._hearers):
            self._heard(topic)


class Memory(Ears):
    """Within one process: for SQLite, which has no other, and for tests."""

    def tell(self, topic: str, text: str = "") -> None:
        """Tell everybody, before anything else happens."""
        self._heard(packed(topic, text))

    async def run(self) -> None:
        """Do nothing: `tell` has done it all."""


class Link(Ears):
    """What the adapters with a network share: one link, kept up, and what waits to be said over it."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[str] = deque(maxlen=WAITING)
        self._something = asyncio.Event()
        self.is_up = False
        """Whether the link carries messages at the moment; for the metrics and the tests."""

    def tell(self, topic: str, text: str = "") -> None:
        """Tell everybody as soon as the link carries it."""
        message = packed(topic, text)
        if self._waiting and self._waiting[-1] == message:
            return  # the link was away or is slow: saying it twice in a row says no more
        self._waiting.append(message)
        self._something.set()

    async def run(self) -> None:
        """Connect, carry, and begin anew whenever the link breaks."""
        pause = RETRY_SECONDS
        while True:
            try:
                await self._carry()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # whatever broke it, the rest of the server must go on
                log.warning("bus.away", error=type(error).__name__)
            pause = RETRY_SECONDS if self.is_up else min(pause * 2, SLOWEST_RETRY_SECONDS)
            self.is_up = False
            await asyncio.sleep(pause)

    async def _carry(self) -> None:
        """Connect, call `_up`, and send what `_next` gives until the link breaks."""
        raise NotImplementedError

    def _up(self) -> None:
        self.is_up = True
        self._missed()

    async def _next(self) -> str | None:
        """Give the next message to send, or None where it was quiet for long."""
        while not self._waiting:
            self._something.clear()
            try:
                await asyncio.wait_for(self._something.wait(), QUIET_SECONDS)
            except TimeoutError:
                return None
        return self._waiting.popleft()


def packed(topic: str, text: str) -> str:
    """Give topic and text as one message."""
    message = f"{topic} {text}"
    if len(message.encode()) > LARGEST:
        raise ValueError(f"a message about {topic} is larger than {LARGEST} bytes")
    return message


async def until_one_ends(*doing: Coroutine[Any, Any, None]) -> None:
    """Do several things at once until one of them ends or fails; its failure is raised, the others are ended."""
    tasks = [asyncio.ensure_future(each) for each in doing]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

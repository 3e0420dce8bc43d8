"""Asking for outside help: every helper a site names at once, each within its time, and what is made of their answers.

Called by posting before the transaction, and by the job that asks again. A helper that failed three times in a row rests, so
that a broken service costs the reader who waits nothing.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from commentbox.server.base import clock
from commentbox.server.screening.classifiers.local import Local
from commentbox.server.screening.classifiers.port import Answer, Classifier, NoAnswer, Question

FAILURES = 3
REST_SECONDS = 30
"""Long enough for a service to come back, short enough that hardly anybody writes meanwhile."""
log = structlog.get_logger()


@dataclass(frozen=True)
class Heard:
    """What came back: the highest score, the first hold rule asked for, and who did not answer."""

    score: float | None = None
    outside: str | None = None
    unheard: tuple[str, ...] = ()


@dataclass
class _Health:
    failures: int = 0
    rests_until: datetime | None = None

    def failed(self) -> None:
        self.failures += 1
        if self.failures >= FAILURES:
            self.rests_until = clock.now() + timedelta(seconds=REST_SECONDS)


class Help:
    """The helpers of one process, by name."""

    def __init__(self, known: Mapping[str, Classifier]) -> None:
        self.known = known
        self._health = {name: _Health() for name in known}

    @property
    def wants_address(self) -> bool:
        """Say whether a helper was allowed to have the writer's network address."""
        return any(each.wants_address for each in self.known.values())

    @property
    def learns(self) -> bool:
        """Say whether a helper is told what moderators decide."""
        return any(each.learns for each in self.known.values())

    @property
    def models(self) -> dict[str, Path]:
        """Give the files of the models that helpers of this machine use, by name."""
        return {name: each.file for name, each in self.known.items() if isinstance(each, Local)}

    async def ask(self, names: Iterable[str], question: Question) -> Heard:
        """Ask helpers at once and wait for all of them, at most as long as the slowest may take.

        A name that nobody configured did not answer: a site that wants to be careful must not be let down by a typing error.
        """
        asked = tuple(dict.fromkeys(names))
        answers = await asyncio.gather(*(self._one(name, question) for name in asked))
        given = [each for each in answers if each is not None]
        scores = [each.score for each in given if each.score is not None]
        return Heard(
            score=max(scores, default=None),
            outside=next((each.hold for each in given if each.hold), None),
            unheard=tuple(name for name, answer in zip(asked, answers, strict=True) if answer is None),
        )

    async def _one(self, name: str, question: Question) -> Answer | None:
        """Give what a helper says, None if nothing; why is logged, and never the text it was asked about."""
        try:
            return await self._asked(name, question)
        except NoAnswer as silence:
            if silence.reason != "resting":
                log.warning("outside.no_answer", helper=name, reason=silence.reason)
            return None

    async def _asked(self, name: str, question: Question) -> Answer:
        if name not in self.known:
            raise NoAnswer("unknown")
        helper, health = self.known[name], self._health[name]
        if health.rests_until is not None and clock.now() < health.rests_until:
            raise NoAnswer("resting")
        try:
            async with asyncio.timeout(helper.seconds):
                answer = await helper.ask(question if helper.wants_address else replace(question, address=""))
        except TimeoutError:
            health.failed()
            raise NoAnswer("slow") from None
        except NoAnswer:
            health.failed()
            raise
        health.failures, health.rests_until = 0, None
        return answer

    async def close(self) -> None:
        """Let go of every helper."""
        for each in self.known.values():
            await each.close()


NO_HELP = Help({})
"""Where the operator configured nobody."""

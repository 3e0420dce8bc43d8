"""The local classifier: a model the operator trained, asked offline in a worker process. Nothing leaves the machine.

At most `MOST_WAITING` texts wait for it; one more is told that it is busy, and is asked again after the comment is up.
"""

import asyncio
import json
import os
import sys
from collections import deque
from pathlib import Path
from typing import Literal

from pydantic import Field

from commentbox.server.screening.classifiers import model
from commentbox.server.screening.classifiers.entry import MOST_SECONDS, Entry
from commentbox.server.screening.classifiers.port import Answer, NoAnswer, Question

MOST_WAITING = 64
"""An ordinary comment takes a quarter of a millisecond, the longest thirteen: the last of so many is asked again later."""
ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "LANG", "SYSTEMROOT")
"""All that the worker inherits: our settings hold secrets, and it needs none."""
WORKER = "commentbox.server.screening.classifiers.worker"


class LocalSettings(Entry):
    """One `[[classifier]]` table of kind `local`."""

    kind: Literal["local"]
    model: Path
    seconds: float = Field(0.3, ge=0.05, le=MOST_SECONDS)


class Local:
    """One model and its worker, which is started by the first question."""

    wants_address = False
    learns = False

    def __init__(self, settings: LocalSettings) -> None:
        self.name = settings.name
        self.seconds = settings.seconds
        self.file = settings.model
        self._waiting: deque[asyncio.Future[float]] = deque()
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()

    async def ask(self, question: Question) -> Answer:
        """Have the worker score a text."""
        if len(self._waiting) >= MOST_WAITING:
            raise NoAnswer("busy")
        pipe = (await self._running()).stdin
        score = asyncio.get_running_loop().create_future()
        self._waiting.append(score)
        assert pipe is not None
        pipe.write(json.dumps(question.text).encode() + b"\n")
        return Answer(await score)

    async def learn(self, question: Question, *, is_fine: bool) -> None:
        """Learn nothing by itself: `commentbox classifier train` makes a model, and a person looks at its report."""

    async def check(self) -> None:
        """See whether the model can be read."""
        try:
            await asyncio.to_thread(model.read, self.file)
        except ValueError:
            raise NoAnswer("model") from None

    async def close(self) -> None:
        """End the worker."""
        if self._process is None or self._reading is None:
            return
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._reading

    async def _running(self) -> asyncio.subprocess.Process:
        async with self._starting:
            if self._process is None or self._process.returncode is not None:
                self._process = await _start(self.file)
                self._reading = asyncio.create_task(self._read(self._process))
            return self._process

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        """Hand each answer to the question it belongs to: they come in the order they were asked in."""
        assert process.stdout is not None
        while line := await process.stdout.readline():
            score = self._waiting.popleft()
            if not score.done():  # nobody waits any more for what was too slow
                score.set_result(float(line))
        await process.wait()
        while self._waiting:
            score = self._waiting.popleft()
            if not score.done():
                score.set_exception(NoAnswer("model"))


async def _start(file: Path) -> asyncio.subprocess.Process:
    pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    command = (sys.executable, "-m", WORKER, str(file))
    known = {name: value for name in ENVIRONMENT if (value := os.environ.get(name))}
    try:
        return await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=nowhere, env=known)
    except OSError:
        raise NoAnswer("model") from None

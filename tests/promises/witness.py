"""Hears every log line and keeps every answer, so that a test can look for what should be nowhere."""

from typing import Any

import httpx
import pytest

from tests.journeys.reader import Reader


class Witness:
    """Hears every log line and keeps every answer while a reader walks."""

    def __init__(self, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
        self.caplog, self.capfd = caplog, capfd
        self.events: list[Any] = []
        self.answers: list[httpx.Response] = []

    def keep(self, reader: Reader) -> None:
        """Keep what `reader`'s browser is answered."""

        async def hook(response: httpx.Response) -> None:
            await response.aread()
            self.answers.append(response)

        reader.visitor.client.event_hooks["response"].append(hook)

    def logs(self) -> bytes:
        """Give all that was logged or printed, but for what the test's own browser logs."""
        ours = [each for each in self.caplog.records if "GET http://comments.localhost" not in each.getMessage()]
        return "\n".join(
            [*(each.getMessage() for each in ours), *self.capfd.readouterr(), *map(str, self.events)]
        ).encode()

    def pages(self, *, but: str = "/nothing") -> dict[str, bytes]:
        """Give every answer, headers and all, but those to a path."""
        kept = [each for each in self.answers if each.url.path != but]
        return {f"answer {n} {a.url.path}": str(a.headers.raw).encode() + a.content for n, a in enumerate(kept)}

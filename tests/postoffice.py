"""A real SMTP server of the test's own: keeps what it is given, or refuses."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP


class PostOffice:
    """Refuses everything for a while when `closed`, and whom it knows to be `unknown` for good."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.to: list[str] = []
        self.unknown: set[str] = set()
        self.refusal = "550 no such user here"
        self.closed = False
        self.port = 0

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Take a recipient, or refuse it."""
        if address in self.unknown:
            return self.refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take a letter."""
        if self.closed:
            return "451 come back later"
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        self.raw.append(envelope.content)
        self.to += envelope.rcpt_tos
        return "250 OK"

    def link(self) -> str:
        """Give the path of the first link to us in the newest letter."""
        found = re.search(r"http://comments\.localhost:8000(/\S+)", self.text())
        assert found
        return found[1]

    def text(self, number: int = -1) -> str:
        """Give the plain text of a letter, the newest unless told."""
        return self._part("plain", number)

    def html(self, number: int = -1) -> str:
        """Give the HTML of a letter, the newest unless told."""
        return self._part("html", number)

    def _part(self, kind: str, number: int) -> str:
        body = self.letters[number].get_body((kind,))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")


@asynccontextmanager
async def open_office() -> AsyncIterator[PostOffice]:
    """Give a post office that takes letters at `port`."""
    office = PostOffice()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(office, enable_SMTPUTF8=True), "127.0.0.1", 0)
    office.port = server.sockets[0].getsockname()[1]
    yield office
    server.close()
    await server.wait_closed()

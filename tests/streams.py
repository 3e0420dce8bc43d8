"""A page that listens: a live stream read in this process, message by message. httpx would wait for its end."""

import asyncio
import json
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message

SECONDS = 15


class Listener:
    """One open stream. `async with Listener(app, show="verified") as page: await page.next()`."""

    def __init__(
        self, app: ASGIApp, /, *, after: int | None = None, address: str = "203.0.113.7", **query: str
    ) -> None:
        self._app, self._inbox, self._outbox = app, asyncio.Queue[Message](), asyncio.Queue[Message]()
        headers = [(b"host", b"comments.localhost:8000"), (b"accept", b"text/event-stream")]
        headers += [(b"last-event-id", str(after).encode())] if after is not None else []
        self._scope = {
            "type": "http",
            "method": "GET",
            "path": "/embed/stream",
            "query_string": urlencode(query).encode(),
            "headers": headers,
            "client": (address, 50_000),
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "server": ("comments.localhost", 8000),
            "root_path": "",
        }
        self._text = ""
        self.raw = b""
        """Every byte that came."""
        self.status = 0
        self.headers: dict[str, str] = {}
        self.position = 0
        """What the browser would send as Last-Event-ID."""

    async def __aenter__(self) -> "Listener":
        await self._inbox.put({"type": "http.request", "body": b""})
        self._task = asyncio.create_task(self._app(self._scope, self._inbox.get, self._outbox.put))
        start = await asyncio.wait_for(self._outbox.get(), SECONDS)
        self.status = start["status"]
        self.headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    async def leave(self) -> None:
        """Close the page, and wait until the server has noticed."""
        await self._inbox.put({"type": "http.disconnect"})
        await asyncio.wait_for(self._task, SECONDS)

    async def ended(self) -> None:
        """Wait until the server ends it."""
        await asyncio.wait_for(self._task, SECONDS)

    async def next(self) -> dict[str, Any]:
        """Wait for the next message that says something; what only shows that the stream lives is passed over."""
        while True:
            while "\n\n" in self._text:
                block, _, self._text = self._text.partition("\n\n")
                message = self._read(block)
                if message and message["kind"] != "beat":
                    return message
            piece = await asyncio.wait_for(self._outbox.get(), SECONDS)
            self.raw += piece.get("body", b"")
            self._text += piece.get("body", b"").decode()

    def _read(self, block: str) -> dict[str, Any] | None:
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        self.position = int(fields.get("id", self.position))
        return json.loads(fields["data"]) if "data" in fields else None

    async def nothing_more(self) -> bool:
        """Say whether nothing is waiting, once everything that could run has run."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.next(), 0.05)
            return False
        return True

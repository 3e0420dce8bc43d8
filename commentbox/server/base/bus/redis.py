"""The bus over Redis or Valkey, version 6 or newer, by publish and subscribe.

Four commands are all we need of it, so they are written here and no client library is: HELLO 3 (with a password where the
address has one), SUBSCRIBE, PUBLISH, PING. Under its third protocol one connection does both directions.
"""

import asyncio
import ssl
from typing import Any
from urllib.parse import unquote, urlsplit

from commentbox.server.base.bus import CHANNEL, LINK_SECONDS, QUIET_SECONDS, Link, until_one_ends

PORT = 6379
LONGEST_LINE = 64 * 1024


class Redis(Link):
    """One connection. `name` keeps instances apart that share a server."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__()
        self._parts = urlsplit(url)
        self._channel = f"{CHANNEL} {name}"

    async def _carry(self) -> None:
        reader, writer = await asyncio.wait_for(self._connect(), LINK_SECONDS)
        try:
            await asyncio.wait_for(self._greet(reader, writer), LINK_SECONDS)
            self._up()
            await until_one_ends(self._send(writer), self._listen(reader))
        finally:
            writer.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        secure = ssl.create_default_context() if self._parts.scheme in ("rediss", "valkeys") else None
        host, port = self._parts.hostname or "127.0.0.1", self._parts.port or PORT
        return await asyncio.open_connection(host, port, ssl=secure, limit=LONGEST_LINE)

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Agree on the protocol, show the password, subscribe; return when all of it was accepted."""
        user, password = (unquote(part or "") for part in (self._parts.username, self._parts.password))
        writer.write(_command("HELLO", "3", *(["AUTH", user or "default", password] if password else [])))
        writer.write(_command("SUBSCRIBE", self._channel))
        while (await _read(reader))[0] != "subscribe":
            pass

    async def _send(self, writer: asyncio.StreamWriter) -> None:
        while True:
            message = await self._next()
            writer.write(_command("PING") if message is None else _command("PUBLISH", self._channel, message))
            await asyncio.wait_for(writer.drain(), LINK_SECONDS)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while True:
            said = await asyncio.wait_for(_read(reader), QUIET_SECONDS + LINK_SECONDS)
            if said[0] == "message":
                self._heard(said[2])


def _command(*words: str) -> bytes:
    parts = [word.encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)


async def _read(reader: asyncio.StreamReader) -> list[Any]:
    """Give the next thing the server says as a list of words: a pushed message, or an answer. Its errors are raised."""
    said = await _value(reader)
    return said if isinstance(said, list) and said else [said]


async def _value(reader: asyncio.StreamReader) -> Any:
    line = (await reader.readuntil(b"\r\n"))[:-2].decode()
    kind, rest = line[:1], line[1:]
    if kind == "-":
        raise ConnectionError(f"the server refused: {rest.split(' ')[0]}")
    if kind == "$" and rest != "-1":
        return (await reader.readexactly(int(rest) + 2))[:-2].decode()
    if kind in ("*", "~", ">"):
        return [await _value(reader) for _ in range(int(rest))]
    if kind == "%":
        return [await _value(reader) for _ in range(2 * int(rest))]
    return rest

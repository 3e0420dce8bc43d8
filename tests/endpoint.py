"""A paper's own server that is told things: it keeps what comes, and answers what it is told to answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Endpoint:
    """What came, as (headers, body), and the status that is answered next."""

    url: str = ""
    status: int = 204
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request and answer it."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = [line.partition(": ") for line in head.split("\r\n")[1:] if line]
        headers = {name.lower(): value for name, _, value in lines}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.came.append((headers, body))
        moved = "Location: http://news.localhost:1/\r\n" if self.status == 302 else ""
        writer.write(f"HTTP/1.1 {self.status} X\r\nContent-Length: 0\r\n{moved}Connection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def listening() -> AsyncIterator[Endpoint]:
    """Give an endpoint on a free port, under a name that the paper of the tests is registered with."""
    endpoint = Endpoint()
    server = await asyncio.start_server(endpoint.hear, "127.0.0.1", 0)
    endpoint.url = f"http://news.localhost:{server.sockets[0].getsockname()[1]}/hook"
    async with server:
        yield endpoint

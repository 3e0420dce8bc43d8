"""The bus over PostgreSQL's own NOTIFY: what an instance on PostgreSQL uses unless told otherwise.

One connection beside the pool, for LISTEN belongs to a connection. A proxy that pools transactions (PgBouncer) cannot
carry it: give the bus a direct address then.
"""

import asyncio
from typing import Any

import asyncpg
from sqlalchemy import make_url

from commentbox.server.base.bus import CHANNEL, LINK_SECONDS, Link, until_one_ends


class Notify(Link):
    """LISTEN and NOTIFY on one connection of its own."""

    def __init__(self, url: str) -> None:
        super().__init__()
        address = make_url(url)
        self._address = address.translate_connect_args(username="user") | dict(address.query)

    async def _carry(self) -> None:
        connection = await asyncpg.connect(**self._address, timeout=LINK_SECONDS, command_timeout=LINK_SECONDS)
        closed = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: closed.set())
            await connection.add_listener(CHANNEL, self._arrived)
            self._up()
            await until_one_ends(self._send(connection), _broken(closed))
        finally:
            connection.terminate()

    def _arrived(self, _connection: Any, _process: int, _channel: str, message: object) -> None:
        self._heard(str(message))

    async def _send(self, connection: Any) -> None:
        while True:
            message = await self._next()
            if message is None:
                await connection.execute("SELECT 1")
            else:
                await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, message)


async def _broken(closed: asyncio.Event) -> None:
    await closed.wait()
    raise ConnectionError("the connection was closed")

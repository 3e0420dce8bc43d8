"""How we talk to a helper: one POST, bounded in time and size, to the very address that was checked, never redirected."""

import asyncio
from collections.abc import Mapping

import httpx

from commentbox.server.base import fetch
from commentbox.server.base.errors import Refusal
from commentbox.server.screening.classifiers.port import NoAnswer

MOST_BYTES = 16 * 1024
"""An opinion is a line."""
_REFUSED = (401, 403)


class Line:
    """A line to one service, kept open between questions: to begin TLS anew would take most of the time there is."""

    def __init__(self, *, seconds: float, may_be_private: bool) -> None:
        self._seconds = seconds
        self._may_be_private = may_be_private
        # No time-out of its own: the whole exchange has one, which a drip of single bytes does not pass.
        self._client = httpx.AsyncClient(timeout=None, trust_env=False)

    async def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """Send a body and give the answer, read whole. Raises `NoAnswer`."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._posted(address, body, headers)
        except TimeoutError:
            raise NoAnswer("slow") from None
        except Refusal as refusal:  # the guard of addresses
            is_private = refusal.data.get("reason") == "private_address"
            raise NoAnswer("private_address" if is_private else "unreachable") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            raise NoAnswer("unreachable") from None

    async def _posted(self, address: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        pinned = await fetch.pinned(address, may_be_private=self._may_be_private)
        sent = {**headers, **pinned.pop("headers"), "accept-encoding": "identity"}
        request = self._client.build_request("POST", **pinned, content=body, headers=sent)
        response = await self._client.send(request, stream=True)
        try:
            response._content = await _bounded(response)
        finally:
            await response.aclose()
        if response.status_code in _REFUSED:
            raise NoAnswer("refused")
        if response.status_code != 200:
            raise NoAnswer("status")
        return response

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()


async def _bounded(response: httpx.Response) -> bytes:
    taken = b""
    async for part in response.aiter_raw():
        taken += part
        if len(taken) > MOST_BYTES:
            raise NoAnswer("form")
    return taken

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


async def post(
    address: str, body: bytes, *, headers: Mapping[str, str], seconds: float, may_be_private: bool
) -> httpx.Response:
    """Send a body and give the answer, read whole. Raises `NoAnswer`."""
    try:
        async with asyncio.timeout(seconds):
            return await _posted(address, body, headers=headers, may_be_private=may_be_private)
    except TimeoutError:
        raise NoAnswer("slow") from None
    except Refusal as refusal:  # the guard of addresses
        is_private = refusal.data.get("reason") == "private_address"
        raise NoAnswer("private_address" if is_private else "unreachable") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
        raise NoAnswer("unreachable") from None


async def _posted(address: str, body: bytes, *, headers: Mapping[str, str], may_be_private: bool) -> httpx.Response:
    pinned = await fetch.pinned(address, may_be_private=may_be_private)
    sent = {**headers, **pinned.pop("headers"), "accept-encoding": "identity"}
    async with httpx.AsyncClient(timeout=None, trust_env=False) as client:  # the whole has a time-out: `seconds`
        response = await client.send(client.build_request("POST", **pinned, content=body, headers=sent), stream=True)
        try:
            response._content = await _bounded(response)
        finally:
            await response.aclose()
    if response.status_code in _REFUSED:
        raise NoAnswer("refused")
    if response.status_code != 200:
        raise NoAnswer("status")
    return response


async def _bounded(response: httpx.Response) -> bytes:
    taken = b""
    async for part in response.aiter_raw():
        taken += part
        if len(taken) > MOST_BYTES:
            raise NoAnswer("form")
    return taken

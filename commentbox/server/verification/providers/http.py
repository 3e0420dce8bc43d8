"""How we talk to a provider: https, bounded in time and size, never following a redirect, never quoting it."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx

from commentbox.server.base.entries import is_safe_address
from commentbox.server.base.errors import Invalid, Unavailable

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
WHOLE_SECONDS = 15  # A drip of single bytes passes every read time-out, so the whole exchange has one too.
MAX_BYTES = 256 * 1024  # Discovery and key sets of large providers have some 20 kB.


async def ask(
    method: str,
    address: object,
    *,
    form: Mapping[str, str] | None = None,
    content: bytes | None = None,
    auth: httpx.Auth | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, dict[str, Any]]:
    """Give status and JSON object. Refuses `provider.unreachable` (also for 5xx) and `provider.bad_answer`."""
    if not is_safe_address(address):
        raise bad_answer("address")
    sent = {"Accept": "application/json", "Accept-Encoding": "identity"} | dict(headers or {})
    try:
        async with asyncio.timeout(WHOLE_SECONDS), httpx.AsyncClient(timeout=TIMEOUT) as client:
            request = client.build_request(method, str(address), data=form, content=content, headers=sent)
            response = await client.send(request, auth=auth, stream=True)
            body = await _bounded(response)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError):
        raise Unavailable("provider.unreachable") from None
    if response.status_code >= 500:
        raise Unavailable("provider.unreachable")
    # An answer may say by its status alone that there is nothing to say (RFC 9110, 15.3.5).
    return response.status_code, _parsed(body) if body or response.status_code != 204 else {}


def bad_answer(reason: str) -> Invalid:
    """Give the refusal of an answer we cannot believe. `reason` is one of our own words, never the provider's."""
    return Invalid("provider.bad_answer", reason=reason)


async def _bounded(response: httpx.Response) -> bytes:
    body = b""
    try:
        async for part in response.aiter_bytes():
            body += part
            if len(body) > MAX_BYTES:
                raise bad_answer("size")
    finally:
        await response.aclose()
    return body


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        raise bad_answer("json") from None
    if not isinstance(parsed, dict):
        raise bad_answer("json")
    return parsed

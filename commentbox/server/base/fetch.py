"""One guarded look at a page of the paper's: never at an inner address, never further than its own origin.

Used when a reader comments on an article nobody registered. The host is resolved once, checked, and that very address is
connected to, so that a name cannot point elsewhere a moment later.
"""

import asyncio
import socket
import zlib
from ipaddress import ip_address
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from commentbox.server.base.errors import Forbidden, NotFound, Unavailable

TIMEOUT_SECONDS = 5
WHOLE_SECONDS = 15
"""For everything together: a page that comes byte by byte keeps no reader waiting."""
LARGEST_PAGE = 2 * 1024 * 1024
MOST_HOPS = 3
GONE = (404, 410)
"""Answers by which the paper itself says that there is no such article: trying again would not help."""
USER_AGENT = "commentbox (looks once whether an article carries its tag)"


async def page(url: str, *, may_be_private: bool) -> tuple[str, str]:
    """Give the final address and the text of an HTML page. Follows redirects within the origin only.

    `may_be_private` is for papers registered under a local name themselves. Refuses `article.unreachable`,
    `article.unknown` and `article.foreign`; the reason is in the data.
    """
    try:
        async with asyncio.timeout(WHOLE_SECONDS):
            return await _followed(url, may_be_private=may_be_private)
    except TimeoutError:
        raise Unavailable("article.unreachable", reason="slow") from None


async def _followed(url: str, *, may_be_private: bool) -> tuple[str, str]:
    headers = {"user-agent": USER_AGENT, "accept-encoding": "identity"}
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False, headers=headers) as client:
        for _hop in range(MOST_HOPS + 1):
            response = await _get(client, url, may_be_private=may_be_private)
            if not response.is_redirect:
                return url, _html(response)
            url = _next_hop(url, response.headers.get("location", ""))
    raise Unavailable("article.unreachable", reason="redirects")


async def _get(client: httpx.AsyncClient, url: str, *, may_be_private: bool) -> httpx.Response:
    request = client.build_request("GET", **await pinned(url, may_be_private=may_be_private))
    try:
        response = await client.send(request, stream=True)
        await _read_bounded(response)
    except (httpx.HTTPError, httpx.InvalidURL, OSError):
        raise Unavailable("article.unreachable", reason="connection") from None
    return response


async def pinned(url: str, *, may_be_private: bool) -> dict[str, Any]:
    """Give what a request to a guarded address is built of: the very address that was checked, under the host's name.

    Refuses `article.unreachable` and `article.foreign`.
    """
    parts = urlsplit(url)
    address = await _checked_address(parts.hostname or "", may_be_private=may_be_private)
    host = f"[{address}]" if ":" in address else address
    there = parts._replace(netloc=host + (f":{parts.port}" if parts.port else "")).geturl()
    extensions = {"sni_hostname": parts.hostname} if parts.scheme == "https" else {}
    return {"url": there, "headers": {"host": parts.netloc}, "extensions": extensions}


async def _read_bounded(response: httpx.Response) -> None:
    taken = bytearray()
    try:
        async for chunk in response.aiter_raw():
            taken += chunk
            if len(taken) > LARGEST_PAGE:
                raise Unavailable("article.unreachable", reason="size")
    finally:
        await response.aclose()
    response._content = _unpacked(bytes(taken), response.headers.get("content-encoding", "identity"))


def _unpacked(raw: bytes, encoding: str) -> bytes:
    """Give the bytes of a page. We ask for them as they are; some servers pack them all the same, some without end."""
    if encoding.strip().lower() == "identity":
        return raw
    if encoding.strip().lower() != "gzip":
        raise Unavailable("article.unreachable", reason="encoding")
    try:
        plain = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(raw, LARGEST_PAGE + 1)
    except zlib.error:
        raise Unavailable("article.unreachable", reason="encoding") from None
    if len(plain) > LARGEST_PAGE:
        raise Unavailable("article.unreachable", reason="size")
    return plain


async def _checked_address(host: str, *, may_be_private: bool) -> str:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(_resolvable(host), None, type=socket.SOCK_STREAM)
    except OSError:
        raise Unavailable("article.unreachable", reason="name") from None
    addresses = [str(each[4][0]) for each in found]
    if not addresses or not (may_be_private or all(ip_address(each.split("%")[0]).is_global for each in addresses)):
        raise Forbidden("article.foreign", reason="private_address")
    return addresses[0]


def _resolvable(host: str) -> str:
    """Browsers know `*.localhost` by themselves; the system's resolver often does not."""
    return "127.0.0.1" if host == "localhost" or host.endswith(".localhost") else host


def _next_hop(url: str, location: str) -> str:
    try:
        following = urljoin(url, location)
        before, after = urlsplit(url), urlsplit(following)
    except ValueError:
        raise Forbidden("article.foreign", reason="redirect") from None
    if (before.scheme, before.netloc) != (after.scheme, after.netloc):
        raise Forbidden("article.foreign", reason="redirect")
    return following


def _html(response: httpx.Response) -> str:
    if response.status_code in GONE:
        raise NotFound("article.unknown", reason="status", status=response.status_code)
    if response.status_code != 200:
        raise Unavailable("article.unreachable", reason="status", status=response.status_code)
    if "html" not in response.headers.get("content-type", ""):
        raise Forbidden("article.foreign", reason="not_html")
    return response.text

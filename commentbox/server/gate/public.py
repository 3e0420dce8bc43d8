"""Public pages: the same bytes for everybody with the same address, from the cache or built into it.

Frame, fragments and API answer through here. A page of an article without a thread is not kept: anybody can invent them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from commentbox.server.base.cache import Entry, make_entry
from commentbox.server.gate.headers import BASE_HEADERS
from commentbox.server.gate.instance import Instance, instance_of
from commentbox.server.threads import version_of

FRESH = "public, max-age=0, s-maxage=5"
"""Browsers ask again with the ETag; shared caches may be five seconds behind (PRODUCT, Defaults)."""


@dataclass(frozen=True)
class Built:
    """A finished page before it is compressed; without a thread it is not kept.

    What is about a whole site has no version: `thread_id` is the site's then, and it is kept for its five seconds.
    """

    body: str
    thread_id: str | None
    version: int | None
    headers: dict[str, str]
    status: int = 200


async def public(request: Request, key: str, build: Callable[[], Awaitable[Built]]) -> "EntryResponse":
    """Answer with the page for `key`, built only if no fresh one is there."""
    instance = instance_of(request)
    alias = (request.scope["path"], request.scope["query_string"])
    entry = await instance.cache.get(key, _version(instance), alias)
    if entry is None:
        entry = await instance.cache.build(key, lambda: _made(build), alias)
    return EntryResponse(entry)


async def _made(build: Callable[[], Awaitable[Built]]) -> Entry:
    built = await build()
    headers = {**BASE_HEADERS, "cache-control": FRESH, **built.headers}
    thread_id, version = built.thread_id or "", built.version
    return make_entry(built.body, thread_id=thread_id, version=version, headers=headers, status=built.status)


def _version(instance: Instance) -> Callable[[str], Awaitable[int | None]]:
    async def ask(thread_id: str) -> int | None:
        async with instance.db.read() as query:
            return await version_of(query, thread_id)

    return ask


class EntryResponse(Response):
    """A cached page as a response of the framework."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.status_code = entry.status
        self.background = None
        self.raw_headers = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it in the encoding that was asked for."""
        await send_entry(self.entry, scope, send)


async def send_entry(entry: Entry, scope: Scope, send: Send) -> None:
    """Send a page: not at all if the client has it, compressed if it can read that."""
    packed, known = False, None
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            packed = b"gzip" in value
        elif name == b"if-none-match":
            known = value
    headers = entry.gzip_headers if packed else entry.plain_headers
    if known is not None and entry.etag in known:
        bare = [pair for pair in headers if pair[0] not in (b"content-length", b"content-encoding", b"content-type")]
        await send({"type": "http.response.start", "status": 304, "headers": bare})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": entry.status, "headers": headers})
    body = b"" if scope["method"] == "HEAD" else entry.gzipped if packed else entry.plain
    await send({"type": "http.response.body", "body": body})

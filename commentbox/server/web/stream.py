"""What an open page asks for by itself: the live stream, its polling twin, and single comments as they stand now.

All three are public, carry no cookie and no token, and give what the thread page with the same filter would give.
"""

import asyncio
import contextlib
import json
import random

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from commentbox.server.base import clock
from commentbox.server.base.errors import Invalid
from commentbox.server.base.ids import looks_like_id
from commentbox.server.gate.addresses import address_mac
from commentbox.server.gate.asking import place_of
from commentbox.server.gate.forms import Fields, query_of
from commentbox.server.gate.headers import content_policy
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.public import Built, public
from commentbox.server.live.following import Live
from commentbox.server.live.streams import Stream
from commentbox.server.presenters import reading
from commentbox.server.presenters.places import FRAME, WINDOW

POLLED = "public, max-age=5"
"""Pollers of one thread may share an answer: public bytes may be five seconds old (PRODUCT, Defaults)."""
IDS = 60
"""Comments asked for at once: as many as a page shows."""
LONGEST_POSITION = 15
END_SECONDS = 5
"""How long a reader who was let go may take to hear of it."""
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),  # nginx would keep every piece until it has a page full
]
RETRY_MS = (2_000, 6_000)
"""When a lost stream comes back; not all at the same moment, for there may be thousands."""


async def stream(request: Request) -> Response:
    """Tell what happens in a thread, as Server-sent events. An article nobody commented on has nothing to follow: 204."""
    place, after = place_of(query_of(request), FRAME), _after(request)
    instance = instance_of(request)
    async with instance.db.read() as query:
        found = await reading.find(query, place)
        if found.thread_id is None:
            return Response(status_code=204)
        opened = Stream(found.thread_id, place.show, address_mac(request))
        if request.method == "HEAD":
            return Streaming(instance.live, opened)
        await instance.live.open(query, opened, after=after)
    return Streaming(instance.live, opened)


class Streaming(Response):
    """An answer that goes on until the reader leaves or is let go."""

    def __init__(self, live: Live, opened: Stream) -> None:
        self._live, self._stream = live, opened
        self.status_code = 200
        self.background = None
        self.raw_headers = list(HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until one of the two ends it; the stream is forgotten whatever happens."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            await self._until_it_ends(receive, send)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(send({"type": "http.response.body", "body": b""}), END_SECONDS)

    async def _until_it_ends(self, receive: Receive, send: Send) -> None:
        writing, leaving = asyncio.ensure_future(self._write(send)), asyncio.ensure_future(_left(receive))
        self._stream.when_ended(writing.cancel)
        try:
            await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._live.close(self._stream)
            writing.cancel()
            leaving.cancel()
            await asyncio.gather(writing, leaving, return_exceptions=True)

    async def _write(self, send: Send) -> None:
        piece = b"retry: %d\n\n" % random.randint(*RETRY_MS)
        while True:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            piece = await self._stream.next()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def news(request: Request) -> Response:
    """Give the same as JSON to pages behind a proxy that lets no stream through: what came after a position."""
    place, after = place_of(query_of(request), FRAME), _after(request)
    instance = instance_of(request)

    async def build() -> Built:
        async with instance.db.read() as query:
            found = await reading.find(query, place)
            facts = await instance.live.news(query, found.thread_id, place.show, after=after)
        headers = {"content-type": "application/json", "cache-control": POLLED}
        body = json.dumps(facts, separators=(",", ":"))
        return Built(body, found.thread_id, found.row.version or 0, headers)

    answer = await public(request, repr(("news", place.article, place.show, after)), build)
    if answer.entry.thread_id:
        instance.live.readers.polled(answer.entry.thread_id, address_mac(request))
    return answer


async def fresh(request: Request) -> Response:
    """Give single comments of a thread as they stand now, and its numbers, for a page that is open."""
    fields = query_of(request)
    page = WINDOW if fields.optional("page", limit=10) == "window" else FRAME
    place, ids = place_of(fields, page), _ids(fields)
    instance = instance_of(request)

    async def build() -> Built:
        async with instance.db.read() as query:
            found = await reading.find(query, place)
            view = await reading.fresh(query, found, place, ids, now=clock.now())
        lang = reading.language(found, place)
        html = instance.render.html("fresh.html", lang=lang, theme=reading.look(found, place), view=view)
        headers = {"content-type": "text/html; charset=utf-8", "content-language": lang}
        return Built(
            html, found.thread_id, found.row.version or 0, headers | {"content-security-policy": content_policy()}
        )

    return await public(request, repr(("fresh", place.fields, page, ids)), build)


def _after(request: Request) -> int:
    """Give the position a reader had reached: the browser's own header, else the address. 0 for a new one."""
    said = request.headers.get("last-event-id") or query_of(request).text("since", limit=LONGEST_POSITION) or "0"
    if not (said.isascii() and said.isdigit() and len(said) <= LONGEST_POSITION):
        raise Invalid("input.invalid", field="since")
    return int(said)


def _ids(fields: Fields) -> tuple[str, ...]:
    ids = sorted({each for each in fields.text("ids").split(",") if each})
    if len(ids) > IDS or not all(map(looks_like_id, ids)):
        raise Invalid("input.invalid", field="ids")
    return tuple(ids)


routes = [
    Route("/embed/stream", stream),
    Route("/embed/news", news),
    Route("/embed/fresh", fresh),
]

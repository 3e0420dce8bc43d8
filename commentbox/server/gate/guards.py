"""The guard before every route: foreign POSTs, oversized bodies, addresses that are not UTF-8; and every answer's headers.

Pure ASGI, because it stands in the way of every request.
"""

from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from commentbox.server.base.errors import Forbidden, NotFound, Refusal, TooMuch
from commentbox.server.gate.forms import check_utf8
from commentbox.server.gate.headers import complete
from commentbox.server.gate.refusals import on_refusal

LARGEST_BODY = 256 * 1024
"""No form or JSON of ours comes near it."""
OPEN_TO_MACHINES = ("/api/", "/verify/callback/", "/verify/webhook/", "/stop/", "/sso/return")
"""Paths that are called without a page of ours: by the paper's server with a key, by a provider, by a mail program that
ends mails in one click (RFC 8058), by the paper's log-in page, whose form only brings something that changes nothing yet."""


class Guard:
    """Refuses what no handler should see, and completes the headers of what handlers answer."""

    def __init__(self, app: ASGIApp, *, origin: str) -> None:
        self._app = app
        self._origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer with the refusal."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            _check_origin(scope, headers, self._origin)
            _check_address(scope)
            counted = _bounded(receive, headers)
        except Refusal as refusal:
            response = await on_refusal(Request(scope), refusal)
            await response(scope, receive, _completed(send))
            return
        await self._app(scope, counted, _completed(send))


def _check_origin(scope: Scope, headers: Headers, origin: str) -> None:
    if scope["method"] in ("GET", "HEAD", "OPTIONS") or scope["path"].startswith(OPEN_TO_MACHINES):
        return
    if headers.get("origin") != origin:
        raise Forbidden("origin.refused")


def _check_address(scope: Scope) -> None:
    """Refuse what no database takes: PostgreSQL fails on a NUL, and letters that are none would be replaced unseen."""
    if "\0" in scope["path"]:
        raise NotFound("page.unknown")
    check_utf8(unquote_to_bytes(scope["query_string"]))


def _bounded(receive: Receive, headers: Headers) -> Receive:
    announced = headers.get("content-length", "0")
    if announced.isascii() and announced.isdigit() and int(announced) > LARGEST_BODY:
        raise TooMuch("body.too_large", limit=LARGEST_BODY)
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise TooMuch("body.too_large", limit=LARGEST_BODY)
        return message

    return counted


def _completed(send: Send) -> Send:
    async def completing(message: Message) -> None:
        if message["type"] == "http.response.start":
            complete(MutableHeaders(scope=message))
        await send(message)

    return completing

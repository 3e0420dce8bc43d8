"""One refusal, one answer: a page, a fragment for htmx, or JSON, in the reader's language. Nothing else makes errors."""

from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from commentbox.server.base import i18n
from commentbox.server.base.errors import Refusal
from commentbox.server.gate.forms import typed
from commentbox.server.gate.headers import complete
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.messages import sentence

NUDGES = ("comment.nudge", "comment.nudge_tone")
"""Refusals that the writer may set aside: the answer has a second button."""
log = structlog.get_logger()
_HTTP_CODES = {404: "page.unknown", 405: "method.refused", 400: "body.unreadable"}


async def on_refusal(request: Request, error: Exception) -> Response:
    """Answer a refusal that a room or a front raised."""
    assert isinstance(error, Refusal)
    return answer(request, error.code, status=error.status, data=error.data)


async def on_http(request: Request, error: Exception) -> Response:
    """Answer what the router itself refuses: unknown paths, wrong methods, unreadable forms."""
    assert isinstance(error, HTTPException)
    code = _HTTP_CODES.get(error.status_code, "internal")
    response = answer(request, code, status=error.status_code, data={})
    response.headers.update(error.headers or {})
    return response


async def on_crash(request: Request, error: Exception) -> Response:
    """Answer a defect of ours; its trace goes to the log, without anything the person sent."""
    # The function that answered, not the path: that may hold a one-time token.
    endpoint = getattr(request.scope.get("endpoint"), "__qualname__", "")
    log.error("request.crashed", endpoint=endpoint, method=request.method, exc_info=error)
    response = answer(request, "internal", status=500, data={})
    complete(response.headers)  # this answer passes by the guard
    return response


def answer(request: Request, code: str, *, status: int, data: dict[str, Any]) -> Response:
    """Give the answer in the shape the asker can use; a page has the text in it that was sent."""
    lang = language_of(request)
    with i18n.use(lang):
        message = sentence(code, status=status, data=data)
    again = {"retry-after": str(data["seconds"])} if status == 429 and "seconds" in data else {}
    if wants_json(request):
        shape = {"error": {"code": code, "message": message, "data": data}}
        return JSONResponse(shape, status_code=status, headers=again)
    block = {"code": code, "message": message, "status": status, "text": typed(request, "text")}
    block["nudged"] = code in NUDGES
    render = instance_of(request).render
    if is_fragment(request):
        html = render.block("error.html", "notice", lang=lang, **block)
    else:
        html = render.html("error.html", lang=lang, **block)
    return HTMLResponse(html, status_code=status, headers=again)


def wants_json(request: Request) -> bool:
    """Say whether the asker is a program: an API path, or an Accept that asks for JSON."""
    return request.url.path.startswith("/api/") or request.headers.get("accept", "").startswith("application/json")


def is_fragment(request: Request) -> bool:
    """Say whether htmx asks for a piece of a page."""
    return "hx-request" in request.headers


def language_of(request: Request) -> str:
    """Give the language to speak: the address or the form says, else the browser."""
    accepted = [part.split(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")]
    return i18n.best(request.query_params.get("lang"), typed(request, "lang"), *accepted)

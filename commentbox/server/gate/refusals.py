"""One refusal, one answer: a page, a fragment for htmx, or JSON, in the reader's language. Nothing else makes errors."""

from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from commentbox.server.base import i18n
from commentbox.server.base.errors import Refusal
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.messages import sentence

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
    return answer(request, "internal", status=500, data={})


def answer(request: Request, code: str, *, status: int, data: dict[str, Any]) -> Response:
    """Give the answer in the shape the asker can use."""
    lang = language_of(request)
    with i18n.use(lang):
        message = sentence(code, status=status, data=data)
    if wants_json(request):
        return JSONResponse({"error": {"code": code, "message": message, "data": data}}, status_code=status)
    block = {"code": code, "message": message, "status": status, "data": data}
    render = instance_of(request).render
    if is_fragment(request):
        return HTMLResponse(render.block("error.html", "notice", lang=lang, **block), status_code=status)
    return HTMLResponse(render.html("error.html", lang=lang, **block), status_code=status)


def wants_json(request: Request) -> bool:
    """Say whether the asker is a program: an API path, or an Accept that asks for JSON."""
    return request.url.path.startswith("/api/") or request.headers.get("accept", "").startswith("application/json")


def is_fragment(request: Request) -> bool:
    """Say whether htmx asks for a piece of a page."""
    return "hx-request" in request.headers


def language_of(request: Request) -> str:
    """Give the language to speak: the address says, else the browser."""
    accepted = [part.split(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")]
    return i18n.best(request.query_params.get("lang"), *accepted)

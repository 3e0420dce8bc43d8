"""`/.well-known/webauthn`: which other titles' pages may use passkeys made here (WebAuthn 3, related origin requests)."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commentbox.server.base.errors import NotFound
from commentbox.server.gate.instance import instance_of


async def related(request: Request) -> Response:
    """Give the list, our own origin first; nothing where the operator names none."""
    settings = instance_of(request).settings
    if not settings.related_origins:
        raise NotFound("page.unknown")
    answer = JSONResponse({"origins": [settings.origin, *settings.related_origins]})
    answer.headers["cache-control"] = "public, max-age=3600"
    return answer


routes = [Route("/.well-known/webauthn", related, methods=["GET"])]

"""Signed badges for programs: the token of one comment, and the keys to check it with. The same bytes for everybody."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commentbox.server.api.routes import FOR_ALL
from commentbox.server.base import clock
from commentbox.server.gate.forms import path_id
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.public import FRESH
from commentbox.server.presenters.signed_badges import claims_of
from commentbox.server.verification import signed_badges

KEYS_KEPT = "public, max-age=3600"
"""The list has next month's key in it, so an hour's copy is never too old."""


async def badge(request: Request) -> Response:
    """Give the signed badge of one published comment, as a compact JWS. Refuses `comment.unknown`."""
    instance = instance_of(request)
    async with instance.db.read() as query:
        claims = await claims_of(query, path_id(request))
    token = signed_badges.sign(instance.keyring, claims, issuer=instance.settings.origin, now=clock.now())
    return Response(token, headers={"content-type": "application/jose", "cache-control": FRESH, **FOR_ALL})


async def keys(request: Request) -> Response:
    """Give the public keys (RFC 7517)."""
    published = signed_badges.published_keys(instance_of(request).keyring, clock.now())
    return JSONResponse({"keys": published}, headers={"cache-control": KEYS_KEPT, **FOR_ALL})


routes = [Route("/api/v1/comments/{id}/badge", badge), Route("/.well-known/jwks.json", keys)]

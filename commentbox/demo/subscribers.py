"""The Gazette's own log-in, as a paper would build it: a cookie of its own, and a signed token for the comment server.

It plays: nobody has a password. What a paper's developer must do is `_token` and the two routes that give it out (docs/sso.md).
"""

import secrets
import time
from collections.abc import Callable
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

COOKIE = "gazette-reader"
SECONDS = 120
READERS = {"41207": ("Nell Sandgate", True), "41208": ("Piers Lowther", False)}
"""The paper's id of each reader -> the name they chose to be shown under, and whether they subscribe."""


def name_of(request: Request) -> str:
    """Give the name of whoever is logged in at the paper, or ''."""
    return READERS.get(request.cookies.get(COOKIE, ""), ("", False))[0]


def routes(comments: str, site: str, *, secret: str, page: Callable[..., Response]) -> list[Route]:
    """Give the paper's log-in page, its log-out, and the address at which its pages ask for a token."""

    def log_in(request: Request) -> Response:
        asked = {name: request.query_params.get(name, "") for name in ("state", "nonce", "next")}
        return page(request, "log_in.html", readers=READERS, asked=asked, here="Log in")

    def logged_in(request: Request) -> Response:
        reader, asked = request.query_params.get("reader", ""), request.query_params
        if reader not in READERS:
            return RedirectResponse("/log-in")
        if asked.get("state"):  # asked by the comment server: the token goes there, and nowhere else
            token = _token(f"{comments}/{site}", reader, secret=secret, nonce=asked.get("nonce", ""))
            brought = {"token": token, "state": asked["state"]}
            response = page(request, "logged_in.html", action=f"{comments}/sso/return", brought=brought)
        else:
            following = asked.get("next", "")
            response = RedirectResponse(following if following.startswith(str(request.base_url)) else "/")
        response.set_cookie(COOKIE, reader, httponly=True, samesite="lax")
        return response

    def log_out(_request: Request) -> Response:
        response = RedirectResponse("/")
        response.delete_cookie(COOKIE)
        return response

    def token(request: Request) -> Response:
        reader = request.cookies.get(COOKIE, "")
        said = _token(f"{comments}/{site}", reader, secret=secret) if reader in READERS else ""
        return PlainTextResponse(said, headers={"cache-control": "no-store"})

    return [
        Route("/log-in", log_in),
        Route("/logged-in", logged_in),
        Route("/log-out", log_out),
        Route("/comments-token", token),
    ]


def _token(audience: str, reader: str, *, secret: str, **more: str) -> str:
    now, (name, subscribes) = int(time.time()), READERS[reader]
    claims: dict[str, Any] = {
        "aud": audience,
        "sub": reader,
        "jti": secrets.token_hex(16),
        "iat": now,
        "exp": now + SECONDS,
    }
    claims |= {"name": name, "subscriber": subscribes} | more
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret))

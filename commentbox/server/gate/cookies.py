"""Our cookies, and nothing about who they stand for. Starlette cannot write Partitioned below Python 3.14."""

from starlette.requests import Request
from starlette.responses import Response

TOP = "__Host-cb"
_FRAME = "__Host-cb-frame-"
"""Before the site's short name. Papers under one domain share a partition, and with one name the sign-in on the second
paper would take the place of the first one's."""
STAFF = "__Host-cb-staff"
BROWSER = "__Host-cb-browser"
"""Ties a verification attempt to the browser that began it; says nothing about anybody."""
SSO = "__Host-cb-sso"
"""A window's sign-in by the paper's own log-in. Apart from TOP, so that it never takes the place of a passkey's."""
LOGIN = "__Host-cb-login"
"""Ties a way to the paper's log-in page and back to the browser that set out; says nothing about anybody."""

_IN_A_FRAME = "SameSite=None; Partitioned"
_ATTRIBUTES = {
    TOP: "SameSite=Lax",
    STAFF: "SameSite=Strict",
    BROWSER: "SameSite=Lax",
    SSO: "SameSite=Lax",
    LOGIN: "SameSite=Lax",
}


def frame_cookie(slug: str) -> str:
    """Give the name of the cookie that holds a frame's session on one site."""
    return _FRAME + slug


def frame_cookie_of(request: Request, slug: str) -> str | None:
    """Give the name of the frame's cookie that a request is about: the named site's, or the only one there is."""
    held = [name for name in request.cookies if name.startswith(_FRAME)]
    if slug:
        return next((name for name in held if name == frame_cookie(slug)), None)
    return held[0] if len(held) == 1 else None


def put_cookie(response: Response, name: str, value: str, *, hours: int) -> None:
    """Set one of our cookies: secure, unreadable to scripts, for this host alone."""
    header = f"{name}={value}; Path=/; Secure; HttpOnly; Max-Age={hours * 3600}; {_ATTRIBUTES.get(name, _IN_A_FRAME)}"
    response.headers.append("set-cookie", header)


def drop_cookie(response: Response, name: str) -> None:
    """Make the browser forget one of our cookies."""
    response.headers.append(
        "set-cookie", f"{name}=; Path=/; Secure; HttpOnly; Max-Age=0; {_ATTRIBUTES.get(name, _IN_A_FRAME)}"
    )

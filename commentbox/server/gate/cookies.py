"""Our cookies, and nothing about who they stand for. Starlette cannot write Partitioned below Python 3.14."""

from starlette.responses import Response

TOP = "__Host-cb"
FRAME = "__Host-cb-frame"
STAFF = "__Host-cb-staff"
BROWSER = "__Host-cb-browser"
"""Ties a verification attempt to the browser that began it; says nothing about anybody."""
SSO = "__Host-cb-sso"
"""A window's sign-in by the paper's own log-in. Apart from TOP, so that it never takes the place of a passkey's."""
LOGIN = "__Host-cb-login"
"""Ties a way to the paper's log-in page and back to the browser that set out; says nothing about anybody."""

_ATTRIBUTES = {
    TOP: "SameSite=Lax",
    FRAME: "SameSite=None; Partitioned",
    STAFF: "SameSite=Strict",
    BROWSER: "SameSite=Lax",
    SSO: "SameSite=Lax",
    LOGIN: "SameSite=Lax",
}


def put_cookie(response: Response, name: str, value: str, *, hours: int) -> None:
    """Set one of our cookies: secure, unreadable to scripts, for this host alone."""
    header = f"{name}={value}; Path=/; Secure; HttpOnly; Max-Age={hours * 3600}; {_ATTRIBUTES[name]}"
    response.headers.append("set-cookie", header)


def drop_cookie(response: Response, name: str) -> None:
    """Make the browser forget one of our cookies."""
    response.headers.append("set-cookie", f"{name}=; Path=/; Secure; HttpOnly; Max-Age=0; {_ATTRIBUTES[name]}")

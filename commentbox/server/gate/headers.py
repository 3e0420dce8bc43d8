"""The headers that belong on every answer, whoever makes it: the guard, a front, or the page after a crash."""

from starlette.datastructures import MutableHeaders

BASE_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
WINDOW_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; {frames}"
    "form-action 'self'{more}; base-uri 'none'; frame-ancestors {ancestors}"
)


def content_policy(*, ancestors: str = "'none'", forms: str = "", frames: bool = False) -> str:
    """Give the Content-Security-Policy of a page of ours; `ancestors` are the origins that may frame it, `frames` says that it
    frames pages of ours itself."""
    framing = "frame-src 'self'; " if frames else ""
    return WINDOW_CSP.format(ancestors=ancestors or "'none'", more=f" {forms}" if forms else "", frames=framing)


def complete(headers: MutableHeaders) -> None:
    """Add what an answer does not say itself: private, not to be framed, nothing but our own scripts."""
    for name, value in BASE_HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("cache-control", "private, no-store")
    headers.setdefault("content-security-policy", content_policy())

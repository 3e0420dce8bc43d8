"""A visitor without a browser: requests in this process, with the cookies and headers a browser would send.

    page = await visitor.open("/thread?site=gazette&url=…")            the address bar: a whole window
    frame = await visitor.frame("/embed/thread?…")                     the paper's page loads the frame
    mine = await visitor.fetch("/embed/mine?…")                        a script of our own page
    done = await visitor.submit("/comments", {"text": "…"})            a form of our own page
    foul = await visitor.submit("/comments", {…}, origin="https://evil.example")

`visitor.client` is the httpx client below, for whatever else a test wants to send.
"""

from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
from starlette.types import ASGIApp

WINDOW = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?1", "Accept": "text/html"}
FRAME = {
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "iframe",
    "Sec-Fetch-Site": "cross-site",
    "Accept": "text/html",
}
SCRIPT = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"}


class Visitor:
    """One browser profile. Give it a `bearer` and it sends that instead of cookies."""

    def __init__(self, app: ASGIApp, base_url: str, *, address: str = "203.0.113.7") -> None:
        # Browsers keep Secure cookies of `*.localhost` over plain http too.
        self.cookies = httpx.Cookies(CookieJar(DefaultCookiePolicy(secure_protocols=("https", "http"))))
        transport = httpx.ASGITransport(app=app, client=(address, 50_000))
        self.origin = base_url
        self.bearer: str | None = None
        # By hooks, because httpx copies cookies from jar to jar and loses the policy on the way.
        hooks = {"request": [self._give_cookies], "response": [self._keep_cookies]}
        self.client = httpx.AsyncClient(transport=transport, base_url=base_url, event_hooks=hooks)

    async def open(self, path: str, *, came_from: str = "none", **more: Any) -> httpx.Response:
        """Navigate a whole window, typed ('none') or by a link on another site ('cross-site')."""
        return await self._send("GET", path, WINDOW | {"Sec-Fetch-Site": came_from}, **more)

    async def frame(self, path: str, **more: Any) -> httpx.Response:
        """Load a page of ours into a frame on the paper's page."""
        return await self._send("GET", path, FRAME, **more)

    async def fetch(self, path: str, *, method: str = "GET", **more: Any) -> httpx.Response:
        """Ask as a script of our own page does."""
        own = {"Origin": self.origin} if method != "GET" else {}
        return await self._send(method, path, SCRIPT | own, **more)

    async def submit(
        self, path: str, form: dict[str, Any], *, origin: str | None = "", htmx: bool = False, **more: Any
    ) -> httpx.Response:
        """Send a form of our own page; with `htmx` as its script does, with `origin` from elsewhere, None from nowhere."""
        headers = SCRIPT | {"HX-Request": "true"} if htmx else WINDOW | {"Sec-Fetch-Site": "same-origin"}
        if origin is not None:
            headers = headers | {"Origin": origin or self.origin}
        if origin:
            headers = headers | {"Sec-Fetch-Site": "cross-site"}
        return await self._send("POST", path, headers, data=form, **more)

    async def close(self) -> None:
        """Close the browser."""
        await self.client.aclose()

    async def _send(self, method: str, path: str, usual: dict[str, str], **more: Any) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}
        own: dict[str, str] = more.pop("headers", {})
        return await self.client.request(method, path, headers=usual | bearer | own, **more)

    async def _give_cookies(self, request: httpx.Request) -> None:
        self.cookies.set_cookie_header(request)

    async def _keep_cookies(self, response: httpx.Response) -> None:
        self.cookies.extract_cookies(response)

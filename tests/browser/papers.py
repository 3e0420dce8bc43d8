"""A small newspaper of the tests' own, on which each test prints the page it needs, and ways to read and ask."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.async_api import Frame, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

STORY = (
    "<article>" + "<p>The ferry was late again, and the gulls were not.</p>" * 120 + "<p id=last>The end.</p></article>"
)
LISTENING = """<script>window.heard = []; for (const name of ["ready", "count", "posted", "verified"])
addEventListener("commentbox:" + name, (event) => heard.push([name, event.detail, event.target.id]))</script>"""


@dataclass
class Press:
    """Prints pages at addresses of one origin. They are kept until the tests end."""

    origin: str = ""
    pages: dict[str, HTMLResponse] = field(default_factory=dict)

    @property
    def app(self) -> Starlette:
        """Give the newspaper as an application."""
        return Starlette(routes=[Route("/{page}", self._read)])

    def print(self, body: str, *, head: str = "", **headers: str) -> str:
        """Print a page and give its address; header names have `_` for `-`."""
        name = f"page-{len(self.pages)}"
        html = f"<!doctype html><html lang=en><head><title>A page</title>{head}</head><body>{body}</body></html>"
        sent = {header.replace("_", "-"): value for header, value in headers.items()}
        self.pages[name] = HTMLResponse(html, headers=sent)
        return f"{self.origin}/{name}"

    async def _read(self, request: Request) -> HTMLResponse:
        return self.pages.get(request.path_params["page"]) or HTMLResponse("", status_code=404)


def tag(stack: Any, script: str = "loader.js", **options: str) -> str:
    """Give the script tag of the demo's site; `article_id="x"` becomes `data-article-id="x"`."""
    options = {"site": stack.site} | options
    attributes = "".join(f' data-{name.replace("_", "-")}="{value}"' for name, value in options.items())
    return f'<script src="{stack.comments}/{script}"{attributes} async></script>'


def ask(address: str, *, headers: dict[str, str] | None = None, **query: str) -> httpx.Response:
    """Ask one of our servers from outside a browser: only browsers know `*.localhost`."""
    parts = urlsplit(address)
    local = f"http://127.0.0.1:{parts.port}{parts.path}"
    own = {"Host": parts.netloc, "Accept-Encoding": "gzip"}
    return httpx.get(local, params=query or parts.query, headers=own | (headers or {}))


def say(address: str, *, headers: dict[str, str] | None = None, **form: str) -> httpx.Response:
    """Send a form to our server from outside a browser, with the origin of its own pages as any program may."""
    parts = urlsplit(address)
    own = {"Host": parts.netloc, "Origin": f"{parts.scheme}://{parts.netloc}", "Accept": "application/json"}
    return httpx.post(f"http://127.0.0.1:{parts.port}{parts.path}", data=form, headers=own | (headers or {}))


async def to_the_end(page: Page) -> None:
    """Scroll to the end of the page, as a reader would."""
    await page.evaluate("scrollTo(0, document.body.scrollHeight)")


async def comments_in(page: Page, nth: int = 0) -> Frame:
    """Give the frame with the comments as soon as they and the viewer's own layer are there."""
    inside = page.frame_locator("iframe").nth(nth)
    await inside.locator("#comments").wait_for()
    await inside.locator("html[data-viewer]").wait_for()
    element = await page.locator("iframe").nth(nth).element_handle()
    frame = await element.content_frame()
    assert frame is not None
    return frame

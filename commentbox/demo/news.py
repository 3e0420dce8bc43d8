"""The demo newspaper, a small site of its own origin. It knows an address and a slug of the comment server, no more.

Called by `commentbox demo` and by the browser tests. It keeps nothing and decides nothing.
"""

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from commentbox.demo import subscribers

PAPER = Path(__file__).parent / "paper"
# Day zero of the paper's numbering, so that 22 November 2026 is No. 41,207.
NUMBER_ZERO = datetime(2026, 11, 22).toordinal() - 41_207
SECTIONS = (
    ("Harbour", "/#inner-harbour-vote"),
    ("Council", "/#library-until-ten"),
    ("Fisheries", "/#mussels-back"),
    ("Culture", "/#keepers-letters"),
    ("Letters", "/letters"),
)
LETTERS_PATH = "/letters"
FILES = {"/paper.css": "text/css", "/letters.js": "text/javascript", "/icon.svg": "image/svg+xml"}


@dataclass(frozen=True)
class Article:
    """One printed story. `writer` is a person of the conversation; `minutes_ago` counts from the day of printing."""

    id: str
    path: str
    template: str
    drawing: str
    section: str
    title: str
    deck: str
    writer: str
    by: str
    minutes_ago: int
    lang: str = ""


@dataclass(frozen=True)
class Letter:
    """One reader's letter on the letters page, with a thread of its own."""

    id: str
    title: str
    by: str

    @property
    def path(self) -> str:
        """Give the address its thread is known by."""
        return f"{LETTERS_PATH}?letter={self.id}"


def articles() -> tuple[Article, ...]:
    """Give the stories in the order of the front page, the long argument first."""
    return tuple(Article(**each) for each in _printed()["article"])


def letters() -> tuple[Letter, ...]:
    """Give the letters of the letters page."""
    return tuple(Letter(**each) for each in _printed()["letter"])


def news_app(
    comments_url: str, site: str, *, coop: bool = False, printed: datetime | None = None, secret: str = ""
) -> Starlette:
    """Give the paper as an application; `printed` is the moment its ages are counted from (default: now).

    With a `secret` that it shares with the comment server, it has subscribers who log in here (`subscribers.py`).

    With `coop`, or with `?coop=1` on one page, pages are sent with `Cross-Origin-Opener-Policy: same-origin`.
    """
    day = printed or datetime.now(UTC)
    pages = _environment()
    shared = {
        "comments": comments_url.rstrip("/"),
        "site": site,
        "sections": SECTIONS,
        "articles": articles(),
        "letters": letters(),
        "printed": day,
        "number": f"{day.toordinal() - NUMBER_ZERO:,}",
        "article": None,
        "here": "",
        "lang": "",
        "has_login": bool(secret),
        "reader": "",
    }

    def page(request: Request, template: str, **more: object) -> Response:
        base = str(request.base_url).rstrip("/")
        reader = subscribers.name_of(request) if secret else ""
        context = {**shared, "base": base, "canonical": base + request.url.path, "reader": reader, **more}
        response = HTMLResponse(pages.get_template(template).render(context))
        if coop or request.query_params.get("coop") == "1":
            response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return response

    def story(article: Article) -> Route:
        def show(request: Request) -> Response:
            when = day - timedelta(minutes=article.minutes_ago)
            return page(request, article.template, article=article, when=when, lang=article.lang)

        return Route(article.path, show)

    def lost(request: Request, _error: Exception) -> Response:
        response = page(request, "lost.html")
        response.status_code = 404
        return response

    routes = [
        Route("/", lambda request: page(request, "index.html")),
        Route(LETTERS_PATH, lambda request: page(request, "letters.html", here="Letters")),
        *(story(article) for article in articles()),
        *(_file(path, media_type) for path, media_type in FILES.items()),
        *(subscribers.routes(comments_url.rstrip("/"), site, secret=secret, page=page) if secret else ()),
    ]
    return Starlette(routes=routes, exception_handlers={404: lost})


def _printed() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads((PAPER / "articles.toml").read_text("utf-8"))


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(PAPER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _file(path: str, media_type: str) -> Route:
    return Route(path, lambda _request: FileResponse(PAPER / path.lstrip("/"), media_type=media_type))

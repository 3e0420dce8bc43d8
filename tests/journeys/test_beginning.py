"""Beginning to write where nobody has written yet: whether comments open there is said before anybody types."""

import contextlib
import socket
from asyncio import create_task
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from commentbox.server.base.db import Database
from commentbox.server.threads import Thread
from tests.factories import PAPER, how_many, make_site
from tests.journeys.reading import words
from tests.visitor import Visitor

FOREIGN = "This article is not on one of the paper's own addresses, so no comments open here."
UNKNOWN = "Nobody can comment here yet: the paper has not told us that this article is its own."
TAG = '<title>The quay</title><script src="http://comments.localhost:8000/loader.js" data-site="gazette"></script>'


@contextlib.asynccontextmanager
async def paper() -> AsyncIterator[str]:
    """Serve one article with our tag and one without, and give the origin."""

    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse(TAG if request.url.path == "/quay" else "<p>No comments here.")

    listening = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=[Route("/{page}", page)])
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", ws="none"))
    task = create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://news.localhost:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


async def test_what_can_be_known_without_a_look_is_said_in_place_of_the_form(db: Database, visitor: Visitor) -> None:
    await make_site(db)
    for article, told in (
        ({"url": "https://evil.example/quay"}, FOREIGN),
        ({"article_id": "never-registered"}, UNKNOWN),
    ):
        asked = {"site": "gazette", **article}
        pages = [
            await visitor.frame("/embed/thread", params=asked),
            await visitor.fetch("/embed/viewer", params=asked),
            await visitor.open("/thread", params=asked),
        ]
        for page in pages:
            assert page.status_code == 200 and told in words(page) and "<textarea" not in page.text
            assert "Be the first" not in page.text
            assert 'href="https://evil.example' not in page.text, "the reader's address is no article of the paper's"
        assert '<meta name="robots" content="noindex">' in pages[-1].text
    signed = {"site": "gazette", "url": "https://evil.example/quay", "sig": "00"}
    assert "<textarea" in (await visitor.frame("/embed/thread", params=signed)).text, "posting judges signatures"


async def test_where_a_look_is_needed_the_page_asks_as_soon_as_somebody_begins_to_write(
    db: Database, visitor: Visitor
) -> None:
    async with paper() as origin:
        await make_site(db, origins=[origin])
        own, without = ({"site": "gazette", "url": f"{origin}/{page}"} for page in ("quay", "without"))
        for asked in (own, without):
            for page in ("/embed/thread", "/embed/viewer"):
                shown = (await visitor.fetch(page, params=asked)).text
                assert 'hx-post="/embed/opens" hx-trigger="focus once"' in shown, page
        assert await how_many(db, Thread) == 0, "reading opens nothing"
        refused = await visitor.submit("/embed/opens", without, htmx=True)
        assert (refused.status_code, words(refused)) == (403, FOREIGN)
        assert await how_many(db, Thread) == 0
        assert (await visitor.submit("/embed/opens", own, htmx=True)).status_code == 204
        assert await how_many(db, Thread) == 1
    assert (await visitor.submit("/embed/opens", own, htmx=True)).status_code == 204, "looked at once"
    assert "/embed/opens" not in (await visitor.fetch("/embed/thread", params=own)).text


async def test_nobody_makes_us_look_at_pages_without_end(db: Database, visitor: Visitor) -> None:
    await make_site(db)
    for number in range(61):
        answer = await visitor.submit(
            "/embed/opens", {"site": "gazette", "article_id": f"{number}", "lang": "en"}, htmx=True
        )
    assert answer.status_code == 429
    elsewhere = {"site": "gazette", "url": f"{PAPER}/a"}
    assert (await visitor.submit("/embed/opens", elsewhere, origin="https://evil.example")).status_code == 403

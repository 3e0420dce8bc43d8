"""Whether an article is the paper's own: a real little web server plays the paper, and a few other parts."""

import asyncio
import contextlib
import socket

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Route

from commentbox.server import articles, threads
from commentbox.server.base import fetch
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Forbidden, NotFound, Unavailable
from commentbox.server.threads import ArticleRef
from tests.factories import make_site

OURS = "http://comments.localhost:8000"
TAG = f'<script src="{OURS}/loader.js" data-site="gazette" async></script>'


def _page(body: str, head: str = "<title>The   quay</title>") -> HTMLResponse:
    return HTMLResponse(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>")


async def _own(_request):
    return _page(TAG, '<title>The quay</title><link rel="canonical" href="/quay">')


async def _with_id(_request):
    return _page(TAG.replace("data-site", 'data-article-id="42" data-site'))


async def _other_site(_request):
    return _page(TAG.replace("gazette", "courier"))


async def _without(_request):
    return _page("<p>Somebody typed <code>&lt;script src=&quot;…/loader.js&quot;&gt;</code> here.</p>")


async def _elsewhere(_request):
    return RedirectResponse("http://other.localhost:1/quay")


async def _round(_request):
    return RedirectResponse("/round")


async def _moved(_request):
    return RedirectResponse("/quay?utm_source=x")


async def _huge(_request):
    return HTMLResponse("x" * (fetch.LARGEST_PAGE + 1))


async def _plain(_request):
    return PlainTextResponse(TAG)


async def _foreign_canonical(_request):
    return _page(TAG, '<link rel="canonical" href="https://evil.example/quay">')


async def _trouble(_request):
    return PlainTextResponse("busy", status_code=502)


ROUTES = {
    "/trouble": _trouble,
    "/quay": _own,
    "/id": _with_id,
    "/courier": _other_site,
    "/without": _without,
    "/elsewhere": _elsewhere,
    "/round": _round,
    "/moved": _moved,
    "/huge": _huge,
    "/plain": _plain,
    "/foreign": _foreign_canonical,
}


@contextlib.asynccontextmanager
async def _serving():
    listening = socket.create_server(("127.0.0.1", 0))  # it listens from here on: nothing to wait for
    app = Starlette(routes=[Route(path, handler) for path, handler in ROUTES.items()])
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://news.localhost:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


async def _open(db: Database, keyring, site_id: str, **ref) -> str:
    opening = articles.Opening(site_id, "gazette", ArticleRef(**ref), OURS)
    return await articles.open_thread(db, keyring, opening)


async def test_an_article_that_carries_our_tag_opens_under_its_own_title_and_canonical_address(db, keyring):
    async with _serving() as paper:
        site_id = await make_site(db, origins=[paper])
        for path in ("/quay?utm_source=mail", "/moved"):
            thread_id = await _open(db, keyring, site_id, url=paper + path)
            async with db.read() as query:
                row = await threads.by_id(query, thread_id)
            assert (row.title, row.url, row.source) == ("The quay", f"{paper}/quay", "fetch")
        assert await _open(db, keyring, site_id, url=f"{paper}/id", article_id="42")
        opened = await _open(db, keyring, site_id, url=f"{paper}/foreign")
        async with db.read() as query:
            assert (await threads.by_id(query, opened)).url == f"{paper}/foreign"


@pytest.mark.parametrize(
    ("path", "refusal"),
    [
        ("/courier", Forbidden),
        ("/without", Forbidden),
        ("/elsewhere", Forbidden),
        ("/plain", Forbidden),
        ("/round", Unavailable),
        ("/huge", Unavailable),
        ("/nothing", NotFound),
        ("/trouble", Unavailable),
    ],
)
async def test_what_is_not_the_papers_own_article_opens_nothing(db, keyring, path, refusal):
    async with _serving() as paper:
        site_id = await make_site(db, origins=[paper])
        with pytest.raises(refusal):
            await _open(db, keyring, site_id, url=paper + path)
        async with db.read() as query:
            assert (await threads.find(query, "gazette", ArticleRef(url=paper + path))).thread_id is None


async def test_an_id_alone_or_another_papers_id_opens_nothing(db, keyring):
    async with _serving() as paper:
        site_id = await make_site(db, origins=[paper])
        with pytest.raises(NotFound):
            await _open(db, keyring, site_id, article_id="42")
        with pytest.raises(Forbidden):
            await _open(db, keyring, site_id, url=f"{paper}/id", article_id="43")


async def test_a_foreign_host_is_not_even_asked(db, keyring):
    async with _serving() as paper:
        site_id = await make_site(db, origins=["https://paper.example"])
        with pytest.raises(Forbidden):
            await _open(db, keyring, site_id, url=f"{paper}/quay")


async def test_a_signed_tag_opens_without_asking_anybody(db, keyring):
    site_id = await make_site(db)
    ref = ArticleRef("42", "http://news.localhost:1/x")
    sig = articles.signature(articles.site_key(keyring, site_id), ref)
    thread_id = await _open(db, keyring, site_id, article_id="42", url="http://news.localhost:1/x", sig=sig)
    async with db.read() as query:
        assert (await threads.by_id(query, thread_id)).source == "tag"


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "[::1]", "0.0.0.0", "localhost"])
async def test_a_public_paper_is_never_sent_to_an_inner_address(host):
    with pytest.raises(Forbidden) as refused:
        await fetch.page(f"http://{host}/", may_be_private=False)
    assert refused.value.data["reason"] == "private_address"

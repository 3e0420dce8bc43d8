"""A page on the paper's own host may be somebody else's upload: whatever it holds, one look at it costs little."""

import asyncio
import contextlib
import gzip
import tracemalloc

import pytest

from commentbox.server import articles, threads
from commentbox.server.base import fetch
from commentbox.server.base.errors import Forbidden, Unavailable
from commentbox.server.threads import ArticleRef
from tests.factories import make_site

OURS = "http://comments.localhost:8000"
TAG = f'<script src="{OURS}/loader.js" data-site="gazette"></script>'
MEGABYTE = 1024 * 1024


@contextlib.asynccontextmanager
async def serving(answer):
    """Be a web server; nothing of it is left afterwards."""
    answers = set()

    async def one(reader, writer):
        answers.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            await answer(writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    async with server:
        yield f"http://news.localhost:{server.sockets[0].getsockname()[1]}"
        await asyncio.gather(*answers)


def answering(body: bytes, *headers: str, pause: float = 0):
    """Be a web server that gives the same answer to everybody; with `pause`, one byte at a time."""

    async def answer(writer):
        head = "\r\n".join(("HTTP/1.1 200 OK", "Content-Type: text/html; charset=utf-8", *headers))
        writer.write(f"{head}\r\nConnection: close\r\n\r\n".encode() + (b"" if pause else body))
        for each in body if pause else b"":
            writer.write(bytes([each]))
            await writer.drain()
            await asyncio.sleep(pause)
        await writer.drain()

    return serving(answer)


async def opened(db, keyring, body: str, **ref):
    async with answering(body.encode()) as paper:
        site_id = await make_site(db, origins=[paper])
        opening = articles.Opening(site_id, "gazette", ArticleRef(url=f"{paper}/quay", **ref), OURS)
        thread_id = await articles.open_thread(db, keyring, opening)
        async with db.read() as query:
            return paper, await threads.by_id(query, thread_id)


@pytest.mark.parametrize("packings", [1, 2])
async def test_a_page_that_unpacks_without_end_is_left_at_the_limit(packings):
    bomb = b"\0" * (64 * MEGABYTE)
    for _ in range(packings):
        bomb = gzip.compress(bomb)
    async with answering(bomb, "Content-Encoding: " + ", ".join(["gzip"] * packings)) as paper:
        tracemalloc.start()
        try:
            with pytest.raises(Unavailable):
                await fetch.page(f"{paper}/quay", may_be_private=True)
            assert tracemalloc.get_traced_memory()[1] < 16 * MEGABYTE
        finally:
            tracemalloc.stop()


async def test_a_packed_page_is_read_all_the_same():
    async with answering(gzip.compress(TAG.encode()), "Content-Encoding: gzip") as paper:
        assert (await fetch.page(f"{paper}/quay", may_be_private=True))[1] == TAG


async def test_a_page_that_drips_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(fetch, "WHOLE_SECONDS", 0.3)
    async with answering(b"x" * 1000, pause=0.01) as paper:
        with pytest.raises(Unavailable):
            await fetch.page(f"{paper}/quay", may_be_private=True)


async def test_a_page_full_of_beginnings_is_read_in_no_time(db, keyring):
    _, row = await asyncio.wait_for(opened(db, keyring, f"<title>The quay</title>{TAG}" + "<!--" * 250_000), 20)
    assert row.title == "The quay"


@pytest.mark.parametrize(
    "canonical", ["http://[", "mailto:editor@paper.example", "/qu\0ay", "http://paper:port/", "/" + "x" * 2000]
)
async def test_a_canonical_address_that_is_none_is_left_out(db, keyring, canonical):
    paper, row = await opened(db, keyring, f'<link rel="canonical" href="{canonical}"><title>The quay</title>{TAG}')
    assert (row.url, row.title) == (f"{paper}/quay", "The quay")


async def test_a_broken_page_counts_as_far_as_it_can_be_read(db, keyring):
    _, row = await opened(db, keyring, f"<title>The quay</title>{TAG}<![<![ no such thing")
    assert row.title == "The quay"


async def test_a_title_holds_nothing_that_cannot_be_seen(db, keyring):
    _, row = await opened(db, keyring, f"<title>The \0quay\u202e\n of  old</title>{TAG}")
    assert row.title == "The quay of old"


@pytest.mark.parametrize("location", ["http://[", "//["])
async def test_a_redirect_to_nowhere_is_refused(location):
    async def answer(writer):
        writer.write(f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()

    async with serving(answer) as paper:
        with pytest.raises(Forbidden):
            await fetch.page(f"{paper}/", may_be_private=True)

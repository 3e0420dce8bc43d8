"""The demo newspaper stands on its own: every page is there, and says where its comments are."""

from datetime import UTC, datetime

import httpx
import pytest

from commentbox.demo import news

COMMENTS = "http://comments.localhost:8000"
PAPER = "http://news.localhost:8001"
DAY = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def reader(**options) -> httpx.AsyncClient:
    app = news.news_app(COMMENTS + "/", "gazette", printed=DAY, **options)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PAPER)


@pytest.mark.parametrize("article", news.articles(), ids=lambda article: article.id)
async def test_an_article_carries_the_tag_the_plain_link_and_its_canonical_address(article):
    async with reader() as client:
        page = (await client.get(article.path + "?utm_source=x")).text
    assert f'<script src="{COMMENTS}/loader.js" data-site="gazette" data-article-id="{article.id}"' in page
    assert f'<link rel="canonical" href="{PAPER}{article.path}">' in page
    assert f'<noscript><a href="{COMMENTS}/thread?site=gazette&amp;url=http' in page


async def test_the_front_page_asks_for_the_count_of_every_article():
    async with reader() as client:
        page = (await client.get("/")).text
    assert page.count("data-commentbox-count") == len(news.articles()) == 6
    assert f"{COMMENTS}/counts.js" in page
    assert "No. 41,207" in page


async def test_the_arabic_article_is_set_from_right_to_left():
    async with reader() as client:
        page = (await client.get("/culture/one-quay-three-languages")).text
    assert '<html lang="ar" dir="rtl">' in page and 'data-lang="ar"' in page


async def test_the_letters_page_has_two_threads_to_open_and_close():
    async with reader() as client:
        page = (await client.get("/letters")).text
    assert page.count('class="toggle"') == page.count('class="slot"') == 2


async def test_pages_are_cut_off_from_their_openers_when_asked():
    async with reader() as client:
        assert "cross-origin-opener-policy" not in (await client.get("/")).headers
        assert (await client.get("/?coop=1")).headers["cross-origin-opener-policy"] == "same-origin"
    async with reader(coop=True) as client:
        assert (await client.get("/letters")).headers["cross-origin-opener-policy"] == "same-origin"


async def test_what_is_not_printed_is_a_readable_404():
    async with reader() as client:
        answer = await client.get("/nowhere")
    assert answer.status_code == 404 and "There is no such page" in answer.text


async def test_the_files_of_the_paper_are_there():
    async with reader() as client:
        types = [(await client.get(path)).headers["content-type"].split(";")[0] for path in news.FILES]
    assert types == list(news.FILES.values())


async def test_a_reader_who_logs_in_at_the_paper_has_a_token_for_the_comments_and_nobody_else_has():
    async with reader(secret="a secret of the paper that is long enough") as client:
        assert "Log in at the Gazette" in (await client.get("/letters")).text
        assert (await client.get("/comments-token")).text == ""
        asked = {"reader": "41207", "state": "s-1", "nonce": "n-1"}
        page = (await client.get("/logged-in", params=asked)).text
        assert f'action="{COMMENTS}/sso/return"' in page and 'name="state" value="s-1"' in page
        answer = await client.get("/comments-token")
        assert answer.headers["cache-control"] == "no-store" and answer.text.count(".") == 2
        away = await client.get("/logged-in", params={"reader": "41207", "next": "https://evil.example/"})
        assert away.headers["location"] == "/"
        assert "Nell Sandgate: log out" in (await client.get("/letters")).text

"""Each reader chooses whom to hear from: on the server, for everybody, honestly counted, and never chosen for them.

PRODUCT.md, "Filtering and limiting".
"""

import html
import re
from typing import Any

import httpx
import pytest

from commentbox.server.base.db import Database
from commentbox.server.comments.cursors import SORTS
from tests.factories import ARTICLE, Talk, make_person, make_talk
from tests.journeys.reading import words
from tests.visitor import Visitor

PLACE = {"site": "gazette", "url": ARTICLE}
SHOWS = ("everyone", "fold", "verified")
SECRET = "unverified words"
NAME = "Unverified Name"


async def argument(db: Database) -> Talk:
    """Let verified and unverified people talk at all levels; unverified words and names can be searched for."""
    talk = await make_talk(db)
    person = await make_person(db, "Ines Halloran", kind="name")
    for number in range(30):
        top = talk.say(f"{SECRET} {number}", name=f"{NAME} {number}")
        middle = talk.say(f"verified words {number}", by=person, under=top)
        talk.say(f"{SECRET} below {number}", name=f"{NAME} {number}", under=middle)
        talk.say(f"verified words at the top {number}", by=person)
        if number % 3 == 0:
            talk.say(f"{SECRET} alone {number}", name=f"{NAME} {number}")
    await talk.save(db)
    return talk


async def pages(visitor: Visitor, **asked: str) -> list[httpx.Response]:
    """Load every page of the frame."""
    found = [await visitor.frame("/embed/thread", params=PLACE | asked)]
    while more := re.search(r'class="cb-button is-wide" href="([^"]+)"', found[-1].text):
        found.append(await visitor.frame(html.unescape(more[1])))
    return found


async def listed(client: httpx.AsyncClient, **asked: str) -> list[dict[str, Any]]:
    """Load every page of the API."""
    found, cursor = [], ""
    while cursor is not None:
        body = (await client.get("/api/v1/threads/comments", params=PLACE | asked | {"cursor": cursor})).json()
        found += body["comments"]
        cursor = body["next"]
    return found


async def test_everybody_is_heard_until_the_reader_chooses(db: Database, visitor: Visitor) -> None:
    await argument(db)
    page = await visitor.frame("/embed/thread", params=PLACE)
    assert 'value="everyone" checked' in page.text
    assert SECRET in page.text and "cb-fold" not in page.text and "hidden." not in words(page)


@pytest.mark.parametrize("sort", SORTS)
async def test_what_is_filtered_out_is_not_in_the_bytes(db: Database, visitor: Visitor, sort: str) -> None:
    await argument(db)
    for page in await pages(visitor, show="verified", sort=sort):
        assert SECRET not in page.text and NAME not in page.text
        for fragment in re.findall(r'hx-get="(/embed/replies[^"]+)"', page.text):
            if "open=1" not in fragment:
                piece = await visitor.fetch(html.unescape(fragment))
                assert SECRET not in piece.text and NAME not in piece.text


async def test_the_api_leaves_the_same_out_of_the_bytes(db: Database, client: httpx.AsyncClient) -> None:
    talk = await argument(db)
    for sort in SORTS:
        found = await listed(client, show="verified", sort=sort)
        assert SECRET not in str(found) and NAME not in str(found)
        hidden = [comment for comment in found if comment["state"] == "hidden"]
        assert hidden and all(
            (comment["author"], comment["html"], comment["text"], comment["badge"]) == (None,) * 4 for comment in hidden
        )
        published = [comment["id"] for comment in found if comment["state"] == "published"]
        verified = [each for each, row in talk.rows.items() if row["tier"] == "verified"]
        assert sorted(published) == sorted(verified)


@pytest.mark.parametrize("show", SHOWS)
async def test_the_numbers_are_the_same_on_every_page_and_say_what_is_hidden(
    db: Database, visitor: Visitor, client: httpx.AsyncClient, show: str
) -> None:
    talk = await argument(db)
    total, verified = len(talk.rows), sum(1 for row in talk.rows.values() if row["tier"] == "verified")
    for page in await pages(visitor, show=show):
        text = words(page)
        assert f"{total} comments · {verified} from verified people" in text
        notice = {"fold": "folded", "verified": "hidden"}.get(show)
        if notice:
            assert f"{total - verified} comments from unverified people are {notice}. Show" in text
    body = (await client.get("/api/v1/threads/comments", params=PLACE | {"show": show})).json()
    assert (body["total"], body["verified_total"]) == (total, verified)
    assert body["hidden"] == (total - verified if show == "verified" else 0)


async def test_a_visible_reply_under_a_hidden_comment_keeps_a_stub_that_opens(db: Database, visitor: Visitor) -> None:
    talk = await make_talk(db)
    hidden = talk.say(SECRET, name=NAME)
    talk.say("verified words", under=hidden, kind="name")
    await talk.save(db)
    page = await visitor.frame("/embed/thread", params=PLACE | {"show": "verified"})
    assert "A comment from an unverified person is hidden. Show" in words(page)
    assert "Replies to this comment" in page.text
    stub = page.text.split(f'id="c-{hidden}"')[1]
    [(href, fragment)] = re.findall(r'<a class="cb-more" href="([^"]+)" hx-get="([^"]+)"', stub)
    piece = await visitor.fetch(html.unescape(fragment))
    assert SECRET in piece.text and NAME in piece.text and "verified words" in piece.text
    linked = await visitor.frame(html.unescape(href))
    assert SECRET in linked.text, "the same works without scripts"


async def test_a_hidden_comment_without_a_visible_reply_leaves_nothing(db: Database, visitor: Visitor) -> None:
    talk = await make_talk(db)
    alone = talk.say(SECRET, name=NAME)
    talk.say(SECRET, name=NAME, under=alone)
    talk.say("verified words", kind="person")
    await talk.save(db)
    page = await visitor.frame("/embed/thread", params=PLACE | {"show": "verified"})
    assert "A comment from an unverified person is hidden" not in words(page)
    assert "2 comments from unverified people are hidden. Show" in words(page)


async def test_nothing_left_after_filtering_is_said_and_undone_by_one_link(db: Database, visitor: Visitor) -> None:
    talk = await make_talk(db)
    for _ in range(3):
        talk.say(SECRET)
    await talk.save(db)
    page = await visitor.frame("/embed/thread", params=PLACE | {"show": "verified"})
    expected = "No comments from verified people yet 3 comments from unverified people are hidden. Show everyone"
    assert expected in words(page)
    back = re.search(r'<a class="cb-more" href="([^"]+)">Show everyone', page.text)
    assert back and SECRET in (await visitor.frame(html.unescape(back[1]))).text


async def test_folded_comments_keep_their_names_and_open_without_the_server(db: Database, visitor: Visitor) -> None:
    talk = await make_talk(db)
    person = await make_person(db, "Ines Halloran", kind="name")
    talk.say(SECRET, name=NAME)
    talk.say("verified words", by=person)
    await talk.save(db)
    page = await visitor.frame("/embed/thread", params=PLACE | {"show": "fold"})
    [fold] = re.findall(r'<details class="cb-fold">(.*?)</article>', page.text, re.S)
    summary, body = fold.split("</summary>", 1)
    assert NAME in summary and "Not verified" in summary and SECRET not in summary
    assert SECRET in body
    assert "1 comment from unverified people is folded. Show" in words(page)


async def test_the_filter_is_two_clicks_from_any_comment_and_in_the_link(db: Database, visitor: Visitor) -> None:
    await argument(db)
    page = await visitor.frame("/embed/thread", params=PLACE)
    for article in re.findall(r"<article.*?</article>", page.text, re.S):
        menu = article.split('class="cb-menu"')[1]
        assert "show=fold" in menu and "show=verified" in menu
        assert "Fold unverified people" in menu and "Show verified people only" in menu


async def test_an_unverified_comment_looks_like_any_other_but_for_its_badge(db: Database, visitor: Visitor) -> None:
    talk = await make_talk(db)
    for kind in ("none", "name"):
        talk.say("the same words", name="The same name", kind=kind, tier="unverified" if kind == "none" else "verified")
    await talk.save(db)
    page = await visitor.frame("/embed/thread", params=PLACE)
    articles = re.findall(r"<article.*?</article>", page.text, re.S)
    own = r'\w{16}|<details class="cb-badge".*?</details>|data-tier="\w+"|<time.*?</time>'
    bare = [re.sub(own, "", each, flags=re.S) for each in articles]
    assert bare[0] == bare[1]
    assert ".cb-comment[data-tier" not in (await visitor.client.get("/static/theme.css")).text

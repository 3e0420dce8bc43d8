"""Threads as other programs take them: feeds, JSON-LD, oEmbed and one comment on its own, a part to inline, the newest."""

import json
import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.presenters import feeds
from commentbox.server.presenters.feeds import Wanted
from commentbox.server.presenters.places import Place
from commentbox.server.sites import actions as sites
from tests.factories import ARTICLE, PAPER, START, Talk, make_talk, make_thread
from tests.journeys.quarrel import PLACE, quarrel
from tests.journeys.reading import words
from tests.rooms.test_reading import grown, statements
from tests.visitor import Visitor

ATOM = "{http://www.w3.org/2005/Atom}"
OURS = "http://comments.localhost:8000"


async def json_of(client: httpx.AsyncClient, path: str, **asked: str) -> Any:
    answer = await client.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_feeds_of_a_thread_have_the_newest_with_the_tier_in_each_item(
    db: Database, client: httpx.AsyncClient
) -> None:
    _, said = await quarrel(db)
    answer = await client.get("/feed.atom", params=PLACE)
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(answer.text)
    entries = root.findall(f"{ATOM}entry")
    assert [each.findtext(f"{ATOM}id") for each in entries[:2]] == [f"{OURS}/c/{said[n]}" for n in ("school", "staff")]
    assert entries[0].find(f"{ATOM}category").attrib["term"] == "unverified"
    assert entries[1].find(f"{ATOM}category").attrib == {
        "term": "verified",
        "scheme": f"{OURS}/verification",
        "label": "Verified name",
    }
    assert entries[0].find(f"{ATOM}link").attrib["href"] == f"{ARTICLE}#cb-comment-{said['school']}"
    assert entries[0].findtext(f"{ATOM}content") == "<p>Ask the schools.</p>"
    feed = await json_of(client, "/feed.json", **PLACE)
    assert feed["version"] == "https://jsonfeed.org/version/1.1" and feed["home_page_url"] == ARTICLE
    assert len(feed["items"]) == len(entries) == 6
    assert feed["items"][1]["_commentbox"]["badge"] == {"kind": "name", "words": "Verified name"}


async def test_the_feed_of_a_site_has_every_article_and_says_which(db: Database, client: httpx.AsyncClient) -> None:
    talk, _ = await quarrel(db)
    other = Talk(talk.site_id, await make_thread(db, talk.site_id, f"{PAPER}/ferry"))
    clock.set(START + timedelta(days=1))
    ferry = other.say("The ferry is late.", id="0zzzzzzzzzzzzzzz")
    await other.save(db)
    feed = await json_of(client, "/feed.json", site="gazette")
    assert feed["items"][0]["url"] == f"{PAPER}/ferry#cb-comment-{ferry}"
    assert len({item["url"].split("#")[0] for item in feed["items"]}) == 2
    latest = await json_of(client, "/api/v1/comments/latest", site="gazette", limit="2")
    assert [each["article"]["url"] for each in latest["comments"]] == [f"{PAPER}/ferry", ARTICLE]
    assert latest["comments"][0]["excerpt"] == "The ferry is late." and latest["comments"][0]["tier"] == "unverified"


async def test_feeds_fold_and_leave_out_as_the_page_does(db: Database, client: httpx.AsyncClient) -> None:
    await quarrel(db)
    folded = {
        item["title"]: item["content_html"]
        for item in (await json_of(client, "/feed.json", **PLACE, show="fold"))["items"]
    }
    assert "schools" not in str(folded) and "pilot boats" in str(folded)
    verified = await json_of(client, "/feed.json", **PLACE, show="verified")
    assert {item["_commentbox"]["tier"] for item in verified["items"]} == {"verified"} and len(verified["items"]) == 4


async def test_a_feed_costs_three_statements_whatever_the_size_of_the_thread(db: Database) -> None:
    talk = grown(await make_talk(db), 400)
    await talk.save(db)
    place = Place(site="gazette", url=ARTICLE, show="verified")
    async with db.read() as query:
        with statements(db) as ran:
            view = await feeds.feed(query, Wanted(place, "gazette", "verified", None, OURS), now=START)
    assert len(ran) == 3 and len(view.items) == 50


async def test_the_public_page_says_to_programs_what_it_is(db: Database, visitor: Visitor) -> None:
    _, said = await quarrel(db)
    page = await visitor.open("/thread", params=PLACE | {"sort": "oldest", "lang": "de"})
    assert f'<link rel="canonical" href="{OURS}/thread?site=gazette&amp;url=' in page.text
    assert 'rel="alternate" type="application/atom+xml"' in page.text and "noindex" not in page.text
    [linked] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text)
    posting = json.loads(linked)
    assert (posting["@type"], posting["commentCount"]) == ("DiscussionForumPosting", 6)
    first = posting["comment"][0]
    assert (first["author"]["name"], first["upvoteCount"]) == ("Margaret Okafor", 24)
    assert first["comment"][0]["text"] == "I work at the port." and "You fool" not in linked
    assert "ld+json" not in (await visitor.frame("/embed/thread", params=PLACE)).text
    around = await visitor.open("/thread", params=PLACE | {"comment": said["port"]})
    assert "json+oembed" in around.text


async def test_no_text_of_a_comment_ends_the_element_it_stands_in(db: Database, visitor: Visitor) -> None:
    talk = await make_talk(db)
    talk.say("</script><script>alert(1)</script>", html="<p>x</p>", name="<!--<script>")
    await talk.save(db)
    page = await visitor.open("/thread", params=PLACE)
    [linked] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text)
    assert "<" not in linked and json.loads(linked)["comment"][0]["text"].startswith("</script>")


async def test_a_paper_may_keep_its_threads_out_of_search_engines(db: Database, visitor: Visitor) -> None:
    talk, _ = await quarrel(db)
    async with begin(db) as work:
        await sites.set_policy(work, talk.site_id, indexable=False)
    page = await visitor.open("/thread", params=PLACE)
    assert '<meta name="robots" content="noindex">' in page.text and "ld+json" not in page.text
    assert (await visitor.client.get("/feed.atom", params=PLACE)).headers["x-robots-tag"] == "noindex"


async def test_one_comment_stands_on_anybodys_page_with_its_badge(db: Database, visitor: Visitor) -> None:
    _, said = await quarrel(db)
    page = await visitor.frame(f"/comment/{said['pilot']}")
    assert page.headers["content-security-policy"].endswith("frame-ancestors *")
    assert "I ran the pilot boats." in page.text and "Verified name" in words(page) and "<script" not in page.text
    assert "port" not in words(page).replace("support", "")
    gone = await visitor.frame(f"/comment/{said['insult']}")
    assert "A comment was removed by a moderator." in words(gone) and "You fool" not in gone.text
    unknown = await visitor.frame("/comment/0123456789abcdef")
    assert unknown.status_code == 404 and unknown.headers["content-security-policy"].endswith("frame-ancestors *")


@pytest.mark.parametrize("link", ["/c/{}", "/comment/{}", "/thread?site=gazette&comment={}", "#cb-comment-{}"])
async def test_oembed_knows_a_comment_by_any_of_its_addresses(
    db: Database, client: httpx.AsyncClient, link: str
) -> None:
    _, said = await quarrel(db)
    told = await json_of(client, "/oembed", url=OURS + link.format(said["pilot"]), maxwidth="400")
    assert (told["type"], told["width"], told["author_name"]) == ("rich", 400, "Margaret Okafor")
    assert f'src="{OURS}/comment/{said["pilot"]}?lang=en' in told["html"]


async def test_oembed_knows_nothing_of_what_is_not_shown(db: Database, client: httpx.AsyncClient) -> None:
    _, said = await quarrel(db)
    for link in (f"{OURS}/c/{said['insult']}", f"{OURS}/c/0123456789abcdef", f"{OURS}/account"):
        assert (await client.get("/oembed", params={"url": link})).status_code == 404
    hidden = {"url": f"{OURS}/c/{said['school']}", "show": "verified"}
    assert (await client.get("/oembed", params=hidden)).status_code == 404


async def test_a_paper_inlines_the_first_page_without_a_script(db: Database, client: httpx.AsyncClient) -> None:
    _, said = await quarrel(db)
    part = await client.get("/include", params=PLACE)
    assert (
        part.text.lstrip().startswith("<section") and part.headers["cache-control"] == "public, max-age=0, s-maxage=5"
    )
    assert not re.search(r"<(script|style|link|form|html)|hx-|on\w+=", part.text)
    assert all(href.startswith("http") for href in re.findall(r'href="([^"]*)"', part.text))
    assert f'id="cb-comment-{said["pilot"]}"' in part.text and "You fool" not in part.text
    known = await client.get("/include", params=PLACE, headers={"If-None-Match": part.headers["etag"]})
    assert known.status_code == 304

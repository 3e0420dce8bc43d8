"""Reading as a program: the JSON API; and what bad input gets there, in the frame and on the page."""

from typing import Any

import httpx
import pytest

from commentbox.server.base.db import Database
from tests.factories import ARTICLE, PAPER, make_talk
from tests.journeys.quarrel import PLACE, quarrel
from tests.journeys.reading import words
from tests.visitor import Visitor

SHAPE = {
    "id",
    "parent_id",
    "author",
    "tier",
    "badge",
    "label",
    "profile",
    "picked",
    "answered",
    "state",
    "created_at",
    "edited_at",
    "html",
    "text",
    "recommends",
}


async def api(client: httpx.AsyncClient, **asked: str) -> dict[str, Any]:
    answer = await client.get("/api/v1/threads/comments", params=PLACE | asked)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_the_api_gives_a_flat_list_in_reading_order(db: Database, client: httpx.AsyncClient) -> None:
    _, said = await quarrel(db)
    body = await api(client, sort="oldest")
    assert [comment["id"] for comment in body["comments"]] == list(said.values())
    assert (body["total"], body["verified_total"], body["hidden"], body["next"]) == (6, 4, 0, None)
    assert all(set(comment) == SHAPE for comment in body["comments"])
    first, port, _ask, licence, insult = body["comments"][:5]
    assert first["badge"] == {
        "kind": "name",
        "words": "Verified name",
        "method": "bank",
        "month": "2026-09",
        "until": "2028-09",
    }
    assert first["recommends"] == {"all": 24, "verified": 18}
    assert first["created_at"] == "2026-11-22T04:00:00Z"
    assert (port["parent_id"], port["tier"], port["badge"]["kind"]) == (said["pilot"], "unverified", "none")
    assert licence["edited_at"] == "2026-11-22T04:00:00Z"
    assert (insult["state"], insult["author"], insult["html"], insult["text"]) == ("removed", None, None, None)


async def test_the_api_gives_everything_page_by_page(db: Database, client: httpx.AsyncClient) -> None:
    talk = await make_talk(db)
    top = talk.say("top")
    for number in range(150):
        talk.say(f"{number}", under=top if number % 2 else None)
    await talk.save(db)
    seen, cursor = [], ""
    while cursor is not None:
        body = await api(client, sort="oldest", cursor=cursor)
        seen += [comment["id"] for comment in body["comments"]]
        cursor = body["next"]
    assert len(seen) == len(set(seen)) == body["total"] == 151


async def test_any_page_may_ask_the_api_and_none_with_cookies(db: Database, client: httpx.AsyncClient) -> None:
    await quarrel(db)
    for path in ("/api/v1/threads/comments", "/api/v1/counts"):
        answer = await client.get(path, params=PLACE, headers={"Origin": PAPER})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers


async def test_counts_come_with_both_numbers_as_they_were_asked_for(db: Database, client: httpx.AsyncClient) -> None:
    await quarrel(db)
    asked = {"site": "gazette", "url": [ARTICLE, f"{ARTICLE}/none"], "article_id": "7"}
    body = (await client.get("/api/v1/counts", params=asked)).json()
    assert body == {
        "counts": [
            {"article_id": "7", "url": None, "total": 0, "verified_total": 0},
            {"article_id": None, "url": ARTICLE, "total": 6, "verified_total": 4},
            {"article_id": None, "url": f"{ARTICLE}/none", "total": 0, "verified_total": 0},
        ]
    }


BAD = [
    ({"site": "nowhere", "url": ARTICLE}, 404, "site.unknown"),
    ({"url": ARTICLE}, 422, "input.missing"),
    ({"site": "gazette"}, 422, "article.missing"),
    ({"site": "gazette", "url": "ftp://x"}, 422, "article.url_invalid"),
    (PLACE | {"show": "nobody"}, 422, "input.invalid"),
    (PLACE | {"sort": "best"}, 422, "input.invalid"),
    (PLACE | {"cursor": "nonsense"}, 422, "cursor.invalid"),
    (PLACE | {"site": "g\0"}, 422, "input.invalid"),
    (PLACE | {"url": "https://x.example/" + "a" * 5000}, 413, "input.too_long"),
]


@pytest.mark.parametrize("asked, status, code", BAD)
async def test_bad_input_gets_the_right_status_and_a_clear_sentence(
    db: Database, client: httpx.AsyncClient, asked: dict[str, str], status: int, code: str
) -> None:
    await quarrel(db)
    answer = await client.get("/api/v1/threads/comments", params=asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert set(answer.json()["error"]) == {"code", "message", "data"}
    for path in ("/embed/thread", "/thread"):
        page = await client.get(path, params=asked)
        assert page.status_code == status and f'data-code="{code}"' in page.text
        assert answer.json()["error"]["message"] in words(page)


async def test_a_query_that_is_not_text_is_refused(db: Database, client: httpx.AsyncClient) -> None:
    await quarrel(db)
    for path in ("/embed/thread", "/thread", "/api/v1/threads/comments"):
        answer = await client.get(f"{path}?site=gazette&url=%ff%fe")
        assert answer.status_code == 422


@pytest.mark.parametrize("comment", ["nonsense", "0" * 16, "x" * 39])
async def test_an_unknown_comment_is_not_found(db: Database, client: httpx.AsyncClient, comment: str) -> None:
    await quarrel(db)
    assert (await client.get("/thread", params=PLACE | {"comment": comment})).status_code == 404
    framed = await client.get("/embed/thread", params=PLACE | {"comment": comment})
    assert framed.status_code == (200 if len(comment) == 16 else 404) and "We cannot find this comment" in framed.text
    assert (await client.get("/embed/replies", params={"comment": comment})).status_code == 404
    assert (await client.get(f"/c/{comment}")).status_code == 404


async def test_the_paper_may_show_why_a_thread_cannot_be_shown(visitor: Visitor) -> None:
    page = await visitor.frame("/embed/thread", params=PLACE)
    assert page.status_code == 404 and "frame-ancestors *" in page.headers["content-security-policy"]

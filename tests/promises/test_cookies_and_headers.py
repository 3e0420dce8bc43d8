"""What every answer carries besides its bytes: cookies exactly so, and headers that keep our pages to ourselves."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest
import structlog.testing
from sqlalchemy import text

from commentbox.server.accounts.handover import challenge_of
from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings
from commentbox.server.base.signing import new_token
from commentbox.server.base.work import begin
from commentbox.server.sites import actions as sites
from tests.factories import PAPER
from tests.journeys.reader import Reader
from tests.promises.bad_input import HERALD, PLACE, WAYS, World, make_world
from tests.softpasskey import SoftPasskey
from tests.visitor import Visitor

before_the_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PUBLIC = (
    "GET /embed/thread",
    "GET /embed/replies",
    "GET /.well-known/jwks.json",
    "GET /api/v1/comments/latest",
    "GET /api/v1/comments/{id}/badge",
    "GET /api/v1/counts",
    "GET /api/v1/threads/comments",
    "GET /comment/{id}",
    "GET /embed/fresh",
    "GET /embed/news",
    "GET /embed/people",
    "GET /feed.atom",
    "GET /feed.json",
    "GET /history/{id}",
    "GET /people/{id}",
    "GET /people/{id}/feed.atom",
    "GET /people/{id}/feed.json",
    "GET /include",
    "GET /log",
    "GET /log.json",
    "GET /oembed",
)
FRAMED = ("GET /embed/thread", "GET /comment/{id}")
MADE_UP = ("GET /components", "GET /components/{name}")
"""Pages that look real and do nothing: no script, no form, framed by our own pages alone."""
FOR_PROGRAMS = ("GET /api/", "GET /.well-known/")
FILES = ("GET /loader.js", "GET /counts.js", "GET /latest.js", "GET /sso.js", "GET /static/{name}")
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors "
)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"demo": True})


@pytest.fixture
async def world(db: Database, app: Any, new_visitor: Callable[..., Visitor]) -> World:
    return await make_world(db, new_visitor)


def cookie_of(answer: httpx.Response) -> str:
    """Give the one cookie of an answer, its value replaced by a word."""
    (cookie,) = answer.headers.get_list("set-cookie")
    return re.sub(r"=[^;]{20,}", "=TOKEN", cookie, count=1)


# Cookies.


@before_the_database
async def test_the_windows_cookie(app: Any, visitor: Visitor) -> None:
    reader = Reader(visitor)
    options = (await visitor.fetch("/signup/options", method="POST", data={"name": "Kestrel"})).json()
    form = {"credential": reader_answer(reader.passkey.create(options))}
    signed = await visitor.submit("/signup", form)
    assert cookie_of(signed) == "__Host-cb=TOKEN; Path=/; Secure; HttpOnly; Max-Age=2592000; SameSite=Lax"
    out = await visitor.submit("/signout", {})
    assert out.headers.get_list("set-cookie") == [
        "__Host-cb=; Path=/; Secure; HttpOnly; Max-Age=0; SameSite=Lax",
        "__Host-cb-sso=; Path=/; Secure; HttpOnly; Max-Age=0; SameSite=Lax",
    ]


def reader_answer(answer: dict[str, Any]) -> str:
    return str(httpx.Request("POST", "http://x", json=answer).content.decode())


@before_the_database
async def test_the_frames_cookie_and_no_cookie_beside_a_bearer(world: World) -> None:
    for cookies in ("1", "0"):
        verifier = new_token()
        form = {"site": "gazette", "challenge": challenge_of(verifier)}
        page = await world.browsers["reader"].submit("/handover/approve", form)
        code = page.text.split('<meta name="cb-code" content="', 1)[1].split('"', 1)[0]
        given = {"site": "gazette", "verifier": verifier, "code": code, "cookies": cookies}
        answer = await world.browsers["nobody"].submit("/handover/redeem", given)
        if cookies == "1":
            kept = "Path=/; Secure; HttpOnly; Max-Age=2592000; SameSite=None; Partitioned"
            assert cookie_of(answer) == f"__Host-cb-frame-gazette=TOKEN; {kept}"
            assert answer.json() == {"ok": True}
            out = await world.browsers["nobody"].submit("/signout?site=gazette", {})
            assert f"__Host-cb-frame-gazette=; {kept.replace('2592000', '0')}" in out.headers.get_list("set-cookie")
        else:
            assert "set-cookie" not in answer.headers and answer.json().keys() == {"bearer"}


@before_the_database
async def test_the_desks_cookie(world: World) -> None:
    visitor, path = world.browsers["nobody"], f"/desk/invite/{world.things['invite_token']}"
    passkey = SoftPasskey("comments.localhost", visitor.origin)
    options = (await visitor.fetch(f"{path}/options", method="POST")).json()
    accepted = await visitor.submit(path, {"credential": reader_answer(passkey.create(options))})
    assert cookie_of(accepted) == "__Host-cb-staff=TOKEN; Path=/; Secure; HttpOnly; Max-Age=43200; SameSite=Strict"
    out = await visitor.submit("/desk/signout", {})
    assert out.headers.get_list("set-cookie") == [
        "__Host-cb-staff=; Path=/; Secure; HttpOnly; Max-Age=0; SameSite=Strict"
    ]


@before_the_database
async def test_looking_at_a_page_sets_no_cookie(world: World) -> None:
    for name in [each for each in WAYS if each.startswith("GET")]:
        for who in ("nobody", "reader", "staff"):
            assert "set-cookie" not in (await world.send(name, who=who)).headers, (name, who)


# Public bytes.


async def test_public_pages_are_the_same_bytes_for_everybody(world: World) -> None:
    strange = {"HX-Request": "true", "Accept-Language": "de", "Cookie": "a=b; __Host-cb=x", "User-Agent": "Other"}
    for name in PUBLIC + FILES:
        seen = []
        for who, headers in (("nobody", {}), ("reader", {}), ("staff", {}), ("nobody", strange)):
            answer = await world.send(name, who=who, headers=headers)
            assert answer.status_code == 200 and "set-cookie" not in answer.headers, name
            assert answer.headers["cache-control"].startswith("public"), name
            same = {key: value for key, value in answer.headers.items() if key not in ("content-length",)}
            seen.append((answer.content, sorted(same.items())))
        assert all(each == seen[0] for each in seen), name
        assert not re.search(rb'(?i)csrf|token|name="key" value="[^"]', seen[0][0]) or name in FILES, name


async def test_public_pages_come_from_memory_and_as_304_with_the_same_headers(world: World) -> None:
    first, second = await world.send("GET /embed/thread"), await world.send("GET /embed/thread")
    assert first.content == second.content and first.headers == second.headers
    known = await world.send("GET /embed/thread", headers={"If-None-Match": first.headers["etag"]})
    assert known.status_code == 304 and known.content == b""
    assert known.headers["content-security-policy"] == first.headers["content-security-policy"]


# Headers.


async def answers_of_every_route(world: World) -> list[tuple[str, httpx.Response]]:
    """Give what every route answers: with what it takes, with rubbish, and from elsewhere."""
    found = []
    for name in sorted(WAYS, key=lambda each: "signout" in each):
        found.append((name, await world.send(name, headers={"Origin": "https://evil.example"})))
        rubbish = dict.fromkeys(WAYS[name].fields, "a\0b")
        for headers in ({}, {"Accept": "application/json"}, {"HX-Request": "true"}):
            found.append((name, await world.send(name, fields=rubbish, headers=headers)))
        found.append((name, await world.send(name)))
    unknown = await world.browsers["nobody"].open("/nothing/here")
    return [*found, ("nowhere", unknown)]


@before_the_database
async def test_every_answer_keeps_to_itself(world: World) -> None:
    for name, answer in await answers_of_every_route(world):
        headers, said = answer.headers, (name, answer.status_code)
        assert headers["x-content-type-options"] == "nosniff", said
        assert headers["referrer-policy"] in ("strict-origin-when-cross-origin", "no-referrer", "strict-origin"), said
        assert headers["permissions-policy"] == "camera=(), geolocation=(), microphone=(), payment=()", said
        if name not in PUBLIC + FILES:
            assert headers["cache-control"] == "private, no-store", said
        check_policy(name, headers["content-security-policy"])
        check_sharing(name, headers)


def check_policy(name: str, policy: str) -> None:
    if name in MADE_UP and "frame-src 'self'" in policy:
        assert "script-src" not in policy and "form-action 'none'" in policy and "default-src 'none'" in policy
        assert policy.endswith("frame-ancestors 'self'") and "unsafe" not in policy
        return
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:"), name
    assert "unsafe" not in policy and "base-uri 'none'" in policy, name
    assert name in FRAMED or policy.endswith("frame-ancestors 'none'"), name


def check_sharing(name: str, headers: httpx.Headers) -> None:
    """No other origin reads anything with somebody's cookies: only what is public is shared, and with everybody."""
    assert "access-control-allow-credentials" not in headers, name
    allowed = headers.get("access-control-allow-origin")
    assert allowed is None or (allowed == "*" and name.startswith(FOR_PROGRAMS)), name
    assert headers.get("cross-origin-resource-policy") is None or name.startswith(FOR_PROGRAMS) or name in FILES, name


async def test_only_the_papers_own_origins_may_frame_its_comments(world: World) -> None:
    async def policy(**place: str) -> tuple[int, str]:
        answer = await world.browsers["nobody"].frame("/embed/thread", params=place)
        return answer.status_code, answer.headers["content-security-policy"]

    async with begin(world.db) as work:
        await sites.create(work, "nowhere", name="Nowhere", origins=[])
    assert await policy(**PLACE) == (200, CSP + PAPER)
    assert await policy(site="herald", url=f"{HERALD}/a") == (200, CSP + HERALD)
    assert await policy(site="nowhere", url=f"{HERALD}/a") == (200, CSP + "'none'")
    # An error holds nothing of anybody's, and the paper's page must be able to show it in the slot.
    assert await policy(site="unknown", url=f"{HERALD}/a") == (404, CSP + "*")
    assert (await world.browsers["nobody"].open(f"/thread?{httpx.QueryParams(PLACE)}")).headers[
        "content-security-policy"
    ] == CSP + "'none'"


@before_the_database
async def test_the_page_after_a_crash_has_its_headers_and_says_nothing(world: World, app: Any) -> None:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=world.browsers["nobody"].origin) as client:
        async with world.db.write() as query:
            await query.run(text("ALTER TABLE site RENAME TO gone"))
        with structlog.testing.capture_logs() as logged:
            page = await client.get("/embed/viewer", params=PLACE)
            said = await client.get("/embed/viewer", params=PLACE, headers={"Accept": "application/json"})
    assert [line["event"] for line in logged] == ["request.crashed"] * 2
    assert page.status_code == said.status_code == 500
    assert "Nothing of yours was lost" in page.text and "sqlite" not in page.text.lower()
    assert said.json()["error"].keys() == {"code", "message", "data"} and said.json()["error"]["code"] == "internal"
    for answer in (page, said):
        assert answer.headers["content-security-policy"] == CSP + "'none'"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "private, no-store"


# The way back.


def leads_to(url: str) -> str:
    """Give the host a browser goes to from our page: it drops tabs and newlines, and a backslash is a slash to it."""
    cleaned = re.sub(r"[\t\r\n]", "", url.strip("".join(map(chr, range(33))))).replace("\\", "/")
    parts = urlsplit(cleaned)
    if parts.scheme and not cleaned.startswith("/"):
        return parts.netloc or parts.scheme
    return parts.netloc or re.match(r"/*", cleaned)[0][2:]  # type: ignore[index]


def open_redirects(shared: Path) -> set[str]:
    lines = (shared / "data/adversarial/ssrf/patt-open-redirect.txt").read_text("utf-8").splitlines()
    made = {"/\t/evil.example", "/\n/evil.example", "\t//evil.example", "/\\evil.example", "/a\\..//evil.example"}
    made |= {"//evil.example", "/\x00/evil.example", "javascript:alert(1)", "data:text/html,x", "https:evil.example"}
    return {*lines, *map(unquote, lines), *made, "/ /evil.example", "/\u2028/evil.example", "/.//evil.example"} - {""}


@before_the_database
async def test_the_way_back_never_leaves_our_origin(world: World, shared: Path) -> None:
    visitor = world.browsers["reader"]
    for way in open_redirects(shared):
        sent = await visitor.submit("/signout", {"next": way}, headers={"Authorization": "Bearer none"})
        if "\0" in way:
            assert sent.status_code == 422
            continue
        assert sent.status_code == 303 and leads_to(sent.headers["location"]) == "", way
        page = await visitor.open(f"/signin?{httpx.QueryParams({'next': way})}")
        assert page.status_code == 200
        for href in re.findall(r'(?:href|action|value)="([^"]*)"', page.text):
            assert leads_to(href.replace("&amp;", "&").replace("&#39;", "'")) in ("", "data"), (way, href)


@before_the_database
async def test_the_way_back_to_a_page_of_ours_is_kept(world: World) -> None:
    for way in (
        "/account#keys",
        "/thread?site=gazette&url=https%3A%2F%2Fnews.example%2Fa#c-1",
        "/verify?next=/account",
    ):
        page = await world.browsers["reader"].open(f"/signin?{httpx.QueryParams({'next': way})}")
        assert f'href="{way.replace("&", "&amp;")}"' in page.text

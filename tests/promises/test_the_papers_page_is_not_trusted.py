"""The paper's page is not trusted, nor is anything it may bring: what a browser attaches by itself proves nobody's will."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from commentbox.server.accounts.handover import challenge_of
from commentbox.server.accounts.models import Account, Session
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings
from commentbox.server.base.signing import new_token
from commentbox.server.comments.models import Comment
from commentbox.server.reports import Report
from tests.factories import how_many
from tests.promises.bad_input import COOKIES, HERALD, PLACE, WAYS, World, make_world, sign_in
from tests.visitor import Visitor

MINE = "Kestrel</bdi></b>"
AT_HERALD = {**PLACE, "site": "herald", "url": f"{HERALD}/a"}
VIEWER = "/embed/viewer"
FOREIGN = [
    {},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
    {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
]
"""What a browser says of requests that others than our own pages make; old browsers say nothing."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"demo": True})


@pytest.fixture
async def world(db: Database, app: Any, new_visitor: Callable[..., Visitor]) -> World:
    made = await make_world(db, new_visitor)
    made.browsers["framed"] = new_visitor()
    return made


async def reader_id(world: World) -> str:
    async with world.db.read() as query:
        accounts = Account.__table__  # type: ignore[attr-defined]
        return str(await query.scalar(select(accounts.c.id).where(accounts.c.name == "Kestrel")))


async def framed(world: World, kind: str) -> Visitor:
    """Give the reader in the frame on the Gazette's page, with a cookie or a bearer."""
    visitor = world.browsers["framed"]
    await sign_in(world.db, visitor, await reader_id(world), kind=kind, site_id=world.talk.site_id)
    return visitor


# Reading.


async def test_the_viewers_layer_is_nobodys_unless_our_own_page_asks(world: World) -> None:
    visitor = await framed(world, "frame")
    assert MINE in (await visitor.fetch(VIEWER, params=PLACE)).text
    for headers in FOREIGN:
        answer = await visitor.client.get(VIEWER, params=PLACE, headers=headers)
        assert answer.status_code == 200 and MINE not in answer.text and '"signed_in":false' in answer.text, headers
    top = await world.browsers["reader"].open(f"{VIEWER}?{httpx.QueryParams(PLACE)}")
    assert MINE not in top.text  # no page of ours navigates a window to a fragment


async def test_a_window_of_ours_is_somebodys_only_where_no_other_page_can_look_inside(world: World) -> None:
    visitor, asked = world.browsers["reader"], httpx.QueryParams(PLACE)
    for page in ("/thread", "/account", "/verify", "/welcome", "/decisions/{statement}", "/choices"):
        path = f"{page.format(**world.things)}?{asked}"
        whole = await visitor.open(path, came_from="cross-site")
        assert whole.status_code in (200, 303) and "/signin" not in whole.headers.get("location", ""), page
        assert "frame-ancestors 'none'" in whole.headers["content-security-policy"]
        for headers in FOREIGN:
            answer = await visitor.client.get(path, headers=headers)
            assert MINE not in answer.text and "Statement of reasons" not in answer.text, (page, headers)
            assert answer.status_code != 303 or "/account#" not in answer.headers["location"], (page, headers)


async def test_the_desk_is_nobodys_where_another_page_asks(world: World) -> None:
    for headers in FOREIGN:
        answer = await world.browsers["staff"].client.get("/desk", headers=headers)
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk/signin")


# What a frame's session may do.

FRAME_MAY = {
    "POST /comments/mute",
    "POST /embed/quiet",
    "POST /embed/show",
    "GET /embed/bell",
    "GET /embed/bell/count",
    "POST /embed/bell",
    "GET /embed/viewer",
    "GET /embed/edit",
    "POST /comments",
    "POST /comments/{id}/edit",
    "POST /comments/{id}/recommend",
    "POST /comments/{id}/withdraw",
    "POST /signout",
}


@pytest.mark.parametrize("kind", ["frame", "bearer", "sso"])
async def test_a_frames_session_reads_writes_and_leaves_and_does_nothing_else(world: World, kind: str) -> None:
    visitor = await framed(world, kind)
    ours = {name for name, way in WAYS.items() if way.who != "nobody"}
    pages = ["GET /thread", "GET /verify", "GET /account", "GET /decisions/{id}", "GET /asked"]
    pages += [f"GET /account/{page}" for page in ("comments", "journal", "download.json", "download.html")]
    seen = {*pages, *(name for name in ours if name.startswith("GET /desk") and "/figures." not in name)}
    for name in sorted(ours - FRAME_MAY):
        answer = await world.send(name, who="framed")
        assert answer.status_code in ((200, 303) if name in seen else (401, 403)), name
        assert "/signin" in answer.headers.get("location", "/signin"), name
        assert "Statement of reasons" not in answer.text and "recovery" not in answer.text
    for name in sorted(FRAME_MAY, key=lambda each: ("signout" in each, "withdraw" in each)):
        answer = await world.send(name, who="framed")
        assert answer.status_code in (200, 204, 303), name
    assert (await visitor.fetch(VIEWER, params=PLACE)).text.count(MINE) == 0


async def test_a_bearer_counts_in_its_header_only_and_hides_every_cookie(world: World) -> None:
    visitor = await framed(world, "bearer")
    token, visitor.bearer = visitor.bearer or "", None
    for name in COOKIES.values():
        visitor.cookies.set(name, token, domain="comments.localhost", path="/")
    assert MINE not in (await visitor.fetch(VIEWER, params=PLACE)).text
    assert (await visitor.open("/account")).status_code == 303 and (await visitor.open("/desk")).status_code == 303
    assert MINE not in (await visitor.fetch(VIEWER, params={**PLACE, "authorization": f"Bearer {token}"})).text
    reader = world.browsers["reader"]
    reader.bearer = "nonsense"
    assert MINE not in (await reader.fetch(VIEWER, params=PLACE)).text
    assert (await reader.open("/account")).status_code == 303


async def test_a_bearer_ends_with_the_working_day(world: World) -> None:
    visitor = await framed(world, "bearer")
    clock.advance(minutes=12 * 60 - 1)
    assert MINE in (await visitor.fetch(VIEWER, params=PLACE)).text
    clock.advance(minutes=2)
    assert MINE not in (await visitor.fetch(VIEWER, params=PLACE)).text


@pytest.mark.parametrize("kind", ["frame", "bearer", "sso"])
async def test_a_session_for_one_paper_is_nobody_on_another(world: World, kind: str) -> None:
    visitor = await framed(world, kind)
    account_id = await reader_id(world)
    before = await how_many(world.db, Comment)
    at_home = await world.send("POST /comments", who="reader", fields={**AT_HERALD, "text": "Mine, at the Herald."})
    assert at_home.status_code == 303
    async with world.db.read() as query:
        comments = Comment.__table__  # type: ignore[attr-defined]
        mine = select(comments.c.id).where(
            comments.c.account_id == account_id, comments.c.site_id != world.talk.site_id
        )
        own_id = str(await query.scalar(mine))
    layer = await visitor.fetch(VIEWER, params=AT_HERALD)
    assert layer.status_code == 200 and MINE not in layer.text and own_id not in layer.text
    assert (await visitor.fetch("/embed/edit", params={**AT_HERALD, "comment": own_id})).status_code == 404
    assert (await visitor.submit("/comments", {**AT_HERALD, "text": "And another."})).status_code == 401
    for what in ("edit", "withdraw"):
        form = {**AT_HERALD, "text": "Changed."}
        assert (await visitor.submit(f"/comments/{own_id}/{what}", form, htmx=True)).status_code == 404
    recommended = await visitor.submit(f"/comments/{world.things['foreign']}/recommend", {"on": "1"}, htmx=True)
    assert recommended.status_code == 401
    reported = await visitor.submit(f"/comments/{world.things['foreign']}/report", {"reason": "advert"})
    assert reported.status_code == 200
    async with world.db.read() as query:
        report = await query.first(select(Report.__table__).where(Report.__table__.c.reason == "advert"))
    assert report.account_id is None and report.tier == "unverified"
    assert await how_many(world.db, Comment) == before + 1


# Cookies stay in their rooms.


async def test_a_token_is_worth_nothing_under_another_name(world: World) -> None:
    tokens = {
        "top": world.browsers["reader"].cookies["__Host-cb"],
        "staff": world.browsers["staff"].cookies["__Host-cb-staff"],
    }
    stranger = world.browsers["nobody"]
    for kind, token in tokens.items():
        for name in {*COOKIES.values()} - {COOKIES[kind]}:
            stranger.cookies.clear()
            stranger.cookies.set(name, token, domain="comments.localhost", path="/")
            assert (await stranger.open("/account")).status_code == 303, (kind, name)
            assert (await stranger.open("/desk")).status_code == 303, (kind, name)
            assert MINE not in (await stranger.fetch(VIEWER, params=PLACE)).text
        stranger.cookies.clear()
        stranger.bearer = token
        assert MINE not in (await stranger.fetch(VIEWER, params=PLACE)).text
        assert (await stranger.open("/desk")).status_code == 303
        stranger.bearer = None


async def test_the_desks_cookie_is_nobody_elsewhere(world: World) -> None:
    staff = world.browsers["staff"]
    assert (await staff.open("/desk")).status_code == 200
    assert (await staff.open("/account")).status_code == 303
    assert '"signed_in":false' in (await staff.fetch(VIEWER, params=PLACE)).text
    assert (await staff.submit("/comments", {**PLACE, "text": "From the desk."})).status_code == 401


async def test_nothing_of_a_session_is_kept_but_a_hash(world: World) -> None:
    token = world.browsers["reader"].cookies["__Host-cb"]
    async with world.db.read() as query:
        rows = await query.all(select(Session.__table__))
    assert token and not any(token in map(str, row) for row in rows)


# The hand-over.


async def begun(world: World, visitor: Visitor, verifier: str) -> str:
    form = {"site": "gazette", "challenge": challenge_of(verifier)}
    answer = await visitor.submit("/handover/begin", form)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["characters"])


async def redeemed(visitor: Visitor, verifier: str, **more: str) -> httpx.Response:
    return await visitor.submit("/handover/redeem", {"site": "gazette", "verifier": verifier, "cookies": "0", **more})


def code_on(page: httpx.Response) -> str:
    return page.text.split('<meta name="cb-code" content="', 1)[1].split('"', 1)[0]


async def test_a_handover_that_one_begins_and_another_approves_gives_the_first_nothing(world: World) -> None:
    attacker, victim, verifier = world.browsers["nobody"], world.browsers["reader"], new_token()
    await begun(world, attacker, verifier)
    approved = await victim.submit("/handover/approve", {"site": "gazette", "challenge": challenge_of(verifier)})
    assert approved.status_code == 200 and "If somebody sent you this link" in approved.text
    for _ in range(3):
        polled = await redeemed(attacker, verifier)
        assert (polled.status_code, polled.json()) == (202, {"pending": True})
    assert (await redeemed(attacker, verifier, code=new_token())).status_code == 410


async def test_a_code_works_once_for_its_verifier_on_its_site_for_two_minutes(world: World) -> None:
    victim, frame = world.browsers["reader"], world.browsers["nobody"]

    async def code(verifier: str) -> str:
        form = {"site": "gazette", "challenge": challenge_of(verifier)}
        return code_on(await victim.submit("/handover/approve", form))

    right = new_token()
    first = await code(right)
    assert (await redeemed(frame, right, code=first)).json()["bearer"]
    assert (await redeemed(frame, right, code=first)).status_code == 410
    spoiled = await code(right)
    assert (await redeemed(frame, new_token(), code=spoiled)).status_code == 410
    assert (await redeemed(frame, right, code=spoiled)).status_code == 410
    elsewhere = await code(right)
    assert (await redeemed(frame, right, code=elsewhere, site="herald")).status_code == 410
    late = await code(right)
    clock.advance(minutes=3)
    assert (await redeemed(frame, right, code=late)).status_code == 410


async def test_the_six_characters_are_typed_by_somebody_signed_in_five_times_at_most(world: World) -> None:
    victim, frame, verifier = world.browsers["reader"], world.browsers["nobody"], new_token()
    shown = await begun(world, frame, verifier)
    form = {"site": "gazette", "challenge": challenge_of(verifier)}
    assert (await frame.submit("/handover/characters", {**form, "characters": shown})).status_code == 401
    wrong = await victim.submit("/handover/characters", {**form, "characters": "222222"})
    assert wrong.status_code == 403 and "Look again" in wrong.text
    assert (
        await victim.submit("/handover/characters", {**form, "site": "herald", "characters": shown})
    ).status_code == 410
    typed = await victim.submit("/handover/characters", {**form, "characters": f" {shown.lower()} "})
    assert typed.status_code == 200
    given = await redeemed(frame, verifier)
    assert given.status_code == 200
    frame.bearer = given.json()["bearer"]
    assert MINE in (await frame.fetch(VIEWER, params=PLACE)).text


async def test_guessing_the_characters_ends_the_handover(world: World) -> None:
    victim, frame, verifier = world.browsers["reader"], world.browsers["nobody"], new_token()
    shown = await begun(world, frame, verifier)
    form = {"site": "gazette", "challenge": challenge_of(verifier)}
    tried = [await victim.submit("/handover/characters", {**form, "characters": "222222"}) for _ in range(6)]
    assert [each.status_code for each in tried] == [403] * 5 + [410]
    assert (await victim.submit("/handover/characters", {**form, "characters": shown})).status_code == 410
    assert (await redeemed(frame, verifier)).status_code == 202


async def test_a_frames_session_cannot_be_handed_on(world: World) -> None:
    visitor = await framed(world, "frame")
    form = {"site": "gazette", "challenge": challenge_of(new_token())}
    assert (await visitor.submit("/handover/approve", form)).status_code == 403

"""The hand-over by the clock and by the book: two minutes, one use, one site, and an explicit Continue."""

from typing import Any

from commentbox.server.accounts.handover import challenge_of
from commentbox.server.base import clock
from tests.factories import make_site
from tests.journeys.reader import Reader
from tests.journeys.reading import fields, words
from tests.visitor import Visitor

VERIFIER = "a verifier that never leaves the frame"
PLACE = {"site": "gazette", "challenge": challenge_of(VERIFIER)}


async def continued(visitor: Visitor, db: Any) -> str:
    """Let a reader sign up and continue; give the code that the window holds."""
    await make_site(db)
    await Reader(visitor).sign_up()
    page = await visitor.open(f"/signin?site=gazette&challenge={PLACE['challenge']}")
    done = await visitor.submit("/handover/approve", fields(page, "/handover/approve"))
    assert done.status_code == 200, done.text
    return done.text.split('name="cb-code" content="')[1].split('"')[0]


async def redeem(frame: Visitor, **more: str) -> int:
    sent = {"site": "gazette", "verifier": VERIFIER} | more
    return (await frame.fetch("/handover/redeem", method="POST", data=sent)).status_code


async def test_a_code_works_once(visitor: Visitor, new_visitor: Any, db: Any) -> None:
    code, frame = await continued(visitor, db), new_visitor()
    assert await redeem(frame, code=code) == 200
    assert await redeem(frame, code=code) == 410


async def test_a_code_is_gone_after_two_minutes(visitor: Visitor, new_visitor: Any, db: Any) -> None:
    code = await continued(visitor, db)
    clock.advance(minutes=2, seconds=1)
    assert await redeem(new_visitor(), code=code) == 410


async def test_the_characters_are_gone_after_two_minutes(visitor: Visitor, new_visitor: Any, db: Any) -> None:
    await continued(visitor, db)
    frame = new_visitor()
    characters = (await frame.fetch("/handover/begin", method="POST", data=PLACE)).json()["characters"]
    assert await redeem(frame) == 202
    clock.advance(minutes=2, seconds=1)
    typed = await visitor.submit("/handover/characters", PLACE | {"characters": characters})
    assert typed.status_code == 410
    assert await redeem(frame) == 410


async def test_the_characters_sign_in_the_frame_that_shows_them_and_no_other(
    visitor: Visitor, new_visitor: Any, db: Any
) -> None:
    await continued(visitor, db)
    frame = new_visitor()
    characters = (await frame.fetch("/handover/begin", method="POST", data=PLACE)).json()["characters"]
    typed = await visitor.submit("/handover/characters", PLACE | {"characters": characters.lower()})
    assert typed.status_code == 200
    assert await redeem(new_visitor(), verifier="another one") == 410
    assert await redeem(frame) == 200
    assert await redeem(frame) == 410


async def test_opening_the_window_gives_nothing_away_before_the_explicit_continue(visitor: Visitor, db: Any) -> None:
    await make_site(db)
    await Reader(visitor).sign_up()
    page = await visitor.open(f"/signin?site=gazette&challenge={PLACE['challenge']}")
    assert "cb-code" not in page.text
    assert "Continue as Kestrel on news.localhost:8001" in page.text


async def test_the_window_names_the_paper_the_reader_came_from_if_the_site_has_it(visitor: Visitor, db: Any) -> None:
    await make_site(db, origins=["https://a.example", "https://b.example"])
    await Reader(visitor).sign_up()
    for asked, named in (("https://b.example", "b.example"), ("https://evil.example", "a.example")):
        page = await visitor.open("/signin", params=PLACE | {"paper": asked})
        assert f"Continue as Kestrel on {named}" in page.text
        done = await visitor.submit("/handover/approve", fields(page, "/handover/approve"))
        assert f"The Harbour Gazette, {named}." in words(done)
        assert "evil" not in words(done)

"""The hand-over by the clock and by the book: two minutes, one use, one site, and an explicit Continue."""

from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select

from commentbox.server.accounts.handover import challenge_of
from commentbox.server.accounts.models import Account
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


async def test_two_papers_under_one_domain_share_a_partition_and_neither_has_the_others_session(
    visitor: Visitor, new_visitor: Any, db: Any
) -> None:
    """One jar for both frames, as browsers keep it for `sport.paper.example` and `news.paper.example`."""
    places = {slug: {"site": slug, "url": f"https://{slug}.paper.example/a"} for slug in ("gazette", "herald")}
    for slug in places:
        await make_site(db, slug, origins=[f"https://{slug}.paper.example"])
    window, frames = new_visitor(), visitor

    async def hand_over(name: str, slug: str) -> None:
        page = await window.open(f"/signin?site={slug}&challenge={PLACE['challenge']}")
        done = await window.submit("/handover/approve", fields(page, "/handover/approve"))
        code = done.text.split('name="cb-code" content="')[1].split('"')[0]
        assert await redeem(frames, site=slug, code=code) == 200, name

    async def speaks(slug: str) -> list[str]:
        told = (await frames.fetch("/embed/viewer", params=places[slug])).text
        return [name for name in ("Kestrel", "Heron") if name in told]

    await Reader(window, "Kestrel").sign_up()
    await hand_over("Kestrel", "gazette")
    assert (await speaks("gazette"), await speaks("herald")) == (["Kestrel"], [])
    window = new_visitor()
    await Reader(window, "Heron").sign_up()
    await hand_over("Heron", "herald")
    assert (await speaks("gazette"), await speaks("herald")) == (["Kestrel"], ["Heron"])

    for slug, choice in (("gazette", "fold"), ("herald", "verified")):
        page = {"HX-Current-URL": f"http://comments.localhost:8000/embed/thread?{urlencode(places[slug])}#x"}
        kept = await frames.submit("/embed/show", {"show": choice}, htmx=True, headers=page)
        assert kept.status_code == 204
    async with db.read() as query:
        shows = await query.all(select(Account.name, Account.show))
    assert {tuple(row) for row in shows} == {("Kestrel", "fold"), ("Heron", "verified")}
    unnamed = await frames.submit("/embed/show", {"show": "everyone"}, htmx=True)
    assert unnamed.status_code == 401, "who is meant is not guessed"

    assert (await frames.submit("/signout?site=herald", {}, htmx=True)).status_code == 204
    assert (await speaks("gazette"), await speaks("herald")) == (["Kestrel"], [])

"""What a paper announces above its comments: on a site or one thread, in small Markdown, gone by its own date."""

import httpx
import pytest

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from tests.factories import START, make_site
from tests.journeys.desk import AtTheDesk, hiring
from tests.journeys.quarrel import PLACE
from tests.journeys.reading import words
from tests.newsroom import Newsroom, make_newsroom
from tests.visitor import Visitor

TEXT = "The vote is on **Sunday**. [How to vote](https://paper.example/vote)"
SHOWN = "The vote is on <strong>Sunday</strong>"


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START)
    return await make_newsroom(db)


@pytest.fixture
async def desk(room: Newsroom, new_visitor) -> AtTheDesk:
    return await hiring(room, new_visitor)("Ruth", "senior")


async def page(visitor: Visitor) -> httpx.Response:
    return await visitor.frame("/embed/thread", params=PLACE)


async def test_a_thread_announces_something_until_its_end_or_until_it_is_taken_away(
    room: Newsroom, desk: AtTheDesk, visitor: Visitor
) -> None:
    here = f"/desk/threads/{room.talk.thread_id}"
    refused = await desk.visitor.submit(here, {"act": "announce", "announcement": TEXT, "days": "91"})
    assert refused.status_code == 422 and "an end within 90 days" in words(refused) and TEXT in refused.text
    assert (await desk.visitor.submit(here, {"act": "announce", "announcement": TEXT, "days": "2"})).status_code == 303
    shown = await page(visitor)
    assert SHOWN in shown.text and shown.text.index(SHOWN) < shown.text.index("<textarea")
    assert SHOWN in (await visitor.open("/include", params=PLACE)).text
    assert "Take the announcement away" in words(await desk.visitor.open(here))
    await desk.visitor.submit(here, {"act": "unannounce"})
    assert SHOWN not in (await page(visitor)).text
    await desk.visitor.submit(here, {"act": "announce", "announcement": "Again.", "days": "1"})
    assert "Again." in (await page(visitor)).text
    clock.advance(hours=25)
    assert "Again." not in (await visitor.frame("/embed/thread", params=PLACE | {"lang": "en"})).text


async def test_seniors_announce_above_every_thread_of_their_own_site(
    db: Database, room: Newsroom, desk: AtTheDesk, new_visitor, visitor: Visitor
) -> None:
    await make_site(db, "herald", origins=["http://herald.localhost:8001"])
    form = {"site": "gazette", "act": "announce", "announcement": TEXT, "days": "2"}
    refused = await desk.visitor.submit("/desk/announce", form | {"days": "0"})
    assert refused.status_code == 422 and TEXT in refused.text
    assert (await desk.visitor.submit("/desk/announce", form | {"site": "herald"})).status_code == 404
    moderator = await hiring(room, new_visitor)("Tom")
    assert (await moderator.visitor.submit("/desk/announce", form)).status_code == 404
    assert (await desk.visitor.submit("/desk/announce", form)).status_code == 303
    assert SHOWN in (await page(visitor)).text
    assert "Take the announcement away" in words(await desk.visitor.open("/desk/threads"))
    await desk.visitor.submit("/desk/announce", form | {"act": "unannounce"})
    assert SHOWN not in (await visitor.frame("/embed/thread", params=PLACE | {"lang": "en"})).text


@pytest.mark.parametrize("role", ["trainee", "auditor"])
async def test_whoever_does_not_decide_changes_no_thread(room: Newsroom, new_visitor, role: str) -> None:
    looking = await hiring(room, new_visitor)("Otto", role)
    form = {"act": "close", "reason": "The vote is over."}
    assert (await looking.visitor.submit(f"/desk/threads/{room.talk.thread_id}", form)).status_code == 403


async def test_the_house_rules_stand_in_a_fold_right_after_the_form(room: Newsroom, visitor: Visitor) -> None:
    shown = (await page(visitor)).text
    assert 0 < shown.index("</textarea>") < shown.index('class="cb-rules"') < shown.index('id="cb-list"')

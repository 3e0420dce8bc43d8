"""Editor's picks: named at the desk, labelled for readers, in a tab of their own that obeys the filter, gone with the words."""

import html
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.comments import picks
from commentbox.server.comments.models import Comment
from tests.factories import START, Talk, make_person, make_talk
from tests.journeys.desk import Hire, hiring
from tests.journeys.quarrel import PLACE
from tests.journeys.reading import words
from tests.newsroom import Newsroom, make_newsroom
from tests.promises.bad_input import sign_in
from tests.visitor import Visitor

API = "/api/v1/threads/comments"
LABEL = '<span class="cb-label">Editor’s pick</span>'


@pytest.fixture
async def room(db: Database) -> AsyncIterator[Newsroom]:
    clock.set(START)
    yield await make_newsroom(db)


@pytest.fixture
def hire(room: Newsroom, new_visitor) -> Hire:
    return hiring(room, new_visitor)


async def picked(visitor: Visitor, comment_id: str, on: str = "1") -> httpx.Response:
    return await visitor.submit(f"/desk/case/{comment_id}/pick", {"on": on})


async def tab(visitor: Visitor, **asked: str) -> httpx.Response:
    return await visitor.frame("/embed/thread", params=PLACE | {"only": "picks"} | asked)


async def pick_all(db: Database, talk: Talk, *ids: str) -> None:
    async with begin(db) as work:
        for each in ids:
            await picks.change(work, await row_of(work, each), on=True)


async def row_of(work: Any, comment_id: str) -> Any:
    table = Comment.__table__
    return await work.q.first(select(table).where(table.c.id == comment_id))


async def test_a_moderator_picks_a_comment_and_readers_find_it_by_label_and_tab(
    room: Newsroom, hire: Hire, visitor: Visitor, client: httpx.AsyncClient
) -> None:
    top = room.talk.say("The quay was there first.")
    reply = room.talk.say("And the swell before it.", under=top)
    await room.talk.save(room.db)
    assert "Editor’s pick" not in (await visitor.frame("/embed/thread", params=PLACE)).text
    ruth = (await hire("Ruth")).visitor
    assert "Pick this comment" in words(await ruth.open(f"/desk/case/{reply}"))
    assert (await picked(ruth, reply)).status_code == 303
    assert (await picked(ruth, reply)).status_code == 303, "twice is once"
    whole = await visitor.frame("/embed/thread", params=PLACE)
    assert whole.text.count(LABEL) == 1 and "All comments Editor’s picks" in words(whole)
    page = await tab(visitor)
    assert "And the swell" in page.text and "quay was there" not in page.text and LABEL in page.text
    assert f"comment={reply}" in page.text, "and a way to its place"
    body = (await client.get(API, params=PLACE | {"only": "picks"})).json()
    assert [(each["id"], each["picked"]) for each in body["comments"]] == [(reply, True)]
    feed = (await client.get("/feed.json", params=PLACE)).json()
    assert [each["_commentbox"]["picked"] for each in feed["items"]] == [True, False]
    assert 'term="picked"' in (await client.get("/feed.atom", params=PLACE)).text
    assert (await picked(ruth, reply, "0")).status_code == 303
    assert "Editor’s pick" not in (await visitor.frame("/embed/thread", params=PLACE)).text


async def test_the_right_to_pick_is_in_the_table_and_nobody_picks_themselves(room: Newsroom, hire: Hire) -> None:
    trainee, auditor, ruth = [await hire(*each) for each in (("Tess", "trainee"), ("Otto", "auditor"), ("Ruth",))]
    said = room.talk.say("The quay was there first.")
    own = room.talk.say("My own.", by=room.people["Ruth"])
    held = room.talk.say("Waits.", state="held", hold_rule="links")
    await room.talk.save(room.db)
    for each in (trainee, auditor):
        refused = await picked(each.visitor, said)
        assert refused.status_code == 403 and "Your role does not name editor’s picks" in words(refused)
    assert (await picked(ruth.visitor, own)).status_code == 403
    assert (await picked(ruth.visitor, held)).status_code == 409
    assert (await room.comment(said)).picked_at is None


async def test_a_pick_ends_when_the_comment_is_changed_removed_or_withdrawn(
    db: Database, room: Newsroom, hire: Hire, visitor: Visitor
) -> None:
    person = await make_person(db, "Kestrel")
    edited, taken, removed = (room.talk.say(f"Words {each}", by=person) for each in "abc")
    await room.talk.save(db)
    await pick_all(db, room.talk, edited, taken, removed)
    ruth = await hire("Ruth")
    await ruth.decide(removed, "remove")
    await sign_in(db, visitor, person.account_id)
    await visitor.submit(f"/comments/{edited}/edit", PLACE | {"text": "Other words."}, htmx=True)
    await visitor.submit(f"/comments/{taken}/withdraw", PLACE, htmx=True)
    assert [(await room.comment(each)).picked_at for each in (edited, taken, removed)] == [None] * 3
    assert "Editor’s picks" not in words(await visitor.frame("/embed/thread", params=PLACE)), (
        "the tab goes with the last"
    )
    assert "Editor’s pick" not in (await tab(visitor)).text.replace("Editor’s picks", "")


async def test_the_tab_obeys_filter_and_sort_and_counts_honestly(db: Database, visitor: Visitor) -> None:
    talk = await make_talk(db)
    ines = await make_person(db, "Ines Halloran", kind="name")
    ids = [
        talk.say(f"verified {number}", by=ines, recommends_all=number % 7)
        if number % 2
        else talk.say(f"secret {number}")
        for number in range(46)
    ]
    await talk.save(db)
    await pick_all(db, talk, *ids)
    page = await tab(visitor, show="verified", sort="recommended")
    assert "secret" not in page.text and "23 comments from unverified people are hidden." in words(page)
    assert 'only=picks"' in page.text.split("are hidden.")[1][:200], "Show stays in the tab"
    shown = re.findall(r"verified (\d+)<", page.text)
    more = re.search(r'class="cb-button is-wide" href="([^"]+)"', page.text)
    assert more
    rest = await visitor.frame(html.unescape(more[1]))
    shown += re.findall(r"verified (\d+)<", rest.text)
    wanted = sorted(range(1, 46, 2), key=lambda number: (number % 7, number), reverse=True)
    assert shown == [str(number) for number in wanted]
    folded = await tab(visitor, show="fold")
    assert folded.text.count("cb-fold") > 0 and "are folded. Show" in words(folded)


async def test_the_frame_leads_those_who_may_pick_to_the_case(db: Database, room: Newsroom, visitor: Visitor) -> None:
    room.talk.say("The quay was there first.")
    await room.talk.save(db)
    await sign_in(db, visitor, (await room.hire("Ruth")).account_id)
    assert 'href="/desk/case/{id}#pick"' in (await visitor.fetch("/embed/viewer", params=PLACE)).text

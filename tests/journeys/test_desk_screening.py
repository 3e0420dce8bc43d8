"""The screening rules at the desk: a draft, a dry run over the last comments, switching on, versions, and setting one again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from commentbox.server import wiring
from commentbox.server.base import clock, jobs
from commentbox.server.base.db import Database
from commentbox.server.base.models import Journal
from commentbox.server.base.work import begin
from commentbox.server.sites import actions as sites
from commentbox.server.sites.rules import Policy
from tests.factories import START, make_person
from tests.journeys.desk import AtTheDesk, Hire, hiring
from tests.journeys.reading import fields, words
from tests.newsroom import Newsroom, make_newsroom
from tests.visitor import Visitor

PAGE = "/desk/screening/gazette"
CALM = {
    "act": "list",
    "was": "",
    "name": "Calm",
    "effect": "nudge",
    "for": "en",
    "entries": "stupid*\n\nstupid*\nshut up",
}
LOOK = CALM | {"name": "Look", "effect": "hold", "for": "", "entries": "crook"}


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START + timedelta(hours=2))
    return await make_newsroom(db, held_words=["scoundrel"])


@pytest.fixture
def hire(room: Newsroom, new_visitor: Callable[..., Visitor]) -> Hire:
    return hiring(room, new_visitor)


async def policy(room: Newsroom) -> Policy:
    async with room.db.read() as query:
        return Policy.model_validate((await sites.by_slug(query, "gazette")).policy)


async def press(ada: AtTheDesk, path: str, form: dict[str, str], **wanted: str) -> str:
    """Send a form, follow where it leads, and give the words of the page."""
    answer = await ada.visitor.submit(path, form)
    if answer.status_code == 303:
        answer = await ada.visitor.open(answer.headers["location"].split("#")[0])
    return words(answer)


async def test_a_draft_holds_for_nobody_until_an_admin_switches_it_on(room: Newsroom, hire: Hire) -> None:
    ada, ruth = await hire("Ada", "admin"), await hire("Ruth")
    form = fields(await ada.visitor.open(f"{PAGE}/draft"), f"{PAGE}/draft")
    assert "Nothing changes for anybody" in await press(ada, f"{PAGE}/draft", CALM)
    figures = {
        "act": "figures",
        "max_length": "800",
        "hold_first_n": "2",
        "blocked_domains": "bad.example\nworse.example",
    }
    page = await press(ada, f"{PAGE}/draft", form | figures)
    assert "Longest comment, in characters 5,000 → 800" in page and "Word lists: Calm – → stupid*, shut up" in page
    assert (await policy(room)).max_length == 5000, "a draft"
    for path, sent in ((f"{PAGE}/draft", figures), (f"{PAGE}/switch", {"act": "on", "version": "2"})):
        assert (await ruth.visitor.submit(path, sent)).status_code == 404, "for admins only"
    assert (await ruth.visitor.open(PAGE)).status_code == 200 and "/draft" not in (await ruth.visitor.open(PAGE)).text
    page = await press(ada, f"{PAGE}/switch", {"act": "on", "version": "2"})
    assert "Version 3." in page and "holds now" in page and "Ada" in page
    now = await policy(room)
    assert (now.max_length, now.hold_first_n, [each.name for each in now.word_lists]) == (800, 2, ["Words", "Calm"])
    assert now.word_lists[1].entries == ("stupid*", "shut up") and now.links_before_hold_unverified == 2
    async with room.db.read() as query:
        told = await query.all(
            select(Journal.__table__.c.data).where(Journal.__table__.c.kind == "site.screening_changed")
        )
    assert told[-1].data == {"version": 3, "settings": ["max_length", "word_lists", "blocked_domains", "hold_first_n"]}


async def test_an_earlier_version_is_set_again_as_a_new_one(room: Newsroom, hire: Hire) -> None:
    ada = await hire("Ada", "admin")
    await press(ada, f"{PAGE}/draft", {"act": "figures", "max_length": "300"})
    await press(ada, f"{PAGE}/switch", {"act": "on", "version": "2"})
    assert "meanwhile" in await press(ada, f"{PAGE}/switch", {"act": "again", "number": "2", "version": "2"})
    page = await press(ada, f"{PAGE}/switch", {"act": "again", "number": "2", "version": "3"})
    assert "Version 4." in page and "Version 2 set again." in page
    assert (await policy(room)).max_length == 5000
    await press(ada, f"{PAGE}/draft", {"act": "figures", "max_length": "400"})
    async with begin(room.db) as work:
        await sites.set_policy(work, room.talk.site_id, hold_first_n=3)
    page = words(await ada.visitor.open(f"{PAGE}/draft"))
    assert "Other rules hold than when this draft was begun." in page and "are held 3 → 0" in page
    assert (
        await ada.visitor.submit(f"{PAGE}/switch", {"act": "again", "number": "9", "version": "4"})
    ).status_code == 404


@pytest.mark.parametrize(
    ("form", "says", "kept"),
    [
        ({"act": "figures", "max_length": "5"}, "“Longest comment, in characters” takes 200 to 20,000", 'value="5"'),
        (CALM | {"entries": "a*"}, "“a*” would catch almost everything", "a*</textarea>"),
        (CALM | {"name": "Words"}, "same name", "shut up</textarea>"),
        (CALM | {"entries": "x" * 81}, "80 characters", "x" * 81),
    ],
)
async def test_what_is_out_of_bounds_comes_back_as_it_was_typed(room, hire, form, says, kept) -> None:
    ada = await hire("Ada", "admin")
    answer = await ada.visitor.submit(f"{PAGE}/draft", form)
    assert answer.status_code == 422 and says in words(answer) and kept in answer.text
    assert "Go on with the draft" not in (await ada.visitor.open(PAGE)).text


async def test_a_dry_run_shows_what_would_change_and_is_named_when_it_is_switched_on(
    room: Newsroom, hire: Hire, app: Any
) -> None:
    ada, heron = await hire("Ada", "admin"), await make_person(room.db, kind="person")
    kestrel = await make_person(room.db)
    crook = room.talk.say("What a cr00k", by=heron)
    room.talk.say("That is a stupid plan for the harbour and it is late")
    for number in range(6):
        held = {"state": "held", "hold_rule": "words", "text_hash": str(number)}
        room.talk.say(f"A scoundrel {number}", by=kestrel, **held)
    await room.talk.save(room.db)
    await press(ada, f"{PAGE}/draft", CALM)
    await press(ada, f"{PAGE}/draft", LOOK)
    await press(ada, f"{PAGE}/draft", {"act": "list", "was": "Words", "name": "Words", "entries": ""})
    assert "no dry run of just these" in words(await ada.visitor.open(f"{PAGE}/draft"))
    waits = await ada.visitor.submit(f"{PAGE}/try", {"act": "try"})
    assert "looks again by itself" in words(await ada.visitor.open(waits.headers["location"]))
    assert "under way" in await press(ada, f"{PAGE}/try", {"act": "try"})
    instance = app.app.state.instance
    await jobs.run_due(instance.db, wiring.workers(instance))
    shown = await ada.visitor.open(waits.headers["location"])
    page = words(shown)
    assert "the last 8 comments" in page
    for row in (
        "Published at once A word on the paper’s list 0 6",
        "Held A word on the paper’s list 1 0",
        "Its writer is asked to think again 0 1",
    ):
        assert row in page, page
    assert f'href="/desk/case/{crook}"' in shown.text and "What a cr00k" in page and ">1 / 1<" in shown.text
    assert "Based on the dry run of" in words(await ada.visitor.open(f"{PAGE}/draft"))
    switched = await ada.visitor.submit(f"{PAGE}/switch", {"act": "on", "version": "2"})
    assert waits.headers["location"] in (await ada.visitor.open(switched.headers["location"])).text
    assert "changed or switched on since" in words(await ada.visitor.open(waits.headers["location"]))


async def test_a_dry_run_of_another_paper_is_not_there(room: Newsroom, hire: Hire) -> None:
    ada = await hire("Ada", "admin")
    await press(ada, f"{PAGE}/draft", LOOK)
    waits = await ada.visitor.submit(f"{PAGE}/try", {"act": "try"})
    other = await make_newsroom(room.db, slug="herald")
    stranger = await hire("Bo", "admin", site_id=other.talk.site_id)
    assert (await stranger.visitor.open(waits.headers["location"])).status_code == 404
    assert (await stranger.visitor.open(PAGE)).status_code == 404


async def test_a_case_marks_the_disguise_that_was_caught_and_names_the_list(room: Newsroom, hire: Hire) -> None:
    caught = [{"rule": "words", "what": "cr00k", "list": "Look", "at": [4, 9]}]
    held = {"state": "held", "hold_rule": "words", "caught": caught}
    case = room.talk.say("You cr00k", **held)
    share = [{"rule": "refusals", "what": "3/5"}, {"rule": "heat", "effect": "nudge", "what": "fool", "list": "Calm"}]
    other = room.talk.say("You fool", state="held", hold_rule="refusals", caught=share)
    await room.talk.save(room.db)
    ruth = await hire("Ruth")
    page = await ruth.visitor.open(f"/desk/case/{case}")
    assert 'You <mark class="cb-hit">cr00k</mark>' in page.text and "“cr00k” (Look)" in words(page)
    page = words(await ruth.visitor.open(f"/desk/case/{other}"))
    assert "3 of the last 5 comments here were refused." in page and "asked to think again and posted it" in page

"""Deciding about people, page by page, as plain forms: the desk's side and the reader's."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from commentbox.server.accounts.models import Session
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from tests.factories import START, Person, make_person
from tests.journeys.desk import AtTheDesk, Hire, hiring, signed_in
from tests.journeys.quarrel import PLACE
from tests.journeys.reading import fields, words
from tests.newsroom import FACTS, RULE, Newsroom, make_newsroom
from tests.visitor import Visitor


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START + timedelta(days=1))
    return await make_newsroom(db)


@pytest.fixture
def hire(room: Newsroom, new_visitor: Callable[..., Visitor]) -> Hire:
    return hiring(room, new_visitor)


async def somebody(room: Newsroom, **comment: Any) -> tuple[Person, str]:
    person = await make_person(room.db, "Gull Captain")
    said = room.talk.say("The clerk is a crook.", by=person, **comment)
    await room.talk.save(room.db)
    return person, said


async def judge(desk: AtTheDesk, person: Person, measure: str, /, **more: str) -> Any:
    href = f"/desk/person/gazette.{person.account_id}"
    form = fields(await desk.visitor.open(href), f"{href}/decide")
    form |= {"measure": measure, "ground": RULE, "facts": FACTS, "go": "decide"}
    return await desk.visitor.submit(f"{href}/decide", form | more)


async def frame_of(visitor: Visitor) -> str:
    return words(await visitor.fetch("/embed/viewer", params=PLACE))


async def test_a_warning_is_shown_before_typing_read_acknowledged_and_over(
    room: Newsroom, hire: Hire, visitor: Visitor
) -> None:
    person, said = await somebody(room)
    ruth = await hire("Ruth")
    case = await ruth.visitor.open(f"/desk/case/{said}")
    assert f"/desk/person/gazette.{person.account_id}" in case.text
    done = await judge(ruth, person, "warn")
    assert done.status_code == 303, words(done)
    page = words(await ruth.visitor.open(done.headers["location"]))
    assert "Warned: Gull Captain." in page and "What holds now Warned" in page and "Warned. House rule 3" in page
    await signed_in(room.db, visitor, person.account_id, kind="top")
    statement = re.search(r"/decisions/(\w+)", (await visitor.open("/account")).text)[1]
    assert "A moderator warned you." in await frame_of(visitor)
    refused = await visitor.submit("/comments", {**PLACE, "text": "Still here."})
    assert refused.status_code == 403 and "Still here." in refused.text
    told = await visitor.open(f"/decisions/{statement}")
    text = words(told)
    for expected in ("You were warned", FACTS, "House rule 3", "until you say that you read it", "Appeal"):
        assert expected in text, expected
    assert "Ruth" not in text
    read = await visitor.submit(f"/decisions/{statement}/acknowledge", {})
    assert read.status_code == 303
    assert "A moderator warned you." not in await frame_of(visitor)
    assert "This ended on" in words(await visitor.open(f"/decisions/{statement}"))


async def test_a_warning_is_acknowledged_by_its_reader_alone(
    room: Newsroom, hire: Hire, visitor: Visitor, new_visitor: Callable[..., Visitor]
) -> None:
    person, _ = await somebody(room)
    await judge(await hire("Ruth"), person, "warn")
    await signed_in(room.db, visitor, person.account_id, kind="top")
    statement = re.search(r"/decisions/(\w+)", (await visitor.open("/account")).text)[1]
    assert (await new_visitor().submit(f"/decisions/{statement}/acknowledge", {})).status_code == 401
    stranger = new_visitor()
    await signed_in(room.db, stranger, (await make_person(room.db)).account_id, kind="top")
    assert (await stranger.submit(f"/decisions/{statement}/acknowledge", {})).status_code == 404
    assert "A moderator warned you." in await frame_of(visitor)


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        ({"measure": ""}, 422, "no decision is chosen"),
        ({"days": ""}, 422, "how many days"),
        ({"days": "soon"}, 422, "how many days"),
        ({"ground": ""}, 422, "house rule"),
        ({"facts": " "}, 422, "facts"),
        ({"everywhere": "1"}, 403, "whole server"),
        ({"seen": "0123456789abcdef"}, 409, "changed since"),
    ],
)
async def test_a_verdict_about_a_person_that_lacks_something_comes_back_with_everything_typed(
    room: Newsroom, hire: Hire, sent: dict, status: int, said: str
) -> None:
    person, _ = await somebody(room)
    page = await judge(await hire("Ruth"), person, "silence", **{"days": "7", "note": "Kept note.", **sent})
    alert = re.search(r'role="alert">(.*?)</div>', page.text, re.S)
    assert (page.status_code, bool(alert)) == (status, True), words(page)
    assert said in alert[1].lower(), alert[1]
    assert "Kept note." in page.text


async def test_a_silence_is_appealed_from_the_page_heard_by_somebody_else_and_lifted(
    room: Newsroom, hire: Hire, visitor: Visitor
) -> None:
    person, said = await somebody(room)
    ruth, jonas = await hire("Ruth"), await hire("Jonas")
    await room.report(said, "one")
    assert (await ruth.decide(said, "remove", measure="silence-7")).status_code == 303
    await signed_in(room.db, visitor, person.account_id, kind="top")
    assert "You may comment again from" in await frame_of(visitor)
    measure = re.findall(r"/decisions/(\w+)", (await visitor.open("/account")).text)[0]
    shown = words(await visitor.open(f"/decisions/{measure}"))
    assert "Because of this comment of yours: The clerk is a crook." in shown
    assert "Found by a reader’s report." in shown
    sent = await visitor.submit(f"/decisions/{measure}/appeal", {"text": "It was about a boat."})
    assert sent.status_code == 303
    queue = await jonas.visitor.open("/desk?queue=appeals")
    appeal = re.search(r"/desk/case/(\w+)\?queue=appeals", queue.text)[1]
    person_page = (await jonas.visitor.open(f"/desk/case/{appeal}?queue=appeals")).headers["location"]
    page = await jonas.visitor.open(person_page)
    assert "It was about a boat." in words(page)
    assert "somebody else hears the appeal" in words(await ruth.visitor.open(person_page))
    href = person_page.partition("?")[0]
    form = fields(page, f"{href}/answer") | {"action": "uphold", "answer": ""}
    empty = await jonas.visitor.submit(f"{href}/answer", form)
    assert empty.status_code == 422
    assert (await jonas.visitor.submit(f"{href}/answer", form | {"answer": "You are right."})).status_code == 303
    assert "You may comment again from" not in await frame_of(visitor)
    told = words(await visitor.open(f"/decisions/{measure}"))
    assert "Your appeal was upheld. You are right." in told


async def test_lifting_early_and_its_undo_are_buttons(room: Newsroom, hire: Hire) -> None:
    person, _ = await somebody(room)
    ruth = await hire("Ruth")
    page = await ruth.visitor.open((await judge(ruth, person, "hold", days="30")).headers["location"])
    href = f"/desk/person/gazette.{person.account_id}"
    lifted = await ruth.visitor.submit(f"{href}/lift", fields(page, f"{href}/lift"))
    after = await ruth.visitor.open(lifted.headers["location"])
    assert "Lifted: Gull Captain." in words(after) and "What holds now" not in words(after)
    undo = re.search(r'action="(/desk/undo/\w+)"', after.text)[1]
    undone = await ruth.visitor.submit(undo, {})
    back = await ruth.visitor.open((await ruth.visitor.open(undone.headers["location"])).headers["location"])
    assert "What holds now Held for review until" in words(back)


async def test_a_trainees_removal_waits_on_the_page_of_what_is_to_confirm(room: Newsroom, hire: Hire) -> None:
    _, said = await somebody(room, state="held", hold_rule="links")
    tess, ruth = await hire("Tess", "trainee"), await hire("Ruth")
    assert (await tess.decide(said, "remove", queue="held")).status_code == 303
    assert "Held 0" in words(await ruth.visitor.open("/desk?queue=held")), "it waits in one place only"
    page = await ruth.visitor.open("/desk/proposals")
    text = words(page)
    assert "Refuse: Gull Captain" in text and "The clerk is a crook." in text and FACTS in text
    confirm = re.search(r'action="(/desk/proposals/\w+/confirm)"', page.text)[1]
    assert confirm not in (await tess.visitor.open("/desk/proposals")).text
    assert (await tess.visitor.submit(confirm, {})).status_code == 403
    assert (await ruth.visitor.submit(confirm, {})).status_code == 303
    assert (await room.comment(said)).state == "removed"
    assert (await ruth.visitor.submit(confirm, {})).status_code == 409


async def test_an_auditor_sees_everything_and_is_offered_nothing(room: Newsroom, hire: Hire) -> None:
    person, said = await somebody(room, state="held", hold_rule="links")
    audrey = await hire("Audrey", "auditor")
    assert "Wait" not in words(await audrey.visitor.open("/desk?queue=held"))
    page = await audrey.visitor.open(f"/desk/person/gazette.{person.account_id}")
    assert "You only look on here." in words(page) and "/decide" not in page.text
    case = await audrey.visitor.open(f"/desk/case/{said}")
    assert case.status_code == 200 and f"/desk/case/{said}/decide" not in case.text
    assert (await audrey.visitor.submit(f"/desk/case/{said}/claim", {})).status_code == 403
    assert (await audrey.visitor.submit("/desk/next", {"queue": "held"})).headers["location"] == "/desk?queue=held"


async def test_people_of_another_paper_do_not_exist(room: Newsroom, hire: Hire) -> None:
    stranger = await make_person(room.db)
    ruth = await hire("Ruth")
    for path in (f"gazette.{stranger.account_id}", f"weekend.{stranger.account_id}", "gazette.x", "gazette"):
        assert (await ruth.visitor.open(f"/desk/person/{path}")).status_code == 404


async def test_a_measure_on_every_paper_needs_a_passkey_used_just_now(room: Newsroom, hire: Hire) -> None:
    person, _ = await somebody(room)
    root = await hire("Root", "admin", site_id="")
    page = await judge(root, person, "ban", everywhere="1", note="Kept note.")
    assert page.status_code == 403 and "/desk/prove" in page.text and "Kept note." in page.text
    async with begin(room.db) as work:
        await work.q.run(update(Session.__table__).values(fresh_at=work.now))
    assert (await judge(root, person, "ban", everywhere="1")).status_code == 303

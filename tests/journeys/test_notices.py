"""Reports and notices by their forms, from the comment to the answer, and what each side gets to see."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from tests.factories import START, make_person
from tests.journeys.desk import Hire, hiring, signed_in
from tests.journeys.reading import fields, words
from tests.newsroom import Newsroom, make_newsroom
from tests.noticeboard import EMAIL, NAME, UNTRUE, WHY
from tests.visitor import Visitor

CODE = re.compile(r'cb-code"[^>]*>([a-z0-9-]+)<')
NOTICE = {"kind": "illegal", "offence": "threat", "why": WHY, "name": NAME, "email": EMAIL, "faith": "yes"}
REFUSAL = "It names a street that stands in the article."


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START + timedelta(days=1))
    return await make_newsroom(db)


@pytest.fixture
async def bad(room: Newsroom) -> str:
    author = await make_person(room.db, "Gull Captain")
    room.people["author"] = author
    said = room.talk.say("The clerk is a crook.", by=author)
    await room.talk.save(room.db)
    return said


@pytest.fixture
def hire(room: Newsroom, new_visitor: Callable[..., Visitor]) -> Hire:
    return hiring(room, new_visitor)


async def outcome(visitor: Visitor, code: str) -> Any:
    return await visitor.submit("/outcome", {"code": code.upper(), "lang": "en"})


async def test_a_reader_reports_without_an_account_and_hears_what_was_decided(
    room: Newsroom, bad: str, visitor: Visitor, hire: Any
) -> None:
    page = await visitor.open(f"/report?comment={bad}")
    assert "Report a comment" in words(page)
    received = await visitor.submit(f"/comments/{bad}/report", {"reason": "attack", "text": "Look.", "related": bad})
    code = CODE.search(received.text)[1]
    assert "hides nothing" in words(received)
    assert "has not decided yet" in words(await outcome(visitor, code))
    await (await hire("Ruth")).decide(bad, "remove")
    told = await outcome(visitor, code)
    assert "We removed the comment." in words(told) and "crook" not in told.text


async def test_a_notice_goes_from_the_form_to_the_refusal_and_by_an_objection_to_somebody_else(
    room: Newsroom, bad: str, visitor: Visitor, hire: Any
) -> None:
    received = await visitor.submit(f"/comments/{bad}/notice", NOTICE)
    code = CODE.search(received.text)[1]
    assert "Received: notice" in words(received)
    ruth, jonas = await hire("Ruth"), await hire("Jonas")
    case = await ruth.visitor.open(f"/desk/case/{bad}?queue=notices")
    for expected in ("Notices, 1 case", "Notice of illegal content: threat of violence", WHY, "24 h left"):
        assert expected in words(case), expected
    assert NAME not in case.text and EMAIL not in case.text
    silent = await ruth.decide(bad, "approve")
    assert silent.status_code == 422 and "needs your reasons" in words(silent)
    assert (await ruth.decide(bad, "approve", to_notifier=REFUSAL)).status_code == 303
    told = await outcome(visitor, code)
    assert "The comment stays" in words(told) and REFUSAL in words(told) and "No machine took part" in words(told)
    objected = await visitor.submit("/outcome/complain", fields(told, "/outcome/complain") | {"text": "Not in mine."})
    assert "Somebody who had no part" in words(objected)
    assert "somebody else decides" in words(await ruth.visitor.open(f"/desk/case/{bad}"))
    await jonas.decide(bad, "remove")
    assert "We removed the comment." in words(await outcome(visitor, code))


async def test_what_the_law_asks_for_is_asked_for_and_nothing_typed_is_lost(bad: str, visitor: Visitor) -> None:
    again = await visitor.submit(f"/comments/{bad}/notice", NOTICE | {"faith": ""})
    assert again.status_code == 422 and "Tick the box" in words(again)
    assert WHY in again.text and f'value="{NAME}"' in again.text and f'value="{EMAIL}"' in again.text
    assert '<option value="threat" selected>' in again.text
    nameless = {**NOTICE, "offence": "sexual-abuse", "name": "", "email": ""}
    assert "Received" in words(await visitor.submit(f"/comments/{bad}/notice", nameless))


async def test_the_author_answers_the_person_spoken_about_and_neither_learns_who_the_other_is(
    room: Newsroom, bad: str, visitor: Visitor, new_visitor: Callable[..., Visitor]
) -> None:
    complaint = NOTICE | {"kind": "about_me", "why": "It calls me a crook.", "untrue": UNTRUE}
    code = CODE.search((await visitor.submit(f"/comments/{bad}/notice", complaint)).text)[1]
    author = new_visitor()
    await signed_in(room.db, author, room.people["author"].account_id, kind="top")
    assert "Somebody objects to a comment of mine" in words(await author.open("/account"))
    page = await author.open("/asked")
    assert UNTRUE in words(page) and NAME not in page.text and EMAIL not in page.text
    action = re.search(r'action="(/asked/[a-z0-9]+)"', page.text)[1]
    sent = await author.submit(action, {"said": "stands", "text": "I have the ledger.", "lang": "en"})
    assert sent.status_code == 303
    told = await outcome(visitor, code)
    assert "I have the ledger." in words(told) and "Gull Captain" not in told.text
    assert words(await visitor.open("/asked")).count(UNTRUE) == 0

"""Questions and answers: guests of honour and staff reply, everybody asks; told before typing, kept on every route."""

import httpx
import pytest

from commentbox.server.accounts import names
from commentbox.server.accounts.actions import hold_name
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.rights import leaving
from tests.factories import START, Person, make_person
from tests.journeys.desk import hiring
from tests.journeys.quarrel import PLACE
from tests.journeys.reading import words
from tests.newsroom import Newsroom, make_newsroom
from tests.promises.bad_input import sign_in
from tests.visitor import Visitor

API = "/api/v1/threads/comments"
REFUSED = "In this thread the guests answer, so no reply was posted."
TOLD = "Questions to Ada Finch, from November 22, 2026 until November 24, 2026."


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START)
    return await make_newsroom(db)


@pytest.fixture
async def ada(db: Database) -> Person:
    """Give the guest of honour, who holds her name."""
    person = await make_person(db, "Ada Finch")
    async with begin(db) as work:
        await hold_name(work, names.check("Ada Finch"), account_id=person.account_id)
    return person


async def asked(room: Newsroom, new_visitor, **more: str) -> httpx.Response:
    """Let a moderator open the thread to questions."""
    desk = await hiring(room, new_visitor)("Ruth")
    form = {"act": "questions", "guests": "Ada Finch", "days": "2", "reason": "She built the quay."}
    return await desk.visitor.submit(f"/desk/threads/{room.talk.thread_id}", form | more)


async def browser(db: Database, new_visitor, account_id: str) -> Visitor:
    visitor = new_visitor()
    await sign_in(db, visitor, account_id)
    return visitor


async def replied(visitor: Visitor, comment_id: str, text: str) -> httpx.Response:
    return await visitor.submit("/comments", PLACE | {"text": text, "parent": comment_id}, htmx=True)


async def test_guests_answer_and_others_ask(
    db: Database, room: Newsroom, ada: Person, new_visitor, client: httpx.AsyncClient
) -> None:
    question, other = room.talk.say("Who paid for it?"), room.talk.say("And who for the crane?")
    await room.talk.save(db)
    assert (await asked(room, new_visitor)).status_code == 303
    reader = await browser(db, new_visitor, (await make_person(db, "Kestrel")).account_id)
    frame = await reader.frame("/embed/thread", params=PLACE)
    assert f"{TOLD} Everyone may ask, the guests answer. She built the quay." in words(frame)
    assert "data-reply" not in frame.text and frame.text.count("Unanswered</span>") == 2
    assert "data-reply" not in (await reader.fetch("/embed/viewer", params=PLACE)).text
    page = await reader.open("/thread", params=PLACE | {"comment": question, "write": "reply"})
    assert "Here the guests answer. Ask a question of your own." in words(page) and 'name="parent"' not in page.text
    refused = await replied(reader, question, "I know!")
    assert refused.status_code == 403 and REFUSED in words(refused)
    plain = await reader.submit("/comments", PLACE | {"text": "I know!", "parent": question})
    assert REFUSED in words(plain) and "I know!" in plain.text, "the words come back, as a question of their own"
    assert (await reader.submit("/comments", PLACE | {"text": "And when?"}, htmx=True)).status_code == 200
    guest = await browser(db, new_visitor, ada.account_id)
    assert 'data-reply="{id}"' in (await guest.fetch("/embed/viewer", params=PLACE)).text
    assert "data-reply" in (await guest.open("/thread", params=PLACE)).text
    answer = await replied(guest, question, "The town did.")
    assert answer.status_code == 200 and "Guest of honour" in words(answer)
    assert (await room.comment(question)).answers == 1
    staff = await browser(db, new_visitor, room.people["Ruth"].account_id)
    assert (await replied(staff, other, "We will ask her.")).status_code == 200
    assert (await room.comment(other)).answers == 0, "staff may reply; the answer is the guest's"
    body = (await client.get(API, params=PLACE | {"only": "answered"})).json()
    assert [each["answered"] for each in body["comments"]] == [True, None]
    unanswered = await reader.frame("/embed/thread", params=PLACE | {"only": "unanswered"})
    assert "Who paid" not in unanswered.text and "the crane" in unanswered.text
    assert "All comments Unanswered Answered" in words(unanswered)


async def test_an_answer_that_goes_leaves_the_question_unanswered(
    db: Database, room: Newsroom, ada: Person, new_visitor
) -> None:
    question = room.talk.say("Who paid for it?")
    await room.talk.save(db)
    await asked(room, new_visitor)
    guest = await browser(db, new_visitor, ada.account_id)
    answer = await replied(guest, question, "The town did.")
    answer_id = answer.text.split('id="c-')[1].split('"')[0]
    assert (await guest.submit(f"/comments/{answer_id}/withdraw", PLACE, htmx=True)).status_code == 204
    assert (await room.comment(question)).answers == 0


async def test_questions_begin_and_end_by_themselves_and_can_be_ended(
    db: Database, room: Newsroom, ada: Person, new_visitor
) -> None:
    question = room.talk.say("Who paid for it?")
    await room.talk.save(db)
    assert (await asked(room, new_visitor, since="2026-11-23")).status_code == 303
    person = await make_person(db, "Kestrel")
    reader = await browser(db, new_visitor, person.account_id)
    assert "Questions to Ada Finch, from November 23, 2026 until" in words(
        await reader.frame("/embed/thread", params=PLACE)
    ), "told before"
    assert (await replied(reader, question, "Before it begins.")).status_code == 200
    clock.set(START.replace(day=23, hour=1))
    assert (await replied(reader, question, "While it lasts.")).status_code == 403
    clock.set(START.replace(day=25, hour=1))
    assert (await replied(reader, question, "When it is over.")).status_code == 200


async def test_a_guest_whom_somebody_does_not_hear_from_cannot_answer_them(
    db: Database, room: Newsroom, ada: Person, new_visitor
) -> None:
    careful = await make_person(db, "Careful", kind="name", reach="verified")
    question = room.talk.say("Only verified people may answer.", by=careful)
    await room.talk.save(db)
    await asked(room, new_visitor)
    refused = await replied(await browser(db, new_visitor, ada.account_id), question, "The town did.")
    assert refused.status_code == 403 and REFUSED not in words(refused)


@pytest.mark.parametrize(
    "form, said",
    [
        ({"guests": "Nobody At All"}, "Nobody here is called Nobody At All."),
        ({"guests": " "}, "Name 1 to 10 guests"),
        ({"days": "31"}, "A limit needs a reason and an end"),
        ({"since": "soon"}, "since"),
    ],
)
async def test_what_cannot_be_is_refused_with_what_was_typed(
    room: Newsroom, ada: Person, new_visitor, form: dict[str, str], said: str
) -> None:
    refused = await asked(room, new_visitor, **form)
    assert refused.status_code == 422 and said in words(refused) and 'value="She built the quay."' in refused.text


async def test_a_guest_of_honour_who_leaves_is_one_no_more(
    db: Database, room: Newsroom, ada: Person, new_visitor
) -> None:
    await asked(room, new_visitor)
    async with begin(db) as work:
        await leaving.ask(work, ada.account_id, how="erase")
    clock.advance(days=15)
    await leaving.leave(db, ada.account_id)
    page = await new_visitor().frame("/embed/thread", params=PLACE)
    assert "Ada Finch" not in page.text

"""Heat: upheld reports slow a conversation down, never undecided ones; said before typing, with its end, and bounded."""

import httpx
import pytest

from commentbox.server import reports
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.comments import heat
from commentbox.server.moderation.seats import Seat
from tests.factories import START, make_person
from tests.journeys.quarrel import PLACE
from tests.journeys.reading import words
from tests.newsroom import Newsroom, make_newsroom
from tests.promises.bad_input import sign_in
from tests.visitor import Visitor

TOLD = "Moderators upheld reports in this conversation. Until November 23, 2026, 4:00 AM UTC everyone waits"
REFUSED = "Moderators upheld reports in this conversation, so one waits longer in it."


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START)
    return await make_newsroom(db, heat_seconds=60)


@pytest.fixture
async def ruth(room: Newsroom) -> Seat:
    return await room.hire("Ruth")


async def posted(visitor: Visitor, text: str, **more: str) -> httpx.Response:
    return await visitor.submit("/comments", PLACE | {"text": text} | more, htmx=True)


async def complain(room: Newsroom, comment_id: str, account_id: str) -> None:
    async with begin(room.db) as work:
        complaint = reports.Complaint("attack", "Please look.", by=account_id, account_id=account_id)
        await reports.report(work, comment_id, complaint)


async def test_an_upheld_report_makes_everyone_wait_longer_in_that_conversation_alone(
    db: Database, room: Newsroom, ruth: Seat, visitor: Visitor
) -> None:
    top, cool = room.talk.say("The quay was there first."), room.talk.say("And the crane?")
    bad = room.talk.say("You crook.", under=top)
    deep = room.talk.say("Do not.", under=bad)
    await room.talk.save(db)
    await sign_in(db, visitor, (await make_person(db, "Kestrel")).account_id)
    await room.report(bad, "one", "two")
    assert "upheld" not in words(await visitor.frame("/embed/thread", params=PLACE)), "nobody decided yet"
    assert [(await posted(visitor, each, parent=top)).status_code for each in ("One.", "Two.")] == [200, 200]
    await room.decide(ruth, bad, "remove")
    assert f"{TOLD} 2 minutes between two comments in it." in words(await visitor.frame("/embed/thread", params=PLACE))
    deeper = await visitor.open("/thread", params=PLACE | {"comment": deep, "write": "reply"})
    assert TOLD in words(deeper), "also where the beginning is not on the page"
    refused = await posted(visitor, "Three.", parent=deep)
    assert refused.status_code == 429 and REFUSED in words(refused)
    assert (await posted(visitor, "Elsewhere.", parent=cool)).status_code == 200
    assert (await posted(visitor, "At the top.")).status_code == 200
    clock.advance(seconds=121)
    assert (await posted(visitor, "Three.", parent=deep)).status_code == 200


async def test_a_decision_that_is_taken_back_takes_its_heat_along(
    db: Database, room: Newsroom, ruth: Seat, visitor: Visitor
) -> None:
    top = room.talk.say("You crook.")
    await room.talk.save(db)
    await room.report(top, "one")
    decided = await room.decide(ruth, top, "remove")
    await room.undo(ruth, decided.id)
    row = await room.comment(top)
    assert (row.heat, row.heat_given) == (0, 0)
    await sign_in(db, visitor, (await make_person(db, "Kestrel")).account_id)
    assert [words(await posted(visitor, each, parent=top))[:23] for each in ("One.", "Two.")] == [
        "Your comment is posted."
    ] * 2


async def test_heat_goes_by_itself(db: Database, room: Newsroom, ruth: Seat, visitor: Visitor) -> None:
    top = room.talk.say("You crook.")
    reply = room.talk.say("Do not.", under=top)
    await room.talk.save(db)
    await room.report(reply, "one")
    await room.decide(ruth, reply, "remove")
    clock.advance(hours=24, seconds=1)
    await sign_in(db, visitor, (await make_person(db, "Kestrel")).account_id)
    assert [(await posted(visitor, each, parent=top)).status_code for each in ("One.", "Two.")] == [200, 200]
    assert "upheld" not in words(await visitor.frame("/embed/thread", params=PLACE))

    await room.report(top, "one")
    await room.decide(ruth, top, "remove")
    assert (await room.comment(top)).heat == heat.WHOLE, "what was over does not come back"


async def test_reports_weigh_less_from_those_who_quarrel_and_many_weigh_no_more_than_three(
    db: Database, room: Newsroom, ruth: Seat
) -> None:
    rival, other = await make_person(db, "Rival"), await make_person(db, "Other")
    first, second, third = (room.talk.say(f"Top {number}") for number in range(3))
    bad, worse = room.talk.say("You crook.", under=first), room.talk.say("You thief.", under=second)
    unreported = room.talk.say("A rogue.", under=third)
    room.talk.say("No, you.", under=bad, by=rival)
    await room.talk.save(db)
    await complain(room, bad, rival.account_id)
    await complain(room, bad, other.account_id)
    await room.report(worse, *(f"address {number}" for number in range(9)))
    for each in (bad, worse, unreported):
        await room.decide(ruth, each, "remove")
    rows = [await room.comment(each) for each in (first, second, third)]
    assert [row.heat for row in rows] == [heat.HALF + heat.WHOLE, heat.MOST_AT_ONCE, 0]
    assert heat.wait_seconds(10_000, 600) == heat.LONGEST_SECONDS


async def test_a_paper_that_wants_no_heat_has_none(db: Database) -> None:
    clock.set(START)
    room = await make_newsroom(db)
    top = room.talk.say("You crook.")
    await room.talk.save(db)
    await room.report(top, "one")
    await room.decide(await room.hire("Ruth"), top, "remove")
    assert (await room.comment(top)).heat == 0

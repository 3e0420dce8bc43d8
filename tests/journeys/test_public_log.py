"""The public log: every decision, nobody's name, and no moment that would unmask anybody."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from commentbox.server.accounts.models import Standing
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.moderation import people
from commentbox.server.moderation.measures import Measure
from tests.factories import START, make_person
from tests.journeys.reading import words
from tests.newsroom import FACTS, make_newsroom
from tests.visitor import Visitor


@pytest.mark.parametrize("public", [True, False])
async def test_the_log_shows_what_was_decided_and_nothing_that_finds_anybody(
    db: Database, visitor: Visitor, public: bool
) -> None:
    clock.set(START + timedelta(days=1))
    room = await make_newsroom(db, public_log=public)
    author = await make_person(db, "Gull Captain")
    removed, undone = (room.talk.say(by=author) for _ in range(2))
    await room.talk.save(db)
    ruth = await room.hire("Ruth Amadi")
    decided = await room.decide(ruth, removed, "remove")
    await room.undo(ruth, (await room.decide(ruth, undone, "remove")).id)
    today = await visitor.open("/log?site=gazette")
    clock.advance(days=1)
    page, data = await visitor.open("/log?site=gazette"), await visitor.open("/log.json?site=gazette")
    if not public:
        assert (page.status_code, data.status_code) == (404, 404)
        return
    assert "Nothing was decided yet" in words(today)
    assert words(page).count("A comment was removed") == 1
    assert "November 2026" in words(page) and "Answer the argument" in words(page)
    (entry,) = data.json()["decisions"]
    assert (entry["month"], entry["rule"]) == ("2026-11", "3-argument-not-person")
    for secret in ("Gull Captain", "Ruth Amadi", FACTS, removed, decided.id, author.account_id, "2026-11-23"):
        assert secret not in page.text + data.text


async def test_a_restriction_of_a_person_and_its_early_end_are_in_the_log(db: Database, visitor: Visitor) -> None:
    clock.set(START + timedelta(days=1))
    room = await make_newsroom(db, public_log=True)
    removed = room.talk.say(by=await make_person(db, "Gull Captain"))
    await room.talk.save(db)
    ruth = await room.hire("Ruth")
    await room.decide(ruth, removed, "remove", measure=Measure("silence", 7))
    async with begin(db, actor=ruth.account_id) as work:
        standing_id = await work.q.scalar(select(Standing.__table__.c.id))
        await people.lift(work, ruth, standing_id, site_id=room.talk.site_id)
    clock.advance(days=1)
    page = words(await visitor.open("/log?site=gazette"))
    for once in ("A comment was removed", "A person was restricted", "A restriction of a person was lifted early"):
        assert page.count(once) == 1, once


async def test_the_log_pages_by_number(db: Database, visitor: Visitor) -> None:
    clock.set(START + timedelta(days=1))
    room = await make_newsroom(db, public_log=True)
    said = [room.talk.say() for _ in range(51)]
    await room.talk.save(db)
    ruth = await room.hire("Ruth")
    for each in said:
        await room.decide(ruth, each, "remove")
    clock.advance(days=1)
    first = await visitor.open("/log?site=gazette")
    assert words(first).count("A comment was removed") == 50 and "page=2" in first.text
    second = await visitor.open("/log.json?site=gazette&page=2")
    assert (len(second.json()["decisions"]), second.json()["more"]) == (1, False)

"""Staff at the desk: limits to sections by form, and windows left open that somebody else ends."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from commentbox.server import threads
from commentbox.server.accounts.models import Session
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from tests.factories import START
from tests.journeys.desk import Hire, hiring
from tests.journeys.reading import words
from tests.newsroom import Newsroom, make_newsroom
from tests.visitor import Visitor


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START + timedelta(hours=2))
    room = await make_newsroom(db)
    async with begin(db) as work:
        await threads.put_in_section(work, room.talk.thread_id, "Harbour", site_id=room.talk.site_id)
    return room


@pytest.fixture
def hire(room: Newsroom, new_visitor: Callable[..., Visitor]) -> Hire:
    return hiring(room, new_visitor)


async def test_an_admin_limits_a_moderator_to_a_section_and_moves_the_thread_away(room: Newsroom, hire: Hire) -> None:
    held = room.talk.say("A crook.", state="held", hold_rule="links")
    await room.talk.save(room.db)
    ada, ruth = await hire("Ada", "admin"), await hire("Ruth")
    form = {"account": ruth.account_id, "role": "moderator", "of": "gazette", "sections": "Harbour"}
    assert (await ada.visitor.submit("/desk/staff/sections", form)).status_code == 403
    async with begin(room.db) as work:
        await work.q.run(update(Session.__table__).values(fresh_at=work.now))
    assert (await ruth.visitor.submit("/desk/staff/sections", form)).status_code == 404
    assert (await ada.visitor.submit("/desk/staff/sections", form | {"sections": "Sport"})).status_code == 422
    assert (await ada.visitor.submit("/desk/staff/sections", form)).status_code == 303
    assert "Gazette: Harbour" in words(await ada.visitor.open("/desk/staff"))
    case = await ruth.visitor.open(f"/desk/case/{held}")
    assert case.status_code == 200 and "Decide about this person" not in words(case)
    assert "Section" in words(await ruth.visitor.open("/desk?queue=held&section=Harbour"))
    moved = await ada.visitor.submit(f"/desk/threads/{room.talk.thread_id}", {"act": "section", "section": "Sport"})
    assert moved.status_code == 303
    assert "A crook." not in words(await ruth.visitor.open("/desk?queue=held"))


async def test_a_window_left_open_is_ended_by_its_owner_or_an_admin(room: Newsroom, hire: Hire) -> None:
    ada, ruth = await hire("Ada", "admin"), await hire("Ruth")
    seen = await ruth.visitor.open("/desk/staff")
    assert "this window" in words(seen) and 'name="session"' not in seen.text
    theirs = re.search(r'name="session" value="(\w+)"', (await ada.visitor.open("/desk/staff")).text)[1]
    async with room.db.read() as query:
        table = Session.__table__
        own = await query.scalar(
            table.select().with_only_columns(table.c.id).where(table.c.account_id == ada.account_id)
        )
    assert (await ruth.visitor.submit("/desk/staff/session", {"session": own})).status_code == 404
    assert (await ada.visitor.submit("/desk/staff/session", {"session": theirs})).status_code == 303
    assert (await ruth.visitor.open("/desk")).headers["location"] == "/desk/signin"

"""What changes between reading and sending: a parent goes, a thread closes, two send at once. Nothing typed is lost."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.comments.models import Comment, Revision
from commentbox.server.threads import Thread
from tests.factories import how_many
from tests.journeys.reading import words
from tests.promises.bad_input import World, make_world, state_of

TEXT = "Nobody asked the harbour & its gulls."


@pytest.fixture
async def world(db: Database, app: Any, new_visitor: Callable[..., Any]) -> World:
    return await make_world(db, new_visitor)


async def change(world: World, thing: str, **values: Any) -> None:
    table = Comment.__table__  # type: ignore[attr-defined]
    async with world.db.write() as query:
        await query.run(table.update().where(table.c.id == world.things[thing]).values(values))


async def test_a_parent_that_is_gone_meanwhile_is_said_and_the_text_can_be_posted_alone(world: World) -> None:
    await change(world, "comment", state="removed", hold_rule="7-law")
    fields = world.fields("POST /comments", text=TEXT, parent=world.things["comment"])
    answer = await world.send("POST /comments", fields=fields)
    assert answer.status_code == 409 and "post it as a comment of its own" in words(answer)
    assert (
        "harbour &amp; its gulls" in answer.text
        and f'name="parent" value="{world.things["comment"]}"' not in answer.text
    )
    fragment = await world.send("POST /comments", fields=fields, headers={"HX-Request": "true"})
    assert fragment.status_code == 409 and 'data-code="comment.parent_gone"' in fragment.text


async def test_a_thread_that_closed_meanwhile_keeps_the_text(world: World) -> None:
    async with world.db.write() as query:
        await query.run(update(Thread.__table__).values(state="closed"))  # type: ignore[attr-defined]
    answer = await world.send("POST /comments", fields=world.fields("POST /comments", text=TEXT))
    assert answer.status_code == 403 and "are closed" in words(answer) and "harbour &amp; its gulls" in answer.text


async def test_an_edit_too_late_keeps_the_text(world: World) -> None:
    clock.advance(minutes=16)
    answer = await world.send("POST /comments/{id}/edit", fields=world.fields("POST /comments/{id}/edit", text=TEXT))
    assert answer.status_code == 403 and "15 minutes" in words(answer) and "harbour &amp; its gulls" in answer.text


async def test_of_two_edits_at_once_one_is_told_that_something_changed(world: World) -> None:
    name = "POST /comments/{id}/edit"
    before = await how_many(world.db, Revision)
    sent = [world.send(name, fields=world.fields(name, text=f"Version {number}")) for number in range(4)]
    answers = await asyncio.gather(*sent)
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 303 and set(statuses) <= {303, 409}
    lost = [answer for answer in answers if answer.status_code == 409]
    assert all("Version " in answer.text for answer in lost)
    assert await how_many(world.db, Revision) == before + statuses.count(303)


async def test_the_same_form_many_times_at_once_is_done_once(world: World) -> None:
    before = await state_of(world)
    for name in ("POST /comments", "POST /comments/{id}/recommend", "POST /comments/{id}/report"):
        answers = await asyncio.gather(*(world.send(name) for _ in range(5)))
        assert {answer.status_code for answer in answers} <= {200, 303}, name
    after = await state_of(world)
    assert [late - early for early, late in zip(before, after, strict=True)] == [1, 1, 1, 1]

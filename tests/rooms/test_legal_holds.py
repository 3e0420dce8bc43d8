"""Legal holds on both databases: what is held outlives its erasure, unseen, and not a day longer than it was said."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from commentbox.server import legal_holds
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.errors import NotFound, Refusal
from commentbox.server.base.ids import new_id
from commentbox.server.base.models import Journal
from commentbox.server.base.work import begin
from commentbox.server.comments import actions as comments
from commentbox.server.comments.models import Revision
from commentbox.server.moderation import holding
from tests.factories import START, make_person
from tests.newsroom import Newsroom, make_newsroom

TEXT = "The clerk is a crook."


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START + timedelta(days=1))
    return await make_newsroom(db)


async def withdrawn(room: Newsroom, held: str) -> str:
    """Let somebody take a comment back while it, or its author, is held; give its id."""
    author = await make_person(room.db)
    said = room.talk.say(TEXT, by=author)
    await room.talk.save(room.db)
    async with begin(room.db) as work:
        if held:
            subject = said if held == "comment" else author.account_id
            await legal_holds.place(
                work, held, subject, reason="Court of Ely, 3/26", until=work.now + timedelta(days=30)
            )
        await comments.withdraw(work, await room.comment(said))
    return said


async def kept(db: Database, comment_id: str) -> str:
    async with db.read() as query:
        return await query.scalar(
            select(Revision.__table__.c.text).where(Revision.__table__.c.comment_id == comment_id)
        )


@pytest.mark.parametrize("held", ["", "comment", "account"])
async def test_what_is_held_is_kept_past_its_erasure_and_seen_by_nobody(room: Newsroom, held: str) -> None:
    said = await withdrawn(room, held)
    assert await kept(room.db, said) == (TEXT if held else "")
    assert ((await room.comment(said)).state, (await room.comment(said)).text) == ("withdrawn", "")


@pytest.mark.parametrize("held", ["comment", "account"])
async def test_it_goes_on_the_day_the_hold_ends(room: Newsroom, held: str) -> None:
    said = await withdrawn(room, held)
    for days, left in ((29, TEXT), (1, "")):
        clock.advance(days=days)
        async with begin(room.db) as work:
            await holding.let_go_due(work)
        assert await kept(room.db, said) == left
    async with room.db.read() as query:
        rows = await query.all(select(Journal.__table__).where(Journal.__table__.c.kind.like("legal_hold.%")))
    assert [row.kind for row in rows] == ["legal_hold.placed", "legal_hold.ended"]
    assert "Ely" not in str(rows)


async def test_a_second_hold_keeps_it_when_the_first_one_ends(room: Newsroom) -> None:
    said, ruth = await withdrawn(room, "comment"), await room.hire("Ruth", "admin")
    async with begin(room.db) as work:
        await holding.place(work, ruth, said, reason="Another court", until=work.now + timedelta(days=60))
        await holding.end(work, ruth, said)
    assert await kept(room.db, said) == TEXT
    async with begin(room.db) as work:
        await holding.end(work, ruth, said)
        with pytest.raises(NotFound):
            await holding.end(work, ruth, said)
    assert await kept(room.db, said) == ""


async def test_a_hold_on_the_author_keeps_it_when_the_one_on_the_comment_ends(room: Newsroom) -> None:
    said, ruth = await withdrawn(room, "account"), await room.hire("Ruth", "admin")
    async with begin(room.db) as work:
        await holding.place(work, ruth, said, reason="Another court", until=work.now + timedelta(days=9))
        await holding.end(work, ruth, said)
    assert await kept(room.db, said) == TEXT


async def test_a_hold_has_a_reason_and_an_end_within_a_year_and_a_thing(room: Newsroom) -> None:
    some = new_id(START)
    async with begin(room.db) as work:
        day = timedelta(days=1)
        for kind, subject, reason, until in (
            ("vote", some, "Court", work.now + day),
            ("comment", "nothing", "Court", work.now + day),
            ("comment", some, "  ", work.now + day),
            ("comment", some, "Court", work.now),
            ("comment", some, "Court", work.now + timedelta(days=367)),
        ):
            with pytest.raises(Refusal):
                await legal_holds.place(work, kind, subject, reason=reason, until=until)
        assert not await legal_holds.covers(work.q, some, None, now=work.now)
        assert not await legal_holds.covers(work.q, None, now=work.now)

"""Everything at once in one thread: replies, votes, withdrawals and decisions on one branch never wait in a ring.

On PostgreSQL a ring of locks ends one of the transactions with an error after a second; here nobody may see one.
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from commentbox.server.base.db import Database
from commentbox.server.base.errors import Refusal
from commentbox.server.base.work import begin
from commentbox.server.comments import actions
from commentbox.server.comments.drafts import Author, Draft
from commentbox.server.moderation import rules
from commentbox.server.moderation.seats import Seat
from commentbox.server.threads import by_id
from commentbox.server.votes import Voter, recommend
from tests.factories import Person, make_person
from tests.newsroom import Newsroom, make_newsroom

ROUNDS = 6


@pytest.fixture
async def room(db: Database) -> Newsroom:
    return await make_newsroom(db)


async def reply(room: Newsroom, person: Person, under: str) -> None:
    author = Author(person.name, person.account_id, kind=person.kind, tier=person.tier)
    async with begin(room.db, actor=person.account_id) as work:
        draft = Draft(text="Aye.", html="<p>Aye.</p>", text_hash="", parent_id=under)
        await actions.post(work, author, draft, thread_id=room.talk.thread_id)


async def vote(room: Newsroom, person: Person, comment_id: str) -> None:
    async with begin(room.db, actor=person.account_id) as work:
        await recommend(work, Voter(person.account_id, "unverified", None), comment_id, on=True)


async def withdraw(room: Newsroom, comment_id: str) -> None:
    row = await room.comment(comment_id)
    async with begin(room.db, actor=row.account_id) as work:
        await actions.withdraw(work, row)


async def remove(room: Newsroom, seat: Seat, comment_id: str) -> None:
    await room.decide(seat, comment_id, "remove", seen=rules.Seen(1, "published"))


async def attempt(call: Callable[[], Awaitable[object]]) -> str:
    """Say `done`, or the code of the refusal; anything else is a fault of ours and comes through."""
    try:
        await call()
    except Refusal as refused:
        return refused.code
    return "done"


async def test_replies_votes_withdrawals_and_decisions_on_one_branch_never_wait_in_a_ring(room: Newsroom) -> None:
    people = [await make_person(room.db) for _ in range(6)]
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    for _ in range(ROUNDS):
        room.talk.rows.clear()
        top = room.talk.say(by=people[0])
        middle = room.talk.say(under=top, by=people[1])
        low = room.talk.say(under=middle, by=people[2])
        await room.talk.save(room.db)
        calls: list[Callable[[], Awaitable[object]]] = [
            lambda low=low: remove(room, ruth, low),
            lambda top=top: remove(room, jonas, top),
            lambda middle=middle: withdraw(room, middle),
            *(lambda each=each, low=low: reply(room, each, low) for each in people[3:]),
            *(lambda each=each, top=top: reply(room, each, top) for each in people[3:]),
            *(lambda each=each, top=top: vote(room, each, top) for each in people[3:]),
            *(lambda each=each, middle=middle: vote(room, each, middle) for each in people[3:]),
        ]
        outcomes = await asyncio.gather(*(attempt(call) for call in calls))
        assert "done" in outcomes
        assert set(outcomes) <= {
            "done",
            "comment.parent_gone",
            "comment.not_published",
            "comment.changed",
            "case.stale",
        }


async def test_counters_are_right_after_everything_at_once(room: Newsroom) -> None:
    people = [await make_person(room.db) for _ in range(8)]
    ruth = await room.hire("Ruth")
    top = room.talk.say(by=people[0])
    low = room.talk.say(under=top, by=people[1])
    await room.talk.save(room.db)
    calls = [lambda each=each: reply(room, each, low) for each in people]
    calls += [lambda each=each: vote(room, each, top) for each in people[1:]]
    await asyncio.gather(*(attempt(call) for call in [*calls, lambda: remove(room, ruth, low)]))
    row = await room.comment(top)
    async with room.db.read() as query:
        thread = await by_id(query, room.talk.thread_id)
    assert (row.recommends_all, thread.total) == (7, 1 + row.descendants_all)
    assert (await room.comment(low)).descendants_all == row.descendants_all

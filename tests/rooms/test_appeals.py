"""Appeals: opened once and in time by the author alone, answered by somebody else, with everything put back if upheld."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Conflict, Forbidden, Gone, Invalid, NotFound, Refusal
from commentbox.server.base.signing import token_hash
from commentbox.server.base.work import begin
from commentbox.server.comments.models import Comment
from commentbox.server.moderation import appeals, cases, queue, rulings, seats, statements
from commentbox.server.moderation.models import Appeal, Decision
from commentbox.server.moderation.queue import Wanted
from commentbox.server.moderation.seats import Seat
from commentbox.server.threads import by_id
from tests.factories import START, Person, how_many, make_person, make_site
from tests.newsroom import ANSWER, RULE, Newsroom, make_newsroom

GUEST_CODE = token_hash("a guest's code")


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START + timedelta(days=1))
    return await make_newsroom(db)


async def removed_comment(room: Newsroom, mod: Seat, **changes: object) -> tuple[str, Person]:
    """Let somebody comment with a reply below and votes above, and remove it."""
    author = await make_person(room.db, kind="person")
    bad = room.talk.say(by=author, recommends_all=7, recommends_verified=4, **changes)
    room.talk.say(under=bad)
    await room.talk.save(room.db)
    await room.decide(mod, bad, "remove")
    return bad, author


async def total(room: Newsroom) -> tuple[int, int]:
    async with room.db.read() as query:
        thread = await by_id(query, room.talk.thread_id)
    return thread.total, thread.verified_total


async def test_an_upheld_appeal_brings_the_comment_back_with_its_place_and_votes(room: Newsroom) -> None:
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    bad, _ = await removed_comment(room, ruth)
    before = await room.comment(bad)
    assert await total(room) == (1, 0)
    clock.advance(days=2)
    appeal = await room.appeal(bad)
    await room.answer(jonas, appeal, "uphold")
    after = await room.comment(bad)
    assert (after.state, after.path, after.published_at) == ("published", before.path, before.published_at)
    assert (after.recommends_all, after.recommends_verified, after.descendants_all) == (7, 4, 1)
    assert await total(room) == (2, 1)
    assert (await room.statements(bad))[0].lifted_at == clock.now()
    async with room.db.read() as query:
        row = (await statements.of_owner(query, statements.Owner(before.account_id)))[0]
    assert (row.appeal_outcome, row.appeal_answer, row.appeal_decided_by) == ("upheld", ANSWER, jonas.account_id)
    assert await how_many(room.db, Decision) == 2


async def test_an_upheld_appeal_against_a_refusal_publishes_the_comment(room: Newsroom) -> None:
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    bad, _ = await removed_comment(room, ruth, state="held", hold_rule="links", published_at=None)
    await room.answer(jonas, await room.appeal(bad), "uphold")
    row = await room.comment(bad)
    assert (row.state, row.published_at) == ("published", clock.now())


async def test_a_rejected_appeal_leaves_the_removal_and_gives_an_answer(room: Newsroom) -> None:
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    bad, author = await removed_comment(room, ruth)
    appeal = await room.appeal(bad)
    with pytest.raises(Invalid, match=r"appeal\.text_missing"):
        await room.answer(jonas, appeal, "reject", text=" ")
    await room.answer(jonas, appeal, "reject")
    row = await room.comment(bad)
    assert (row.state, row.hold_rule) == ("removed", RULE)
    async with room.db.read() as query:
        seen = (await statements.of_owner(query, statements.Owner(author.account_id)))[0]
    assert (seen.lifted_at, seen.appeal_outcome, seen.appeal_answer) == (None, "rejected", ANSWER)


async def test_the_same_person_may_not_hear_the_appeal_where_somebody_else_can(room: Newsroom) -> None:
    ruth = await room.hire("Ruth")
    await room.hire("Jonas")
    bad, _ = await removed_comment(room, ruth)
    appeal = await room.appeal(bad)
    clock.advance(days=3)
    with pytest.raises(Forbidden) as refused:
        await room.answer(ruth, appeal, "reject")
    assert (refused.value.code, refused.value.data) == ("appeal.same_person", {"until": None})
    async with begin(room.db) as work:
        assert await queue.take_next(work, ruth, Wanted("appeals")) is None


async def test_the_only_moderator_may_hear_it_after_a_day_or_an_admin_at_once(room: Newsroom) -> None:
    ruth = await room.hire("Ruth")
    ada = await room.hire("Ada", "admin", site_id="")
    bad, _ = await removed_comment(room, ruth)
    appeal = await room.appeal(bad)
    clock.advance(hours=23, minutes=59)
    with pytest.raises(Forbidden, match=r"appeal\.same_person"):
        await room.answer(ruth, appeal, "reject")
    clock.advance(minutes=1)
    async with room.db.read() as query:
        found = await cases.find(query, ruth, appeal, now=clock.now())
        assert (found.hearing.is_judge, found.hearing.may_hear_from) == (True, clock.now())
        assert (await cases.find(query, ada, appeal, now=clock.now())).hearing.is_judge is False
    await room.answer(ruth, appeal, "reject")
    another, _ = await removed_comment(room_again(room), ruth)
    await room.answer(ada, await room.appeal(another), "uphold")


def room_again(room: Newsroom) -> Newsroom:
    """Give the room with an empty talk in the same thread."""
    room.talk.rows.clear()
    return room


async def test_the_author_of_the_comment_never_hears_their_own_appeal(room: Newsroom) -> None:
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    bad = room.talk.say(by=room.people["Jonas"])
    await room.talk.save(room.db)
    await room.decide(ruth, bad, "remove")
    with pytest.raises(Forbidden, match=r"case\.own"):
        await room.answer(jonas, await room.appeal(bad), "uphold")


async def test_a_moderator_of_another_site_never_sees_the_appeal(room: Newsroom) -> None:
    ruth = await room.hire("Ruth")
    piet = await room.hire("Piet", site_id=await make_site(room.db, "weekend"))
    bad, _ = await removed_comment(room, ruth)
    appeal = await room.appeal(bad)
    with pytest.raises(NotFound, match=r"case\.unknown"):
        await room.answer(piet, appeal, "uphold")
    async with room.db.read() as query:
        with pytest.raises(NotFound, match=r"case\.unknown"):
            await cases.find(query, piet, appeal, now=clock.now())


async def test_a_statement_can_be_appealed_once_and_only_by_its_author(room: Newsroom) -> None:
    bad, _ = await removed_comment(room, await room.hire("Ruth"))
    stranger = statements.Owner((await make_person(room.db)).account_id)
    statement = (await room.statements(bad))[0]
    async with begin(room.db) as work:
        for owner in (stranger, statements.Owner(), statements.Owner(guest_code_hash=GUEST_CODE)):
            with pytest.raises(NotFound, match=r"statement\.unknown"):
                await appeals.open_appeal(work, statement.id, owner=owner, text="Mine")
    await room.appeal(bad)
    with pytest.raises(Conflict, match=r"appeal\.exists"):
        await room.appeal(bad)


async def test_two_appeals_at_once_become_one(room: Newsroom) -> None:
    bad, _ = await removed_comment(room, await room.hire("Ruth"))

    async def send() -> str:
        try:
            return await room.appeal(bad)
        except Refusal as refused:
            return refused.code

    outcomes = await asyncio.gather(*(send() for _ in range(5)))
    assert outcomes.count("appeal.exists") == 4
    assert await how_many(room.db, Appeal) == 1


async def test_an_appeal_after_six_months_comes_too_late(room: Newsroom) -> None:
    bad, _ = await removed_comment(room, await room.hire("Ruth"))
    clock.set((await room.statements(bad))[0].appeal_until + timedelta(seconds=1))
    with pytest.raises(Gone, match=r"appeal\.too_late"):
        await room.appeal(bad)


async def test_a_guest_appeals_by_the_code_given_at_posting(room: Newsroom) -> None:
    bad = room.talk.say(guest_code_hash=GUEST_CODE)
    await room.talk.save(room.db)
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    await room.decide(ruth, bad, "remove")
    guest = statements.Owner(guest_code_hash=GUEST_CODE)
    async with begin(room.db) as work:
        statement = (await statements.of_owner(work.q, guest))[0]
        assert await statements.of_owner(work.q, statements.Owner()) == []
        appeal = await appeals.open_appeal(work, statement.id, owner=guest, text="It was a joke.")
    await room.answer(jonas, appeal, "uphold")
    assert (await room.comment(bad)).state == "published"


async def test_appeals_wait_in_the_order_they_are_due_and_are_answered_once(room: Newsroom) -> None:
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    author = await make_person(room.db)
    first, second = room.talk.say(by=author), room.talk.say(by=author)
    await room.talk.save(room.db)
    for each in (first, second):
        await room.decide(ruth, each, "remove")
    late = await room.appeal(second)
    clock.advance(hours=1)
    later = await room.appeal(first)
    async with room.db.read() as query:
        waiting = await queue.page(query, jonas, Wanted("appeals"), now=clock.now())
    assert [row.case_id for row in waiting.rows] == [late, later]
    assert waiting.rows[0].due_at == clock.now() - timedelta(hours=1) + timedelta(days=7)
    await room.answer(jonas, late, "reject")
    with pytest.raises(Conflict, match=r"case\.stale"):
        await room.answer(jonas, late, "uphold")


async def test_many_who_answer_at_once_give_one_answer(room: Newsroom) -> None:
    bad, _ = await removed_comment(room, await room.hire("Ruth"))
    appeal = await room.appeal(bad)
    crew = [await room.hire(f"Moderator {number}") for number in range(8)]

    async def race(seat: seats.Seat, action: str) -> str:
        try:
            await room.answer(seat, appeal, action)
        except Refusal as refused:
            return refused.code
        return "answered"

    actions = ["uphold", "reject"] * 4
    outcomes = await asyncio.gather(*(race(seat, action) for seat, action in zip(crew, actions, strict=True)))
    assert outcomes.count("answered") == 1
    assert set(outcomes) <= {"answered", "case.stale", "case.taken", "case.closed"}
    assert await how_many(room.db, Decision) == 2


async def test_an_undone_answer_lets_the_appeal_wait_again(room: Newsroom) -> None:
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    bad, _ = await removed_comment(room, ruth)
    appeal = await room.appeal(bad)
    upheld = await room.answer(jonas, appeal, "uphold")
    await room.undo(jonas, upheld.id)
    assert (await room.comment(bad)).state == "removed"
    assert (await room.statements(bad))[0].lifted_at is None
    await room.answer(jonas, appeal, "reject")


async def test_a_removal_with_a_waiting_appeal_is_not_lifted_behind_its_back(room: Newsroom) -> None:
    ruth = await room.hire("Ruth")
    bad, _ = await removed_comment(room, ruth)
    await room.appeal(bad)
    with pytest.raises(Conflict, match=r"case\.has_appeal"):
        await room.decide(ruth, bad, "restore")


async def test_an_author_whose_comment_is_gone_still_gets_an_answer(room: Newsroom) -> None:
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    bad, _ = await removed_comment(room, ruth)
    appeal = await room.appeal(bad)
    async with begin(room.db) as work:
        await work.q.run(update(Comment.__table__).where(Comment.__table__.c.id == bad).values(state="deleted"))
    await room.answer(jonas, appeal, "uphold")
    assert (await room.comment(bad)).state == "deleted"


async def test_a_case_shows_context_author_reports_and_history(room: Newsroom) -> None:
    ruth = await room.hire("Ruth")
    author = await make_person(room.db)
    older = room.talk.say(by=author)
    top = room.talk.say("The article is right.")
    middle = room.talk.say("It is not.", under=top)
    bad = room.talk.say("Crook.", under=middle, by=author)
    below = room.talk.say("Easy.", under=bad)
    await room.talk.save(room.db)
    await room.decide(ruth, older, "remove")
    await room.answer(await room.hire("Jonas"), await room.appeal(older), "uphold")
    await room.report(bad, "one", "two")
    async with room.db.read() as query:
        found = await cases.find(query, ruth, bad, now=clock.now())
    assert [row.id for row in found.ancestors] == [top, middle]
    assert [row.id for row in found.replies] == [below]
    assert (len(found.reports), len(found.revisions), found.thread.title) == (2, 1, "Close the inner quay?")
    assert (found.author.comments, found.author.removed, found.author.appeals) == (2, 0, {"upheld": 1})
    assert [(row.action, row.by, row.outcome) for row in found.author.decisions] == [("remove", "Ruth", "upheld")]


async def test_each_decision_knows_whom_it_has_to_tell(room: Newsroom) -> None:
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    bad, author = await removed_comment(room, ruth)
    async with room.db.read() as query:
        removed = await rulings.latest_id(query, bad)
    rejected = (await room.answer(jonas, await room.appeal(bad), "reject")).id
    clock.advance(minutes=1)
    restored = (await room.decide(jonas, bad, "restore")).id
    await room.report(bad, "one")
    approved = (await room.decide(ruth, bad, "approve")).id
    statement = (await room.statements(bad))[0]
    async with room.db.read() as query:
        for decision in (removed, rejected, restored):
            told = await statements.told_by(query, decision)
            assert (told.id, told.account_id) == (statement.id, author.account_id)
        assert await statements.told_by(query, approved) is None

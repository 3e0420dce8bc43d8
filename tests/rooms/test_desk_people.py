"""Decisions about people: each with its statement, shown and appealable, ending by itself, taken back whole."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from commentbox.server.accounts import queries
from commentbox.server.accounts.models import Standing
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Conflict, Forbidden, Invalid, NotFound
from commentbox.server.base.work import begin
from commentbox.server.moderation import appeals, confirming, people, proposals, rulings, seats, statements
from commentbox.server.moderation.measures import Measure
from commentbox.server.moderation.models import Decision, Statement
from commentbox.server.moderation.seats import Seat
from tests.factories import START, Person, how_many, make_person, make_site
from tests.newsroom import ANSWER, REASONS, Newsroom, make_newsroom

SILENCE = Measure("silence", 7)


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START + timedelta(days=1))
    return await make_newsroom(db)


async def known(room: Newsroom, **comment: object) -> tuple[Person, str]:
    """Give somebody who commented here, and what they said."""
    person = await make_person(room.db, "Gull Captain")
    said = room.talk.say(by=person, **comment)
    await room.talk.save(room.db)
    return person, said


async def judge(room: Newsroom, seat: Seat, person: Person, measure: Measure, **changes: object) -> rulings.Decided:
    """Look at the person and decide at once."""
    async with begin(room.db, actor=seat.account_id) as work:
        last = await rulings.latest_about(work.q, person.account_id, site_id=room.talk.site_id)
        fields = {"seen": last, "reasons": REASONS} | changes
        verdict = people.PersonVerdict(person.account_id, room.talk.site_id, measure=measure, **fields)
        return await people.decide(work, seat, verdict)


async def holding(room: Newsroom, person: Person, site_id: str | None = None) -> list[str]:
    """Give what holds against somebody now."""
    async with room.db.read() as query:
        site = site_id or room.talk.site_id
        found = await queries.measures_of(query, person.account_id, site_id=site, now=clock.now())
    return sorted(each.kind for each in found)


async def told(room: Newsroom, person: Person) -> list:
    """Give what somebody reads about the decisions about them, newest first."""
    async with room.db.read() as query:
        return await statements.of_owner(query, statements.Owner(person.account_id))


async def object_to(room: Newsroom, person: Person) -> str:
    statement = (await told(room, person))[0]
    async with begin(room.db, actor=person.account_id) as work:
        owner = statements.Owner(person.account_id)
        return await appeals.open_appeal(work, statement.id, owner=owner, text="It was about a boat.")


@pytest.mark.parametrize(
    ("measure", "kind", "days"),
    [
        (Measure("warn"), "warned", None),
        (SILENCE, "silenced", 7),
        (Measure("hold", 30), "held_first", 30),
        (Measure("ban"), "banned", None),
    ],
)
async def test_every_measure_comes_with_its_statement_and_ends_by_itself(
    room: Newsroom, measure: Measure, kind: str, days: int | None
) -> None:
    person, _ = await known(room)
    await judge(room, await room.hire("Ruth"), person, measure)
    assert await holding(room, person) == [kind]
    statement = (await told(room, person))[0]
    assert (statement.restriction, statement.facts, statement.rule) == (kind, REASONS.facts, REASONS.ground)
    assert (statement.found_by, statement.comment_id, statement.lifted_at) == ("moderator", None, None)
    assert statement.until == (clock.now() + timedelta(days=days) if days else None)
    async with room.db.read() as query:
        assert (await query.first(select(Standing.__table__))).statement_id == statement.id
    clock.advance(days=days or 4000)
    assert await holding(room, person) == ([] if days else [kind])


async def test_a_warning_ends_when_its_reader_says_so_and_only_they_can(room: Newsroom) -> None:
    person, _ = await known(room)
    stranger = await make_person(room.db)
    await judge(room, await room.hire("Ruth"), person, Measure("warn"))
    statement = (await told(room, person))[0]
    async with begin(room.db) as work:
        with pytest.raises(NotFound, match=r"statement\.unknown"):
            await people.acknowledge(work, stranger.account_id, statement.id)
    async with begin(room.db) as work:
        await people.acknowledge(work, person.account_id, statement.id)
    assert await holding(room, person) == []
    assert (await told(room, person))[0].lifted_at is None, "it was read, not taken back"


async def test_a_measure_holds_on_its_site_alone_unless_staff_of_the_instance_say_everywhere(room: Newsroom) -> None:
    person, _ = await known(room)
    other = await make_site(room.db, "weekend")
    mod, admin = await room.hire("Ruth"), await room.hire("Ada", "admin", site_id="")
    await judge(room, mod, person, SILENCE)
    assert (await holding(room, person), await holding(room, person, other)) == (["silenced"], [])
    with pytest.raises(Forbidden, match=r"measure\.everywhere"):
        await judge(room, mod, person, Measure("ban", everywhere=True))
    await judge(room, admin, person, Measure("ban", everywhere=True))
    assert await holding(room, person, other) == ["banned"]
    assert (await told(room, person))[0].everywhere
    standing = (await told(room, person))[0]
    async with begin(room.db) as work:
        with pytest.raises(Forbidden, match=r"measure\.everywhere"):
            await people.lift(work, mod, await standing_of(work.q, standing.id), site_id=room.talk.site_id)


async def standing_of(query, statement_id: str) -> str:  # type: ignore[no-untyped-def]
    return await query.scalar(select(Standing.__table__.c.id).where(Standing.__table__.c.statement_id == statement_id))


async def test_lifting_early_is_a_second_decision_that_can_be_undone(room: Newsroom) -> None:
    person, _ = await known(room)
    mod = await room.hire("Ruth")
    await judge(room, mod, person, SILENCE)
    first = (await told(room, person))[0]
    clock.advance(minutes=5)
    async with begin(room.db, actor=mod.account_id) as work:
        lifted = await people.lift(work, mod, await standing_of(work.q, first.id), site_id=room.talk.site_id)
    assert await holding(room, person) == []
    assert (await told(room, person))[0].lifted_at == clock.now()
    async with room.db.read() as query:
        assert (await statements.told_by(query, lifted.id)).id == first.id
    await room.undo(mod, lifted.id)
    assert await holding(room, person) == ["silenced"]
    again = (await told(room, person))[0]
    assert (again.lifted_at, again.standing_until) == (None, first.until)
    assert await how_many(room.db, Decision) == 3


async def test_an_undo_takes_a_measure_back_before_anybody_is_told(room: Newsroom) -> None:
    person, _ = await known(room)
    mod = await room.hire("Ruth")
    decided = await judge(room, mod, person, Measure("ban"))
    clock.advance(seconds=19)
    await room.undo(mod, decided.id)
    assert await holding(room, person) == []
    assert (await told(room, person))[0].lifted_at == clock.now()
    async with room.db.read() as query:
        assert not await rulings.stands(query, decided.id)


async def test_a_removal_may_bring_a_measure_with_the_same_reasons_and_one_undo_takes_both_back(room: Newsroom) -> None:
    person, said = await known(room)
    await room.report(said, "one", "two")
    mod = await room.hire("Ruth")
    await room.decide(mod, said, "remove", measure=SILENCE)
    measure, removal = await told(room, person)
    assert (removal.restriction, measure.restriction) == ("removed", "silenced")
    assert (measure.facts, measure.found_by, measure.thread_title) == (removal.facts, "readers", removal.thread_title)
    assert await holding(room, person) == ["silenced"]
    async with room.db.read() as query:
        last = await rulings.last_of(query, mod.account_id)
    await room.undo(mod, last.id)
    assert (await room.comment(said)).state == "published"
    assert await holding(room, person) == []
    assert {each.lifted_at for each in await told(room, person)} == {clock.now()}


async def test_a_measure_along_needs_a_removal_and_an_account(room: Newsroom) -> None:
    _, said = await known(room, state="held")
    nobody = room.talk.say(state="held")
    mod = await room.hire("Ruth")
    with pytest.raises(Invalid, match=r"measure\.alone"):
        await room.decide(mod, said, "approve", measure=SILENCE)
    assert (await room.comment(said)).state == "held", "nothing of it was done"
    room.talk.rows = {nobody: room.talk.rows[nobody]}
    await room.talk.save(room.db)
    with pytest.raises(Invalid, match=r"measure\.guest"):
        await room.decide(mod, nobody, "remove", measure=SILENCE)


async def test_an_upheld_appeal_ends_the_measure_and_a_rejected_one_lets_it_stand(room: Newsroom) -> None:
    person, _ = await known(room)
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    await judge(room, ruth, person, SILENCE)
    appeal = await object_to(room, person)
    with pytest.raises(Forbidden, match=r"appeal\.same_person"):
        await room.answer(ruth, appeal, "uphold", revision=0)
    rejected = await room.answer(jonas, appeal, "reject", revision=0)
    assert await holding(room, person) == ["silenced"]
    await room.undo(jonas, rejected.id)
    await room.answer(jonas, appeal, "uphold", revision=0)
    assert await holding(room, person) == []
    seen = (await told(room, person))[0]
    assert (seen.appeal_outcome, seen.appeal_answer, seen.lifted_at) == ("upheld", ANSWER, clock.now())


async def test_what_is_over_can_still_be_appealed_against(room: Newsroom) -> None:
    person, _ = await known(room)
    await judge(room, await room.hire("Ruth"), person, SILENCE)
    clock.advance(days=30)
    jonas = await room.hire("Jonas")
    await room.answer(jonas, await object_to(room, person), "uphold", revision=0)
    assert (await told(room, person))[0].lifted_at == clock.now()


async def test_strangers_oneself_and_doubles_are_refused(room: Newsroom) -> None:
    person, _ = await known(room)
    stranger = await make_person(room.db)
    mod = await room.hire("Ruth")
    room.talk.rows.clear()
    room.talk.say(by=room.people["Ruth"])
    await room.talk.save(room.db)
    with pytest.raises(NotFound, match=r"case\.unknown"):
        await judge(room, mod, stranger, SILENCE)
    with pytest.raises(Forbidden, match=r"case\.own"):
        await judge(room, mod, room.people["Ruth"], SILENCE)
    elsewhere = await room.hire("Piet", site_id=await make_site(room.db, "weekend"))
    with pytest.raises(NotFound, match=r"case\.unknown"):
        await judge(room, elsewhere, person, SILENCE)
    await judge(room, mod, person, SILENCE)
    with pytest.raises(Conflict, match=r"measure\.exists"):
        await judge(room, mod, person, Measure("silence", 30))
    with pytest.raises(Conflict, match=r"case\.stale"):
        await judge(room, mod, person, Measure("ban"), seen=None)
    with pytest.raises(Invalid, match=r"reasons\.facts_missing"):
        await judge(room, mod, person, Measure("ban"), reasons=REASONS.__class__(REASONS.ground, " "))
    assert await how_many(room.db, Statement) == 1


async def test_a_ban_waits_for_a_second_moderator_where_the_site_wants_two(db: Database) -> None:
    clock.set(START + timedelta(days=1))
    room = await make_newsroom(db, bans_need_second=True)
    person, _ = await known(room)
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    proposed = await judge(room, ruth, person, Measure("ban"))
    assert (proposed.state, await holding(room, person), await told(room, person)) == ("proposed", [], [])
    with pytest.raises(Conflict, match=r"proposal\.exists"):
        await judge(room, jonas, person, Measure("ban"))
    async with begin(db, actor=ruth.account_id) as work:
        with pytest.raises(Forbidden, match=r"proposal\.own"):
            await confirming.confirm(work, ruth, proposed.id)
    async with begin(db, actor=jonas.account_id) as work:
        await confirming.confirm(work, jonas, proposed.id)
    assert await holding(room, person) == ["banned"]
    async with db.read() as query:
        made = await query.first(select(Decision.__table__))
        assert (made.account_id, made.proposed_by) == (jonas.account_id, ruth.account_id)
        assert list(await proposals.waiting(query, jonas)) == []
    async with begin(db, actor=jonas.account_id) as work:
        with pytest.raises(Conflict, match=r"proposal\.closed"):
            await confirming.confirm(work, jonas, proposed.id)
    appeal = await object_to(room, person)
    with pytest.raises(Forbidden, match=r"appeal\.same_person"):
        await room.answer(ruth, appeal, "uphold", revision=0)
    await judge(room, ruth, person, SILENCE)
    assert await holding(room, person) == ["banned", "silenced"], "only bans need two"


async def test_what_a_trainee_decides_counts_once_somebody_confirms_it(room: Newsroom) -> None:
    person, said = await known(room, state="held")
    ruth, tess = await room.hire("Ruth"), await room.hire("Tess", "trainee")
    proposed = await room.decide(tess, said, "remove", measure=SILENCE)
    assert (proposed.state, (await room.comment(said)).state, await told(room, person)) == ("proposed", "held", [])
    async with begin(room.db, actor=tess.account_id) as work:
        with pytest.raises(Forbidden, match=r"desk\.trainee"):
            await confirming.confirm(work, tess, proposed.id)
    async with begin(room.db, actor=ruth.account_id) as work:
        await confirming.confirm(work, ruth, proposed.id)
    assert (await room.comment(said)).state == "removed"
    assert await holding(room, person) == ["silenced"]


async def test_a_declined_proposal_changes_nothing_and_a_case_that_moved_is_a_conflict(room: Newsroom) -> None:
    _, said = await known(room, state="held")
    ruth, tess = await room.hire("Ruth"), await room.hire("Tess", "trainee")
    first = await room.decide(tess, said, "remove")
    async with begin(room.db, actor=tess.account_id) as work:
        await confirming.decline(work, tess, first.id)
    second = await room.decide(tess, said, "approve")
    await room.decide(ruth, said, "remove")
    async with begin(room.db, actor=ruth.account_id) as work:
        with pytest.raises(Conflict, match=r"proposal\.closed"):
            await confirming.confirm(work, ruth, second.id)
    assert (await room.comment(said)).state == "removed"


async def test_an_auditor_reads_and_decides_nothing(room: Newsroom) -> None:
    person, said = await known(room, state="held")
    audrey = await room.hire("Audrey", "auditor")
    with pytest.raises(Forbidden, match=r"desk\.read_only"):
        await room.decide(audrey, said, "approve")
    with pytest.raises(Forbidden, match=r"desk\.read_only"):
        await judge(room, audrey, person, SILENCE)
    async with room.db.read() as query:
        assert (await seats.comment_for_desk(query, audrey, said)).id == said


async def test_two_moderators_who_decide_about_one_person_at_once_do_not_both_succeed(room: Newsroom) -> None:
    person, _ = await known(room)
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    await judge(room, ruth, person, Measure("warn"))
    with pytest.raises(Conflict) as refused:
        await judge(room, jonas, person, SILENCE, seen=None)
    assert refused.value.data["changed"] == ["last_decision"]

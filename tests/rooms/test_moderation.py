"""Deciding: one transaction with everything in it, undone within seconds, never decided twice."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from commentbox.server.base import chain, clock, journal
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Conflict, Forbidden, Gone, Invalid, NotFound, Refusal
from commentbox.server.base.models import Job, Journal
from commentbox.server.base.work import begin
from commentbox.server.comments.models import Comment
from commentbox.server.moderation import claims, decisions, queue, rules, rulings, seats
from commentbox.server.moderation.models import Decision
from commentbox.server.moderation.queue import Wanted
from commentbox.server.reports import Report
from commentbox.server.threads import by_id
from tests.factories import START, how_many, make_person, make_site, make_thread
from tests.newsroom import FACTS, RULE, Newsroom, make_newsroom

RACERS = 12


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START + timedelta(days=1))
    return await make_newsroom(db)


async def totals(room: Newsroom) -> tuple[int, int]:
    async with room.db.read() as query:
        thread = await by_id(query, room.talk.thread_id)
    return thread.total, thread.verified_total


async def test_a_removal_writes_decision_statement_state_and_reports_together(room: Newsroom) -> None:
    author = await make_person(room.db, kind="person")
    top = room.talk.say("A ship needs the basin.")
    bad = room.talk.say("The harbour master is a crook.", under=top, by=author)
    await room.talk.save(room.db)
    await room.report(bad, "one", "two")
    mod = await room.hire("Ruth")
    decided = await room.decide(mod, bad, "remove", note="Third time this week.")
    row, above = await room.comment(bad), await room.comment(top)
    assert (row.state, row.hold_rule, above.descendants_all, above.descendants_verified) == ("removed", RULE, 0, 0)
    assert await totals(room) == (1, 0)
    statement = (await room.statements(bad))[0]
    assert (statement.decision_id, statement.account_id) == (decided.id, author.account_id)
    assert (statement.restriction, statement.ground, statement.rule, statement.facts) == (
        "removed",
        "rule",
        RULE,
        FACTS,
    )
    assert (statement.found_by, statement.automated_detection, statement.automated_decision) == (
        "readers",
        False,
        False,
    )
    assert statement.rule_text == "Answer the argument and leave the person alone."
    assert statement.appeal_until == rules.months_later(clock.now(), 6)
    assert statement.redress == {"ways": ["appeal", "dispute_body", "court"]}
    async with room.db.read() as query:
        assert {each.decision_id for each in await query.all(select(Report.__table__))} == {decided.id}
        decision = await query.first(select(Decision.__table__))
    assert (decision.revision, decision.was, decision.note) == (1, "published", "Third time this week.")


async def test_everything_a_decision_does_is_in_the_journal_and_the_chain_holds(room: Newsroom) -> None:
    bad = room.talk.say()
    await room.talk.save(room.db)
    await room.report(bad, "one")
    mod = await room.hire("Ruth")
    await room.decide(mod, bad, "remove")
    while await journal.seal(room.db):
        pass
    async with room.db.read() as query:
        rows = await query.all(select(Journal.__table__).order_by(Journal.__table__.c.position))
        assert await chain.verify(query) is None
    kinds = {row.kind for row in rows if row.actor_id == mod.account_id}
    assert kinds == {"case.decided", "statement.issued", "comment.removed"}
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    assert not any(FACTS in str(row.data) for row in rows)


async def test_refusing_a_held_comment_writes_a_statement_that_says_refused(room: Newsroom) -> None:
    held = room.talk.say("Buy here", state="held", hold_rule="links", published_at=None)
    await room.talk.save(room.db)
    await room.decide(await room.hire("Ruth"), held, "remove")
    statement = (await room.statements(held))[0]
    assert (statement.restriction, statement.found_by, statement.automated_detection) == ("refused", "screening", True)
    assert await totals(room) == (0, 0)


async def test_approving_a_held_comment_publishes_it_without_a_statement(room: Newsroom) -> None:
    held = room.talk.say(state="held", hold_rule="links", published_at=None)
    await room.talk.save(room.db)
    await room.decide(await room.hire("Ruth"), held, "approve")
    row = await room.comment(held)
    assert (row.state, row.hold_rule, row.published_at) == ("published", None, clock.now())
    assert await room.statements(held) == []
    assert await totals(room) == (1, 0)


async def test_a_removal_by_law_names_the_law(room: Newsroom) -> None:
    bad = room.talk.say()
    await room.talk.save(room.db)
    reasons = rules.Reasons("law:threat", FACTS, "Section 16, Offences against the Person Act.")
    await room.decide(await room.hire("Ruth"), bad, "remove", reasons=reasons)
    statement = (await room.statements(bad))[0]
    assert (statement.ground, statement.rule, statement.explanation) == ("law", "law:threat", reasons.why)


async def test_a_removal_without_reasons_changes_nothing(room: Newsroom) -> None:
    bad = room.talk.say()
    await room.talk.save(room.db)
    mod = await room.hire("Ruth")
    for reasons in (None, rules.Reasons(RULE, " "), rules.Reasons("99-no-such", FACTS)):
        with pytest.raises(Invalid):
            await room.decide(mod, bad, "remove", reasons=reasons)
    assert (await room.comment(bad)).state == "published"
    assert await how_many(room.db, Decision) == 0


async def test_a_decision_about_an_older_revision_is_refused_and_says_so(room: Newsroom) -> None:
    bad = room.talk.say(revision=2)
    await room.talk.save(room.db)
    with pytest.raises(Conflict) as refused:
        await room.decide(await room.hire("Ruth"), bad, "remove", seen=rules.Seen(1, "published"))
    assert refused.value.data == {"changed": ["revision"], "revision": 2, "state": "published"}


async def test_a_case_somebody_else_decided_meanwhile_is_stale(room: Newsroom) -> None:
    bad = room.talk.say()
    await room.talk.save(room.db)
    await room.report(bad, "one")
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    verdict = await room.verdict(bad, "remove")
    await room.decide(ruth, bad, "approve")
    async with begin(room.db) as work:
        with pytest.raises(Conflict) as refused:
            await decisions.decide(work, jonas, verdict)
    assert refused.value.data["changed"] == ["last_decision"]


async def test_approving_again_what_nobody_asked_about_since_is_refused(room: Newsroom) -> None:
    quiet = room.talk.say()
    await room.talk.save(room.db)
    mod = await room.hire("Ruth")
    await room.decide(mod, quiet, "approve")
    with pytest.raises(Conflict, match=r"case\.closed"):
        await room.decide(mod, quiet, "approve")


async def test_nobody_decides_about_their_own_comment(room: Newsroom) -> None:
    mod = await room.hire("Ruth")
    own = room.talk.say(by=room.people["Ruth"], state="held", hold_rule="links")
    await room.talk.save(room.db)
    with pytest.raises(Forbidden, match=r"case\.own"):
        await room.decide(mod, own, "approve")
    async with begin(room.db) as work:
        assert await queue.take_next(work, mod, Wanted("held")) is None


async def test_a_moderator_of_one_site_sees_nothing_of_another(room: Newsroom) -> None:
    bad = room.talk.say(state="held", hold_rule="links")
    await room.talk.save(room.db)
    elsewhere = await room.hire("Piet", site_id=await make_site(room.db, "weekend"))
    with pytest.raises(NotFound, match=r"case\.unknown"):
        await room.decide(elsewhere, bad, "approve")
    async with room.db.read() as query:
        found = await queue.page(query, elsewhere, Wanted("held"), now=clock.now())
        assert list(found.rows) == []
        assert set((await queue.counts(query, elsewhere, filters=Wanted().filters, now=clock.now())).values()) == {0}


async def test_an_admin_of_the_instance_sees_every_site_and_a_reader_has_no_seat(room: Newsroom) -> None:
    other = await make_site(room.db, "weekend")
    admin = await room.hire("Ada", "admin", site_id="")
    assert admin.site_ids == {room.talk.site_id, other}
    reader = await make_person(room.db)
    with pytest.raises(Forbidden, match=r"desk\.no_role"):
        await room.seat(reader.account_id)


async def test_an_undo_puts_state_statement_and_reports_back(room: Newsroom) -> None:
    bad = room.talk.say()
    await room.talk.save(room.db)
    await room.report(bad, "one")
    mod = await room.hire("Ruth")
    removed = await room.decide(mod, bad, "remove")
    clock.advance(seconds=19)
    undone = await room.undo(mod, removed.id)
    assert (await room.comment(bad)).state == undone.state == "published"
    assert (await room.statements(bad))[0].lifted_at == clock.now()
    assert await totals(room) == (1, 0)
    async with room.db.read() as query:
        assert (await query.first(select(Report.__table__))).closed_at is None
        assert not await rulings.stands(query, removed.id)
        assert [row.comment_id for row in (await queue.page(query, mod, Wanted(), now=clock.now())).rows] == [bad]


async def test_an_undone_approval_goes_back_into_the_queue_under_its_rule(room: Newsroom) -> None:
    held = room.talk.say(state="held", hold_rule="links", published_at=None)
    await room.talk.save(room.db)
    mod = await room.hire("Ruth")
    approved = await room.decide(mod, held, "approve")
    await room.undo(mod, approved.id)
    row = await room.comment(held)
    assert (row.state, row.hold_rule) == ("held", "links")
    assert await totals(room) == (0, 0)


async def test_an_undone_restoration_is_a_removal_under_the_same_statement(room: Newsroom) -> None:
    bad = room.talk.say()
    await room.talk.save(room.db)
    mod = await room.hire("Ruth")
    await room.decide(mod, bad, "remove")
    clock.advance(hours=1)
    restored = await room.decide(mod, bad, "restore")
    assert (await room.statements(bad))[0].lifted_at == clock.now()
    await room.undo(mod, restored.id)
    row, statements = await room.comment(bad), await room.statements(bad)
    assert (row.state, row.hold_rule, len(statements), statements[0].lifted_at) == ("removed", RULE, 1, None)


async def test_an_undo_comes_too_late_after_twenty_seconds_and_never_from_others(room: Newsroom) -> None:
    bad = room.talk.say()
    await room.talk.save(room.db)
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    removed = await room.decide(ruth, bad, "remove")
    with pytest.raises(Forbidden, match=r"undo\.not_yours"):
        await room.undo(jonas, removed.id)
    clock.advance(seconds=20)
    with pytest.raises(Gone, match=r"undo\.too_late"):
        await room.undo(ruth, removed.id)


async def test_nothing_is_sent_before_the_undo_is_over(room: Newsroom) -> None:
    bad = room.talk.say()
    await room.talk.save(room.db)
    decided = await room.decide(await room.hire("Ruth"), bad, "remove")
    async with room.db.read() as query:
        job = await query.first(select(Job.__table__).where(Job.__table__.c.kind == rulings.DELIVER))
    assert (job.payload, job.not_before) == ({"decision_id": decided.id}, clock.now() + timedelta(seconds=20))


async def test_two_moderators_never_hold_the_same_case(room: Newsroom) -> None:
    case = room.talk.say(state="held", hold_rule="links")
    await room.talk.save(room.db)
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    async with begin(room.db) as work:
        await claims.take(work, ruth, case, minutes=15)
    with pytest.raises(Conflict) as refused:
        await room.decide(jonas, case, "approve")
    assert (refused.value.code, refused.value.data["by"]) == ("case.taken", "Ruth")
    clock.advance(minutes=14)
    async with begin(room.db) as work:
        assert await claims.try_take(work, ruth, case, minutes=15), "activity renews it"
    clock.advance(minutes=14)
    async with begin(room.db) as work:
        assert not await claims.try_take(work, jonas, case, minutes=15)
    clock.advance(minutes=1)
    async with begin(room.db) as work:
        assert await claims.try_take(work, jonas, case, minutes=15), "it ran out"
        assert not await claims.release(work, ruth, case)
        assert await claims.release(work, jonas, case)
        assert await claims.try_take(work, ruth, case, minutes=15), "it was given back"


@pytest.mark.parametrize("action", ["approve", "remove"])
async def test_many_at_once_decide_each_case_exactly_once(room: Newsroom, action: str) -> None:
    cases = [room.talk.say(state="held", hold_rule="links", published_at=None) for _ in range(4)]
    await room.talk.save(room.db)
    crew = [await room.hire(f"Moderator {number}") for number in range(RACERS)]
    verdicts = {case: await room.verdict(case, action) for case in cases}

    async def race(seat: seats.Seat, case: str) -> str:
        try:
            async with begin(room.db, actor=seat.account_id) as work:
                await decisions.decide(work, seat, verdicts[case])
        except Refusal as refused:
            return refused.code
        return "decided"

    outcomes = await asyncio.gather(*(race(seat, case) for seat in crew for case in cases))
    assert outcomes.count("decided") == len(cases)
    assert set(outcomes) <= {"decided", "case.stale", "case.taken"}
    assert await how_many(room.db, Decision) == len(cases)
    assert await totals(room) == ((4, 0) if action == "approve" else (0, 0))
    for case in cases:
        assert len(await room.statements(case)) == (action == "remove")


async def test_many_who_take_the_next_case_at_once_all_get_different_ones(room: Newsroom) -> None:
    for _ in range(RACERS - 2):
        room.talk.say(state="held", hold_rule="links", published_at=None)
    await room.talk.save(room.db)
    crew = [await room.hire(f"Moderator {number}") for number in range(RACERS)]

    async def take(seat: seats.Seat) -> str | None:
        async with begin(room.db, actor=seat.account_id) as work:
            return await queue.take_next(work, seat, Wanted("held"))

    taken = await asyncio.gather(*(take(seat) for seat in crew))
    got = [case for case in taken if case]
    assert len(got) == len(set(got)) == RACERS - 2


async def test_the_most_reported_comes_first_and_then_the_oldest(room: Newsroom) -> None:
    first, second, third, hidden = (room.talk.say() for _ in range(4))
    room.talk.rows[hidden]["state"] = "withdrawn"
    await room.talk.save(room.db)
    mod = await room.hire("Ruth")
    await room.report(second, "one", reason="advert")
    clock.advance(minutes=1)
    await room.report(first, "one")
    await room.report(third, "one", "one", "two")
    async with room.db.read() as query:
        whole = await queue.page(query, mod, Wanted(), now=clock.now())
        assert [(row.comment_id, row.reporters) for row in whole.rows] == [(third, 2), (second, 1), (first, 1)]
        adverts = Wanted(filters=queue.Filters(reason="advert"))
        assert [row.comment_id for row in (await queue.page(query, mod, adverts, now=clock.now())).rows] == [second]


@pytest.mark.parametrize("kind", ["reported", "held"])
async def test_pages_of_a_queue_go_on_where_the_last_one_ended(room: Newsroom, kind: str) -> None:
    state = "held" if kind == "held" else "published"
    cases = [room.talk.say(state=state) for _ in range(7)]
    await room.talk.save(room.db)
    mod = await room.hire("Ruth")
    if kind == "reported":
        for number, case in enumerate(cases):
            clock.advance(minutes=1)
            await room.report(case, "one", *(["two"] if number % 3 == 0 else []))
    seen, after = [], None
    async with room.db.read() as query:
        while True:
            page = await queue.page(query, mod, Wanted(kind, after=after), now=clock.now(), size=2)
            seen += [row.comment_id for row in page.rows]
            after = page.after
            if after is None:
                break
        whole = await queue.page(query, mod, Wanted(kind), now=clock.now())
    assert seen == [row.comment_id for row in whole.rows]
    assert sorted(seen) == sorted(cases)


@pytest.mark.parametrize("cursor", ["!", "e30", "WzFd", "WyJhIiwgImIiXQ", "bnVsbA", "x" * 50])
async def test_a_cursor_that_is_none_is_refused(room: Newsroom, cursor: str) -> None:
    mod = await room.hire("Ruth")
    async with room.db.read() as query:
        with pytest.raises(Invalid, match=r"cursor\.invalid"):
            await queue.page(query, mod, Wanted("reported", after=cursor), now=clock.now())


async def test_what_i_hold_is_listed_with_the_one_that_runs_out_first(room: Newsroom) -> None:
    first, second = (room.talk.say(state="held") for _ in range(2))
    await room.talk.save(room.db)
    mod = await room.hire("Ruth")
    async with begin(room.db) as work:
        await claims.take(work, mod, second, minutes=15)
    clock.advance(minutes=5)
    async with begin(room.db) as work:
        await claims.take(work, mod, first, minutes=15)
    async with room.db.read() as query:
        mine = await queue.page(query, mod, Wanted("mine"), now=clock.now())
        assert [row.case_id for row in mine.rows] == [second, first]
        later = await queue.page(query, mod, Wanted("mine"), now=clock.now() + timedelta(minutes=12))
        assert [row.case_id for row in later.rows] == [first]


async def test_a_queue_narrowed_to_a_site_or_tier_shows_only_that(room: Newsroom) -> None:
    verified = await make_person(room.db, kind="name")
    one = room.talk.say(state="held", by=verified)
    room.talk.say(state="held")
    await room.talk.save(room.db)
    other = await make_site(room.db, "weekend")
    await make_thread(room.db, other, "http://news.localhost:8001/weekend")
    admin = await room.hire("Ada", "admin", site_id="")
    async with room.db.read() as query:
        by_tier = await queue.page(query, admin, Wanted("held", queue.Filters(tier="verified")), now=clock.now())
        elsewhere = await queue.page(query, admin, Wanted("held", queue.Filters(site_id=other)), now=clock.now())
    assert ([row.comment_id for row in by_tier.rows], list(elsewhere.rows)) == ([one], [])


async def test_an_undo_after_the_author_changed_the_text_is_refused(room: Newsroom) -> None:
    held = room.talk.say(state="held", hold_rule="links", published_at=None)
    await room.talk.save(room.db)
    mod = await room.hire("Ruth")
    approved = await room.decide(mod, held, "approve")
    async with begin(room.db) as work:
        await work.q.run(update(Comment.__table__).where(Comment.__table__.c.id == held).values(revision=2))
    with pytest.raises(Conflict, match=r"case\.stale"):
        await room.undo(mod, approved.id)

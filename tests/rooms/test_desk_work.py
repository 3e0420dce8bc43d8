"""What moderators do with more than one case and with each other: bulk, notes, hand-over, opinions, versions of rules."""

from datetime import timedelta

import pytest

from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts import names
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Conflict, Forbidden, Invalid
from commentbox.server.base.work import begin
from commentbox.server.moderation import bulk, claims, finding, notes, queue, views
from commentbox.server.moderation.models import Decision
from commentbox.server.moderation.queue import Filters, Wanted
from commentbox.server.moderation.seats import Seat
from commentbox.server.sites import actions as sites
from commentbox.server.sites import house_rules
from tests.factories import START, Talk, how_many, make_person, make_site, make_thread
from tests.newsroom import REASONS, Newsroom, make_newsroom


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START + timedelta(hours=2))
    return await make_newsroom(db)


async def look(room: Newsroom, seat: Seat, wanted: Wanted) -> list[str]:
    async with room.db.read() as query:
        return [row.case_id for row in (await queue.page(query, seat, wanted, now=clock.now())).rows]


async def tokens(room: Newsroom, seat: Seat, *ids: str) -> list[str]:
    async with room.db.read() as query:
        return [each.token for each in await bulk.look(query, seat, ids)]


async def test_several_cases_get_one_reason_each_its_own_statement_and_conflicts_are_told(room: Newsroom) -> None:
    first, second, moved = [room.talk.say(by=await make_person(room.db), state="held") for _ in range(3)]
    foreign = Talk(weekend := await make_site(room.db, "weekend"), await make_thread(room.db, weekend, "http://a.b/c"))
    away = foreign.say(state="held")
    await room.talk.save(room.db)
    await foreign.save(room.db)
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    looked = await tokens(room, ruth, first, second, moved, away, "nonsense")
    assert len(looked) == 3, "what belongs to another site is not there"
    await room.decide(jonas, moved, "approve")
    outcomes = await bulk.decide(room.db, ruth, looked, action="remove", reasons=REASONS)
    said = {each.selected.comment_id: each.refusal.code if each.refusal else None for each in outcomes}
    assert said == {first: None, second: None, moved: "case.stale"}
    assert [(await room.comment(each)).state for each in (first, second, moved)] == ["removed", "removed", "published"]
    assert [len(await room.statements(each)) for each in (first, second, moved)] == [1, 1, 0]


async def test_nothing_selected_or_no_reason_decides_nothing(room: Newsroom) -> None:
    held = room.talk.say(state="held")
    await room.talk.save(room.db)
    ruth = await room.hire("Ruth")
    with pytest.raises(Invalid, match=r"bulk\.none"):
        await tokens(room, ruth, "nonsense")
    looked = await tokens(room, ruth, held)
    with pytest.raises(Invalid, match=r"reasons\.ground_missing"):
        await bulk.decide(room.db, ruth, looked, action="remove", reasons=None)
    assert await how_many(room.db, Decision) == 0


async def test_a_case_is_handed_to_a_colleague_with_its_claim(room: Newsroom) -> None:
    held = room.talk.say(state="held")
    await room.talk.save(room.db)
    ruth, jonas, tess = await room.hire("Ruth"), await room.hire("Jonas"), await room.hire("Tess", "trainee")
    note = notes.Note(held, room.talk.site_id, "handover", text="You know this thread.", to=jonas.account_id)
    async with begin(room.db, actor=ruth.account_id) as work:
        await notes.leave(work, ruth, note)
    assert await look(room, jonas, Wanted("mine")) == [held]
    async with begin(room.db) as work:
        with pytest.raises(Conflict, match=r"case\.taken"):
            await notes.leave(work, ruth, notes.Note(held, room.talk.site_id, "handover", to=jonas.account_id))
        with pytest.raises(Invalid, match=r"note\.to"):
            await notes.leave(work, jonas, notes.Note(held, room.talk.site_id, "handover", to=tess.account_id))
    clock.advance(minutes=1)
    senior = await room.hire("Sena", "senior")
    async with begin(room.db) as work:
        await notes.leave(work, senior, notes.Note(held, room.talk.site_id, "handover", to=ruth.account_id))
    assert await look(room, ruth, Wanted("mine")) == [held]
    async with room.db.read() as query:
        assert [(row.by, row.to) for row in await notes.about(query, held)] == [("Ruth", "Jonas"), ("Sena", "Ruth")]


async def test_who_asks_for_a_second_opinion_does_not_get_the_case_again_but_others_do(room: Newsroom) -> None:
    held = room.talk.say(state="held")
    await room.talk.save(room.db)
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    async with begin(room.db) as work:
        await claims.take(work, ruth, held, minutes=15)
        await notes.leave(work, ruth, notes.Note(held, room.talk.site_id, "opinion", text="Satire?"))
        assert await queue.take_next(work, ruth, Wanted("held")) is None
        assert await queue.take_next(work, jonas, Wanted("held")) == held


async def test_an_auditor_leaves_no_note(room: Newsroom) -> None:
    held = room.talk.say(state="held")
    await room.talk.save(room.db)
    audrey = await room.hire("Audrey", "auditor")
    async with begin(room.db) as work:
        with pytest.raises(Forbidden, match=r"desk\.read_only"):
            await notes.leave(work, audrey, notes.Note(held, room.talk.site_id, "note", text="Hm."))


async def test_new_comments_are_new_until_somebody_looked_or_a_day_is_over_and_done_shows_what_was(
    room: Newsroom,
) -> None:
    first, second, imported, held = (room.talk.say(state=s) for s in ("published", "published", "published", "held"))
    room.talk.rows[imported]["imported_from"] = "disqus:1"
    await room.talk.save(room.db)
    ruth = await room.hire("Ruth")
    assert await look(room, ruth, Wanted("new")) == [first, second]
    await room.report(second, "one")
    assert (await look(room, ruth, Wanted("new")), await look(room, ruth, Wanted("reported"))) == ([first], [second])
    await room.decide(ruth, first, "approve")
    await room.decide(ruth, held, "remove")
    await room.decide(ruth, held, "restore")
    assert (await look(room, ruth, Wanted("new")), await look(room, ruth, Wanted("done"))) == ([], [held, first])
    clock.advance(days=1)
    assert await look(room, ruth, Wanted("new")) == []
    async with room.db.read() as query:
        counts = await queue.counts(query, ruth, filters=Filters(), now=clock.now())
    assert counts == {"new": 0, "reported": 1, "held": 0, "notices": 0, "appeals": 0, "mine": 0}


async def test_filters_by_thread_rule_language_and_age_leave_what_they_say(room: Newsroom) -> None:
    old, removed = room.talk.say(state="held"), room.talk.say(state="held")
    other = Talk(room.talk.site_id, await make_thread(room.db, room.talk.site_id, "http://news.localhost:8001/b"))
    elsewhere = other.say(state="held", created_at=clock.now())
    await room.talk.save(room.db)
    await other.save(room.db)
    ruth = await room.hire("Ruth")
    assert await look(room, ruth, Wanted("held", Filters(thread_id=other.thread_id))) == [elsewhere]
    assert set(await look(room, ruth, Wanted("held", Filters(hours=1)))) == {old, removed, elsewhere}
    assert await look(room, ruth, Wanted("held", Filters(hours=24))) == []
    assert await look(room, ruth, Wanted("held", Filters(among=frozenset()))) == []
    await room.decide(ruth, removed, "remove")
    assert await look(room, ruth, Wanted("done", Filters(rule=REASONS.ground))) == [removed]
    assert await look(room, ruth, Wanted("done", Filters(rule="4-no-contempt"))) == []


async def test_people_are_found_by_their_names_and_comments_by_words_on_ones_own_sites_only(room: Newsroom) -> None:
    gull = await make_person(room.db, "Gull Captain")
    async with begin(room.db) as work:
        await accounts.hold_name(work, names.check(gull.name), account_id=gull.account_id)
    said = room.talk.say("The clerk is a crook, 100 % sure.", by=gull)
    await room.talk.save(room.db)
    ruth, piet = await room.hire("Ruth"), await room.hire("Piet", site_id=await make_site(room.db, "weekend"))

    async def found(seat: Seat, words: str) -> tuple[list[str], list[str]]:
        async with room.db.read() as query:
            every = await finding.find(query, seat, words)
        return [row.account_id for row in every.people], [row.id for row in every.comments]

    assert await found(ruth, "gull cap") == await found(ruth, "GULL") == ([gull.account_id], [])
    assert await found(ruth, "100 % sur") == await found(ruth, "CROOK") == await found(ruth, said) == ([], [said])
    assert await found(ruth, gull.account_id) == ([gull.account_id], [])
    assert await found(ruth, "c_erk") == await found(ruth, "x") == ([], [])
    for words in ("gull", "crook", said, gull.account_id):
        assert await found(piet, words) == ([], [])


async def test_a_moderator_keeps_views_under_names_and_nobody_else_sees_them(room: Newsroom) -> None:
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    async with begin(room.db) as work:
        for name in ("b", "a", "b"):
            await views.keep(work, ruth.account_id, name, {"queue": "held", "tier": "verified"})
        assert [row.name for row in await views.of(work.q, ruth.account_id)] == ["a", "b"]
        assert list(await views.of(work.q, jonas.account_id)) == []
        await views.drop(work, ruth.account_id, "a")
        for number in range(views.MOST - 1):
            await views.keep(work, ruth.account_id, f"view {number}", {"queue": "new"})
        with pytest.raises(Conflict, match=r"view\.too_many"):
            await views.keep(work, ruth.account_id, "one more", {"queue": "new"})


async def test_house_rules_have_versions_and_a_statement_names_the_one_it_stands_on(room: Newsroom) -> None:
    held = room.talk.say(state="held")
    await room.talk.save(room.db)
    ruth = await room.hire("Ruth", "admin")
    text = f"{REASONS.ground}: Leave the person alone.\nBe kind."
    async with begin(room.db, actor=ruth.account_id) as work:
        assert await house_rules.change(work, room.talk.site_id, text, seen=1) == 2
        with pytest.raises(Conflict, match=r"rules\.stale"):
            await house_rules.change(work, room.talk.site_id, "Else.", seen=1)
        assert await house_rules.change(work, room.talk.site_id, text, seen=2) == 2, "nothing changed"
    await room.decide(ruth, held, "remove")
    statement = (await room.statements(held))[0]
    assert (statement.rules_version, statement.rule_text) == (2, "Leave the person alone.")
    async with room.db.read() as query:
        kept = await house_rules.history(query, room.talk.site_id)
        policy = (await sites.by_id(query, room.talk.site_id)).policy
    assert [(row.version, row.account_id) for row in kept] == [(2, ruth.account_id), (1, None)]
    assert [rule["code"] for rule in policy["house_rules"]] == [REASONS.ground, "rule-2"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "rules.number"),
        ("\n".join(["Be kind."] * 21), "rules.number"),
        ("a: Be kind.\na: Be brief.", "rules.twice"),
        ("Hm", "rules.length"),
        ("x" * 301, "rules.length"),
    ],
)
async def test_rules_that_are_none_are_refused(room: Newsroom, text: str, code: str) -> None:
    async with begin(room.db) as work:
        with pytest.raises(Invalid) as refused:
            await house_rules.change(work, room.talk.site_id, text, seen=1)
    assert refused.value.code == code

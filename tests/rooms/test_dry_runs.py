"""Dry runs: each comment is judged by what was known of its author then, in bounded time, and nothing is changed."""

from datetime import timedelta

import pytest

from commentbox.server.base import clock, jobs
from commentbox.server.base.db import Database
from commentbox.server.base.errors import NotFound
from commentbox.server.base.work import begin
from commentbox.server.moderation import dry_runs
from commentbox.server.sites import screening_drafts
from tests.factories import START, Talk, make_person, make_talk


async def tried(db: Database, talk: Talk, **settings) -> dict:
    """Draft settings, try them, and give the result."""
    async with begin(db) as work:
        await screening_drafts.save(work, talk.site_id, settings)
        run_id = await dry_runs.ask(work, talk.site_id)

    async def carry_out(payload: dict) -> None:
        await dry_runs.carry_out(db, payload["dry_run_id"])

    assert await jobs.run_due(db, {dry_runs.TRY: carry_out}) == 1
    async with db.read() as query:
        run = await dry_runs.latest_of(query, talk.site_id)
    assert run.id == run_id and run.done_at is not None
    return run.result


def rows(result: dict) -> list[tuple]:
    """Give kind, rule and the numbers of both tiers."""
    return [(row["kind"], row["rule"], row["verified"], row["unverified"]) for row in result["rows"]]


@pytest.fixture
async def talk(db: Database) -> Talk:
    clock.set(START + timedelta(days=2))
    return await make_talk(db)


async def test_only_an_accounts_first_comments_would_be_held_however_few_are_looked_at(db, talk, monkeypatch) -> None:
    old, new = await make_person(db), await make_person(db, kind="person")
    for number in range(6):
        talk.say(by=old, text_hash=f"o{number}")
    first, second = (talk.say(by=new, text_hash=f"n{number}") for number in range(2))
    await talk.save(db)
    monkeypatch.setattr(dry_runs, "COMMENTS", 5)
    result = await tried(db, talk, hold_first_n=1)
    assert (result["of"], result["looked"]) == (5, {"verified": 2, "unverified": 3})
    assert rows(result) == [("held", "first", 1, 0)] and result["rows"][0]["examples"] == [first] != [second]


async def test_what_was_refused_before_counts_and_what_came_later_does_not(db, talk) -> None:
    heron = await make_person(db)
    for number in range(5):
        talk.say(by=heron, text_hash=f"r{number}", state="removed" if number < 3 else "published")
    talk.say(by=heron, text_hash="then")
    await talk.save(db)
    assert rows(await tried(db, talk, hold_refused_percent=50)) == [("held", "refusals", 0, 1)]


async def test_stricter_and_looser_rules_are_told_apart_by_rule_and_tier(db, talk) -> None:
    heron, kestrel = await make_person(db), await make_person(db, kind="name")
    links = (
        '<p><a href="https://a.example">a</a> <a href="https://b.example">b</a> <a href="https://c.example">c</a></p>'
    )
    talk.say("See these", by=heron, html=links, text_hash="1", state="held", hold_rule="links")
    talk.say("x" * 900, by=kestrel, text_hash="2")
    talk.say("Short", by=kestrel, text_hash="3")
    await talk.save(db)
    result = await tried(db, talk, links_before_hold_unverified=5, max_length=500)
    assert rows(result) == [("freed", "links", 0, 1), ("blocked", "comment.too_long", 1, 0)]
    assert result["changed"] == {"verified": 1, "unverified": 1}
    async with db.read() as query:
        now, _then = await screening_drafts.drafted(query, talk.site_id)
    assert now.max_length == 5000, "a dry run switches nothing on"


async def test_when_time_runs_out_it_stops_and_says_how_far_it_came(db, talk, monkeypatch) -> None:
    for number in range(3):
        talk.say(by=await make_person(db), text_hash=str(number))
    await talk.save(db)
    monkeypatch.setattr(dry_runs, "MOST_SECONDS", 0)
    result = await tried(db, talk, hold_unverified=True)
    assert result["of"] == 3 and sum(result["looked"].values()) == 0


async def test_without_a_draft_there_is_nothing_to_try(db, talk) -> None:
    with pytest.raises(NotFound):
        async with begin(db) as work:
            await dry_runs.ask(work, talk.site_id)

"""Recommending and reporting, on both databases."""

import asyncio

import pytest
from sqlalchemy import select

from commentbox.server import reports, votes
from commentbox.server.base.errors import Conflict, Forbidden, Invalid, NotFound, TooMuch
from commentbox.server.base.work import begin
from commentbox.server.comments import retiering
from commentbox.server.comments.models import Comment
from commentbox.server.reports import Complaint, Report
from commentbox.server.threads import Thread
from commentbox.server.votes import Voter
from tests.factories import make_person, make_talk


def _voter(person) -> Voter:
    return Voter(person.account_id, person.tier, person.attestation_id)


async def _recommend(db, person, comment_id, *, on=True):
    async with begin(db) as work:
        return await votes.recommend(work, _voter(person), comment_id, on=on)


async def _report(db, comment_id, **complaint):
    async with begin(db) as work:
        return await reports.report(
            work, comment_id, Complaint(**{"reason": "attack", "text": "", "by": "a1"} | complaint)
        )


async def test_a_recommendation_counts_once_with_its_tier_and_can_be_taken_back(db):
    talk = await make_talk(db)
    comment_id = talk.say()
    await talk.save(db)
    verified, other = await make_person(db, kind="person"), await make_person(db)
    for _ in range(2):
        await _recommend(db, verified, comment_id)
    tally = await _recommend(db, other, comment_id)
    assert (tally.recommends_all, tally.recommends_verified, tally.mine) == (2, 1, True)
    for _ in range(2):
        tally = await _recommend(db, verified, comment_id, on=False)
    assert (tally.recommends_all, tally.recommends_verified, tally.mine) == (1, 0, False)
    async with db.read() as query:
        assert await votes.recommended_by(query, other.account_id, [comment_id]) == [comment_id]


async def test_reach_one_self_and_what_is_not_there_take_no_recommendation(db):
    talk = await make_talk(db)
    protected = await make_person(db, kind="person", reach="verified")
    stranger, known = await make_person(db), await make_person(db, kind="name")
    guarded = talk.say(by=protected)
    held, removed = talk.say(state="held"), talk.say(state="removed")
    await talk.save(db)
    for who, what, refusal in (
        (stranger, guarded, Forbidden),
        (protected, guarded, Forbidden),
        (known, held, NotFound),
        (known, removed, Conflict),
        (known, "0123456789abcdef", NotFound),
    ):
        with pytest.raises(refusal):
            await _recommend(db, who, what)
    assert (await _recommend(db, known, guarded)).recommends_verified == 1


async def test_many_recommendations_at_once_are_all_counted(db):
    talk = await make_talk(db)
    comment_id = talk.say()
    await talk.save(db)
    people = [await make_person(db, kind="person" if number % 2 else "none") for number in range(12)]
    await asyncio.gather(*(_recommend(db, each, comment_id) for each in people for _ in range(2)))
    async with db.read() as query:
        row = await query.first(select(Comment.__table__))
    assert (row.recommends_all, row.recommends_verified) == (12, 6)


async def test_a_revoked_attestation_loses_its_tier_everywhere(db):
    talk = await make_talk(db)
    verified, other = await make_person(db, kind="person"), await make_person(db, kind="name")
    top = talk.say(by=other)
    mine = talk.say(under=top, by=verified)
    await talk.save(db)
    await _recommend(db, verified, top)
    async with begin(db) as work:
        assert await retiering.lower_comments(work, verified.attestation_id, at_most=100) == 1
        assert await votes.lower_tier(work, verified.attestation_id, at_most=100) == 1
    async with db.read() as query:
        rows = {row.id: row for row in await query.all(select(Comment.__table__))}
        thread = await query.first(select(Thread.__table__))
    assert (rows[mine].tier, rows[mine].kind) == ("unverified", "none")
    assert (rows[top].descendants_all, rows[top].descendants_verified) == (1, 0)
    assert (rows[top].recommends_all, rows[top].recommends_verified) == (1, 0)
    assert (thread.total, thread.verified_total) == (2, 1)


async def test_a_report_counts_once_an_address_and_once_an_account_and_hides_nothing(db):
    talk = await make_talk(db)
    comment_id = talk.say()
    await talk.save(db)
    person = await make_person(db)
    assert await _report(db, comment_id, account_id=person.account_id)
    assert not await _report(db, comment_id)
    assert not await _report(db, comment_id, by="a2", account_id=person.account_id)
    assert await _report(db, comment_id, by="a3", reason="illegal", text="Because.")
    async with db.read() as query:
        assert len(await reports.open_reports(query, comment_id)) == 2
        row = await query.first(select(Comment.__table__))
        assert row.state == "published"
        assert len(await query.all(select(Report.__table__))) == 2


async def test_reports_are_refused_with_a_reason(db):
    talk = await make_talk(db)
    held = talk.say(state="held")
    await talk.save(db)
    with pytest.raises(NotFound):
        await _report(db, held)
    with pytest.raises(Invalid):
        await _report(db, held, reason="because")
    with pytest.raises(TooMuch):
        await _report(db, held, text="x" * 2001)

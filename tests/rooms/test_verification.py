"""Attempts and attestations: begun with a fresh passkey, claimed once in one browser, one badge a person."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from commentbox.server.accounts.models import Account, Standing
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Refusal
from commentbox.server.base.ids import new_id
from commentbox.server.base.models import Job, Journal
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.verification import actions, journey, queries, rules
from commentbox.server.verification.models import Attempt, Attestation
from commentbox.server.verification.providers.demo import DemoProvider
from tests.factories import how_many, make_person

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RETURN_URL = "http://comments.localhost:8000/verify/back/demo"
DEMO = DemoProvider(switched_on=True)


@pytest.fixture(autouse=True)
def noon() -> None:
    clock.set(NOON)


class Verifying:
    """The room with the demo provider, for one person after the other."""

    def __init__(self, db: Database, keyring: Keyring) -> None:
        self.db, self.keyring = db, keyring

    async def leave(self, account_id: str, *, fresh: bool = True) -> tuple[str, str]:
        leaver = journey.Leaver(account_id=account_id, return_url=RETURN_URL)
        leaving = await journey.leave(self.db, DEMO, leaver=leaver, fresh=fresh)
        return leaving.url.partition("state=")[2].partition("&")[0], leaving.browser

    async def come_back(self, account_id: str, state: str, browser: str, **form: str) -> rules.Grant:
        params = {"state": state, "subject": "ada", "name": "Ada Lovelace"} | form
        returning = journey.Returning(account_id=account_id, browser=browser, params=params)
        return await journey.come_back(self.db, DEMO, returning, keyring=self.keyring, badge_months=24)

    async def verify(self, account_id: str, **form: str) -> rules.Grant:
        return await self.come_back(account_id, *await self.leave(account_id), **form)

    async def revoke(self, account_id: str, why: rules.RevokedWhy = "person") -> list[str]:
        async with begin(self.db, actor=account_id) as work:
            return await actions.revoke(work, account_id, why)

    async def badge(self, account_id: str) -> tuple[Any, ...]:
        async with self.db.read() as query:
            held = await queries.verified_as(query, account_id, now=clock.now())
        return (held.kind, held.method, held.month, held.expires_at.date()) if held else ("none",)

    async def outcomes(self) -> list[str]:
        return [row.outcome for row in await self.rows(Attempt)]

    async def rows(self, model: Any) -> list[Any]:
        async with self.db.read() as query:
            return list(await query.all(select(model.__table__).order_by(model.__table__.c.id)))


@pytest.fixture
def room(db: Database, keyring: Keyring) -> Verifying:
    return Verifying(db, keyring)


async def refused(call: Any) -> str:
    with pytest.raises(Refusal) as caught:
        await call
    return caught.value.code


async def test_a_person_under_a_pen_name_becomes_a_verified_person(room: Verifying):
    kestrel = await make_person(room.db, "Kestrel")
    assert (await room.verify(kestrel.account_id, method="bank")).kind == "person"
    assert await room.badge(kestrel.account_id) == ("person", "bank", date(2026, 11, 1), date(2028, 11, 30))
    assert await room.outcomes() == ["verified"]


async def test_a_name_that_matches_holds_until_the_account_is_renamed(room: Verifying):
    ada = await make_person(room.db, "Ada Lovelace")
    assert (await room.verify(ada.account_id)).kind == "name"
    assert (await room.badge(ada.account_id))[0] == "name"
    async with begin(room.db) as work:
        await work.q.run(update(Account.__table__).values(name="Kestrel", name_version=2))
    assert (await room.badge(ada.account_id))[0] == "person"


async def test_a_badge_ends(room: Verifying):
    ada = await make_person(room.db)
    await room.verify(ada.account_id)
    clock.set(datetime(2028, 11, 30, 23, 59, 58, tzinfo=UTC))
    assert (await room.badge(ada.account_id))[0] == "person"
    clock.set(datetime(2028, 12, 1, tzinfo=UTC))
    assert (await room.badge(ada.account_id))[0] == "none"


async def test_without_a_fresh_passkey_nothing_begins(room: Verifying):
    ada = await make_person(room.db)
    assert await refused(room.leave(ada.account_id, fresh=False)) == "verification.passkey_needed"
    assert await how_many(room.db, Attempt) == 0


async def test_an_account_that_is_gone_cannot_verify(room: Verifying):
    gone = await make_person(room.db, deleted_at=NOON)
    assert await refused(room.leave(gone.account_id)) == "account.unknown"
    assert await refused(room.leave("0" * 16)) == "account.unknown"


async def test_an_attempt_works_once(room: Verifying):
    ada = await make_person(room.db)
    state, browser = await room.leave(ada.account_id)
    await room.come_back(ada.account_id, state, browser)
    assert await refused(room.come_back(ada.account_id, state, browser)) == "verification.attempt_gone"
    assert await how_many(room.db, Attestation) == 1


async def test_two_answers_to_one_attempt_earn_one_badge(room: Verifying):
    ada = await make_person(room.db)
    state, browser = await room.leave(ada.account_id)
    both = (room.come_back(ada.account_id, state, browser), room.come_back(ada.account_id, state, browser))
    ends = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["Gone", "Grant"]
    assert await how_many(room.db, Attestation) == 1


async def test_two_tabs_of_one_browser_may_both_come_back(room: Verifying):
    ada = await make_person(room.db)
    state, browser = await room.leave(ada.account_id)
    leaver = journey.Leaver(account_id=ada.account_id, return_url=RETURN_URL, browser=browser)
    second = await journey.leave(room.db, DEMO, leaver=leaver, fresh=True)
    assert second.browser == browser
    assert (await room.come_back(ada.account_id, state, browser)).kind == "person"


async def test_an_attempt_runs_out(room: Verifying):
    ada = await make_person(room.db)
    state, browser = await room.leave(ada.account_id)
    clock.advance(minutes=rules.ATTEMPT_MINUTES)
    assert await refused(room.come_back(ada.account_id, state, browser)) == "verification.attempt_gone"


@pytest.mark.parametrize("state", ["", "guessed", "é"])
async def test_a_state_we_did_not_give_is_refused(room: Verifying, state: str):
    ada = await make_person(room.db)
    _, browser = await room.leave(ada.account_id)
    assert await refused(room.come_back(ada.account_id, state, browser)) == "verification.attempt_gone"


async def test_another_browser_or_account_cannot_finish_an_attempt_and_does_not_spoil_it(room: Verifying):
    ada, mallory = await make_person(room.db), await make_person(room.db)
    state, browser = await room.leave(ada.account_id)
    _, mallorys = await room.leave(mallory.account_id)
    for account, token in ((ada, mallorys), (ada, ""), (mallory, browser), (mallory, mallorys)):
        call = room.come_back(account.account_id, state, token)
        assert await refused(call) == "verification.other_browser"
    assert (await room.come_back(ada.account_id, state, browser)).kind == "person"
    assert await room.badge(mallory.account_id) == ("none",)


async def test_an_answer_of_another_provider_does_not_count(room: Verifying):
    ada = await make_person(room.db)
    state, browser = await room.leave(ada.account_id)
    async with begin(room.db) as work:
        call = actions.claim(work, ada.account_id, provider="bank", state=state, browser=browser)
        assert await refused(call) == "verification.attempt_gone"


async def test_a_second_account_of_the_same_person_is_refused(room: Verifying):
    first, second = await make_person(room.db), await make_person(room.db)
    await room.verify(first.account_id)
    assert await refused(room.verify(second.account_id)) == "verification.already_elsewhere"
    assert await room.outcomes() == ["verified", "refused"]
    assert await room.badge(second.account_id) == ("none",)
    assert (await room.verify(second.account_id, subject="grace")).kind == "person"


async def test_two_accounts_of_one_person_at_the_same_moment_get_one_badge(room: Verifying):
    people = [await make_person(room.db) for _ in range(2)]
    ends = await asyncio.gather(*(room.verify(each.account_id) for each in people), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["Conflict", "Grant"]


async def test_verifying_again_renews(room: Verifying):
    ada = await make_person(room.db)
    await room.verify(ada.account_id, method="bank")
    clock.set(datetime(2027, 2, 3, tzinfo=UTC))
    await room.verify(ada.account_id, method="document")
    assert await room.badge(ada.account_id) == ("person", "document", date(2027, 2, 1), date(2029, 2, 28))
    old, new = await room.rows(Attestation)
    assert (old.person_key, old.revoked_at) == (None, None)
    assert new.person_key.startswith("v1:")


async def test_a_badge_that_was_given_up_or_ran_out_makes_room_for_another_account(room: Verifying):
    first, second, third = [await make_person(room.db) for _ in range(3)]
    await room.verify(first.account_id)
    await room.revoke(first.account_id)
    assert (await room.verify(second.account_id)).kind == "person"
    clock.set(datetime(2029, 1, 1, tzinfo=UTC))
    assert (await room.verify(third.account_id)).kind == "person"


async def test_revoking_leaves_the_job_that_takes_the_tier_back_for_every_attestation(room: Verifying):
    ada = await make_person(room.db)
    await room.verify(ada.account_id)
    await room.verify(ada.account_id)
    ids = await room.revoke(ada.account_id)
    assert await room.badge(ada.account_id) == ("none",)
    jobs = await room.rows(Job)
    assert [(job.kind, job.payload) for job in jobs] == [("retier", {"attestation_id": each}) for each in ids]
    assert len(ids) == 2
    rows = await room.rows(Attestation)
    assert all(row.revoked_why == "person" and row.person_key is None for row in rows)
    assert await refused(room.revoke(ada.account_id)) == "verification.none"


async def test_fraud_keeps_the_key_and_bars_the_person(room: Verifying):
    first, second = await make_person(room.db), await make_person(room.db)
    await room.verify(first.account_id)
    await room.revoke(first.account_id, "fraud")
    assert await refused(room.verify(second.account_id)) == "verification.barred"
    assert await refused(room.verify(first.account_id)) == "verification.barred"


@pytest.mark.parametrize("measure", ["banned", "silenced", "held_first"])
async def test_a_measure_survives_giving_the_badge_up(room: Verifying, measure: str):
    banned, fresh = await make_person(room.db), await make_person(room.db)
    await room.verify(banned.account_id)
    until = NOON + timedelta(days=30)
    async with begin(room.db) as work:
        standing = Standing(
            id=new_id(NOON), account_id=banned.account_id, kind=measure, since=NOON, until=until, site_id="s"
        )
        await work.q.add(standing)
    await room.revoke(banned.account_id)
    assert await refused(room.verify(fresh.account_id)) == "verification.standing_open"
    clock.set(until)
    assert (await room.verify(fresh.account_id)).kind == "person"


async def test_a_person_who_says_no_may_try_again(room: Verifying):
    ada = await make_person(room.db)
    assert await refused(room.verify(ada.account_id, refuse="1")) == "provider.declined"
    assert await room.outcomes() == ["declined"]
    assert (await room.verify(ada.account_id)).kind == "person"


async def test_the_state_of_a_verification_is_known(room: Verifying):
    async def state() -> str:
        async with room.db.read() as query:
            return await queries.state_of(query, ada.account_id, now=clock.now())

    ada = await make_person(room.db)
    assert await state() == "none"
    left = await room.leave(ada.account_id)
    assert await state() == "pending"
    await room.come_back(ada.account_id, *left)
    assert await state() == "verified"


async def test_attempts_are_forgotten_after_thirty_days(room: Verifying):
    ada = await make_person(room.db)
    await room.leave(ada.account_id)
    await room.verify(ada.account_id)
    clock.advance(days=29)
    async with begin(room.db) as work:
        assert await actions.sweep(work) == 0
    assert [(row.outcome, row.keep) for row in await room.rows(Attempt)] == [("expired", {}), ("verified", {})]
    clock.advance(days=1, seconds=1)
    async with begin(room.db) as work:
        assert await actions.sweep(work) == 2


async def test_the_journal_knows_ids_and_codes_only(room: Verifying):
    ada = await make_person(room.db, "Ada Lovelace")
    await room.verify(ada.account_id)
    await room.revoke(ada.account_id)
    attestation = (await room.rows(Attestation))[0].id
    entries = [(row.kind, row.subject_id, row.data) for row in await room.rows(Journal)]
    assert entries == [
        ("identity.verified", ada.account_id, {"attestation_id": attestation, "of": "name"}),
        ("identity.revoked", ada.account_id, {"attestation_id": attestation, "why": "person"}),
    ]


async def test_nothing_more_than_a_month_is_kept_of_the_check(room: Verifying):
    ada = await make_person(room.db)
    await room.verify(ada.account_id)
    row = (await room.rows(Attestation))[0]
    assert (row.month, row.expires_at) == (date(2026, 11, 1), datetime(2028, 11, 30, 23, 59, 59, tzinfo=UTC))

"""Sessions held at a provider: webhooks only hint, fetches are believed, and any order of either ends in the same place."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from commentbox.server.base import clock, jobs
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Refusal
from commentbox.server.base.models import Job
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.verification import actions, journey, queries, session_states, sessions, settling
from commentbox.server.verification.models import Attempt, Attestation, ProviderEvent, ProviderSession
from tests.factories import how_many, make_person
from tests.hosted.checker import Checker, Held, checker
from tests.hosted.configured import RETURN_URL, hosted
from tests.hosted.voices import VOICES, secret_of

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def services() -> Iterator[Checker]:
    with checker(VOICES) as running:
        yield running


@pytest.fixture(autouse=True)
def noon(services: Checker) -> None:
    clock.set(NOON)
    services.down = 0


class Walk:
    """One service and our side of it; jobs run when told."""

    def __init__(self, db: Database, keyring: Keyring, services: Checker, folder: Path, **more: Any) -> None:
        self.db, self.keyring, self.services = db, keyring, services
        self.voice = more.pop("voice", "standard")
        self.provider = hosted(folder, services, self.voice, **more)
        self.setting = sessions.Setting(db, keyring, 24, 72)
        self.retiered: list[str] = []

    async def leave(self, account_id: str) -> Held:
        leaver = journey.Leaver(account_id=account_id, return_url=RETURN_URL)
        await journey.leave(self.db, self.provider, leaver=leaver, fresh=True, keyring=self.keyring)
        return list(self.services.sessions.values())[-1]

    async def hear(self, held: Held, number: int = 1, **more: Any) -> None:
        at = more.get("at", int(clock.now().timestamp()))
        headers, body = VOICES[self.voice].event(held, number, at, secret_of(self.voice))
        await sessions.hear(self.setting, self.provider, headers, body)

    async def work_off(self) -> int:
        known = {self.provider.name: self.provider}

        async def look(payload: dict[str, Any]) -> None:
            await sessions.look_by_job(self.setting, known, payload)

        async def redact(payload: dict[str, Any]) -> None:
            await sessions.redact_by_job(self.setting, known, payload)

        async def retier(payload: dict[str, Any]) -> None:
            self.retiered.append(payload["attestation_id"])

        return await jobs.run_due(self.db, {settling.LOOK: look, settling.REDACT: redact, "retier": retier})

    async def badge(self, account_id: str) -> str:
        async with self.db.read() as query:
            held = await queries.verified_as(query, account_id, now=clock.now())
        return held.kind if held else "none"

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows(ProviderSession)]

    async def rows(self, model: Any) -> list[Any]:
        async with self.db.read() as query:
            return list(await query.all(select(model.__table__)))


@pytest.fixture
def walk(db: Database, keyring: Keyring, services: Checker, tmp_path: Path) -> Walk:
    return Walk(db, keyring, services, tmp_path)


def says(held: Held, outcome: str, *, name: str = "Ada Lovelace", number: str = "X1") -> None:
    held.outcome, held.name, held.number = outcome, name, number


async def test_a_webhook_alone_gives_nothing_and_the_look_it_causes_gives_the_badge(walk: Walk):
    kestrel = await make_person(walk.db, "Kestrel")
    held = await walk.leave(kestrel.account_id)
    says(held, "verified")
    await walk.hear(held)
    assert await walk.badge(kestrel.account_id) == "none"
    await walk.work_off()
    assert await walk.badge(kestrel.account_id) == "person"
    assert await walk.states() == ["verified"]
    assert [row.outcome for row in await walk.rows(Attempt)] == ["verified"]


async def test_a_webhook_that_lies_is_not_believed(walk: Walk):
    kestrel = await make_person(walk.db, "Kestrel")
    held = await walk.leave(kestrel.account_id)
    says(held, "verified")
    headers, body = VOICES["standard"].event(held, 1, int(NOON.timestamp()), secret_of("standard"))
    says(held, "declined")
    await sessions.hear(walk.setting, walk.provider, headers, body)
    await walk.work_off()
    assert await walk.badge(kestrel.account_id) == "none" and await walk.states() == ["declined"]


async def test_an_event_is_looked_into_once_and_a_stranger_never(walk: Walk):
    kestrel = await make_person(walk.db, "Kestrel")
    held = await walk.leave(kestrel.account_id)
    for _ in range(3):
        await walk.hear(held)
    await walk.hear(Held("s-of-somebody-else", "standard", ""))
    assert await how_many(walk.db, ProviderEvent) == 1
    assert await walk.work_off() == 1


async def test_a_forged_event_leaves_nothing(walk: Walk):
    held = await walk.leave((await make_person(walk.db)).account_id)
    with pytest.raises(Refusal, match=r"webhook\.not_authentic"):
        await sessions.hear(walk.setting, walk.provider, {}, b"{}")
    headers, body = VOICES["standard"].event(held, 1, int(NOON.timestamp()) - 301, secret_of("standard"))
    with pytest.raises(Refusal, match=r"webhook\.stale"):
        await sessions.hear(walk.setting, walk.provider, headers, body)
    assert await how_many(walk.db, ProviderEvent) == 0 and await walk.work_off() == 0


async def test_a_name_that_matches_makes_a_verified_name(walk: Walk):
    ada = await make_person(walk.db, "Ada Lovelace")
    held = await walk.leave(ada.account_id)
    says(held, "verified")
    await walk.hear(held)
    await walk.work_off()
    assert await walk.badge(ada.account_id) == "name"


async def test_where_every_webhook_is_lost_we_ask_ourselves(walk: Walk):
    kestrel = await make_person(walk.db)
    held = await walk.leave(kestrel.account_id)
    clock.advance(minutes=2)
    assert await walk.work_off() == 1 and await walk.states() == ["pending"]
    clock.advance(days=2)
    says(held, "verified")
    await walk.work_off()
    assert await walk.badge(kestrel.account_id) == "person"


async def test_a_provider_that_is_down_for_a_day_is_asked_again_also_after_a_restart(walk: Walk, tmp_path: Path):
    kestrel = await make_person(walk.db)
    held = await walk.leave(kestrel.account_id)
    says(held, "verified")
    walk.services.down = 503
    await walk.hear(held)
    pauses = []
    for _ in range(10):
        assert await walk.work_off() >= 1
        following = min(row.not_before for row in await walk.rows(Job) if row.done_at is None)
        pauses.append(following - clock.now())
        clock.set(following)
    assert max(pauses) > timedelta(minutes=20) and min(pauses) >= timedelta(0)
    walk.services.down = 0
    restarted = Walk(walk.db, walk.keyring, walk.services, tmp_path)
    clock.advance(hours=6)
    await restarted.work_off()
    assert await walk.badge(kestrel.account_id) == "person"


async def test_nobody_asks_for_ever(walk: Walk):
    await walk.leave((await make_person(walk.db)).account_id)
    for _ in range(8):
        clock.advance(hours=24)
        await walk.work_off()
    async with begin(walk.db) as work:
        await settling.sweep(work)
    assert [(row.state, row.sealed) for row in await walk.rows(ProviderSession)] == [("expired", None)]
    clock.advance(days=1)
    assert await walk.work_off() == 0


async def test_months_later_red_takes_the_badge_back_everywhere(walk: Walk):
    kestrel = await make_person(walk.db)
    held = await walk.leave(kestrel.account_id)
    says(held, "verified")
    await walk.hear(held)
    await walk.work_off()
    for _ in range(5):
        clock.advance(days=40)
        async with begin(walk.db) as work:
            await settling.sweep(work)
            await actions.sweep(work)
    row = (await walk.rows(ProviderSession))[0]
    assert (row.looked_at, row.expires_at, row.attempt_id, row.sealed) == (None, None, None, None)
    says(held, "declined")
    await walk.hear(held, number=2)
    await walk.work_off()
    assert await walk.badge(kestrel.account_id) == "none"
    attestation = (await walk.rows(Attestation))[0]
    assert attestation.revoked_why == "provider" and walk.retiered == [attestation.id]


async def test_fraud_bars_the_person_and_green_news_does_not_undo_it(walk: Walk):
    kestrel, heron = await make_person(walk.db), await make_person(walk.db)
    held = await walk.leave(kestrel.account_id)
    for number, outcome in enumerate(("verified", "fraud", "verified")):
        says(held, outcome)
        await walk.hear(held, number)
        await walk.work_off()
    assert await walk.states() == ["fraud"] and await walk.badge(kestrel.account_id) == "none"
    again = await walk.leave(heron.account_id)
    says(again, "verified")
    await walk.hear(again, 9)
    await walk.work_off()
    assert sorted(await walk.states()) == ["fraud", "refused"]
    async with walk.db.read() as query:
        last = await queries.last_session(query, heron.account_id)
    assert last is not None and last.refused == "verification.barred"


async def test_taking_ones_own_badge_away_first_is_no_way_out_of_fraud(walk: Walk):
    kestrel = await make_person(walk.db)
    held = await walk.leave(kestrel.account_id)
    says(held, "verified")
    await walk.hear(held)
    await walk.work_off()
    async with begin(walk.db, actor=kestrel.account_id) as work:
        await actions.revoke(work, kestrel.account_id, "wish")
    says(held, "fraud")
    await walk.hear(held, 2)
    await walk.work_off()
    assert [row.revoked_why for row in await walk.rows(Attestation)] == ["fraud"]


async def test_red_for_an_old_session_leaves_a_newer_badge(walk: Walk):
    kestrel = await make_person(walk.db)
    first = await walk.leave(kestrel.account_id)
    says(first, "verified")
    await walk.hear(first)
    await walk.work_off()
    second = await walk.leave(kestrel.account_id)
    says(second, "verified", number="X2")
    await walk.hear(second, 2)
    await walk.work_off()
    says(first, "declined")
    await walk.hear(first, 3)
    await walk.work_off()
    assert await walk.badge(kestrel.account_id) == "person" and len(walk.retiered) == 1


async def test_an_answer_that_was_overtaken_is_asked_for_again(walk: Walk):
    kestrel = await make_person(walk.db)
    held = await walk.leave(kestrel.account_id)
    says(held, "verified")
    older = await walk.provider.fetch(held.id)
    handle = sessions.handle_of(walk.keyring, "hosted", held.id)
    says(held, "declined")
    clock.advance(seconds=1)
    assert (await sessions.look(walk.setting, walk.provider, held.id)).state == "declined"
    async with begin(walk.db) as work:
        looked = settling.Looked(handle, older, NOON)
        assert await settling.settle(work, looked, walk.setting.terms) == settling.OVERTAKEN
    assert await walk.badge(kestrel.account_id) == "none"


async def test_two_looks_at_once_give_one_badge(walk: Walk):
    kestrel = await make_person(walk.db)
    held = await walk.leave(kestrel.account_id)
    says(held, "verified")
    looks = [sessions.look(walk.setting, walk.provider, held.id) for _ in range(2)]
    assert {each.state for each in await asyncio.gather(*looks)} <= {"verified", settling.OVERTAKEN}
    assert await how_many(walk.db, Attestation) == 1


async def test_the_database_knows_no_session_or_event_by_its_id(walk: Walk):
    held = await walk.leave((await make_person(walk.db)).account_id)
    await walk.hear(held, 77)
    rows = [
        *await walk.rows(ProviderSession),
        *await walk.rows(ProviderEvent),
        *await walk.rows(Job),
        *await walk.rows(Attempt),
    ]
    assert held.id not in repr(rows) and "msg_77" not in repr(rows)
    await walk.work_off()
    assert all(row.payload == {} for row in await walk.rows(Job) if row.done_at)


async def test_another_master_secret_opens_nothing(walk: Walk):
    held = await walk.leave((await make_person(walk.db)).account_id)
    says(held, "verified")
    walk.setting = sessions.Setting(walk.db, Keyring(b"another master secret of the tests"), 24, 72)
    clock.advance(minutes=2)
    assert await walk.work_off() == 1 and await walk.states() == ["pending"]


@pytest.mark.parametrize("voice", ["stripe", "veriff", "onfido"])
async def test_a_session_is_redacted_once_its_answer_is_known(
    db: Database, keyring: Keyring, services: Checker, tmp_path: Path, voice: str
):
    walk = Walk(db, keyring, services, tmp_path, voice=voice, redact=True)
    kestrel = await make_person(db)
    held = await walk.leave(kestrel.account_id)
    says(held, "verified")
    await walk.hear(held)
    await walk.work_off()
    assert held.outcome == "gone" and await walk.badge(kestrel.account_id) == "person"
    await walk.hear(held, 2)
    await walk.work_off()
    assert await walk.badge(kestrel.account_id) == "person", "a session that is forgotten is no bad news"


TRUTHS = st.sampled_from([
    ("pending",), ("verified",), ("declined",), ("fraud",), ("pending", "verified"), ("pending", "declined"),
    ("verified", "declined"), ("pending", "verified", "declined"), ("declined", "verified"), ("verified", "gone"),
    ("verified", "fraud"), ("pending", "verified", "fraud"), ("verified", "declined", "fraud"), ("pending", "fraud"),
])  # fmt: skip
"""How services change their minds; the last is how it stands when we last look."""


@given(truth=TRUTHS.filter(lambda truth: "gone" not in truth), data=st.data())
def test_the_table_ends_where_the_last_answers_lead_whatever_was_seen_between(
    truth: tuple[str, ...], data: st.DataObject
):
    seen = [each for each in truth[:-1] if data.draw(st.booleans())] + [truth[-1]]
    repeated = [each for each in seen for _ in range(data.draw(st.integers(1, 3)))]
    states = []
    for trace in (truth, tuple(repeated)):
        state: Any = "pending"
        for outcome in trace:
            state = session_states.turn(state, outcome)  # type: ignore[arg-type]
        states.append(state)
    has_badge = [state == "verified" for state in states]
    assert has_badge[0] == has_badge[1] and (states[0] == "fraud") == (states[1] == "fraud")


class Trace:
    """The events of one session and what becomes of them: in which order, how often, and which are lost."""

    def __init__(self, data: st.DataObject) -> None:
        self.truth = data.draw(TRUTHS)
        order = data.draw(st.permutations(range(len(self.truth))))
        self.heard = [each for each in order for _ in range(data.draw(st.integers(0, 2)))]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_order_repetition_or_loss_of_a_trace_ends_in_the_same_state(walk: Walk, data: st.DataObject):
    trace = Trace(data)
    ends = []
    for heard in ([], list(range(len(trace.truth))), trace.heard):
        clock.set(NOON)
        ada = await make_person(walk.db)
        held = await walk.leave(ada.account_id)
        events = []
        for number, outcome in enumerate(trace.truth):
            says(held, outcome, number=ada.account_id)
            events.append(VOICES["standard"].event(held, number, int(NOON.timestamp()), secret_of("standard")))
        for number in heard:
            headers, body = events[number]
            await sessions.hear(walk.setting, walk.provider, headers, body)
            await walk.work_off()
        clock.advance(minutes=2)
        await walk.work_off()
        rows = await walk.rows(ProviderSession)
        state = next(row.state for row in rows if row.account_id == ada.account_id)
        ends.append((state, await walk.badge(ada.account_id)))
    assert len(set(ends)) == 1, (trace.truth, trace.heard)

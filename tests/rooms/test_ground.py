"""The ground floor on both databases: units of work, one-time things, budgets, jobs, the journal."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from commentbox.server.base import chain, clock, jobs, journal, limits, once
from commentbox.server.base.errors import Gone, TooMany
from commentbox.server.base.models import Job, Journal
from commentbox.server.base.work import begin

_journal = Journal.__table__


async def _seal_all(db):
    while await journal.seal(db):
        pass


async def test_a_unit_that_fails_leaves_nothing_behind(db):
    with pytest.raises(RuntimeError):
        async with begin(db) as work:
            work.record("thing.happened")
            await work.flush()
            raise RuntimeError
    async with db.read() as query:
        assert await query.scalar(select(func.count()).select_from(_journal)) == 0


async def test_many_units_at_once_all_commit_and_a_failing_one_harms_no_other(db):
    async def unit(number: int) -> None:
        async with begin(db) as work:
            work.record("thing.happened", number=number)
            await work.flush()
            if number % 5 == 0:
                raise ValueError(number)

    results = await asyncio.gather(*(unit(number) for number in range(40)), return_exceptions=True)
    assert sum(isinstance(result, ValueError) for result in results) == 8
    assert sum(result is None for result in results) == 32
    async with db.read() as query:
        rows = await query.all(select(_journal.c.data))
    assert sorted(row.data["number"] for row in rows) == [number for number in range(40) if number % 5]


async def test_a_unit_that_is_cancelled_while_waiting_does_not_keep_the_others_from_finishing(db):
    entered = asyncio.Event()
    leave = asyncio.Event()

    async def slow() -> None:
        async with begin(db) as work:
            work.record("slow.happened")
            entered.set()
            await leave.wait()

    async def quick() -> None:
        async with begin(db) as work:
            work.record("quick.happened")

    first = asyncio.create_task(slow())
    await entered.wait()
    waiting = [asyncio.create_task(quick()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[-1].cancel()
    leave.set()
    results = await asyncio.wait_for(asyncio.gather(first, *waiting, return_exceptions=True), 10)
    assert results[:3] == [None, None, None]
    async with begin(db) as work:
        assert await work.q.scalar(select(func.count()).select_from(_journal)) >= 3


async def test_a_one_time_thing_is_taken_once_even_by_many_at_once(db):
    async with begin(db) as work:
        await once.put(work, "nonce", "secret", data={"n": 1}, minutes=5)

    async def take() -> dict:
        async with begin(db) as work:
            return await once.take(work, "nonce", "secret")

    results = await asyncio.gather(*(take() for _ in range(8)), return_exceptions=True)
    assert [result for result in results if isinstance(result, dict)] == [{"n": 1}]
    assert sum(isinstance(result, Gone) for result in results) == 7


async def test_a_one_time_thing_runs_out(db):
    async with begin(db) as work:
        await once.put(work, "nonce", "secret", data={}, minutes=2)
    clock.advance(minutes=3)
    async with db.read() as query:
        assert await once.peek(query, "nonce", "secret") is None
    with pytest.raises(Gone):
        async with begin(db) as work:
            await once.take(work, "nonce", "secret")


async def test_a_budget_ends_and_opens_again(db):
    clock.set(datetime(2026, 11, 22, 12, 0, 10, tzinfo=UTC))
    for _ in range(3):
        async with begin(db) as work:
            await limits.spend(work, "post", "somebody", at_most=3, minutes=60)
    with pytest.raises(TooMany) as refused:
        async with begin(db) as work:
            await limits.spend(work, "post", "somebody", at_most=3, minutes=60)
    assert 3500 < refused.value.data["seconds"] <= 3601
    async with begin(db) as work:
        await limits.spend(work, "post", "somebody else", at_most=3, minutes=60)
    clock.advance(minutes=61)
    async with begin(db) as work:
        await limits.spend(work, "post", "somebody", at_most=3, minutes=60)


async def test_a_budget_is_kept_by_many_at_once(db):
    async def spend() -> None:
        async with begin(db) as work:
            await limits.spend(work, "vote", "me", at_most=5, minutes=60)

    results = await asyncio.gather(*(spend() for _ in range(12)), return_exceptions=True)
    assert sum(result is None for result in results) == 5
    assert sum(isinstance(result, TooMany) for result in results) == 7


async def test_the_journal_is_sealed_without_gaps_and_its_chain_holds(db):
    for number in range(7):
        async with begin(db) as work:
            work.record("thing.happened", number=number)
    await asyncio.gather(*(journal.seal(db) for _ in range(3)), return_exceptions=True)
    await _seal_all(db)
    async with db.read() as query:
        rows = await query.all(select(_journal).order_by(_journal.c.position))
        assert [row.position for row in rows] == list(range(1, 8))
        assert await chain.verify(query) is None


@pytest.mark.parametrize("attack", ["edit", "delete", "reorder"])
async def test_an_attack_on_the_journal_is_found(db, attack):
    for number in range(6):
        async with begin(db) as work:
            work.record("thing.happened", number=number)
    await _seal_all(db)
    async with begin(db) as work:
        third = _journal.c.position == 3
        if attack == "edit":
            await work.q.run(update(_journal).where(third).values(kind="other.happened"))
        elif attack == "delete":
            await work.q.run(_journal.delete().where(third))
        else:
            await work.q.run(update(_journal).where(third).values(position=900))
            await work.q.run(update(_journal).where(_journal.c.position == 4).values(position=3))
            await work.q.run(update(_journal).where(_journal.c.position == 900).values(position=4))
    async with db.read() as query:
        assert await chain.verify(query) is not None


async def test_a_job_that_fails_comes_back_later_and_is_forgotten_once_done(db):
    clock.set(datetime(2026, 11, 22, 12, tzinfo=UTC))
    async with begin(db) as work:
        work.job("mail", {"to": "somebody@example.org"})
    tries = []

    async def fails_once(payload: dict) -> None:
        tries.append(payload)
        if len(tries) == 1:
            raise ConnectionError

    assert await jobs.run_due(db, {"mail": fails_once}) == 1
    assert await jobs.run_due(db, {"mail": fails_once}) == 0
    clock.advance(minutes=2)
    assert await jobs.run_due(db, {"mail": fails_once}) == 1
    assert tries == [{"to": "somebody@example.org"}] * 2
    async with db.read() as query:
        row = await query.first(select(Job.__table__))
    assert row.done_at is not None
    assert row.payload == {}


async def test_a_job_whose_worker_died_is_done_by_another(db):
    async with begin(db) as work:
        work.job("mail", {})
    leased = await jobs._lease_next(db)
    assert leased is not None
    assert await jobs._lease_next(db) is None
    clock.advance(minutes=jobs.LEASE_MINUTES + 1)
    assert (await jobs._lease_next(db)).id == leased.id


async def test_moments_come_back_aware_and_in_utc_on_both_databases(db):
    moment = datetime(2026, 11, 22, 12, 30, 15, 123456, tzinfo=UTC)
    clock.set(moment.astimezone())
    async with begin(db) as work:
        work.record("thing.happened")
    async with db.read() as query:
        row = await query.first(select(_journal.c.at))
    assert row.at == moment
    assert row.at.utcoffset() == timedelta(0)

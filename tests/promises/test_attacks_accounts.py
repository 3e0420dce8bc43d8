"""One signed-in person cannot fill the disk: what each request leaves for good has a budget."""

from collections.abc import Awaitable, Callable

import pytest

from commentbox.server.accounts import actions, entering, handover, names
from commentbox.server.accounts.passkeys import RelyingParty
from commentbox.server.base.db import Database
from commentbox.server.base.errors import TooMany
from commentbox.server.base.models import Journal, OneTime
from commentbox.server.base.work import begin
from tests.factories import how_many, make_person, make_site

PARTY = RelyingParty("comments.localhost", "http://comments.localhost:8000")
Act = Callable[[Database, str, str, int], Awaitable[object]]


async def choose(db: Database, account_id: str, _site: str, number: int) -> None:
    async with begin(db) as work:
        await actions.set_reach(work, account_id, "verified" if number % 2 else "everyone")


async def rename(db: Database, account_id: str, _site: str, number: int) -> None:
    async with begin(db) as work:
        await actions.rename(work, account_id, names.check(f"Anna {number}"))


async def hand_over(db: Database, account_id: str, site: str, _number: int) -> None:
    async with begin(db) as work:
        await handover.approve(work, handover.Giver(account_id, site, True), "A" * 43)


async def ask_for_a_passkey(db: Database, account_id: str, _site: str, _number: int) -> None:
    await entering.begin_sign_in(db, PARTY, account_id)


async def add_a_passkey(db: Database, account_id: str, _site: str, _number: int) -> None:
    await entering.begin_adding(db, PARTY, account_id)


@pytest.mark.parametrize("act", [choose, rename, hand_over, ask_for_a_passkey, add_a_passkey])
async def test_what_one_account_leaves_behind_in_an_hour_is_bounded(db: Database, monkeypatch, act: Act) -> None:
    monkeypatch.setattr(actions, "CHANGES_PER_HOUR", 5)
    site, anna, bert = await make_site(db), await make_person(db), await make_person(db)
    for number in range(5):
        await act(db, anna.account_id, site, number)
    before = await how_many(db, Journal), await how_many(db, OneTime)
    with pytest.raises(TooMany):
        await act(db, anna.account_id, site, 5)
    assert (await how_many(db, Journal), await how_many(db, OneTime)) == before
    await act(db, bert.account_id, site, 99)

"""A name several people have: who shows it plainly, who with a number, and that nobody loses it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts import names
from commentbox.server.accounts import queries as accounts_queries
from commentbox.server.accounts.models import Account
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Refusal
from commentbox.server.base.models import Journal
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.verification import actions, queries, recovery
from commentbox.server.verification.models import Attestation
from tests.factories import make_person, verified_answer

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ADA = names.check("Ada Lovelace")


@pytest.fixture(autouse=True)
def noon() -> None:
    clock.set(NOON)


class Room:
    """The shortest way to make accounts with names and to verify them."""

    def __init__(self, db: Database, keyring: Keyring) -> None:
        self.db, self.keyring = db, keyring

    async def do(self, act: Any) -> Any:
        async with begin(self.db) as work:
            return await act(work)

    async def sign_up(self, name: str) -> str:
        passkey = accounts.NewPasskey(f"passkey of {name}", b"key", 0)
        return await self.do(lambda work: accounts.sign_up(work, names.check(name), passkey))

    async def verify(self, account_id: str, *, called: str = "Ada Lovelace", wants: names.Name | None = ADA) -> str:
        """Verify somebody called `called` (each account as a person of its own); give how they show now."""
        result = verified_answer(account_id, stated_name=called)
        claimed = actions.Claimed("a", account_id, "demo", {}, wants.display if wants else "")
        await self.do(lambda work: actions.complete(work, claimed, result, keyring=self.keyring, badge_months=24))
        return await self.shown(account_id)

    async def shown(self, account_id: str) -> str:
        async with self.db.read() as query:
            row = await query.first(select(Account.__table__).where(Account.__table__.c.id == account_id))
            held = await queries.verified_as(query, account_id, now=clock.now())
        return f"{names.shown(row.name, row.name_number)}, {held.kind if held else 'none'}"


@pytest.fixture
def room(db: Database, keyring: Keyring) -> Room:
    return Room(db, keyring)


async def refused(call: Any) -> str:
    with pytest.raises(Refusal) as caught:
        await call
    return caught.value.code


async def test_whoever_proves_a_free_name_is_theirs_shows_it(room: Room):
    kestrel = await room.sign_up("Kestrel")
    assert await room.verify(kestrel) == "Ada Lovelace, name"
    async with room.db.read() as query:
        held = await accounts_queries.holder_of(query, names.skeleton("Kestrel"))
    assert held and held.account_id == kestrel, "the pen name waits for whoever gave it up"


async def test_a_name_that_is_not_theirs_changes_nothing(room: Room):
    kestrel = await room.sign_up("Kestrel")
    assert await room.verify(kestrel, called="Grace Hopper") == "Kestrel, person"


async def test_an_unverified_holder_keeps_the_name_with_a_number(room: Room):
    squatter, ada = await room.sign_up("Ada Lovelace"), await room.sign_up("Kestrel")
    assert await room.verify(ada) == "Ada Lovelace, name"
    assert await room.shown(squatter) == "Ada Lovelace (2), none"
    await room.do(lambda work: accounts.rename(work, squatter, names.check("ADA Lovelace")))
    assert await room.shown(squatter) == "ADA Lovelace (2), none", "it stays theirs, with its number"
    assert await refused(room.sign_up("Ada Lovelace")) == "name.taken"
    await room.do(lambda work: accounts.rename(work, squatter, names.check("Plover")))
    assert await room.shown(squatter) == "Plover, none"


async def test_namesakes_who_all_proved_it_share_the_name_by_number(room: Room):
    people = [await room.sign_up(name) for name in ("Kestrel", "Heron", "Wren")]
    shown = [await room.verify(each) for each in people]
    assert shown == ["Ada Lovelace, name", "Ada Lovelace (2), name", "Ada Lovelace (3), name"]
    assert await room.verify(people[1]) == "Ada Lovelace (2), name", "renewing keeps the number"


async def test_a_pushed_holder_who_proves_it_later_keeps_their_number(room: Room):
    squatter, ada = await room.sign_up("Ada Lovelace"), await room.sign_up("Kestrel")
    await room.verify(ada)
    assert await room.verify(squatter) == "Ada Lovelace (2), name"


async def test_a_guest_keeps_the_name_with_a_number_and_a_verified_namesake_has_it_plain(room: Room):
    kestrel = await room.sign_up("Kestrel")
    await room.do(lambda work: accounts.hold_name(work, ADA, guest_code_hash="h"))
    assert await room.verify(kestrel) == "Ada Lovelace, name"
    assert await room.do(lambda work: accounts.hold_name(work, ADA, guest_code_hash="h")) == 2, "it stays theirs"
    assert await refused(room.do(lambda work: accounts.hold_name(work, ADA, guest_code_hash="other"))) == "name.taken"


async def test_a_name_of_the_papers_own_is_not_moved(room: Room):
    heron, desk = await room.sign_up("Heron"), names.check("Harbour Desk")
    await room.do(lambda work: accounts.reserve_name(work, desk))
    assert await refused(room.verify(heron, called="Harbour Desk", wants=desk)) == "name.reserved"


async def test_while_somebody_asks_for_the_account_its_name_stays(room: Room):
    kestrel = await room.sign_up("Kestrel")
    await room.verify(kestrel, wants=None)
    asking = recovery.Asking(kestrel, "provider", accounts.NewPasskey("new", b"key", 0))
    await room.do(lambda work: recovery.ask(work, asking, delay_hours=72))
    assert await room.verify(kestrel) == "Kestrel, person"


async def test_people_are_told_once_that_their_badge_ends_within_thirty_days(room: Room):
    ending, later = await make_person(room.db, kind="person"), await make_person(room.db, kind="person")
    given_up = await make_person(room.db, kind="person")
    await room.do(lambda work: actions.revoke(work, given_up.account_id, "person"))
    await room.do(lambda work: _ends(work, later.attestation_id, datetime(2029, 1, 1, tzinfo=UTC)))
    clock.set(datetime(2028, 8, 16, tzinfo=UTC))
    assert await room.do(actions.tell_ending) == 0
    clock.set(datetime(2028, 8, 16, 0, 0, 1, tzinfo=UTC))
    assert [await room.do(actions.tell_ending) for _ in range(2)] == [1, 0]
    async with room.db.read() as query:
        rows = [row for row in await query.all(select(Journal.__table__)) if row.kind == "identity.ending"]
    assert [row.subject_id for row in rows] == [ending.account_id]


async def _ends(work: Any, attestation_id: str | None, at: datetime) -> None:
    table: Any = Attestation.__table__
    await work.q.run(table.update().where(table.c.id == attestation_id).values(expires_at=at))

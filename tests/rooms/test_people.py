"""One person, one verified account: keys under every version, badges that move, bans that hold and end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from commentbox.server.accounts.models import Account, Standing
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Refusal
from commentbox.server.base.ids import new_id
from commentbox.server.base.models import Journal
from commentbox.server.base.settings import Settings
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.verification import actions, key_versions, moving, people, queries
from commentbox.server.verification.models import Attestation, PersonBan
from commentbox.server.verification.people import MOVE_DAYS, Ban
from commentbox.server.verification.person_key import person_keys
from tests.factories import make_person, verified_answer

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MASTER = b"a secret that only the tests know"
NEXT = {"person-key:v2": b"comments.localhost\0another secret that only the tests know"}
OLD, NEW = Keyring(MASTER), Keyring(MASTER, NEXT)


@pytest.fixture(autouse=True)
def noon() -> None:
    clock.set(NOON)


class Room:
    """The shortest way to verify people under one keyring or another."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def verify(self, account_id: str, *, keyring: Keyring = OLD, subject: str = "ada") -> str:
        """Verify an account as a person; give "" or the code of the refusal."""
        claimed = actions.Claimed(id="a", account_id=account_id, provider="demo", keep={})
        return await self.outcome(
            lambda work: actions.complete(work, claimed, verified_answer(subject), keyring=keyring, badge_months=24)
        )

    async def move(self, account_id: str, *, subject: str = "ada") -> str:
        """Move a person's badge to an account, by the answer that was refused."""
        async with begin(self.db) as work:
            keys = people.keys_of(verified_answer(subject), OLD)
            await moving.offer(work, moving.Offer(account_id, keys, "state"), verified_answer(subject), badge_months=24)
        return await self.outcome(lambda work: moving.move_here(work, account_id, "state"))

    async def outcome(self, act: Any) -> str:
        try:
            async with begin(self.db) as work:
                await act(work)
        except Refusal as refusal:
            return refusal.code
        return ""

    async def do(self, act: Any) -> Any:
        async with begin(self.db) as work:
            return await act(work)

    async def restrict(self, account_id: str, *, kind: str = "banned", until: datetime | None = None) -> None:
        row = Standing(id=new_id(NOON), account_id=account_id, kind=kind, since=NOON, until=until)
        await self.do(lambda work: work.q.add(row))

    async def badge(self, account_id: str) -> str:
        async with self.db.read() as query:
            held = await queries.verified_as(query, account_id, now=clock.now())
        return held.kind if held else "none"

    async def rows(self, model: Any, *order: Any) -> list[Any]:
        async with self.db.read() as query:
            return list(await query.all(select(model.__table__).order_by(*order)))

    async def hanging(self, version: str) -> tuple[int, int, int]:
        async with self.db.read() as query:
            found = await key_versions.hanging_on(query, version, now=clock.now())
        return found.standing, found.measures, found.over


@pytest.fixture
def room(db: Database) -> Room:
    return Room(db)


async def some(room: Room, number: int = 2) -> list[str]:
    return [(await make_person(room.db)).account_id for _ in range(number)]


async def test_after_a_rotation_everybody_is_still_recognised_and_new_keys_are_new(room: Room):
    first, second = await some(room)
    await room.verify(first)
    assert await room.verify(second, keyring=NEW) == "verification.already_elsewhere"
    assert await room.hanging("v1") == (1, 0, 0)
    assert await room.verify(first, keyring=NEW) == "", "verifying again takes the person to the new version"
    assert (await room.hanging("v1"), await room.hanging("v2")) == ((0, 0, 0), (1, 0, 0))
    assert await room.verify(second, keyring=NEW) == "verification.already_elsewhere"


async def test_a_dump_without_the_key_file_can_match_nobody(room: Room):
    first, second = await some(room)
    await room.verify(first, keyring=NEW)
    (dumped,) = [row.person_key for row in await room.rows(Attestation)]
    for keyring in (OLD, Keyring(b"x" * 40), Keyring(b"x" * 40, {"person-key:v2": b"y" * 40})):
        assert dumped not in person_keys(keyring, "demo", issuer="demo", subject="ada")
    assert await room.verify(second, keyring=OLD) == "", "without the file the same person is a stranger"
    async with room.db.read() as query:
        assert (await key_versions.unknown(query, ["v1"]), await key_versions.unknown(query, ["v1", "v2"])) == (1, 0)


def test_two_instances_with_one_file_share_no_key(settings: Settings, tmp_path: Any):
    file = tmp_path / "person-keys"
    file.write_text(f"v2 {'s' * 48}\n")
    mine = settings.model_copy(update={"person_key_file": file})
    other = mine.model_copy(update={"base_url": "https://comments.herald.example"})
    keys = [
        person_keys(Keyring(MASTER, each.person_secrets()), "demo", issuer="i", subject="s")[0]
        for each in (mine, other)
    ]
    assert keys[0].startswith("v2:") and keys[0] != keys[1]


@pytest.mark.parametrize("text", ["v2", "2 " + "s" * 48, "v2 short", "v0 " + "s" * 48])
def test_a_key_file_that_is_not_whole_is_refused_before_anybody_is_taken_for_a_stranger(
    settings: Settings, tmp_path: Any, text: str
):
    (tmp_path / "person-keys").write_text(text)
    with pytest.raises(ValueError, match="each line is a version and its secret"):
        settings.model_copy(update={"person_key_file": tmp_path / "person-keys"}).person_secrets()


async def test_what_hangs_on_a_version_is_counted_by_why_it_matters(room: Room):
    for number, account in enumerate(await some(room, 4)):
        await room.verify(account, subject=f"person {number}")
    one, two, three = [row.account_id for row in await room.rows(Attestation, Attestation.__table__.c.id)][:3]
    await room.do(lambda work: actions.revoke(work, one, "fraud"))
    await room.restrict(two)
    await room.do(lambda work: people.ban_person_key(work, three, Ban("3-argument-not-person")))
    assert await room.hanging("v1") == (3, 2, 0)
    clock.set(datetime(2029, 1, 1, tzinfo=UTC))
    assert await room.hanging("v1") == (0, 3, 2)


async def test_a_badge_that_moves_is_in_one_place_only(room: Room):
    first, second, third = await some(room, 3)
    await room.verify(first)
    assert await room.move(second) == ""
    assert (await room.badge(first), await room.badge(second)) == ("none", "person")
    old = (await room.rows(Attestation, Attestation.__table__.c.id))[0]
    assert (old.person_key, old.revoked_at, old.asleep) == (None, None, "moved"), "what was written keeps its badge"
    assert await room.outcome(lambda work: queries.check_holds(work.q, old.id)) == "badge.gone"
    assert await room.verify(first) == "verification.already_elsewhere"
    assert await room.move(third) == "verification.moved_lately"
    clock.advance(days=MOVE_DAYS)
    assert await room.move(third) == ""


async def test_a_rented_badge_that_is_moved_takes_no_ban_off(room: Room):
    """Somebody lends a verified account, it is banned, and they try to carry the badge on to the next one."""
    rented, following = await some(room)
    await room.verify(rented)
    await room.restrict(rented, until=NOON + timedelta(days=30))
    assert await room.move(following) == "verification.standing_open"
    clock.advance(days=30)
    assert await room.move(following) == ""


async def test_a_badge_does_not_move_out_of_an_account_somebody_asks_for(room: Room):
    first, second = await some(room)
    await room.verify(first)
    await room.do(lambda work: work.q.run(update(Attestation.__table__).values(asleep="recovery")))
    assert await room.move(second) == "recovery.open"


async def test_an_offer_to_move_is_for_one_account_once_and_for_minutes(room: Room):
    first, second, other = await some(room, 3)
    await room.verify(first)
    keys = people.keys_of(verified_answer(), OLD)
    await room.do(
        lambda work: moving.offer(work, moving.Offer(second, keys, "state"), verified_answer(), badge_months=24)
    )
    assert await room.outcome(lambda work: moving.move_here(work, other, "state")) == "once.gone"
    clock.advance(minutes=moving.MINUTES)
    assert await room.outcome(lambda work: moving.move_here(work, second, "state")) == "once.gone"


async def test_a_ban_by_person_key_outlives_the_account_and_ends_on_its_day(room: Room):
    """Deletion to wash off a sanction."""
    banned, fresh = await some(room)
    await room.verify(banned)
    until = NOON + timedelta(days=90)
    assert await room.do(lambda work: people.ban_person_key(work, banned, Ban("1-be-civil", until))) == 1
    await room.do(lambda work: people.let_go(work, banned))
    await room.do(
        lambda work: work.q.run(
            update(Account.__table__).where(Account.__table__.c.id == banned).values(deleted_at=NOON)
        )
    )
    assert await room.verify(fresh) == "verification.banned"
    assert await room.verify(fresh, keyring=NEW) == "verification.banned", "under a new version, too"
    assert await room.verify(fresh, subject="grace") == ""
    (kept,) = await room.rows(PersonBan)
    assert set(kept._mapping) == {"person_key", "rule", "since", "until"}
    clock.set(until)
    assert await room.verify(fresh) == ""
    assert await room.do(people.sweep) == 1


async def test_deleting_an_account_under_a_measure_keeps_key_end_and_rule_only(room: Room):
    banned, good, fresh = await some(room, 3)
    await room.verify(banned)
    await room.verify(good, subject="grace")
    until = NOON + timedelta(days=7)
    await room.restrict(banned, kind="silenced", until=until)
    await room.restrict(banned, kind="held_first", until=NOON + timedelta(days=1))
    for account in (banned, good):
        await room.do(lambda work, account=account: people.let_go(work, account))
    assert [row.person_key for row in await room.rows(Attestation)] == [None, None]
    assert [(row.rule, row.until) for row in await room.rows(PersonBan)] == [("silenced", until)]
    assert await room.verify(fresh) == "verification.banned"
    assert await room.verify(fresh, subject="grace") == ""


async def test_an_open_case_keeps_the_key_as_long_as_its_caller_says(room: Room):
    (accused,) = await some(room, 1)
    await room.verify(accused)
    case = Ban("case", NOON + timedelta(days=180))
    await room.do(lambda work: people.let_go(work, accused, open_case=case))
    assert [(row.rule, row.until) for row in await room.rows(PersonBan)] == [("case", case.until)]


async def test_fraud_is_kept_for_good_even_where_the_account_is_deleted(room: Room):
    fraud, fresh = await some(room)
    await room.verify(fraud)
    await room.do(lambda work: actions.revoke(work, fraud, "fraud"))
    await room.do(lambda work: people.let_go(work, fraud))
    clock.advance(days=3650)
    assert await room.verify(fresh) == "verification.barred"


async def test_a_ban_that_is_lifted_is_over_at_once_and_both_stand_in_the_journal(room: Room):
    banned, fresh = await some(room)
    await room.verify(banned)
    assert await room.do(lambda work: people.ban_person_key(work, banned, Ban("1-be-civil"))) == 1
    assert await room.do(lambda work: people.ban_person_key(work, fresh, Ban("1-be-civil"))) == 0
    assert await room.do(lambda work: people.lift_ban(work, banned)) == 1
    assert await room.rows(PersonBan) == []
    kinds = [row.kind for row in await room.rows(Journal, Journal.__table__.c.id)]
    assert kinds == ["identity.verified", "person.banned", "person.ban_lifted"]
    await room.do(lambda work: actions.revoke(work, banned, "person"))
    assert await room.verify(fresh) == ""


@pytest.mark.parametrize("first", ["provider", "person", "operator"])
async def test_fraud_sticks_whatever_was_the_reason_before(room: Room, first: Any):
    (account,) = await some(room, 1)
    await room.verify(account)
    await room.do(lambda work: actions.revoke(work, account, first))
    assert await room.outcome(lambda work: actions.revoke(work, account, "fraud")) == ""
    assert [row.revoked_why for row in await room.rows(Attestation)] == ["fraud"]
    assert await room.outcome(lambda work: actions.revoke(work, account, first)) == "verification.none"
    assert [row.revoked_why for row in await room.rows(Attestation)] == ["fraud"]

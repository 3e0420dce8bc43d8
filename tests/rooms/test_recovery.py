"""Recovering a verified account: three days, a sleeping badge, nothing that changes, and who wins where both insist."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from commentbox.server import wiring
from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts import entering, handover, names
from commentbox.server.accounts.models import Account, Credential, Session
from commentbox.server.accounts.passkeys import NewPasskey
from commentbox.server.base import clock, jobs
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Refusal
from commentbox.server.base.models import Journal
from commentbox.server.base.settings import Settings
from commentbox.server.base.work import Work, begin
from commentbox.server.notifications.mail import LogMailer
from commentbox.server.verification import actions, people, queries, recovery, turnover
from commentbox.server.verification.models import Attestation, Recovery
from commentbox.server.verification.recovery import Asking
from commentbox.server.verification.recovery_rules import PAUSE_DAYS
from tests.factories import verified_answer

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOURS = 72


@pytest.fixture(autouse=True)
def noon() -> None:
    clock.set(NOON)


def passkey(name: str) -> NewPasskey:
    return NewPasskey(name, b"key", 0)


class Room:
    """One verified person, Ada, with a passkey and a mail address; and the shortest way to do things to her account."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self.db = db
        self.instance = replace(wiring.instance(settings), db=db)
        self.mail: LogMailer = self.instance.mail
        self.ada = ""

    async def set_up(self) -> "Room":
        self.ada = await self.do(lambda work: accounts.sign_up(work, names.check("Ada"), passkey("old")))
        await self.do(lambda work: accounts.set_email(work, self.ada, "ada@example.org", lang="de"))
        await self.do(lambda work: accounts.confirm_email(work, self.ada, "ada@example.org"))
        await self.verify()
        return self

    async def do(self, act: Callable[[Work], Awaitable[Any]]) -> Any:
        async with begin(self.db) as work:
            return await act(work)

    async def verify(self, account_id: str = "", subject: str = "ada") -> None:
        claimed = actions.Claimed(id="a", account_id=account_id or self.ada, provider="demo", keep={})
        keyring = self.instance.keyring
        await self.do(
            lambda work: actions.complete(work, claimed, verified_answer(subject), keyring=keyring, badge_months=24)
        )

    async def ask(self, by: Any = "code", name: str = "new") -> datetime:
        theirs = await self.attestation_of("ada") if by == "provider" else None
        asking = Asking(self.ada, by, passkey(name), attestation_id=theirs)
        return await self.do(lambda work: recovery.ask(work, asking, delay_hours=HOURS))

    async def attestation_of(self, subject: str, **changes: Any) -> str | None:
        said = replace(verified_answer(subject), **changes)
        async with self.db.read() as query:
            return await people.attestation_for(query, self.ada, said, keyring=self.instance.keyring)

    async def say_no(self) -> str:
        return await self.do(lambda work: recovery.object_to(work, self.ada))

    async def later(self, **span: float) -> None:
        """Let time pass and the jobs that are due be done."""
        clock.advance(**span)
        await jobs.run_due(self.db, wiring.workers(self.instance))

    async def remove(self, handle: str) -> None:
        (found,) = [row for row in await self.credentials() if row.handle == handle]
        await self.do(lambda work: turnover.remove_credential(work, self.ada, found.id))

    async def credentials(self) -> list[Any]:
        async with self.db.read() as query:
            return await accounts.credentials_of(query, self.ada)

    async def keys(self) -> list[tuple[str, str]]:
        return [(row.kind, row.handle) for row in await self.credentials() if row.kind in ("passkey", "waiting")]

    async def badge(self) -> str:
        async with self.db.read() as query:
            held = await queries.verified_as(query, self.ada, now=clock.now())
        return held.kind if held else "none"

    async def rows(self, model: Any) -> list[Any]:
        async with self.db.read() as query:
            return list(await query.all(select(model.__table__).order_by(model.__table__.c.id)))

    async def journal(self) -> list[str]:
        return [row.kind for row in await self.rows(Journal) if row.kind.startswith(("recovery", "identity"))]


@pytest.fixture
async def room(db: Database, settings: Settings) -> Room:
    return await Room(db, settings).set_up()


async def refused(call: Awaitable[Any]) -> str:
    with pytest.raises(Refusal) as caught:
        await call
    return caught.value.code


async def test_a_passkey_made_by_code_waits_three_days_and_then_works_alone(room: Room):
    assert await room.ask() == NOON + timedelta(hours=72)
    assert await room.keys() == [("passkey", "old"), ("waiting", "new")]
    assert await refused(room.do(lambda work: accounts.passkey(work.q, "new"))) == "passkey.unknown"
    await room.later(hours=71, minutes=59)
    assert ("waiting", "new") in await room.keys()
    await room.do(lambda work: accounts.open_session(work, room.ada, kind="top", by_passkey=True))
    await room.later(minutes=1)
    assert await room.keys() == [("passkey", "new")]
    assert [row.kind for row in await room.credentials()] == ["passkey"], "the old code and link are gone, too"
    assert await room.rows(Session) == []
    assert await room.badge() == "none", "every passkey changed: it sleeps until the person verifies again"
    await room.verify()
    assert await room.badge() == "person"


async def test_the_badge_sleeps_from_the_request_on_and_the_archive_does_not(room: Room):
    await room.ask()
    assert await room.badge() == "none"
    (attestation,) = await room.rows(Attestation)
    assert (attestation.asleep, attestation.revoked_at) == ("recovery", None)
    assert await refused(room.do(lambda work: queries.check_holds(work.q, attestation.id))) == "badge.gone"
    assert await room.say_no() == "cancelled"
    assert await room.badge() == "person"


async def test_by_the_same_person_the_badge_wakes_with_the_account(room: Room):
    await room.ask("provider")
    await room.later(hours=HOURS)
    assert (await room.keys(), await room.badge()) == ([("passkey", "new")], "person")


CHANGES: dict[str, Callable[[Work, str], Awaitable[Any]]] = {
    "name": lambda work, ada: accounts.rename(work, ada, names.check("Grace")),
    "mail": lambda work, ada: accounts.set_email(work, ada, "thief@example.org"),
    "confirming": lambda work, ada: accounts.confirm_email(work, ada, "ada@example.org"),
    "passkey": lambda work, ada: accounts.add_passkey(work, ada, passkey("thief")),
    "code": lambda work, ada: accounts.new_recovery_code(work, ada),
    "removal": lambda work, ada: turnover.remove_credential(work, ada, "x"),
    "badge": lambda work, ada: actions.revoke(work, ada, "person"),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_while_somebody_asks_nothing_about_the_account_changes(room: Room, change: str):
    await room.ask()
    assert await refused(room.do(lambda work: CHANGES[change](work, room.ada))) == "recovery.open"
    await room.say_no()
    assert (await room.rows(Account))[0].frozen_since is None


async def test_a_change_and_a_request_at_once_take_turns(room: Room):
    both = (room.ask(), room.do(lambda work: accounts.add_passkey(work, room.ada, passkey("second"))))
    ends = await asyncio.gather(*both, return_exceptions=True)
    added = ("passkey", "second") in await room.keys()
    assert added == (not isinstance(ends[1], Refusal)) and ("waiting", "new") in await room.keys()


async def test_a_passkey_stops_a_request_by_code_and_there_is_a_pause(room: Room):
    await room.ask()
    assert await room.say_no() == "cancelled"
    assert await room.keys() == [("passkey", "old")]
    for by in ("code", "provider"):
        assert await refused(room.ask(by)) == "recovery.too_soon"
    await room.later(hours=HOURS)
    assert await room.keys() == [("passkey", "old")], "the job finds nothing to do"
    await room.later(days=PAUSE_DAYS)
    await room.ask()


async def test_a_request_is_forgotten_once_it_matters_no_more(room: Room):
    await room.ask()
    assert await room.do(recovery.sweep) == 0
    await room.say_no()
    clock.advance(days=PAUSE_DAYS)
    assert await room.do(recovery.sweep) == 0
    clock.advance(seconds=1)
    assert await room.do(recovery.sweep) == 1


async def test_where_both_insist_the_one_who_can_verify_wins(room: Room):
    await room.ask("provider")
    assert await room.say_no() == "contested"
    assert await room.badge() == "none"
    assert await refused(room.verify(subject="thief")) == "recovery.other_person"
    await room.later(hours=HOURS)
    assert await room.keys() == [("passkey", "new")]


async def test_a_holder_who_verifies_as_the_same_person_keeps_the_account(room: Room):
    await room.ask("provider")
    await room.say_no()
    await room.verify()
    assert (await room.keys(), await room.badge()) == ([("passkey", "old")], "person")
    await room.later(hours=HOURS)
    assert await room.keys() == [("passkey", "old")]
    assert [row.state for row in await room.rows(Recovery)] == ["cancelled"]


async def test_a_request_by_code_can_be_raised_by_verifying_and_the_time_begins_anew(room: Room):
    await room.ask("code", "first")
    clock.advance(hours=71)
    await room.ask("provider", "second")
    await room.later(hours=2)
    assert await room.keys() == [("passkey", "old"), ("waiting", "second")], "the first job is too early now"
    await room.later(hours=70)
    assert await room.keys() == [("passkey", "second")]
    assert len(await room.rows(Recovery)) == 1


async def test_nobody_asks_twice_or_for_an_account_without_a_badge(room: Room):
    await room.ask("provider")
    for by in ("code", "provider"):
        assert await refused(room.ask(by, "again")) == "recovery.open"
    await room.verify()
    await room.do(lambda work: actions.revoke(work, room.ada, "person"))
    clock.advance(days=PAUSE_DAYS)
    assert await refused(room.ask()) == "recovery.not_needed"
    assert await refused(room.say_no()) == "recovery.none"


async def test_only_the_very_person_is_taken_for_them(room: Room):
    assert await room.attestation_of("ada")
    assert not await room.attestation_of("grace")
    assert not await room.attestation_of("ada", issuer="elsewhere")
    assert not await room.attestation_of("ada", outcome="declined")
    await room.do(lambda work: actions.revoke(work, room.ada, "fraud"))
    assert not await room.attestation_of("ada"), "what was taken back leads nowhere"


async def test_a_thief_who_verifies_as_themselves_cannot_keep_the_account(room: Room):
    """The device was stolen with its passkey, and the thief makes the account their own before the owner comes."""
    await room.verify(subject="thief")
    await room.ask("provider")
    await room.say_no()
    assert await refused(room.verify(subject="thief")) == "recovery.other_person"
    await room.later(hours=HOURS)
    assert (await room.keys(), await room.badge()) == ([("passkey", "new")], "person")
    assert await room.attestation_of("ada") and not await room.attestation_of("thief")


async def test_a_badge_that_slept_wakes_for_the_same_person_only(room: Room):
    await room.ask("code")
    await room.later(hours=HOURS)
    assert await refused(room.verify(subject="thief")) == "verification.other_person"
    await room.verify()
    assert await room.badge() == "person"
    await room.verify(subject="by another service")
    assert await room.badge() == "person", "awake, it may be renewed in another way"


async def test_the_owner_is_told_by_mail_in_their_language_and_the_journal_keeps_it(room: Room):
    await room.ask("provider")
    await room.say_no()
    await room.later(hours=HOURS)
    await room.later()
    assert [mail.to for mail in room.mail.sent] == ["ada@example.org"] * 3
    assert len({mail.subject for mail in room.mail.sent}) == 2
    assert "/account" in room.mail.sent[0].text
    assert await room.journal() == [
        "identity.verified",
        "recovery.asked",
        "recovery.contested",
        "identity.awake",
        "recovery.done",
    ]


async def test_a_job_that_dies_on_the_way_leaves_nothing_half_done_and_is_done_again(room: Room):
    await room.ask()
    clock.advance(hours=HOURS)
    (asked,) = await room.rows(Recovery)
    with pytest.raises(RuntimeError):
        async with begin(room.db) as work:
            await recovery.complete(work, asked.id)
            raise RuntimeError("the machine stops here")
    assert ("waiting", "new") in await room.keys()
    await room.later()
    assert await room.keys() == [("passkey", "new")]
    assert not await room.do(lambda work: recovery.complete(work, asked.id)), "twice is once"


async def test_the_badge_sleeps_once_no_passkey_is_left_that_was_there(room: Room):
    for handle in ("second", "third"):
        await room.do(lambda work, handle=handle: accounts.add_passkey(work, room.ada, passkey(handle)))
    await room.remove("second")
    assert await room.badge() == "person"
    await room.remove("old")
    assert await room.badge() == "none"
    assert (await room.rows(Attestation))[0].asleep == "passkeys"
    await room.verify()
    assert await room.badge() == "person"
    await room.do(lambda work: accounts.add_passkey(work, room.ada, passkey("fourth")))
    await room.remove("fourth")
    assert await room.badge() == "person"


async def test_a_stopped_request_does_not_wake_what_slept_for_another_reason(room: Room):
    await room.do(lambda work: accounts.add_passkey(work, room.ada, passkey("second")))
    await room.remove("old")
    await room.ask()
    await room.say_no()
    assert (await room.badge(), (await room.rows(Attestation))[0].asleep) == ("none", "passkeys")


async def test_a_copied_passkey_is_locked_told_and_stays_locked(room: Room):
    (stored,) = [row for row in await room.rows(Credential) if row.handle == "old"]
    await room.do(lambda work: accounts.lock_copied(work, stored))
    clock.advance(minutes=1)
    await room.do(lambda work: accounts.lock_copied(work, stored))
    await room.later()
    assert len(room.mail.sent) == 1
    assert [row.copied_at for row in await room.credentials() if row.handle == "old"] == [NOON]


async def test_what_a_copied_passkey_opened_is_closed_and_nothing_else(room: Room):
    await room.do(lambda work: accounts.keep_passkey(work, room.ada, passkey("second")))
    async with room.db.read() as query:
        old, second = [await accounts.passkey(query, handle) for handle in ("old", "second")]
    for each in (old, second):
        await room.do(lambda work, each=each: entering.by_passkey(work, each))
    given = handover.Giver(room.ada, "gazette", by_passkey=True, credential_id=old.id)
    challenge = handover.challenge_of("v")
    code = await room.do(lambda work: handover.approve(work, given, challenge))
    await handover.redeem(room.db, site_id="gazette", verifier="v", code=code, kind="frame")
    await room.do(lambda work: accounts.open_session(work, room.ada, kind="top", by_passkey=False))
    await room.do(lambda work: accounts.open_session(work, room.ada, kind="top", by_passkey=True))
    await room.do(lambda work: accounts.lock_copied(work, old))
    left = [(row.by_passkey, row.credential_id) for row in await room.rows(Session)]
    assert left == [(True, second.id), (False, None)], "the frame's went with the window's, and one from before"

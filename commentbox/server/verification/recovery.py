"""Recovering a verified account without its passkeys: by printed code, or by verifying as the same person again.

Whoever asks makes a passkey at once, which waits for three days. Meanwhile the badge sleeps, nothing about the account
changes, and everybody who has it is told. A durable job lets the passkey in, and every earlier way in ends there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import Row, delete, select, update

from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts import notices
from commentbox.server.accounts.models import Account, Credential
from commentbox.server.accounts.passkeys import NewPasskey
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict, Forbidden, NotFound
from commentbox.server.base.ids import new_id
from commentbox.server.base.work import Work
from commentbox.server.verification import recovery_rules as rules
from commentbox.server.verification import turnover
from commentbox.server.verification.models import Attestation, Recovery
from commentbox.server.verification.recovery_rules import Event, State

COMPLETE = "recovery"
"""The kind of the job that lets a request through."""
_accounts = table_of(Account)
_attestations = table_of(Attestation)
_credentials = table_of(Credential)
_recoveries = table_of(Recovery)


@dataclass(frozen=True)
class Asking:
    """Who asks for which account, how they showed themselves, and the passkey they made.

    `attestation_id` is the one of the person who verified; by code it is the account's present one.
    """

    account_id: str
    by: Literal["code", "provider"]
    passkey: NewPasskey
    label: str = ""
    attestation_id: str | None = None


async def ask(work: Work, asking: Asking, *, delay_hours: int) -> datetime:
    """Begin a request, or raise one by code to one by a person; give when it is through.

    Refuses `recovery.open`, `recovery.too_soon` and `recovery.not_needed`.
    """
    await _lock(work, asking.account_id)
    present = await _attestation_of(work.q, asking.account_id)
    if present is None:
        raise Conflict("recovery.not_needed")
    last = await latest(work.q, asking.account_id)
    event: Event = "asked_by_code" if asking.by == "code" else "asked_by_provider"
    state = rules.after(_state(last), event)
    rules.require_pause(_state(last), last and last.ended_at, now=work.now)
    await _forget_waiting(work, asking.account_id)
    waiting = await accounts.keep_passkey(work, asking.account_id, asking.passkey, label=asking.label, kind="waiting")
    due_at = work.now + timedelta(hours=delay_hours)
    recovery_id = last.id if last and last.state in rules.OPEN else new_id(work.now)
    row = {"state": state, "credential_id": waiting, "asked_at": work.now, "due_at": due_at}
    row["attestation_id"] = asking.attestation_id or present.id
    await _write(work, asking.account_id, recovery_id, row)
    await _freeze(work, asking.account_id)
    work.job(COMPLETE, {"recovery_id": recovery_id}, not_before=due_at)
    work.record("recovery.asked", subject_id=asking.account_id, by=asking.by)
    notices.tell(work, asking.account_id, "recovery_asked")
    return due_at


async def object_to(work: Work, account_id: str) -> State:
    """The holder says no, with a passkey used a moment ago; give the state it leads to. Refuses `recovery.none`.

    A request by code is over; one by a person who verified is contested until the holder verifies, too.
    """
    return await _end_or_contest(work, account_id, "objected")


async def require_person(work: Work, account_id: str, keys: Sequence[str]) -> None:
    """Refuse to let somebody else verify while a badge sleeps: whoever has the keys now may not be who it was made for.

    Refuses `recovery.other_person` and `verification.other_person`.
    """
    last = await latest(work.q, account_id)
    if last is not None and last.state in rules.OPEN:
        mine = select(_attestations.c.person_key).where(_attestations.c.id == last.attestation_id)
        if await work.q.scalar(mine) not in keys:
            raise Forbidden("recovery.other_person")
        return
    present = await _attestation_of(work.q, account_id)
    if present is None or present.expires_at <= work.now:
        return
    if present.asleep == "passkeys" and present.person_key not in keys:
        raise Forbidden("verification.other_person")


async def holder_verified(work: Work, account_id: str) -> None:
    """The holder verified as the same person: whatever was asked for is over."""
    last = await latest(work.q, account_id)
    if last is not None and last.state in rules.OPEN:
        await _end_or_contest(work, account_id, "reverified")


async def retract(work: Work, account_id: str) -> None:
    """The provider took back what whoever asks for an account had shown: their request is over, if it is still open."""
    last = await latest(work.q, account_id)
    if last is not None and last.state in ("provider", "contested"):
        await _end_or_contest(work, account_id, "retracted")


async def _end_or_contest(work: Work, account_id: str, event: Event) -> State:
    await _lock(work, account_id)
    last = await latest(work.q, account_id)
    state = rules.after(_state(last), event)
    assert last is not None, "nothing leads on from `none` but asking"
    ended_at = None if state in rules.OPEN else work.now
    await work.q.run(update(_recoveries).where(_recoveries.c.id == last.id).values(state=state, ended_at=ended_at))
    work.record(f"recovery.{state}", subject_id=account_id)
    if state == "contested":
        notices.tell(work, account_id, "recovery_contested")
        return state
    await _forget_waiting(work, account_id)
    await _thaw(work, account_id)
    notices.tell(work, account_id, "recovery_cancelled")
    return state


async def complete(work: Work, recovery_id: str) -> bool:
    """Let a request through whose time is up, and say whether it was; one that ended or was put off is left alone."""
    row = await work.q.first(select(_recoveries).where(_recoveries.c.id == recovery_id))
    if row is None:
        return False
    await _lock(work, row.account_id)
    row = await work.q.first(select(_recoveries).where(_recoveries.c.id == recovery_id))
    if row is None or row.state not in rules.OPEN or row.due_at > work.now:
        return False
    state = rules.after(row.state, "due")
    await work.q.run(update(_recoveries).where(_recoveries.c.id == row.id).values(state=state, ended_at=work.now))
    await _change_keys(work, row)
    await _thaw(work, row.account_id)
    await accounts.close_all_sessions(work, row.account_id)
    work.record("recovery.done", subject_id=row.account_id)
    notices.tell(work, row.account_id, "recovery_done")
    return True


async def sweep(work: Work) -> int:
    """Forget requests that ended long ago, and say how many: they matter to the pause, and to the page for as long."""
    before = work.now - timedelta(days=rules.PAUSE_DAYS)
    return await work.q.run(delete(_recoveries).where(_recoveries.c.ended_at < before))


async def latest(query: Query, account_id: str) -> Row[Any] | None:
    """Give the last request for an account, over or not."""
    mine = select(_recoveries).where(_recoveries.c.account_id == account_id)
    return await query.first(mine.order_by(_recoveries.c.id.desc()).limit(1))


async def forget(work: Work, account_id: str) -> None:
    """Forget every request for an account that is being deleted."""
    await work.q.run(delete(_recoveries).where(_recoveries.c.account_id == account_id))


async def _change_keys(work: Work, row: Row[Any]) -> None:
    """Let the waiting passkey in, and nothing that was there before: whoever has the old ones may be who it was lost to."""
    mine = _credentials.c.account_id == row.account_id
    await work.q.run(delete(_credentials).where(mine, _credentials.c.id != row.credential_id))
    proven = row.attestation_id if row.state != "code" else None
    changes = {"kind": "passkey", "attested_as": proven}
    await work.q.run(update(_credentials).where(_credentials.c.id == row.credential_id).values(changes))
    if proven:
        await _belongs_again(work, row)


async def _belongs_again(work: Work, row: Row[Any]) -> None:
    """Give the account back to the person who verified, and let go of whoever verified with it in between."""
    others = (_attestations.c.account_id == row.account_id) & (_attestations.c.id != row.attestation_id)
    await work.q.run(update(_attestations).where(others, _attestations.c.revoked_at.is_(None)).values(person_key=None))
    back = update(_accounts).where(_accounts.c.id == row.account_id)
    await work.q.run(back.values(attestation_id=row.attestation_id))


async def _attestation_of(query: Query, account_id: str) -> Row[Any] | None:
    """Give the attestation that makes an account a verified one, awake or asleep; one that ran out still leads home."""
    joined = _accounts.join(_attestations, _attestations.c.id == _accounts.c.attestation_id)
    statement = select(_attestations).select_from(joined).where(_accounts.c.id == account_id)
    return await query.first(statement.where(_attestations.c.revoked_at.is_(None)))


def _state(last: Row[Any] | None) -> State:
    return "none" if last is None else cast(State, last.state)


async def _lock(work: Work, account_id: str) -> None:
    """Take the account's turn: asking, objecting, verifying and the job must not pass each other by."""
    living = select(_accounts.c.id).where(_accounts.c.id == account_id, _accounts.c.deleted_at.is_(None))
    if await work.q.first(living.with_for_update() if work.q.locks_rows else living) is None:
        raise NotFound("account.unknown")


async def _write(work: Work, account_id: str, recovery_id: str, row: dict[str, Any]) -> None:
    if not await work.q.run(update(_recoveries).where(_recoveries.c.id == recovery_id).values(row)):
        await work.q.add(Recovery(id=recovery_id, account_id=account_id, **row))


async def _forget_waiting(work: Work, account_id: str) -> None:
    mine = (_credentials.c.account_id == account_id) & (_credentials.c.kind == "waiting")
    await work.q.run(delete(_credentials).where(mine))


async def _freeze(work: Work, account_id: str) -> None:
    await work.q.run(update(_accounts).where(_accounts.c.id == account_id).values(frozen_since=work.now))
    mine = select(_accounts.c.attestation_id).where(_accounts.c.id == account_id).scalar_subquery()
    await work.q.run(update(_attestations).where(_attestations.c.id == mine).values(asleep="recovery"))


async def _thaw(work: Work, account_id: str) -> None:
    await work.q.run(update(_accounts).where(_accounts.c.id == account_id).values(frozen_since=None))
    await turnover.settle(work, account_id)

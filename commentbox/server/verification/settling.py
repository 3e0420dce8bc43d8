"""Writes about sessions at providers: one begins, a webhook hints at it, and what a fetch said is brought to pass.

Session and event ids come in as keyed hashes and sealed texts. `sessions.py` asks the providers in between.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, delete, or_, select, update

from commentbox.server.accounts import notices
from commentbox.server.accounts.models import Account
from commentbox.server.base.db import table_of
from commentbox.server.base.errors import Gone
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import Work
from commentbox.server.verification import actions, people, recovery, recovery_answers, session_states
from commentbox.server.verification.models import Attempt, Attestation, ProviderEvent, ProviderSession
from commentbox.server.verification.providers.port import Result
from commentbox.server.verification.rules import FORGET_DAYS
from commentbox.server.verification.session_states import State

LOOK, REDACT = "provider-look", "provider-redact"
"""Kinds of jobs: ask a provider about a session; have it forget one."""
OVERTAKEN = "overtaken"
"""What a fetch is that began before another was applied: nobody knows which of the two is newer, so ask again."""

_account = table_of(Account)
_attempt = table_of(Attempt)
_attestation = table_of(Attestation)
_session = table_of(ProviderSession)
_event = table_of(ProviderEvent)


@dataclass(frozen=True)
class Handle:
    """A session as the database may know it: its provider, the keyed hash of its id, and the id sealed."""

    provider: str
    mac: str
    sealed: str = field(repr=False)

    @property
    def payload(self) -> dict[str, Any]:
        """Give what a job needs; the worker opens the seal."""
        return {"provider": self.provider, "sealed": self.sealed}


@dataclass(frozen=True)
class Terms:
    """What the instance says of an answer: its keys, how long a badge is good, how long a recovery waits."""

    keyring: Keyring
    badge_months: int
    recovery_hours: int


@dataclass(frozen=True)
class Looked:
    """What a fetch said, and when it was begun. `away`: nobody waits for it at a page, so the person is told."""

    handle: Handle
    result: Result = field(repr=False)
    began_at: datetime
    redacts: bool = False
    away: bool = False


async def open_session(work: Work, account_id: str, *, attempt_id: str, handle: Handle) -> None:
    """Note that a session began, and keep its attempt open for as long."""
    until = work.now + timedelta(days=session_states.OPEN_DAYS)
    row = ProviderSession(
        mac=handle.mac,
        provider=handle.provider,
        account_id=account_id,
        attempt_id=attempt_id,
        sealed=handle.sealed,
        expires_at=until,
    )
    await work.q.add(row)
    await work.q.run(update(_attempt).where(_attempt.c.id == attempt_id).values(expires_at=until))


def plan_look(work: Work, handle: Handle, *, since: datetime, at: datetime) -> None:
    """Leave a job that asks the provider; `since` is when it was first asked, which sets the pauses."""
    work.job(LOOK, handle.payload | {"since": since.isoformat()}, not_before=at)


async def take_once(work: Work, mac: str) -> None:
    """Use up something that works once. Refuses `verification.attempt_gone` where it was used before."""
    if not await work.q.add_if_new(ProviderEvent(mac=mac, seen_at=work.now)):
        raise Gone("verification.attempt_gone")


async def take_hint(work: Work, handle: Handle, *, event_mac: str) -> bool:
    """Note an event, once, and plan a look at its session at once; False for one that came before or is not ours."""
    if await work.q.first(select(_session.c.mac).where(_session.c.mac == handle.mac)) is None:
        return False
    event = ProviderEvent(mac=event_mac, session_mac=handle.mac, seen_at=work.now)
    if not await work.q.add_if_new(event):
        return False
    plan_look(work, handle, since=work.now, at=work.now)
    return True


async def settle(work: Work, looked: Looked, terms: Terms) -> str:
    """Bring to pass what a fetch said, and give the state; `overtaken` where it must be asked again.

    Refuses what `actions.complete` and `recovery_answers.ask` refuse; the caller then notes `refuse`.
    """
    row = await _locked(work, looked.handle.mac)
    if row is None:
        return "expired"
    if row.looked_at is not None and looked.began_at < row.looked_at:
        return OVERTAKEN
    state = session_states.turn(row.state, looked.result.outcome)
    if state == "verified" != row.state and (row.expires_at is None or row.expires_at <= work.now):
        return "expired"
    if state != row.state:
        if state == "verified":
            await _bring(work, row, looked.result, terms)
        elif row.attestation_id is not None or row.state == "verified":
            await _take_back(work, row, state)
        await _note(work, row, state)
        if looked.away:
            await _tell(work, row, state)
        if looked.redacts:
            work.job(REDACT, looked.handle.payload)
    await work.q.run(update(_session).where(_session.c.mac == row.mac).values(looked_at=work.now))
    return state


async def refuse(work: Work, looked: Looked, code: str) -> None:
    """Note that a verified answer earned nothing, and why, so that the person can be told when they come back."""
    row = await _locked(work, looked.handle.mac)
    if row is not None and session_states.is_open(row.state):
        await _note(work, row, "refused", refused=code)
        await people.note_stopped(work, code)
        if looked.away:
            await _tell(work, row, "refused")


async def sweep(work: Work) -> None:
    """Close sessions that ran out; after 30 days forget those that earned nothing, and the moments of those that did."""
    ran_out = and_(_session.c.state == "pending", _session.c.expires_at < work.now)
    await work.q.run(update(_session).where(ran_out).values(state="expired", sealed=None))
    oldest = work.now - timedelta(days=FORGET_DAYS - session_states.OPEN_DAYS)
    old = or_(_session.c.expires_at < oldest, _session.c.expires_at.is_(None))
    await work.q.run(delete(_session).where(old, ~_is_needed(work.now)))
    blank = {"looked_at": None, "expires_at": None, "attempt_id": None}
    await work.q.run(update(_session).where(_session.c.expires_at < oldest).values(blank))
    forgotten = select(_session.c.mac)
    old_event = _event.c.seen_at < work.now - timedelta(days=FORGET_DAYS)
    orphan = or_(_event.c.session_mac.is_(None), _event.c.session_mac.not_in(forgotten))
    await work.q.run(delete(_event).where(old_event, orphan))


def _is_needed(now: datetime) -> Any:
    """Say which sessions must be found again: those of an attestation in force, and of a fraud."""
    holds = and_(_attestation.c.revoked_at.is_(None), _attestation.c.expires_at > now)
    needed = or_(holds, _attestation.c.revoked_why == "fraud")
    return select(_attestation.c.id).where(_attestation.c.id == _session.c.attestation_id, needed).exists()


async def _locked(work: Work, mac: str) -> Row[Any] | None:
    statement = select(_session).where(_session.c.mac == mac)
    return await work.q.first(statement.with_for_update() if work.q.locks_rows else statement)


async def _note(work: Work, row: Row[Any], state: State, *, refused: str = "") -> None:
    """Write the state down; with the last open one goes the sealed id."""
    await work.q.run(update(_session).where(_session.c.mac == row.mac).values(state=state, sealed=None))
    if row.attempt_id is not None:
        told = {"refused": refused} if refused else {}
        outcome = update(_attempt).where(_attempt.c.id == row.attempt_id)
        await work.q.run(outcome.values(outcome=state, keep=told))


async def _bring(work: Work, row: Row[Any], result: Result, terms: Terms) -> None:
    """Give what a verified answer earns: the badge, or to somebody who is not signed in a request for the account."""
    if await _is_recovery(work, row):
        known: dict[str, Any] = {"keyring": terms.keyring, "delay_hours": terms.recovery_hours}
        await recovery_answers.ask(work, row.attempt_id, row.account_id, result, **known)
        return
    claimed = actions.Claimed(row.attempt_id or "", row.account_id, row.provider, {})
    await actions.complete(work, claimed, result, keyring=terms.keyring, badge_months=terms.badge_months)
    attestation_id = await work.q.scalar(select(_account.c.attestation_id).where(_account.c.id == row.account_id))
    await work.q.run(update(_session).where(_session.c.mac == row.mac).values(attestation_id=attestation_id))


async def _tell(work: Work, row: Row[Any], state: State) -> None:
    """Tell whoever had left what came of it: under the bell, and by mail, for it is a decision about them.

    Of an account that somebody else asks for its owner is told by the request itself, or there was none.
    """
    if row.attempt_id is None or state not in session_states.ANSWERS or await _is_recovery(work, row):
        return
    work.record("identity.answered", subject_id=row.account_id, attempt_id=row.attempt_id, outcome=state)
    notices.tell(work, row.account_id, "verified" if state == "verified" else "not_verified")


async def _take_back(work: Work, row: Row[Any], state: State) -> None:
    """Undo what rests on the session: for fraud all that the account has, else this one attestation.

    Whoever asked for an account with it asks no more; its owner, who may be somebody else, keeps the badge.
    """
    if row.attestation_id is not None:
        await actions.take_back(work, row.account_id, row.attestation_id, "fraud" if state == "fraud" else "provider")
    elif await _is_recovery(work, row):
        await recovery.retract(work, row.account_id)


async def _is_recovery(work: Work, row: Row[Any]) -> bool:
    purpose = await work.q.scalar(select(_attempt.c.purpose).where(_attempt.c.id == row.attempt_id))
    return purpose == "recovery"

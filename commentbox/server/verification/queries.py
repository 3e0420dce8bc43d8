"""Reads of the verification room: what an account may speak as, and where its verification stands."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, or_, select

from commentbox.server.accounts import models as accounts
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict, Forbidden, Gone
from commentbox.server.base.signing import token_hash
from commentbox.server.verification import rules
from commentbox.server.verification.models import Attempt, Attestation, ProviderSession

_account = table_of(accounts.Account)
_attestation = table_of(Attestation)
_attempt = table_of(Attempt)
_session = table_of(ProviderSession)
_standing = table_of(accounts.Standing)

RESTRICTIONS = ("banned", "silenced", "held_first")
"""Measures that a new account must not shake off."""


@dataclass(frozen=True)
class VerifiedAs:
    """What an account's attestation is worth at the moment: the facts of its badge. `kind` is never `none`."""

    kind: str
    method: str
    month: date
    expires_at: datetime


async def verified_as(query: Query, account_id: str, *, now: datetime) -> VerifiedAs | None:
    """Give what an account is verified as, or None. How a session speaks is `speaking.py`'s."""
    row = await query.first(
        select(_attestation, _account.c.name_version.label("present_name_version"))
        .join(_attestation, _attestation.c.id == _account.c.attestation_id)
        .where(_account.c.id == account_id, _account.c.deleted_at.is_(None))
    )
    if row is None:
        return None
    attested = rules.Attested(row.kind, row.name_version, row.expires_at, row.revoked_at, row.asleep)
    kind = rules.kind_now(attested, present_name_version=row.present_name_version, now=now)
    if kind == "none":
        return None
    return VerifiedAs(kind=kind, method=row.method, month=row.month, expires_at=row.expires_at)


async def was_moved(query: Query, account_id: str) -> bool:
    """Say whether the last badge of an account, which has none now, was moved to another account of the same person."""
    mine = select(_attestation.c.asleep, _account.c.attestation_id).where(_attestation.c.account_id == account_id)
    joined = mine.join(_account, _account.c.id == _attestation.c.account_id).order_by(_attestation.c.id.desc())
    last = await query.first(joined.limit(1))
    return last is not None and last.attestation_id is None and last.asleep == "moved"


async def check_holds(query: Query, attestation_id: str | None) -> None:
    """Refuse `badge.gone` where an attestation was revoked or fell asleep since the request began; None needs nothing.

    Inside a transaction it also holds a revocation off until the end, so that its job finds what is being written.
    """
    if attestation_id is None:
        return
    awake = _attestation.c.revoked_at.is_(None) & _attestation.c.asleep.is_(None)
    good = select(_attestation.c.id).where(_attestation.c.id == attestation_id, awake)
    if await query.first(good.with_for_update(read=True)) is None:
        raise Conflict("badge.gone")


async def state_of(query: Query, account_id: str, *, now: datetime) -> str:
    """Say where an account's verification stands: `verified`, `pending` (an attempt is under way) or `none`."""
    if await verified_as(query, account_id, now=now):
        return "verified"
    open_ones = select(_attempt.c.id).where(_attempt.c.account_id == account_id, _attempt.c.outcome == "pending")
    open_ones = open_ones.where(_attempt.c.purpose == "badge")
    return "pending" if await query.first(open_ones.where(_attempt.c.expires_at > now)) else "none"


async def attempt_of(
    query: Query, account_id: str | None, *, provider: str, state: str, browser: str, purpose: str = "badge"
) -> Row[Any]:
    """Give the attempt that a browser came back with, whatever has become of it.

    Of somebody who recovers an account only the browser is known (`account_id` None).

    Refuses `verification.attempt_gone`, and `verification.other_browser` where another account or browser began it.
    """
    same = (_attempt.c.provider == provider) & (_attempt.c.purpose == purpose)
    found = await query.first(select(_attempt).where(_attempt.c.state_hash == token_hash(state), same))
    if found is None:
        raise Gone("verification.attempt_gone")
    if account_id not in (None, found.account_id) or found.browser_hash != token_hash(browser):
        raise Forbidden("verification.other_browser")
    return found


async def session_of(query: Query, attempt_id: str) -> Row[Any]:
    """Give the provider's session of an attempt. Refuses `verification.attempt_gone`."""
    found = await query.first(select(_session).where(_session.c.attempt_id == attempt_id))
    if found is None:
        raise Gone("verification.attempt_gone")
    return found


@dataclass(frozen=True)
class LastSession:
    """How the latest session of an account at a provider stands, and why it earned nothing where it was refused."""

    attempt_id: str
    provider: str
    state: str
    refused: str


async def last_session(query: Query, account_id: str) -> LastSession | None:
    """Give the latest session that an account has had lately, or None."""
    statement = select(_session.c.attempt_id, _session.c.provider, _session.c.state, _attempt.c.keep)
    statement = statement.join(_attempt, _attempt.c.id == _session.c.attempt_id)
    # Not of somebody who asks for the account: the owner neither waits for that nor hears of it here.
    mine = statement.where(_session.c.account_id == account_id, _attempt.c.purpose == "badge")
    statement = mine.order_by(_attempt.c.id.desc()).limit(1)
    row = await query.first(statement)
    return LastSession(row.attempt_id, row.provider, row.state, str(row.keep.get("refused", ""))) if row else None


async def is_restricted(query: Query, account_id: str, *, now: datetime) -> bool:
    """Say whether a measure that outlives a re-registration is in force for an account, on any site."""
    statement = select(_standing.c.id).where(_standing.c.account_id == account_id)
    in_force = or_(_standing.c.until.is_(None), _standing.c.until > now)
    return await query.first(statement.where(_standing.c.kind.in_(RESTRICTIONS), in_force)) is not None

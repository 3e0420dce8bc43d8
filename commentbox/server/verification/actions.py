"""Writes of the verification room: an attempt begins and is claimed once, an attestation is given or taken back.

Providers are asked before and between these (`journey.py`), never inside a transaction. Nothing here stores a name, a
subject, a code or a token.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, or_, select, update

from commentbox.server.accounts.models import Account
from commentbox.server.base.errors import Conflict, Forbidden, Gone, NotFound
from commentbox.server.base.ids import new_id
from commentbox.server.base.signing import Keyring, token_hash
from commentbox.server.base.work import Work
from commentbox.server.verification import queries, rules
from commentbox.server.verification.models import Attempt, Attestation
from commentbox.server.verification.person_key import person_key
from commentbox.server.verification.providers.port import Result

_account = Account.__table__  # type: ignore[attr-defined]
_attempt = Attempt.__table__  # type: ignore[attr-defined]
_attestation = Attestation.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Prepared:
    """An attempt whose way out is known: our state, the browser's own token, and what to keep for the provider."""

    provider: str
    state: str = field(repr=False)
    browser: str = field(repr=False)
    keep: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Claimed:
    """An attempt that came back: used up by now, whatever its provider is going to say."""

    id: str
    account_id: str
    provider: str
    keep: Mapping[str, Any] = field(repr=False)


async def start(work: Work, account_id: str, prepared: Prepared, *, fresh: bool) -> str:
    """Note an attempt and give its id. Refuses `verification.passkey_needed` and `account.unknown`."""
    rules.require_fresh(fresh)
    await _living_account(work, account_id)
    attempt = Attempt(
        id=new_id(work.now),
        account_id=account_id,
        provider=prepared.provider,
        state_hash=token_hash(prepared.state),
        browser_hash=token_hash(prepared.browser),
        keep=dict(prepared.keep),
        created_at=work.now,
        expires_at=work.now + timedelta(minutes=rules.ATTEMPT_MINUTES),
        outcome="pending",
    )
    await work.q.add(attempt)
    return attempt.id


async def claim(work: Work, account_id: str, *, provider: str, state: str, browser: str) -> Claimed:
    """Use up the attempt of `state`: once, by the account and browser that began it, for its provider, in time.

    Refuses `verification.attempt_gone` and, without using it up, `verification.other_browser`.
    """
    found = await queries.attempt_of(work.q, account_id, provider=provider, state=state, browser=browser)
    if found.outcome != "pending" or found.expires_at <= work.now:
        raise Gone("verification.attempt_gone")
    statement = update(_attempt).where(_attempt.c.id == found.id, _attempt.c.outcome == "pending")
    if not await work.q.run(statement.values(outcome="returned", keep={})):
        raise Gone("verification.attempt_gone")
    return Claimed(found.id, found.account_id, found.provider, found.keep)


async def close(work: Work, attempt_id: str, outcome: str) -> None:
    """Note how an attempt ended: verified, declined, refused or failed."""
    await work.q.run(update(_attempt).where(_attempt.c.id == attempt_id).values(outcome=outcome, keep={}))


async def complete(work: Work, claimed: Claimed, result: Result, *, keyring: Keyring, badge_months: int) -> rules.Grant:
    """Give the account of `claimed` an attestation for `result`; verifying again renews it.

    Refuses what `rules.attest` refuses, `verification.already_elsewhere` (another account of this person holds a badge:
    sign in there, or take that badge away), `verification.standing_open` and `verification.barred`.
    """
    account = await _living_account(work, claimed.account_id)
    grant = rules.attest(
        result,
        display_name=account.name,
        name_version=account.name_version,
        now=work.now,
        badge_months=badge_months,
    )
    key = person_key(keyring, result.provider_class, issuer=result.issuer, subject=result.subject)
    await _release_key(work, key, account.id)
    attestation_id = await _add(work, account.id, grant, key)
    await work.q.run(update(_account).where(_account.c.id == account.id).values(attestation_id=attestation_id))
    await close(work, claimed.id, "verified")
    work.record("identity.verified", subject_id=account.id, attestation_id=attestation_id, of=grant.kind)
    return grant


async def revoke(work: Work, account_id: str, why: rules.RevokedWhy) -> list[str]:
    """Take every attestation of an account back, and leave the job that takes the tier off all it ever said.

    `wish` and `retracted` forget the person key, unless a measure is in force that a new account must not shake off.
    `fraud` keeps it. Gives the ids; refuses `verification.none`.
    """
    rows = await work.q.all(
        select(_attestation.c.id).where(_attestation.c.account_id == account_id, _attestation.c.revoked_at.is_(None))
    )
    if not rows:
        raise NotFound("verification.none")
    ids = [row.id for row in rows]
    await _revoke(work, account_id, ids, why)
    return ids


async def take_back(work: Work, account_id: str, attestation_id: str, why: rules.RevokedWhy) -> None:
    """Revoke what a provider retracted: the one attestation, or for fraud everything the account has.

    Fraud is written over a revocation that came before it, so that taking one's own badge away first is no way out.
    """
    mine = select(_attestation.c.id).where(_attestation.c.account_id == account_id)
    if why == "fraud":
        affected = mine.where(or_(_attestation.c.revoked_at.is_(None), _attestation.c.id == attestation_id))
    else:
        affected = mine.where(_attestation.c.id == attestation_id, _attestation.c.revoked_at.is_(None))
    ids = [row.id for row in await work.q.all(affected)]
    if ids:
        await _revoke(work, account_id, ids, why)


async def _revoke(work: Work, account_id: str, ids: list[str], why: rules.RevokedWhy) -> None:
    changes: dict[str, Any] = {"revoked_at": work.now, "revoked_why": why}
    if why != "fraud" and not await queries.is_restricted(work.q, account_id, now=work.now):
        changes["person_key"] = None
    await work.q.run(update(_attestation).where(_attestation.c.id.in_(ids)).values(**changes))
    held = update(_account).where(_account.c.id == account_id, _account.c.attestation_id.in_(ids))
    await work.q.run(held.values(attestation_id=None))
    for attestation_id in ids:
        work.record("identity.revoked", subject_id=account_id, attestation_id=attestation_id, why=why)
        work.job("retier", {"attestation_id": attestation_id})


async def sweep(work: Work) -> int:
    """Forget attempts of more than 30 days ago, and what was kept for those that ran out; give how many went."""
    ran_out = update(_attempt).where(_attempt.c.expires_at < work.now, _attempt.c.outcome == "pending")
    await work.q.run(ran_out.values(outcome="expired", keep={}))
    oldest = work.now - timedelta(days=rules.FORGET_DAYS)
    return await work.q.run(delete(_attempt).where(_attempt.c.created_at < oldest))


async def _living_account(work: Work, account_id: str) -> Row[Any]:
    """Give the account, locked where the database has row locks: two answers for it must take turns."""
    statement = select(_account.c.id, _account.c.name, _account.c.name_version).where(_account.c.id == account_id)
    statement = statement.where(_account.c.deleted_at.is_(None))
    account = await work.q.first(statement.with_for_update() if work.q.locks_rows else statement)
    if account is None:
        raise NotFound("account.unknown")
    return account


async def _release_key(work: Work, key: str, account_id: str) -> None:
    """Free the person key from an attestation that no longer stands in the way, or refuse."""
    holder = await work.q.first(select(_attestation).where(_attestation.c.person_key == key))
    if holder is None:
        return
    if holder.revoked_why == "fraud":
        raise Forbidden("verification.barred")
    if holder.account_id != account_id:
        if _is_good(holder, work.now):
            raise Conflict("verification.already_elsewhere")
        if await queries.is_restricted(work.q, holder.account_id, now=work.now):
            raise Forbidden("verification.standing_open")
    await work.q.run(update(_attestation).where(_attestation.c.id == holder.id).values(person_key=None))


def _is_good(attestation: Row[Any], now: datetime) -> bool:
    return attestation.revoked_at is None and attestation.expires_at > now


async def _add(work: Work, account_id: str, grant: rules.Grant, key: str) -> str:
    attestation = Attestation(
        id=new_id(work.now),
        account_id=account_id,
        kind=grant.kind,
        name_version=grant.name_version,
        method=grant.method,
        assurance=grant.assurance,
        month=grant.month,
        expires_at=grant.expires_at,
        person_key=key,
    )
    # Two accounts of one person may come back at the same moment; the unique key lets one of them in.
    if not await work.q.add_if_new(attestation):
        raise Conflict("verification.already_elsewhere")
    return attestation.id

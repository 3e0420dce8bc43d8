"""Writes of the verification room: an attempt begins and is claimed once, an attestation is given or taken back.

Providers are asked before and between these (`journey.py`), never inside a transaction. Nothing here stores a name, a
subject, a code or a token.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, delete, or_, select, update

from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts import names, sharing
from commentbox.server.accounts.models import Account
from commentbox.server.accounts.names import Name
from commentbox.server.base import once
from commentbox.server.base.db import table_of
from commentbox.server.base.errors import Conflict, Gone, NotFound
from commentbox.server.base.ids import new_id
from commentbox.server.base.signing import Keyring, token_hash
from commentbox.server.base.work import Work
from commentbox.server.verification import people, queries, recovery, rules, turnover
from commentbox.server.verification.models import Attempt, Attestation, ProviderSession
from commentbox.server.verification.providers.port import Result

Purpose = Literal["badge", "recovery"]
_WANTED = "wanted-name"
_account = table_of(Account)
_attempt = table_of(Attempt)
_session = table_of(ProviderSession)
_attestation = table_of(Attestation)


@dataclass(frozen=True)
class Prepared:
    """An attempt whose way out is known: our state, the browser's own token, and what to keep for the provider.

    `wanted` is the name the person wants to show, if it proves to be theirs; it is kept apart, until they are back.
    """

    provider: str
    state: str = field(repr=False)
    browser: str = field(repr=False)
    keep: Mapping[str, Any] = field(repr=False)
    wanted: str = field(default="", repr=False)


@dataclass(frozen=True)
class Claimed:
    """An attempt that came back: used up by now, whatever its provider is going to say."""

    id: str
    account_id: str
    provider: str
    keep: Mapping[str, Any] = field(repr=False)
    wanted: str = field(default="", repr=False)


async def start(work: Work, account_id: str, prepared: Prepared, *, fresh: bool, purpose: Purpose = "badge") -> str:
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
        purpose=purpose,
    )
    await work.q.add(attempt)
    if prepared.wanted:
        await once.put(work, _WANTED, attempt.id, data={"name": prepared.wanted}, minutes=rules.ATTEMPT_MINUTES)
    return attempt.id


async def claim(
    work: Work, account_id: str | None, *, provider: str, state: str, browser: str, purpose: Purpose = "badge"
) -> Claimed:
    """Use up the attempt of `state`: once, by the account and browser that began it, for its provider and purpose, in time.

    Somebody who recovers an account is not signed in: their browser alone (`account_id` None) is known.
    Refuses `verification.attempt_gone` and, without using it up, `verification.other_browser`.
    """
    found = await queries.attempt_of(
        work.q, account_id, provider=provider, state=state, browser=browser, purpose=purpose
    )
    if found.outcome != "pending" or found.expires_at <= work.now:
        raise Gone("verification.attempt_gone")
    statement = update(_attempt).where(_attempt.c.id == found.id, _attempt.c.outcome == "pending")
    if not await work.q.run(statement.values(outcome="returned", keep={})):
        raise Gone("verification.attempt_gone")
    kept = await once.peek(work.q, _WANTED, found.id) or {"name": ""}
    await once.forget(work, _WANTED, found.id)
    return Claimed(found.id, found.account_id, found.provider, found.keep, kept["name"])


async def close(work: Work, attempt_id: str, outcome: str) -> None:
    """Note how an attempt ended: verified, declined, refused or failed."""
    await work.q.run(update(_attempt).where(_attempt.c.id == attempt_id).values(outcome=outcome, keep={}))


async def complete(work: Work, claimed: Claimed, result: Result, *, keyring: Keyring, badge_months: int) -> rules.Grant:
    """Give the account of `claimed` an attestation for `result`; verifying again renews it.

    Refuses what `rules.attest` and `give` refuse.
    If the person is called as they `wanted` to be shown, they are from now on, though others may have that name.
    """
    account = await _living_account(work, claimed.account_id)
    wanted = names.check(claimed.wanted) if claimed.wanted else None
    grant = await _earned(work, account, result, badge_months=badge_months, wanted=wanted)
    await give(work, account.id, grant, people.keys_of(result, keyring))
    await close(work, claimed.id, "verified")
    return grant


async def _earned(
    work: Work, account: Row[Any], result: Result, *, badge_months: int, wanted: Name | None
) -> rules.Grant:
    def attest(name: str, version: int) -> rules.Grant:
        return rules.attest(result, display_name=name, name_version=version, now=work.now, badge_months=badge_months)

    if wanted and not account.frozen_since:
        grant = attest(wanted.display, account.name_version + 1)
        if grant.kind == "name":
            await _take_name(work, account.id, wanted)
            return grant
    return attest(account.name, account.name_version)


async def _take_name(work: Work, account_id: str, name: Name) -> None:
    """Take a name that the person was shown to have; whoever has it without having shown so gives way to a number."""
    held = await sharing.first_holder(work.q, name)
    holder = held and held.account_id and await queries.verified_as(work.q, held.account_id, now=work.now)
    gives_way = not holder or holder.kind != "name"
    await sharing.take_proven(work, account_id, name, holder_gives_way=gives_way)
    work.record("account.renamed", subject_id=account_id)


async def give(work: Work, account_id: str, grant: rules.Grant, keys: Sequence[str], *, moves: bool = False) -> None:
    """Give an account its attestation under the newest of a person's keys; with `moves` another account makes way.

    Refuses what `recovery.require_person` and `people.make_way` refuse.
    """
    await recovery.require_person(work, account_id, keys)
    await people.make_way(work, keys, account_id, moves=moves)
    attestation_id = await _add(work, account_id, grant, keys[0], moved_at=work.now if moves else None)
    await work.q.run(update(_account).where(_account.c.id == account_id).values(attestation_id=attestation_id))
    await turnover.note_passkeys(work, account_id, attestation_id)
    await recovery.holder_verified(work, account_id)
    work.record("identity.verified", subject_id=account_id, attestation_id=attestation_id, of=grant.kind)


async def revoke(work: Work, account_id: str, why: rules.RevokedWhy) -> list[str]:
    """Take every attestation of an account back, and leave the job that takes the tier off all it ever said.

    `fraud` keeps the person key, and marks what was taken back for another reason, too; the others forget it, unless a
    measure is in force that a new account must not shake off. Gives the ids; refuses `verification.none`, and
    `recovery.open` to the person: a thief must not throw away what the owner comes back for.
    """
    if why == "person":
        await accounts.require_open(work, account_id)
    mine = select(_attestation.c.id).where(_attestation.c.account_id == account_id)
    ids = [row.id for row in await work.q.all(mine.where(_attestation.c.revoked_at.is_(None)))]
    stained = await _stain(work, account_id) if why == "fraud" else 0
    if not ids:
        if not stained:
            raise NotFound("verification.none")
        return ids
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


async def tell_ending(work: Work, *, at_most: int = 200) -> int:
    """Tell people whose badge ends within 30 days, once each, in the journal: the bell follows it, and mail where they want
    it. Their page says so by itself. Gives how many it was.
    """
    soon = _attestation.c.expires_at < work.now + timedelta(days=rules.ENDING_DAYS)
    due = soon & (_attestation.c.expires_at > work.now) & _attestation.c.ending_told_at.is_(None)
    worn = _attestation.join(_account, _account.c.attestation_id == _attestation.c.id)
    columns = select(_attestation.c.id, _attestation.c.account_id).select_from(worn)
    rows = await work.q.all(columns.where(due, _attestation.c.revoked_at.is_(None)).limit(at_most))
    told = update(_attestation).where(_attestation.c.id.in_([row.id for row in rows]))
    await work.q.run(told.values(ending_told_at=work.now))
    for row in rows:
        work.record("identity.ending", subject_id=row.account_id, attestation_id=row.id)
    return len(rows)


async def _stain(work: Work, account_id: str) -> int:
    """Mark as fraud what was taken back before, and say how much; no later news washes it off."""
    before = _attestation.c.revoked_at.is_not(None) & (_attestation.c.revoked_why != "fraud")
    mine = update(_attestation).where(_attestation.c.account_id == account_id, before)
    stained = await work.q.run(mine.values(revoked_why="fraud"))
    if stained:
        work.record("identity.stained", subject_id=account_id)
    return stained


async def sweep(work: Work) -> int:
    """Forget attempts of more than 30 days ago, and what was kept for those that ran out; give how many went."""
    ran_out = update(_attempt).where(_attempt.c.expires_at < work.now, _attempt.c.outcome == "pending")
    await work.q.run(ran_out.values(outcome="expired", keep={}))
    await people.sweep(work)
    await recovery.sweep(work)
    oldest = work.now - timedelta(days=rules.FORGET_DAYS)
    return await work.q.run(delete(_attempt).where(_attempt.c.created_at < oldest))


async def _living_account(work: Work, account_id: str) -> Row[Any]:
    """Give the account, locked where the database has row locks: two answers for it must take turns."""
    columns = (_account.c.id, _account.c.name, _account.c.name_version, _account.c.frozen_since)
    statement = select(*columns).where(_account.c.id == account_id, _account.c.deleted_at.is_(None))
    account = await work.q.first(statement.with_for_update() if work.q.locks_rows else statement)
    if account is None:
        raise NotFound("account.unknown")
    return account


async def forget(work: Work, account_id: str, *, rule: str | None, until: datetime | None) -> None:
    """Forget how somebody who leaves was verified. Their key stays, with its rule and end, only where there is a `rule`
    (a measure in force, a case still open) or the badge was taken back for fraud."""
    await people.let_go(work, account_id, open_case=people.Ban(rule, until) if rule else None)
    await recovery.forget(work, account_id)
    await work.q.run(delete(_session).where(_session.c.account_id == account_id))
    await work.q.run(delete(_attestation).where(_attestation.c.account_id == account_id))
    await work.q.run(delete(_attempt).where(_attempt.c.account_id == account_id))


async def _add(work: Work, account_id: str, grant: rules.Grant, key: str, *, moved_at: datetime | None) -> str:
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
        moved_at=moved_at,
    )
    # Two accounts of one person may come back at the same moment; the unique key lets one of them in.
    if not await work.q.add_if_new(attestation):
        raise Conflict("verification.already_elsewhere")
    return attestation.id

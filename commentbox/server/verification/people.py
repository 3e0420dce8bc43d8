"""One person, one verified account: who holds a person key, who must make way, and who is banned under it.

Answers are for the person who just proved who they are, and for nobody else: which account it is, is never said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, or_, select, update

from commentbox.server.accounts.models import Account, Standing
from commentbox.server.base import tallies
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict, Forbidden
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import Work
from commentbox.server.verification import queries
from commentbox.server.verification.models import Attestation, PersonBan
from commentbox.server.verification.person_key import person_keys
from commentbox.server.verification.providers.port import Result

OPEN_CASE = "open_case"
"""The rule under which a key stays for a case that was open when somebody left. It bars nobody: nothing was decided."""
MOVE_DAYS = 30
"""A badge moves once in so long: whoever lends it from account to account has to give it up each time, and wait."""
_accounts = table_of(Account)
_attestations = table_of(Attestation)
_bans = table_of(PersonBan)
_standings = table_of(Standing)


@dataclass(frozen=True)
class Ban:
    """Under which rule a person is kept away, and until when (None: for good)."""

    rule: str
    until: datetime | None = None


def keys_of(result: Result, keyring: Keyring) -> tuple[str, ...]:
    """Give the keys of the person an answer is about, under every live version, the newest first."""
    return person_keys(keyring, result.provider_class, issuer=result.issuer, subject=result.subject)


async def attestation_for(query: Query, account_id: str, result: Result, *, keyring: Keyring) -> str | None:
    """Give the attestation of an account that was made for the person of an answer, or None: they are somebody else."""
    if result.outcome != "verified" or not result.subject:
        return None
    mine = (_attestations.c.account_id == account_id) & _attestations.c.revoked_at.is_(None)
    same = _attestations.c.person_key.in_(keys_of(result, keyring))
    return await query.scalar(select(_attestations.c.id).where(mine, same))


STOPPED = ("verification.banned", "verification.standing_open")
"""Refusals by which a sanctioned person is known again; how many there were is counted (`note_stopped`)."""
STOPPED_TALLY = "banned_person_stopped"


async def note_stopped(work: Work, code: str) -> None:
    """Count that a sanctioned person was kept from a second badge. Not in the journal: there it would say who they are."""
    if code in STOPPED:
        await tallies.add(work, STOPPED_TALLY)


async def make_way(work: Work, keys: Sequence[str], account_id: str, *, moves: bool = False) -> None:
    """Free a person's keys for an account, or refuse.

    Refuses `verification.barred` (fraud), `verification.banned`, `verification.already_elsewhere` unless the badge `moves`,
    `verification.standing_open`, and for a move `verification.moved_lately` and `recovery.open`.
    """
    holders = await work.q.all(select(_attestations).where(_attestations.c.person_key.in_(keys)))
    for holder in holders:
        if holder.revoked_why == "fraud":
            raise Forbidden("verification.barred")
        if holder.account_id != account_id:
            await _require_free(work, holder, moves=moves)
    if all(holder.account_id != account_id for holder in holders):
        await _require_no_ban(work, keys)
    # Only those that were looked at: another account of the same person may have come in between, and it came first.
    seen = update(_attestations).where(_attestations.c.id.in_([holder.id for holder in holders]))
    await work.q.run(seen.values(person_key=None))


async def _require_free(work: Work, holder: Row[Any], *, moves: bool) -> None:
    stands = holder.revoked_at is None and holder.expires_at > work.now
    if stands and not moves:
        raise Conflict("verification.already_elsewhere")
    if await queries.is_restricted(work.q, holder.account_id, now=work.now):
        raise Forbidden("verification.standing_open")
    if stands:
        await _move_away(work, holder)


async def _move_away(work: Work, holder: Row[Any]) -> None:
    """Take the badge from the account that has it; what was written with it stays as it was."""
    if holder.asleep == "recovery":
        raise Conflict("recovery.open")
    if holder.moved_at is not None and holder.moved_at + timedelta(days=MOVE_DAYS) > work.now:
        raise Conflict("verification.moved_lately", days=MOVE_DAYS)
    await work.q.run(update(_attestations).where(_attestations.c.id == holder.id).values(asleep="moved"))
    had = (_accounts.c.id == holder.account_id) & (_accounts.c.attestation_id == holder.id)
    await work.q.run(update(_accounts).where(had).values(attestation_id=None))
    work.record("identity.moved_away", subject_id=holder.account_id, attestation_id=holder.id)


async def _require_no_ban(work: Work, keys: Sequence[str]) -> None:
    in_force = or_(_bans.c.until.is_(None), _bans.c.until > work.now)
    found = await work.q.first(select(_bans).where(_bans.c.person_key.in_(keys), in_force, _bans.c.rule != OPEN_CASE))
    if found is not None:
        if found.rule == "fraud":
            raise Forbidden("verification.barred")
        until = found.until.isoformat() if found.until else None
        raise Forbidden("verification.banned", rule=found.rule, until=until)


async def ban_person_key(work: Work, account_id: str, ban: Ban) -> int:
    """Keep the person behind an account from a badge on any other one, whatever becomes of this one; give how many keys.

    0 where the account was never verified: there is nothing to know the person by. Banning again replaces end and rule.
    """
    keys = await _keys_held(work.q, account_id)
    for key in keys:
        row = {"person_key": key, "rule": ban.rule, "until": ban.until, "since": work.now}
        statement = work.q.upsert(PersonBan)
        changes = {name: statement.excluded[name] for name in ("rule", "until", "since")}
        await work.q.run(statement.on_conflict_do_update(index_elements=["person_key"], set_=changes), row)
    if keys:
        work.record("person.banned", subject_id=account_id, rule=ban.rule)
    return len(keys)


async def lift_ban(work: Work, account_id: str) -> int:
    """Let the person behind an account be verified again; give how many keys were freed."""
    lifted = await work.q.run(delete(_bans).where(_bans.c.person_key.in_(await _keys_held(work.q, account_id))))
    if lifted:
        work.record("person.ban_lifted", subject_id=account_id)
    return lifted


async def let_go(work: Work, account_id: str, *, open_case: Ban | None = None) -> None:
    """Forget the person behind an account that is being deleted; only key, end and rule of a measure in force stay.

    `open_case` is what a case or an appeal that is still open keeps the key for; the caller knows of those.
    """
    keeps = await _measure(work, account_id) or open_case
    if keeps is not None:
        await ban_person_key(work, account_id, keeps)
    mine = _attestations.c.account_id == account_id
    await work.q.run(update(_attestations).where(mine).values(person_key=None))


async def _measure(work: Work, account_id: str) -> Ban | None:
    """Give the measure in force that lasts longest, fraud first."""
    fraud = (_attestations.c.account_id == account_id) & (_attestations.c.revoked_why == "fraud")
    if await work.q.first(select(_attestations.c.id).where(fraud)):
        return Ban("fraud")
    in_force = or_(_standings.c.until.is_(None), _standings.c.until > work.now)
    mine = select(_standings.c.kind, _standings.c.until).where(_standings.c.account_id == account_id, in_force)
    rows = await work.q.all(mine.where(_standings.c.kind.in_(queries.RESTRICTIONS)))
    if not rows:
        return None
    longest = max(rows, key=lambda row: (row.until is None, row.until or work.now))
    return Ban(longest.kind, longest.until)


async def sweep(work: Work) -> int:
    """Forget bans that ended, and say how many."""
    return await work.q.run(delete(_bans).where(_bans.c.until <= work.now))


async def _keys_held(query: Query, account_id: str) -> list[str]:
    held = (_attestations.c.account_id == account_id) & _attestations.c.person_key.is_not(None)
    return [row.person_key for row in await query.all(select(_attestations.c.person_key).where(held))]

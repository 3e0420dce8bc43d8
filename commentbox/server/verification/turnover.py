"""Credential turnover: a badge sleeps once no passkey is left that was there when the person was verified.

A badge says that the same person still writes. Passkeys may be added and lost, but where all of them are new, that has to
be shown anew; so nobody sells an account by handing over its keys one by one.
"""

from typing import Any

from sqlalchemy import func, select, update

from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts.models import Account, Credential
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.work import Work
from commentbox.server.verification.models import Attestation

_accounts = table_of(Account)
_credentials = table_of(Credential)
_attestations = table_of(Attestation)


async def note_passkeys(work: Work, account_id: str, attestation_id: str) -> None:
    """Remember which passkeys were there when an attestation was made: all that sign in now."""
    mine = (_credentials.c.account_id == account_id) & (_credentials.c.kind == "passkey")
    await work.q.run(update(_credentials).where(mine).values(attested_as=attestation_id))


async def remove_credential(work: Work, account_id: str, credential_id: str) -> None:
    """Take away one way to sign in; the badge falls asleep with the last passkey that was there for it."""
    await accounts.remove_credential(work, account_id, credential_id)
    await settle(work, account_id)


async def settle(work: Work, account_id: str) -> None:
    """Let a badge sleep or wake by the passkeys that are left; for when nothing else keeps it asleep."""
    row = await work.q.first(_sleeping(account_id))
    if row is None or row.revoked_at is not None:
        return
    asleep = None if row.left else "passkeys"
    if asleep != row.asleep:
        await work.q.run(update(_attestations).where(_attestations.c.id == row.id).values(asleep=asleep))
        kind = "identity.asleep" if asleep else "identity.awake"
        work.record(kind, subject_id=account_id, attestation_id=row.id)


async def would_sleep(query: Query, account_id: str, credential_id: str) -> bool:
    """Say whether taking this passkey away would put a waking badge to sleep."""
    row = await query.first(_sleeping(account_id, without=credential_id))
    return row is not None and row.revoked_at is None and row.asleep is None and not row.left


def _sleeping(account_id: str, *, without: str = "") -> Any:
    """Give the account's attestation with the number of its passkeys that are `left`."""
    there = (_credentials.c.attested_as == _attestations.c.id) & (_credentials.c.kind == "passkey")
    left = select(func.count()).select_from(_credentials).where(there, _credentials.c.id != without)
    columns = (_attestations.c.id, _attestations.c.asleep, _attestations.c.revoked_at)
    joined = _accounts.join(_attestations, _attestations.c.id == _accounts.c.attestation_id)
    return (
        select(*columns, left.scalar_subquery().label("left")).select_from(joined).where(_accounts.c.id == account_id)
    )

"""The walk of somebody who recovers an account by verifying again: out to a provider without a session, and back.

The account is found by its name, which is public; it is theirs if the provider's answer gives the person key it has.
"""

from datetime import datetime

from commentbox.server.accounts import entering, names, queries
from commentbox.server.accounts.passkeys import NewPasskey, RelyingParty
from commentbox.server.base import once
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Forbidden, NotFound
from commentbox.server.base.signing import Keyring, b64url, b64url_bytes
from commentbox.server.base.work import Work, begin
from commentbox.server.verification import journey, people, recovery, rules
from commentbox.server.verification.actions import Claimed
from commentbox.server.verification.providers.port import Provider, Result
from commentbox.server.verification.recovery import Asking

_PASSKEY = "recovery-passkey"


async def account_named(db: Database, name: str) -> str:
    """Give the account that has a name. Refuses `recovery.no_account`."""
    async with db.read() as query:
        held = await queries.holder_of(query, names.skeleton(name))
    if held is None or held.account_id is None:
        raise NotFound("recovery.no_account")
    return held.account_id


async def begin_asking(db: Database, party: RelyingParty, name: str) -> entering.Options:
    """Ask for the passkey that will wait. It tells the asker nothing about those that are there."""
    return await entering.begin_waiting(db, party, await account_named(db, name))


async def leave(
    db: Database, provider: Provider, party: RelyingParty, *, leaver: journey.Leaver, credential: object
) -> journey.Leaving:
    """Begin an attempt for somebody else's eyes: with the passkey just made, which is kept until the answer is there."""
    made = await entering.passkey_for(db, party, leaver.account_id, credential=credential)
    leaving = await journey.leave(db, provider, leaver=leaver, fresh=True, purpose="recovery")
    data = {"handle": made.handle, "public_key": b64url(made.public_key), "sign_count": made.sign_count}
    async with begin(db) as work:
        await once.put(work, _PASSKEY, leaving.attempt_id, data=data, minutes=rules.ATTEMPT_MINUTES)
    return leaving


async def come_back(
    db: Database, provider: Provider, returning: journey.Returning, *, keyring: Keyring, delay_hours: int
) -> datetime:
    """Read the provider's answer, and begin the request if it is the same person; give when it is through.

    Refuses `recovery.not_matched` and what asking refuses.
    """

    async def ask(work: Work, claimed: Claimed, result: Result) -> datetime:
        kept = await once.take(work, _PASSKEY, claimed.id)
        theirs = await people.attestation_for(work.q, claimed.account_id, result, keyring=keyring)
        if theirs is None:
            raise Forbidden("recovery.not_matched")
        passkey = NewPasskey(kept["handle"], b64url_bytes(kept["public_key"]), kept["sign_count"])
        asking = Asking(claimed.account_id, "provider", passkey, attestation_id=theirs)
        return await recovery.ask(work, asking, delay_hours=delay_hours)

    return await journey.answered(db, provider, returning, keyring=keyring, purpose="recovery", take=ask)

"""The walk of somebody who recovers an account by verifying again: out to a provider, and back with its answer or before it.

The account is found by its name, which is public; it is theirs if the provider's answer gives the person key it has.
"""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row

from commentbox.server.accounts import entering, names, queries
from commentbox.server.accounts.passkeys import RelyingParty
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Forbidden, NotFound
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import Work, begin
from commentbox.server.verification import (
    journey,
    recovery,
    recovery_answers,
    rules,
    session_states,
    sessions,
    settling,
)
from commentbox.server.verification.actions import Claimed
from commentbox.server.verification.providers.port import Hosted, Provider, Result


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
    db: Database,
    provider: Provider,
    party: RelyingParty,
    *,
    leaver: journey.Leaver,
    credential: object,
    keyring: Keyring,
) -> journey.Leaving:
    """Begin an attempt for somebody else's eyes: with the passkey just made, which is kept until the answer is there."""
    made = await entering.passkey_for(db, party, leaver.account_id, credential=credential)
    leaving = await journey.leave(db, provider, leaver=leaver, fresh=True, purpose="recovery", keyring=keyring)
    minutes = rules.ATTEMPT_MINUTES if leaving.ends_here else session_states.OPEN_DAYS * 24 * 60
    async with begin(db) as work:
        await recovery_answers.keep(work, leaving.attempt_id, made, minutes=minutes)
    return leaving


async def come_back(
    db: Database, provider: Provider, returning: journey.Returning, *, keyring: Keyring, delay_hours: int
) -> datetime:
    """Read the provider's answer, and begin the request if it is the same person; give when it is through.

    Refuses `recovery.not_matched` and what asking refuses.
    """

    async def ask(work: Work, claimed: Claimed, result: Result) -> datetime:
        known: dict[str, Any] = {"keyring": keyring, "delay_hours": delay_hours}
        return await recovery_answers.ask(work, claimed.id, claimed.account_id, result, **known)

    return await journey.answered(db, provider, returning, keyring=keyring, purpose="recovery", take=ask)


async def come_back_to_session(
    setting: sessions.Setting, provider: Provider, returning: journey.Returning
) -> datetime | None:
    """Look at the session of somebody who is back from it, and give when the request is through; None while it waits.

    Their browser alone is known. Refuses as `queries.attempt_of` does, and what earned nothing.
    """
    row = await waiting_of(setting, provider, returning)
    settled = await sessions.come_back(setting, cast(Hosted, provider), row)
    if settled.refused is not None:
        raise settled.refused
    if settled.state in ("pending", settling.OVERTAKEN):
        return None
    async with setting.db.read() as query:
        asked = await recovery.latest(query, row.account_id)
    if settled.state != "verified" or asked is None:
        raise Forbidden("provider.declined")
    due_at: datetime = asked.due_at
    return due_at


async def waiting_of(setting: sessions.Setting, provider: Provider, returning: journey.Returning) -> Row[Any]:
    """Give the session that this browser began to recover an account. Refuses as `queries.attempt_of` does."""
    came = {"provider": provider.name, "state": returning.params.get("state", ""), "browser": returning.browser}
    return await sessions.row_of_return(setting, None, **came, purpose="recovery")

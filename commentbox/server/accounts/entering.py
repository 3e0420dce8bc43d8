"""The ways in: signing up with a passkey, signing in with one, with a printed code or with a link in a mail.

Each ceremony keeps its challenge as a one-time thing, verifies what the browser answered outside any transaction, then
writes in one. Called by the sign-in, account, verify and desk fronts.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from commentbox.server.accounts import actions, names, passkeys, queries
from commentbox.server.accounts.actions import NewSession
from commentbox.server.accounts.passkeys import NewPasskey, RelyingParty
from commentbox.server.base import once
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Conflict, Forbidden, Gone
from commentbox.server.base.ids import new_id
from commentbox.server.base.signing import b64url, b64url_bytes, new_token, token_hash
from commentbox.server.base.work import Work, begin

MAIL_LINK_MINUTES = 20
_CREATE, _GET, _MAIL = "passkey-create", "passkey-get", "mail-link"


Options = dict[str, Any]
"""What a browser is given, in WebAuthn's own JSON."""


async def begin_sign_up(db: Database, party: RelyingParty, name: str, *, is_held: bool = False) -> Options:
    """Check a name and ask for a passkey for it; `is_held` is for whom it is kept. Refuses what names refuse, `name.taken`."""
    checked = names.check(name)
    async with db.read() as query:
        if not is_held and await queries.holder_of(query, checked.skeleton):
            raise Conflict("name.taken", name=checked.display)
    return await _begin_create(db, party, name=checked.display, known_handles=())


async def begin_adding(db: Database, party: RelyingParty, account_id: str) -> Options:
    """Ask for one more passkey of an account."""
    async with db.read() as query:
        account = await queries.account(query, account_id)
        known = [row.handle for row in await actions.credentials_of(query, account_id) if row.kind == "passkey"]
    return await _begin_create(db, party, name=account.name, known_handles=known, account_id=account_id)


async def begin_waiting(db: Database, party: RelyingParty, account_id: str) -> Options:
    """Ask somebody who is not signed in for a passkey that will wait: nothing about those the account has is told."""
    async with db.read() as query:
        account = await queries.account(query, account_id)
    return await _begin_create(db, party, name=account.name, known_handles=(), account_id=account_id, budget="waiting")


async def _begin_create(
    db: Database,
    party: RelyingParty,
    *,
    name: str,
    known_handles: Any,
    account_id: str | None = None,
    budget: str = "passkey",
) -> Options:
    challenge = secrets.token_bytes(32)
    async with begin(db) as work:
        if account_id:
            await actions.take_change(work, account_id, budget)
        handle = account_id or new_id(work.now)
        data = {"name": name, "account_id": account_id}
        await once.put(work, _CREATE, b64url(challenge), data=data, minutes=passkeys.CEREMONY_MINUTES)
    return passkeys.registration_options(
        party, challenge=challenge, user_handle=handle, user_name=name, known_handles=known_handles
    )


async def begin_sign_in(db: Database, party: RelyingParty, account_id: str | None = None) -> Options:
    """Ask for a passkey: any that this browser has, or one of the account that should prove itself again."""
    challenge = secrets.token_bytes(32)
    known: list[str] = []
    async with begin(db) as work:
        if account_id:
            await actions.take_change(work, account_id, "passkey-asked")
            known = [row.handle for row in await actions.credentials_of(work.q, account_id) if row.kind == "passkey"]
        data = {"account_id": account_id}
        await once.put(work, _GET, b64url(challenge), data=data, minutes=passkeys.CEREMONY_MINUTES)
    return passkeys.authentication_options(party, challenge=challenge, known_handles=known)


async def made_passkey(db: Database, party: RelyingParty, credential: object) -> tuple[NewPasskey, dict[str, Any]]:
    """Use the challenge up and give the passkey that was made, with what the ceremony was begun for."""
    async with begin(db) as work:
        kept = await once.take(work, _CREATE, challenge := passkeys.challenge_of(credential))
    made = passkeys.verify_registration(party, credential, challenge=b64url_bytes(challenge))
    return made, kept


async def sign_up(db: Database, party: RelyingParty, credential: object) -> tuple[str, NewSession]:
    """Make the account that `begin_sign_up` was asked for and sign it in; give its id and the session."""
    made, kept = await made_passkey(db, party, credential)
    if kept["account_id"] is not None:
        raise Gone("once.gone", kind=_CREATE)
    async with begin(db) as work:
        account_id = await actions.sign_up(work, names.check(kept["name"]), made)
        return account_id, await by_passkey(work, await actions.passkey(work.q, made.handle))


async def add_passkey(db: Database, party: RelyingParty, account_id: str, *, credential: object, label: str) -> None:
    """Add the passkey that `begin_adding` asked for to the account that asked."""
    made = await passkey_for(db, party, account_id, credential=credential)
    async with begin(db, actor=account_id) as work:
        await actions.add_passkey(work, account_id, made, label=label)


async def passkey_for(db: Database, party: RelyingParty, account_id: str, *, credential: object) -> NewPasskey:
    """Give the passkey that was asked for and made for an account. Refuses `once.gone` for another's."""
    made, kept = await made_passkey(db, party, credential)
    if kept["account_id"] != account_id:
        raise Gone("once.gone", kind=_CREATE)
    return made


async def proven_passkey(db: Database, party: RelyingParty, credential: object) -> Row[Any]:
    """Use the challenge up and give the stored passkey that answered it. Refuses `passkey.unknown` and what passkeys do.

    A passkey whose counter went back is locked from then on: a copy could ask again until its own counter is ahead.
    """
    async with begin(db) as work:
        kept = await once.take(work, _GET, challenge := passkeys.challenge_of(credential))
    async with db.read() as query:
        stored = await actions.passkey(query, passkeys.handle_of(credential))
    if kept["account_id"] not in (None, stored.account_id):
        raise Forbidden("passkey.other_account")
    if stored.copied_at is not None:
        raise Forbidden("passkey.copied")
    passkey = NewPasskey(stored.handle, stored.public_key, stored.sign_count)
    count = passkeys.verify_authentication(party, credential, challenge=b64url_bytes(challenge), passkey=passkey)
    if passkeys.goes_back(count, stored.sign_count):
        async with begin(db) as work:
            await actions.lock_copied(work, stored)
        raise Forbidden("passkey.copied")
    async with begin(db, actor=stored.account_id) as work:
        await actions.passkey_used(work, stored, sign_count=count)
    return stored


async def sign_in(db: Database, party: RelyingParty, credential: object, *, kind: str = "top") -> NewSession:
    """Sign the owner of the answering passkey in, freshly."""
    proven = await proven_passkey(db, party, credential)
    async with begin(db, actor=proven.account_id) as work:
        return await by_passkey(work, proven, kind=kind)


async def by_passkey(work: Work, passkey: Row[Any], *, kind: str = "top") -> NewSession:
    """Sign the owner of a passkey in that was used or made this moment."""
    return await actions.open_session(
        work, passkey.account_id, kind=kind, by_passkey=True, fresh=True, credential_id=passkey.id
    )


async def prove(db: Database, party: RelyingParty, *, account_id: str, session_id: str, credential: object) -> None:
    """Make a session fresh again by a passkey of its own account."""
    proven = await proven_passkey(db, party, credential)
    if proven.account_id != account_id:
        raise Forbidden("passkey.other_account")
    async with begin(db, actor=account_id) as work:
        await actions.refresh_session(work, session_id, credential_id=proven.id)


async def rename(db: Database, account_id: str, name: str) -> None:
    """Give an account another name. Refuses what names refuse and `name.taken`."""
    checked = names.check(name)
    async with begin(db, actor=account_id) as work:
        await actions.rename(work, account_id, checked)


async def sign_in_by_code(db: Database, code: str) -> NewSession:
    """Sign in with a printed code, which is used up. Such a session speaks as unverified.

    It is fresh all the same: whoever lost the passkey must be able to make another one. On a verified account that
    passkey waits (`verification/recovery.py`).
    """
    async with begin(db) as work:
        account_id = await actions.use_recovery_code(work, code)
        return await actions.open_session(work, account_id, kind="top", by_passkey=False, fresh=True, by_code=True)


async def mail_link(work: Work, account_id: str, *, purpose: str) -> tuple[str, str] | None:
    """Make the token of a link in a mail, and give it with the address it goes to; None where it may go nowhere any more.

    purpose: `confirm` the address of an account, or `signin`.
    """
    email = (await queries.account(work.q, account_id)).email
    if not email or not await _may(work, account_id, purpose=purpose, email=email):
        return None
    token = new_token()
    data = {"account_id": account_id, "purpose": purpose, "address": token_hash(email)}
    await once.put(work, _MAIL, token, data=data, minutes=MAIL_LINK_MINUTES)
    return token, email


async def _may(work: Work, account_id: str, *, purpose: str, email: str) -> bool:
    return purpose == "confirm" or account_id in await actions.unverified_by_confirmed_email(work.q, email)


@dataclass(frozen=True)
class MailLink:
    """What a mailed link will do, and for whose account."""

    purpose: str
    name: str


async def look_at_mail_link(db: Database, token: str) -> MailLink:
    """Say what a mailed link is for, without using it up. Refuses `once.gone`."""
    async with db.read() as query:
        kept = await once.peek(query, _MAIL, token)
        if kept is None:
            raise Gone("once.gone", kind=_MAIL)
        account = await queries.account(query, kept["account_id"])
        return MailLink(kept["purpose"], names.shown(account.name, account.name_number))


async def use_mail_link(db: Database, token: str) -> NewSession | None:
    """Do what a mailed link was for: confirm the address (None), or sign in (a session that speaks as unverified).

    Refuses `link.expired` where the account has another address meanwhile, or a badge.
    """
    async with begin(db) as work:
        kept = await once.take(work, _MAIL, token)
        account_id, email = kept["account_id"], (await queries.account(work.q, kept["account_id"])).email or ""
        same = token_hash(email) == kept["address"]
        if not same or not await _may(work, account_id, purpose=kept["purpose"], email=email):
            raise Gone("link.expired")
        if kept["purpose"] == "confirm":
            await actions.confirm_email(work, account_id, email)
            return None
        return await actions.open_session(work, account_id, kind="top", by_passkey=False, fresh=True)

"""The ways in: signing up with a passkey, signing in with one, with a printed code or with a link in a mail.

Each ceremony keeps its challenge as a one-time thing under a `flow` token, verifies what the browser answered outside any
transaction, then writes in one. Called by the sign-in, account, verify and desk fronts.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from commentbox.server.accounts import actions, names, passkeys, queries
from commentbox.server.accounts.actions import NewSession
from commentbox.server.accounts.passkeys import NewPasskey, RelyingParty
from commentbox.server.base import once
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Conflict, Forbidden, Gone
from commentbox.server.base.ids import new_id
from commentbox.server.base.signing import b64url, b64url_bytes, new_token
from commentbox.server.base.work import Work, begin

MAIL_LINK_MINUTES = 20
_CREATE, _GET, _MAIL = "passkey-create", "passkey-get", "mail-link"


@dataclass(frozen=True)
class Ceremony:
    """What the browser is given: the WebAuthn options, and the token that leads back to the challenge."""

    options: dict[str, Any]
    flow: str


async def begin_sign_up(db: Database, party: RelyingParty, name: str) -> Ceremony:
    """Check a name and ask for a passkey for it. Refuses what names refuse and `name.taken`."""
    checked = names.check(name)
    async with db.read() as query:
        if await queries.holder_of(query, checked.skeleton):
            raise Conflict("name.taken", name=checked.display)
    return await _begin_create(db, party, name=checked.display, known_handles=())


async def begin_adding(db: Database, party: RelyingParty, account_id: str) -> Ceremony:
    """Ask for one more passkey of an account."""
    async with db.read() as query:
        account = await queries.account(query, account_id)
        known = [row.handle for row in await actions.credentials_of(query, account_id) if row.kind == "passkey"]
    return await _begin_create(db, party, name=account.name, known_handles=known, account_id=account_id)


async def _begin_create(
    db: Database, party: RelyingParty, *, name: str, known_handles: Any, account_id: str | None = None
) -> Ceremony:
    challenge, flow = secrets.token_bytes(32), new_token()
    async with begin(db) as work:
        handle = account_id or new_id(work.now)
        data = {"challenge": b64url(challenge), "name": name, "account_id": account_id}
        await once.put(work, _CREATE, flow, data=data, minutes=passkeys.CEREMONY_MINUTES)
    options = passkeys.registration_options(
        party, challenge=challenge, user_handle=handle, user_name=name, known_handles=known_handles
    )
    return Ceremony(options, flow)


async def begin_sign_in(db: Database, party: RelyingParty, account_id: str | None = None) -> Ceremony:
    """Ask for a passkey: any that this browser has, or one of the account that should prove itself again."""
    challenge, flow = secrets.token_bytes(32), new_token()
    known: list[str] = []
    async with begin(db) as work:
        if account_id:
            known = [row.handle for row in await actions.credentials_of(work.q, account_id) if row.kind == "passkey"]
        data = {"challenge": b64url(challenge), "account_id": account_id}
        await once.put(work, _GET, flow, data=data, minutes=passkeys.CEREMONY_MINUTES)
    return Ceremony(passkeys.authentication_options(party, challenge=challenge, known_handles=known), flow)


async def made_passkey(
    db: Database, party: RelyingParty, flow: str, credential: object
) -> tuple[NewPasskey, dict[str, Any]]:
    """Use the challenge up and give the passkey that was made, with what the ceremony was begun for."""
    async with begin(db) as work:
        kept = await once.take(work, _CREATE, flow)
    made = passkeys.verify_registration(party, credential, challenge=b64url_bytes(kept["challenge"]))
    return made, kept


async def sign_up(db: Database, party: RelyingParty, flow: str, credential: object) -> tuple[str, NewSession]:
    """Make the account that `begin_sign_up` was asked for and sign it in; give its id and the session."""
    made, kept = await made_passkey(db, party, flow, credential)
    if kept["account_id"] is not None:
        raise Gone("once.gone", kind=_CREATE)
    async with begin(db) as work:
        account_id = await actions.sign_up(work, names.check(kept["name"]), made)
        return account_id, await actions.open_session(work, account_id, kind="top", by_passkey=True, fresh=True)


async def add_passkey(
    db: Database, party: RelyingParty, account_id: str, *, flow: str, credential: object, label: str
) -> None:
    """Add the passkey that `begin_adding` asked for to the account that asked."""
    made, kept = await made_passkey(db, party, flow, credential)
    if kept["account_id"] != account_id:
        raise Gone("once.gone", kind=_CREATE)
    async with begin(db, actor=account_id) as work:
        await actions.add_passkey(work, account_id, made, label=label)


async def proven_account(db: Database, party: RelyingParty, flow: str, credential: object) -> str:
    """Use the challenge up and give the account whose passkey answered it. Refuses `passkey.unknown` and what passkeys do."""
    async with begin(db) as work:
        kept = await once.take(work, _GET, flow)
    async with db.read() as query:
        stored = await actions.passkey(query, passkeys.handle_of(credential))
    if kept["account_id"] not in (None, stored.account_id):
        raise Forbidden("passkey.other_account")
    passkey = NewPasskey(stored.handle, stored.public_key, stored.sign_count)
    challenge = b64url_bytes(kept["challenge"])
    count = passkeys.verify_authentication(party, credential, challenge=challenge, passkey=passkey)
    async with begin(db, actor=stored.account_id) as work:
        await actions.passkey_used(work, stored, sign_count=count)
    return str(stored.account_id)


async def sign_in(db: Database, party: RelyingParty, flow: str, credential: object, *, kind: str = "top") -> NewSession:
    """Sign the owner of the answering passkey in, freshly."""
    account_id = await proven_account(db, party, flow, credential)
    async with begin(db, actor=account_id) as work:
        return await actions.open_session(work, account_id, kind=kind, by_passkey=True, fresh=True)


async def sign_in_by_code(db: Database, code: str) -> NewSession:
    """Sign in with a printed code, which is used up. Such a session speaks as unverified."""
    async with begin(db) as work:
        account_id = await actions.use_recovery_code(work, code)
        return await actions.open_session(work, account_id, kind="top", by_passkey=False)


async def mail_link(work: Work, account_id: str, *, purpose: str, email: str) -> str:
    """Make the token of a link in a mail; purpose: `confirm` the address, or `signin`."""
    token = new_token()
    data = {"account_id": account_id, "purpose": purpose, "email": email}
    await once.put(work, _MAIL, token, data=data, minutes=MAIL_LINK_MINUTES)
    return token


async def use_mail_link(db: Database, token: str) -> NewSession | None:
    """Do what a mailed link was for: confirm the address (None), or sign in (a session that speaks as unverified)."""
    async with begin(db) as work:
        kept = await once.take(work, _MAIL, token)
        if kept["purpose"] == "confirm":
            await actions.confirm_email(work, kept["account_id"], kept["email"])
            return None
        return await actions.open_session(work, kept["account_id"], kind="top", by_passkey=False)

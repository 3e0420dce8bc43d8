"""Inviting staff by a one-time link, and signing them in at the desk."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from commentbox.server.accounts import actions, entering, names, queries, reserving
from commentbox.server.accounts.actions import NewSession
from commentbox.server.accounts.entering import Options
from commentbox.server.accounts.names import Name
from commentbox.server.accounts.passkeys import NewPasskey, RelyingParty
from commentbox.server.accounts.rules import sites_with
from commentbox.server.base import once
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Conflict, Forbidden, Gone
from commentbox.server.base.signing import new_token
from commentbox.server.base.work import Work, begin

INVITE_HOURS = 24
_INVITE = "staff-invite"


@dataclass(frozen=True)
class Invitation:
    """Who is invited as what. `site_id` '' is the instance; `account_id` where the account exists already; `sections` where
    the role is limited to some of the site's.
    """

    name: str
    role: str
    site_id: str = ""
    account_id: str | None = None
    sections: list[str] | None = None


async def invite(work: Work, invitation: Invitation) -> str:
    """Make the token of a one-time link (`/desk/invite/TOKEN`). The name is held for as long as the link is good.

    Refuses what names refuse, and `name.taken`.
    """
    if invitation.account_id is None:
        name = names.check(invitation.name)
        if not await reserving.hold_for_invited(work, name, until=work.now + timedelta(hours=INVITE_HOURS)):
            raise Conflict("name.taken", name=name.display)
    token = new_token()
    await once.put(work, _INVITE, token, data=dict(vars(invitation)), minutes=INVITE_HOURS * 60)
    work.record(
        "staff.invited", site_id=invitation.site_id or None, subject_id=invitation.account_id, role=invitation.role
    )
    return token


async def look(db: Database, token: str) -> Invitation:
    """Give an invitation without using it up. Refuses `once.gone`."""
    async with db.read() as query:
        kept = await once.peek(query, _INVITE, token)
    if kept is None:
        raise Gone("once.gone", kind=_INVITE)
    return Invitation(**kept)


async def begin_accepting(db: Database, party: RelyingParty, token: str) -> Options:
    """Ask for the passkey that accepting needs."""
    invited = await look(db, token)
    if invited.account_id:
        return await entering.begin_adding(db, party, invited.account_id)
    return await entering.begin_sign_up(db, party, invited.name, is_held=True)


async def accept(db: Database, party: RelyingParty, token: str, *, credential: object) -> NewSession:
    """Use the link up: make or complete the account, give the role, sign in at the desk."""
    made, begun_for = await entering.made_passkey(db, party, credential)
    async with begin(db) as work:
        invited = Invitation(**await once.take(work, _INVITE, token))
        _check_same(invited, begun_for)
        if invited.account_id:
            await actions.add_passkey(work, invited.account_id, made)
        account_id = invited.account_id or await _sign_up(work, names.check(invited.name), made)
        await actions.grant(work, account_id, invited.role, site_id=invited.site_id, sections=invited.sections)
        return await entering.by_passkey(work, await actions.passkey(work.q, made.handle), kind="staff")


async def _sign_up(work: Work, name: Name, made: NewPasskey) -> str:
    await reserving.release_invited(work, name)
    return await actions.sign_up(work, name, made)


def _check_same(invited: Invitation, begun_for: dict[str, Any]) -> None:
    """Refuse a passkey that was made for something else than this invitation."""
    same = begun_for["account_id"] == invited.account_id
    if not same or (invited.account_id is None and begun_for["name"] != names.check(invited.name).display):
        raise Gone("once.gone", kind=_INVITE)


async def sign_in(db: Database, party: RelyingParty, credential: object) -> NewSession:
    """Sign staff in at the desk by passkey. Refuses `desk.no_role`."""
    proven = await entering.proven_passkey(db, party, credential)
    async with begin(db, actor=proven.account_id) as work:
        if not sites_with(await queries.grants_of(work.q, proven.account_id), "desk.see"):
            raise Forbidden("desk.no_role")
        return await entering.by_passkey(work, proven, kind="staff")

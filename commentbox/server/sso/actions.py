"""Letting somebody in whom the paper vouches for: known again by the paper's id, and by nothing else.

A name or address that changes at the paper changes nothing here; roles, standing and choices are the account's own. A
session is of kind `sso`: for one site, unverified, without credentials, mail or desk.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts import names
from commentbox.server.accounts.actions import NewSession
from commentbox.server.accounts.models import Credential, Role
from commentbox.server.base import once
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict, Gone
from commentbox.server.base.ids import new_id
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import Work
from commentbox.server.sso.rules import LIFETIME, SKEW, Login, refused

SUBSCRIBED = "subscribed"
LONGEST_NAME = 200
"""Longer than any name may be, so that one too long is asked for again and not cut."""
TICKET_MINUTES = 30
"""Time to find a name; whoever needs longer is asked for the paper's word again."""
_SEEN_MINUTES = (LIFETIME + 2 * SKEW).total_seconds() / 60
_TICKET = "sso-ticket"
_credentials = table_of(Credential)
_roles = table_of(Role)


@dataclass(frozen=True)
class Visit:
    """A reader of the paper at one of its sites. `handle` knows them again and cannot be read back."""

    site_id: str
    handle: str
    name: str = field(default="", repr=False)
    is_subscriber: bool = False


@dataclass(frozen=True)
class Held:
    """The session that this browser has already."""

    id: str
    account_id: str
    kind: str


@dataclass(frozen=True)
class Entered:
    """What came of a token. `session` is a new one; `stays` says that the one there was goes on; else nobody is signed in
    yet and the ticket is good for an account of its own."""

    session: NewSession | None = None
    stays: bool = False
    ticket: str = ""


def visit_of(keyring: Keyring, site_id: str, login: Login) -> Visit:
    """Give who comes, in the form in which it may be kept."""
    known_by = keyring.mac("sso", f"{site_id}\0{login.subject}")
    return Visit(site_id, f"{_prefix(site_id)}{known_by}", login.name[:LONGEST_NAME], login.is_subscriber)


async def take_once(work: Work, site_id: str, login: Login) -> None:
    """Use a token up. Refuses `sso.refused` (replayed) where it was used before."""
    if not await once.first_time(work, "sso", f"{site_id}\0{login.once}", minutes=_SEEN_MINUTES):
        raise refused("replayed")


async def enter(work: Work, keyring: Keyring, visit: Visit, *, held: Held | None = None) -> Entered:
    """Sign in whom we know, and give a ticket to whom we do not: nobody has an account for having read.

    A session by passkey of somebody without a log-in of this paper stays: no page signs a reader over to somebody else.
    """
    account_id = await account_of(work.q, visit.handle)
    if held and await _stays(work, held, account_id, site_id=visit.site_id):
        return Entered(stays=True)
    if account_id is None:
        return Entered(ticket=keyring.sign(_TICKET, vars(visit)))
    return Entered(await _open(work, account_id, visit))


def visit_of_ticket(keyring: Keyring, ticket: str) -> Visit:
    """Give who holds a ticket. Refuses `link.expired` and `link.invalid`."""
    kept: Any = keyring.unsign(_TICKET, ticket, max_age_seconds=TICKET_MINUTES * 60)
    return Visit(**kept)


async def join(work: Work, visit: Visit, ticket: str, name: str) -> NewSession:
    """Make an account under a name and sign it in. Refuses what names refuse, `name.taken`, and `once.gone`."""
    checked = names.check(name)
    if not await once.first_time(work, _TICKET, ticket, minutes=TICKET_MINUTES):
        raise Gone("once.gone", kind=_TICKET)
    account_id = await account_of(work.q, visit.handle)
    if account_id is None:
        account_id = await accounts.sign_up(work, checked)
        await add_login(work, account_id, visit.handle)
    return await _open(work, account_id, visit)


async def leave(work: Work, held: Held, *, site_id: str) -> bool:
    """The paper says that nobody is logged in there: end a session that rests on it, and say whether it did."""
    if held.kind != "sso" and not await has_login(work.q, held.account_id, site_id):
        return False
    await accounts.close_session(work, held.id)
    return True


async def account_of(query: Query, handle: str) -> str | None:
    """Give the account of a reader of the paper, or None."""
    known = select(_credentials.c.account_id).where(_credentials.c.handle == handle, _credentials.c.kind == "sso")
    return await query.scalar(known)


async def has_login(query: Query, account_id: str, site_id: str) -> bool:
    """Say whether an account is known by a log-in of this paper."""
    mine = (_credentials.c.account_id == account_id) & (_credentials.c.kind == "sso")
    here = _credentials.c.handle.startswith(_prefix(site_id))
    return await query.first(select(_credentials.c.id).where(mine, here)) is not None


async def add_login(work: Work, account_id: str, handle: str) -> None:
    """Let a log-in of the paper lead to an account. Refuses `sso.connected` where it leads to one already."""
    credential = Credential(id=new_id(work.now), account_id=account_id, kind="sso", handle=handle, created_at=work.now)
    try:
        await work.q.add(credential)
    except IntegrityError:
        raise Conflict("sso.connected") from None
    work.record("credential.added", subject_id=account_id, credential=credential.id, of="sso")


async def _stays(work: Work, held: Held, account_id: str | None, *, site_id: str) -> bool:
    if held.account_id == account_id and held.kind != "sso":
        return True
    return not await leave(work, held, site_id=site_id)


async def _open(work: Work, account_id: str, visit: Visit) -> NewSession:
    await _note_subscription(work, account_id, visit)
    return await accounts.open_session(work, account_id, kind="sso", by_passkey=False, site_id=visit.site_id)


async def _note_subscription(work: Work, account_id: str, visit: Visit) -> None:
    """Follow what the paper says about a subscription, by a role of its own: no role that was given here is touched."""
    if visit.is_subscriber:
        await accounts.grant(work, account_id, SUBSCRIBED, site_id=visit.site_id)
        return
    mine = (_roles.c.account_id == account_id) & (_roles.c.site_id == visit.site_id) & (_roles.c.role == SUBSCRIBED)
    if await work.q.run(delete(_roles).where(mine)):
        work.record("role.taken", site_id=visit.site_id, subject_id=account_id, role=SUBSCRIBED)


def _prefix(site_id: str) -> str:
    return f"sso:{site_id}:"

"""Reading accounts: who a session is, what they are on which site, and what holds against them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from commentbox.server.accounts.models import Account, Credential, NameHold, Role, Session, Standing
from commentbox.server.accounts.rules import INSTANCE, Grant, Measure
from commentbox.server.base.db import Query
from commentbox.server.base.errors import NotFound
from commentbox.server.base.signing import token_hash

_accounts = Account.__table__  # type: ignore[attr-defined]
_credentials = Credential.__table__  # type: ignore[attr-defined]
_names = NameHold.__table__  # type: ignore[attr-defined]
_sessions = Session.__table__  # type: ignore[attr-defined]
_roles = Role.__table__  # type: ignore[attr-defined]
_standings = Standing.__table__  # type: ignore[attr-defined]

SESSION_COLUMNS = (
    _sessions.c.id.label("session_id"),
    _sessions.c.kind.label("session_kind"),
    _sessions.c.site_id,
    _sessions.c.by_passkey,
    _sessions.c.fresh_at,
    _accounts.c.id.label("account_id"),
    _accounts.c.name,
    _accounts.c.name_number,
    _accounts.c.name_version,
    _accounts.c.reach,
    _accounts.c.show,
    _accounts.c.attestation_id,
)


def session_of(token: str, *, kinds: tuple[str, ...], now: datetime) -> Any:
    """Give the statement that finds a live session and its account by a token; callers may join more to it."""
    joined = _sessions.join(_accounts, _accounts.c.id == _sessions.c.account_id)
    statement = select(*SESSION_COLUMNS).select_from(joined).where(_sessions.c.token_hash == token_hash(token))
    return statement.where(_sessions.c.kind.in_(kinds), _sessions.c.expires_at > now, _accounts.c.deleted_at.is_(None))


async def account(query: Query, account_id: str) -> Row[Any]:
    """Give an account's row. Refuses `account.unknown`."""
    row = await query.first(select(_accounts).where(_accounts.c.id == account_id, _accounts.c.deleted_at.is_(None)))
    if row is None:
        raise NotFound("account.unknown")
    return row


async def grants_of(query: Query, account_id: str) -> tuple[Grant, ...]:
    """Give every role of an account."""
    rows = await query.all(select(_roles.c.site_id, _roles.c.role).where(_roles.c.account_id == account_id))
    return tuple(Grant(row.site_id, row.role) for row in rows)


async def measures_of(query: Query, account_id: str, *, site_id: str, now: datetime) -> tuple[Measure, ...]:
    """Give the measures in force against an account on a site, the instance's included."""
    mine = (_standings.c.account_id == account_id) & _standings.c.site_id.in_((site_id, INSTANCE))
    live = _standings.c.until.is_(None) | (_standings.c.until > now)
    rows = await query.all(select(_standings.c.kind, _standings.c.until, _standings.c.statement_id).where(mine, live))
    return tuple(Measure(row.kind, row.until, row.statement_id) for row in rows)


@dataclass(frozen=True)
class Holder:
    """Who holds a name."""

    account_id: str | None
    guest_code_hash: str | None


async def holder_of(query: Query, skeleton: str) -> Holder | None:
    """Say who holds a name, or None where it is free."""
    row = await query.first(select(_names).where(_names.c.skeleton == skeleton, _names.c.number == 0))
    return None if row is None else Holder(row.account_id, row.guest_code_hash)


async def staff(query: Query) -> list[Row[Any]]:
    """Give every role there is, with whose it is: account_id, name, role, site_id ('' for the instance)."""
    joined = _roles.join(_accounts, _accounts.c.id == _roles.c.account_id)
    columns = (_roles.c.account_id, _accounts.c.name, _roles.c.role, _roles.c.site_id)
    living = select(*columns).select_from(joined).where(_accounts.c.deleted_at.is_(None))
    return list(await query.all(living.order_by(_accounts.c.name, _roles.c.site_id, _roles.c.role)))


async def passkeys_there_are(query: Query) -> int:
    """Give the number of passkeys that sign somebody in."""
    return await query.scalar(select(func.count()).where(_credentials.c.kind == "passkey")) or 0

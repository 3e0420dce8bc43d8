"""Reading accounts: who a session is, what they are on which site, and what holds against them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, String, bindparam, case, cast, func, select

from commentbox.server.accounts import names
from commentbox.server.accounts.models import Account, Credential, NameHold, Role, Session, Standing
from commentbox.server.accounts.rules import INSTANCE, Grant, Measure
from commentbox.server.base import clock
from commentbox.server.base.db import Moment, Query, table_of
from commentbox.server.base.errors import NotFound

_accounts = table_of(Account)
_credentials = table_of(Credential)
_names = table_of(NameHold)
_roles = table_of(Role)
_sessions = table_of(Session)
_standings = table_of(Standing)

SHOWN_NAME = case(
    (_accounts.c.name_number > 0, _accounts.c.name + " (" + cast(_accounts.c.name_number, String) + ")"),
    else_=_accounts.c.name,
)
"""A name as readers see it (`names.shown`), for statements that give nothing else of an account."""
_GRANTS = select(_roles.c.site_id, _roles.c.role, _roles.c.sections).where(_roles.c.account_id == bindparam("account"))
_MEASURES = (
    select(_standings.c.kind, _standings.c.until, _standings.c.statement_id)
    .where(_standings.c.account_id == bindparam("account"))
    .where((_standings.c.site_id == bindparam("site")) | (_standings.c.site_id == INSTANCE))
    .where(_standings.c.until.is_(None) | (_standings.c.until > bindparam("now", type_=Moment)))
)


async def account(query: Query, account_id: str) -> Row[Any]:
    """Give an account's row. Refuses `account.unknown`."""
    row = await query.first(select(_accounts).where(_accounts.c.id == account_id, _accounts.c.deleted_at.is_(None)))
    if row is None:
        raise NotFound("account.unknown")
    return row


def reach_of(label: Any) -> ColumnElement[str]:
    """Give the reach that holds for a comment with this label (a column): an article's author may have one of their own
    under that article. The statement has the author's account in it."""
    own = case((label == "author", _accounts.c.article_reach))
    return func.coalesce(own, _accounts.c.reach)


async def grants_of(query: Query, account_id: str) -> tuple[Grant, ...]:
    """Give every role of an account."""
    rows = await query.all(_GRANTS, {"account": account_id})
    return tuple(
        Grant(row.site_id, row.role, tuple(row.sections) if row.sections is not None else None) for row in rows
    )


async def measures_of(query: Query, account_id: str, *, site_id: str, now: datetime) -> tuple[Measure, ...]:
    """Give the measures in force against an account on a site, the instance's included."""
    rows = await query.all(_MEASURES, {"account": account_id, "site": site_id, "now": now})
    return tuple(Measure(row.kind, row.until, row.statement_id) for row in rows)


@dataclass(frozen=True)
class Holder:
    """Who holds a name."""

    account_id: str | None
    guest_code_hash: str | None


async def holder_of(query: Query, skeleton: str) -> Holder | None:
    """Say who holds a name, or None where it is free."""
    held = _names.c.skeleton.in_((skeleton, names.given_up(skeleton))) & (_names.c.number == 0)
    in_force = _names.c.until.is_(None) | (_names.c.until > clock.now())
    row = await query.first(select(_names).where(held, in_force))
    return None if row is None else Holder(row.account_id, row.guest_code_hash)


_ROLE = ("role", "site_id", "sections")


async def staff_sessions(query: Query, account_ids: Collection[str], *, now: datetime) -> list[Row[Any]]:
    """Give where these people are signed in at the desk, the latest first: id, account_id, created_at, expires_at."""
    columns = (_sessions.c[name] for name in ("id", "account_id", "created_at", "expires_at"))
    open_ones = (_sessions.c.kind == "staff") & (_sessions.c.expires_at > now)
    found = select(*columns).where(_sessions.c.account_id.in_(account_ids), open_ones)
    return list(await query.all(found.order_by(_sessions.c.id.desc())))


async def staff(query: Query) -> list[Row[Any]]:
    """Give every role that was given here, with whose it is: account_id, name, role, site_id ('' for the instance), sections."""
    joined = _roles.join(_accounts, _accounts.c.id == _roles.c.account_id)
    columns = (_roles.c.account_id, SHOWN_NAME.label("name"), *(_roles.c[name] for name in _ROLE))
    living = select(*columns).select_from(joined).where(_accounts.c.deleted_at.is_(None), _roles.c.role != "subscribed")
    return list(await query.all(living.order_by(_accounts.c.name, _roles.c.site_id, _roles.c.role)))


async def names_of(query: Query, ids: Iterable[str]) -> dict[str, str]:
    """Give the names of accounts, as they are shown; those who left have none."""
    rows = await query.all(select(_accounts.c.id, SHOWN_NAME.label("name")).where(_accounts.c.id.in_(set(ids))))
    return {row.id: row.name for row in rows}


async def passkeys_there_are(query: Query) -> int:
    """Give the number of passkeys that sign somebody in."""
    return await query.scalar(select(func.count()).where(_credentials.c.kind == "passkey")) or 0

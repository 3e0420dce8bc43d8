"""Connecting a log-in of the paper with an account that has a passkey, and making two accounts of one person one.

Only an account that nothing but the paper's log-in leads to is taken in: whoever has a passkey of its own is somebody.
What it wrote comes along as it was written, unverified; so do its measures, decisions and roles. Nothing is washed off.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, select, update

from commentbox.server import votes
from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts import names, queries
from commentbox.server.accounts.models import Account, Credential, Mute, NameHold, Role, Standing
from commentbox.server.accounts.rules import PERMISSIONS
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict
from commentbox.server.base.work import Work
from commentbox.server.comments.mentions import Mention
from commentbox.server.comments.models import Comment
from commentbox.server.legal_holds import LegalHold
from commentbox.server.moderation.models import Decision, Proposal, Statement
from commentbox.server.reports import Report
from commentbox.server.sso import actions as sso
from commentbox.server.sso.actions import Visit
from commentbox.server.threads import Thread

_accounts, _names = table_of(Account), table_of(NameHold)
_OWNED = (
    *((table_of(each), "account_id") for each in (Comment, Credential, Standing, Statement, Report, NameHold)),
    *((table_of(each), "subject_id") for each in (Decision, Proposal, LegalHold)),
    (table_of(Thread), "author_id"),
)
"""Whose row it is stands in a column that may say anything."""
_KEYED = (
    (table_of(Role), "account_id", ("site_id", "role")),
    (table_of(Mute), "account_id", ("target_id",)),
    (table_of(Mute), "target_id", ("account_id",)),
    (table_of(Mention), "account_id", ("comment_id",)),
)
"""Whose row it is belongs to its key: what the other account has already is not had twice."""


async def connect(work: Work, account_id: str, visit: Visit) -> None:
    """Let a log-in of the paper lead to this account; one that led to an account of its own brings what is there.

    Refuses `sso.connected` where either is connected otherwise, `account.has_role` and `recovery.open`.
    """
    await accounts.require_open(work, account_id)
    other = await sso.account_of(work.q, visit.handle)
    if other == account_id:
        return
    if await sso.has_login(work.q, account_id, visit.site_id):
        raise Conflict("sso.connected")
    if other is None:
        await sso.add_login(work, account_id, visit.handle)
        return
    await _check_may_go(work, other)
    await _take_in(work, account_id, other)


async def known_as(query: Query, handle: str) -> str:
    """Give the name under which a reader of the paper has an account here, or ''."""
    account_id = await sso.account_of(query, handle)
    if account_id is None:
        return ""
    row = await queries.account(query, account_id)
    return names.shown(row.name, row.name_number)


async def _check_may_go(work: Work, account_id: str) -> None:
    row = await queries.account(work.q, account_id)
    ways_in = await accounts.credentials_of(work.q, account_id)
    if row.attestation_id or any(each.kind != "sso" for each in ways_in):
        raise Conflict("sso.connected")
    if any(grant.role in PERMISSIONS["desk.see"] for grant in await queries.grants_of(work.q, account_id)):
        raise Conflict("account.has_role")


async def _take_in(work: Work, account_id: str, other: str) -> None:
    await accounts.close_all_sessions(work, other)
    until = work.now + timedelta(days=accounts.NAME_HELD_DAYS)
    await work.q.run(update(_names).where(_names.c.account_id == other, _names.c.until.is_(None)).values(until=until))
    for table, column in _OWNED:
        await work.q.run(update(table).where(table.c[column] == other).values({column: account_id}))
    for table, column, rest in _KEYED:
        await _move_keyed(work, table, column, rest, before=other, after=account_id)
    await votes.move(work, other, account_id)
    await work.q.run(delete(_accounts).where(_accounts.c.id == other))
    work.record("account.merged", subject_id=other, into=account_id)


async def _move_keyed(work: Work, table: Table, column: str, rest: tuple[str, ...], *, before: str, after: str) -> None:
    twin: Any = table.alias()
    same: list[ColumnElement[bool]] = [twin.c[name] == table.c[name] for name in rest]
    had = select(twin.c[column]).where(twin.c[column] == after, *same).exists()
    moving = update(table).where(table.c[column] == before, ~had)
    await work.q.run(moving.values({column: after}))
    await work.q.run(delete(table).where(table.c[column] == before))
    if table is table_of(Mute):  # two accounts of one person that had muted each other
        await work.q.run(delete(table).where(table.c.account_id == after, table.c.target_id == after))

"""Leaving: an account goes fourteen days after somebody asked, unless they come back and say otherwise.

What goes: name, ids, texts and revisions, recommendations, mutes, mail address, ways to sign in, sessions. What stays: the
journal, whose ids then lead nowhere; a hash of the name for half a year; where a measure is in force or a case is open, the
person's key with its rule and end; and what a legal hold keeps, until it ends.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, select, update

from commentbox.server import legal_holds, reports, threads, votes
from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts import queries
from commentbox.server.accounts.models import Account, Credential, Mute, NameHold, Role, Session, Standing
from commentbox.server.accounts.names import given_up
from commentbox.server.accounts.rules import PERMISSIONS
from commentbox.server.base.db import Database, table_of
from commentbox.server.base.errors import Conflict, Invalid
from commentbox.server.base.work import Work, begin
from commentbox.server.comments import actions as comments
from commentbox.server.comments import mentions
from commentbox.server.comments.models import Comment
from commentbox.server.moderation import forgetting
from commentbox.server.verification import actions as verification

LEAVE = "leave"
LEAVING_DAYS = 14
"""Long enough for who pressed in anger, or whose device somebody else held, to come back and keep the account."""
HOWS = ("keep", "erase")
BATCH = 50
"""Comments or recommendations per transaction, so that posting never waits long."""
_accounts = table_of(Account)
_names = table_of(NameHold)
_EMPTIED = {"name": "", "email": None, "email_confirmed_at": None, "attestation_id": None, "profile_id": None}
_comments = table_of(Comment)


async def ask(work: Work, account_id: str, how: str) -> datetime:
    """Let an account be deleted in fourteen days and sign it out everywhere; give when. `how` says what becomes of its
    comments: `keep` their words without a name, or `erase` them.

    Refuses `choice.unknown`, `recovery.open`, and `account.has_role` to staff, whose decisions must have somebody who
    answers for them.
    """
    if how not in HOWS:
        raise Invalid("choice.unknown", choice=how[:20])
    await accounts.require_open(work, account_id)
    await accounts.take_change(work, account_id, "leave")
    if any(grant.role in PERMISSIONS["desk.see"] for grant in await queries.grants_of(work.q, account_id)):
        raise Conflict("account.has_role")
    due = work.now + timedelta(days=LEAVING_DAYS)
    await work.q.run(update(_accounts).where(_accounts.c.id == account_id).values(leaves_at=due, leaves_how=how))
    await accounts.close_all_sessions(work, account_id)
    work.record("account.leaving", subject_id=account_id, how=how)
    work.job(LEAVE, {"account_id": account_id}, not_before=due)
    return due


async def stay(work: Work, account_id: str) -> None:
    """Keep an account that was to be deleted; one that was not stays as it is."""
    leaving = update(_accounts).where(_accounts.c.id == account_id, _accounts.c.leaves_at.is_not(None))
    if await work.q.run(leaving.values(leaves_at=None, leaves_how=None)):
        work.record("account.stayed", subject_id=account_id)


async def leave(db: Database, account_id: str) -> set[str]:
    """Delete an account whose time has come, piece by piece; begun again, it goes on where it was. Gives the ids of the
    threads that changed. Does nothing for one that stayed, or that asked anew and has time left; one that the law
    holds waits for the end of that.
    """
    async with begin(db) as work:
        account = await work.q.first(select(_accounts).where(_accounts.c.id == account_id))
        if account is not None:
            if account.leaves_at is None or account.leaves_at > work.now:
                return set()
            if hold := await legal_holds.about(work.q, account_id):
                work.job(LEAVE, {"account_id": account_id}, not_before=hold.until)
                return set()
            await _close_doors(work, account)
    keep = account is not None and account.leaves_how == "keep"
    changed = await _part_comments(db, account_id, keep=keep)
    while await _in_one(db, lambda work: votes.forget(work, account_id, at_most=BATCH)) == BATCH:
        pass
    await _in_one(db, lambda work: _forget_the_rest(work, account_id))
    return changed


async def _in_one(db: Database, act: Callable[[Work], Awaitable[Any]]) -> Any:
    async with begin(db) as work:
        return await act(work)


async def _close_doors(work: Work, account: Row[Any]) -> None:
    """Nobody is this account any more from here on, whatever is still to be done. What is open is looked at while the
    comments are still theirs."""
    rule, until = await forgetting.what_is_open(work.q, account.id, now=work.now)
    await verification.forget(work, account.id, rule=rule, until=until)
    for table in (Session, Credential):
        columns = table_of(table).c
        await work.q.run(delete(table).where(columns.account_id == account.id))
    await work.q.run(update(_accounts).where(_accounts.c.id == account.id).values(_EMPTIED | {"deleted_at": work.now}))


async def _part_comments(db: Database, account_id: str, *, keep: bool) -> set[str]:
    changed: set[str] = set()
    while True:
        async with begin(db) as work:
            until = legal_holds.until(_comments.c.id, now=work.now)
            mine = select(_comments, until.label("held_until")).where(_comments.c.account_id == account_id)
            rows = await work.q.all(mine.where(until.is_(None) | (_comments.c.state != "deleted")).limit(BATCH))
            for row in rows:
                await comments.forget(work, row, keep=keep)
                if row.held_until:
                    work.job(LEAVE, {"account_id": account_id}, not_before=row.held_until)
        changed |= {row.thread_id for row in rows}
        if len(rows) < BATCH:
            return changed


async def _forget_the_rest(work: Work, account_id: str) -> None:
    """What is about the account itself, in one transaction; the account goes last."""
    await forgetting.forget(work, account_id)
    await reports.forget(work, account_id)
    await threads.forget_author(work, account_id)
    await mentions.forget_person(work, account_id)
    await _hold_names(work, account_id)
    for table in (Standing, Role, Mute):
        columns = table_of(table).c
        await work.q.run(delete(table).where(columns.account_id == account_id))
    await work.q.run(delete(Mute).where(table_of(Mute).c.target_id == account_id))
    if await work.q.run(delete(_accounts).where(_accounts.c.id == account_id)):
        work.record("account.deleted", subject_id=account_id)


async def _hold_names(work: Work, account_id: str) -> None:
    """Hold the names that were given up for a while, by a hash: nobody becomes somebody known on the day they leave."""
    until = work.now + timedelta(days=accounts.NAME_HELD_DAYS)
    rows = await work.q.all(select(_names).where(_names.c.account_id == account_id))
    await work.q.run(delete(_names).where(_names.c.account_id == account_id))
    for row in rows:
        hidden = {"skeleton": given_up(row.skeleton), "number": row.number}
        await work.q.add_if_new(NameHold(**hidden, until=until, created_at=work.now))

"""Muting: people and threads an account wants no more of. Facts only: posting, voting, reading and mails ask them.

A mute belongs to the instance, as accounts do. It is nobody's business but the two people's: the journal says that
somebody muted, not whom.
"""

from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, delete, exists, func, select

from commentbox.server.accounts.actions import take_change
from commentbox.server.accounts.models import Account, Mute
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Invalid, NotFound, TooMuch
from commentbox.server.base.work import Work

MOST = 1000
"""Of one account: more is no choice any more, and every page of the reader's asks them."""
_mutes = table_of(Mute)
_accounts = table_of(Account)


async def mute_person(work: Work, account_id: str, other_id: str) -> None:
    """Hear no more from somebody; doing it twice changes nothing. Refuses `mute.self`, `mute.too_many`."""
    if other_id == account_id:
        raise Invalid("mute.self")
    await _mute(work, account_id, other_id, "person")


async def mute_thread(work: Work, account_id: str, thread_id: str) -> None:
    """Hear no more news from a thread; doing it twice changes nothing. Refuses `mute.too_many`."""
    await _mute(work, account_id, thread_id, "thread")


async def _mute(work: Work, account_id: str, target_id: str, kind: str) -> None:
    await take_change(work, account_id, "mute")
    there_are = await work.q.scalar(select(func.count()).where(_mutes.c.account_id == account_id)) or 0
    if there_are >= MOST:
        raise TooMuch("mute.too_many", limit=MOST)
    if await work.q.add_if_new(Mute(account_id=account_id, target_id=target_id, kind=kind, since=work.now)):
        work.record("account.muted", subject_id=account_id, of=kind)


async def unmute(work: Work, account_id: str, target_id: str) -> None:
    """Hear a person or a thread again. Refuses `mute.unknown`."""
    mine = (_mutes.c.account_id == account_id) & (_mutes.c.target_id == target_id)
    kind = await work.q.scalar(delete(_mutes).where(mine).returning(_mutes.c.kind))
    if kind is None:
        raise NotFound("mute.unknown")
    work.record("account.unmuted", subject_id=account_id, of=kind)


async def move_thread(work: Work, thread_id: str, into: str, *, at_most: int) -> int:
    """Let those who want no news from a thread want none from the one it was merged into; say how many it was."""
    rows = await work.q.all(select(_mutes).where(_mutes.c.target_id == thread_id).limit(at_most))
    for row in rows:
        await work.q.add_if_new(Mute(account_id=row.account_id, target_id=into, kind=row.kind, since=row.since))
    gone = [row.account_id for row in rows]
    if gone:
        await work.q.run(delete(_mutes).where(_mutes.c.target_id == thread_id, _mutes.c.account_id.in_(gone)))
    return len(rows)


def mutes(who: Any, whom: Any) -> ColumnElement[bool]:
    """Give the condition that one account mutes another; both are columns or values of a larger statement."""
    return exists().where(_mutes.c.account_id == who, _mutes.c.target_id == whom)


def muted_by(who: Any) -> ScalarSelect[str]:
    """Give the column with all that an account mutes, ids with spaces between: no bell, no count and no mail comes of them."""
    theirs = select(func.aggregate_strings(_mutes.c.target_id, " ")).where(_mutes.c.account_id == who)
    return theirs.scalar_subquery()


async def muted_people(query: Query, account_id: str) -> list[Row[Any]]:
    """Give whom an account mutes, the latest first: target_id, name, since."""
    joined = _mutes.join(_accounts, _accounts.c.id == _mutes.c.target_id)
    columns = (_mutes.c.target_id, _accounts.c.name, _mutes.c.since)
    statement = select(*columns).select_from(joined).where(_mutes.c.account_id == account_id)
    return list(await query.all(statement.order_by(_mutes.c.since.desc())))

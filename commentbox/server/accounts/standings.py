"""Writing measures: from when and until when somebody is warned, silenced, held first or banned.

`moderation` decides and writes the statement of reasons; here is only the fact that posting looks at. A measure ends
by its `until`, so that nothing has to run for it to be over.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from commentbox.server.accounts.models import Account, Standing
from commentbox.server.accounts.rules import INSTANCE
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.work import Work

_accounts = table_of(Account)
_standings = table_of(Standing)


async def impose(work: Work, standing: Standing) -> None:
    """Put a measure in force. For decisions only, which write the statement it names."""
    await work.q.add(standing)
    facts = {"standing": standing.id, "measure": standing.kind, "statement": standing.statement_id}
    work.record("standing.imposed", site_id=standing.site_id or None, subject_id=standing.account_id, **facts)


async def end(work: Work, standing_id: str) -> bool:
    """End a measure that is in force now; say whether it was."""
    running = _standings.c.until.is_(None) | (_standings.c.until > work.now)
    ended = update(_standings).where(_standings.c.id == standing_id, running).values(until=work.now)
    account_id = await work.q.scalar(ended.returning(_standings.c.account_id))
    if account_id is None:
        return False
    work.record("standing.ended", subject_id=account_id, standing=standing_id)
    return True


async def resume(work: Work, standing_id: str, *, until: datetime | None) -> None:
    """Put a measure back in force as it was: the undo of what had ended it."""
    back = update(_standings).where(_standings.c.id == standing_id).values(until=until)
    account_id = await work.q.scalar(back.returning(_standings.c.account_id))
    work.record("standing.resumed", subject_id=account_id, standing=standing_id)


async def acknowledge(work: Work, account_id: str, statement_id: str) -> bool:
    """End a warning because the one who was warned has read it; say whether there was one to end."""
    mine = (_standings.c.account_id == account_id) & (_standings.c.statement_id == statement_id)
    pending = update(_standings).where(mine, _standings.c.kind == "warned", _standings.c.until.is_(None))
    if not await work.q.run(pending.values(until=work.now)):
        return False
    work.record("standing.acknowledged", subject_id=account_id, statement=statement_id)
    return True


async def by_id(query: Query, standing_id: str) -> Row[Any] | None:
    """Give a measure, in force or over."""
    return await query.first(select(_standings).where(_standings.c.id == standing_id))


async def in_force(query: Query, account_id: str, *, site_id: str, now: datetime) -> list[Row[Any]]:
    """Give what holds against an account on a site, the instance's included, oldest first."""
    here = _standings.c.site_id.in_((site_id, INSTANCE))
    running = _standings.c.until.is_(None) | (_standings.c.until > now)
    found = select(_standings).where(_standings.c.account_id == account_id, here, running)
    return list(await query.all(found.order_by(_standings.c.id)))


async def lock_account(work: Work, account_id: str) -> Row[Any] | None:
    """Wait for the turn of an account: whoever changes what holds against it takes it first."""
    found = select(_accounts).where(_accounts.c.id == account_id, _accounts.c.deleted_at.is_(None))
    return await work.q.first(found.with_for_update(key_share=True) if work.q.locks_rows else found)

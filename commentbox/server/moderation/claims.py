"""Claims: a moderator's lease on a case, so that two never work on the same one.

One row a case, taken in one statement: whoever inserts it, or finds it run out, has it. Used by `decisions`, `appeals`
and the desk's buttons.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, delete, select

from commentbox.server.accounts.models import Account
from commentbox.server.accounts.queries import SHOWN_NAME
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict
from commentbox.server.base.work import Work
from commentbox.server.moderation.models import Claim
from commentbox.server.moderation.seats import Seat

_claims = table_of(Claim)
_accounts = table_of(Account)


async def try_take(work: Work, seat: Seat, case_id: str, *, minutes: int) -> bool:
    """Take a case that nobody else holds, or hold it longer; say whether it is now this moderator's."""
    row = {"case_id": case_id, "account_id": seat.account_id, "until": work.now + timedelta(minutes=minutes)}
    statement = work.q.upsert(Claim)
    new = statement.excluded
    free = (_claims.c.until <= work.now) | (_claims.c.account_id == seat.account_id)
    statement = statement.on_conflict_do_update(
        index_elements=["case_id"], set_={"account_id": new.account_id, "until": new.until}, where=free
    ).returning(_claims.c.case_id)
    return await work.q.first(statement, row) is not None


async def take(work: Work, seat: Seat, case_id: str, *, minutes: int) -> None:
    """Take a case or hold it longer. Refuses `case.taken` with the holder's name and until when."""
    if await try_take(work, seat, case_id, minutes=minutes):
        return
    held = await holder(work.q, case_id)
    raise Conflict("case.taken", by=held.name if held else "", until=held.until.isoformat() if held else None)


async def release(work: Work, seat: Seat, case_id: str) -> bool:
    """Give a case back to the queue, if this moderator has it; say whether they had it."""
    gone = delete(_claims).where(_claims.c.case_id == case_id, _claims.c.account_id == seat.account_id)
    return await work.q.run(gone) > 0


async def holder(query: Query, case_id: str) -> Row[Any] | None:
    """Give who holds a case (`account_id`, `name`, `until`); the caller judges whether `until` is over."""
    statement = select(_claims.c.account_id, _claims.c.until, SHOWN_NAME.label("name"))
    statement = statement.outerjoin(_accounts, _accounts.c.id == _claims.c.account_id)
    return await query.first(statement.where(_claims.c.case_id == case_id))


async def sweep(work: Work) -> int:
    """Throw away claims that ran out, and say how many. Nothing depends on it: a claim that is over holds nobody up."""
    return await work.q.run(delete(_claims).where(_claims.c.until < work.now - timedelta(days=1)))

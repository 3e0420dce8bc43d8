"""Rate budgets: so many of a thing in so many minutes for one account or one (hashed) address."""

from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, delete, select

from commentbox.server.base import clock
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import TooMany
from commentbox.server.base.models import Budget
from commentbox.server.base.work import Work

_table = table_of(Budget)

_SPENT = select(_table.c.spent).where(_table.c.key == bindparam("key"), _table.c.window == bindparam("window"))


async def spend(work: Work, what: str, who: str, *, at_most: int, minutes: int) -> None:
    """Take one from the budget of `who` for `what`. Refuses `limit.reached` with the seconds until it opens again."""
    if await count(work, what, who, minutes=minutes) > at_most:
        raise _reached(what, work.now, minutes)


async def count(work: Work, what: str, who: str, *, minutes: int) -> int:
    """Note one more of `what` by `who`, whatever the budget, and say how many it is in the present window."""
    expires_at = work.now + timedelta(minutes=minutes)
    row = {"key": _key(what, who), "window": _window(work.now, minutes), "spent": 1, "expires_at": expires_at}
    return int(await work.q.scalar(_one_more(work.q.upsert), row))


async def check(query: Query, what: str, who: str, *, at_most: int, minutes: int) -> None:
    """Refuse `limit.reached` where a budget is used up, without taking from it."""
    now = clock.now()
    spent = await query.scalar(_SPENT, {"key": _key(what, who), "window": _window(now, minutes)})
    if (spent or 0) >= at_most:
        raise _reached(what, now, minutes)


def _window(now: datetime, minutes: int) -> int:
    return int(now.timestamp()) // (minutes * 60)


def _reached(what: str, now: datetime, minutes: int) -> TooMany:
    ends = (_window(now, minutes) + 1) * minutes * 60
    return TooMany("limit.reached", what=what, seconds=int(ends - now.timestamp()) + 1)


@lru_cache(maxsize=2)
def _one_more(upsert: Any) -> Any:
    counted = upsert(Budget).on_conflict_do_update(index_elements=["key", "window"], set_={"spent": _table.c.spent + 1})
    return counted.returning(_table.c.spent)


async def sweep(work: Work) -> int:
    """Throw away windows that are over, and say how many."""
    return await work.q.run(delete(_table).where(_table.c.expires_at < work.now))


def _key(what: str, who: str) -> str:
    return sha256(f"{what}\0{who}".encode()).hexdigest()

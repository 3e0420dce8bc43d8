"""Rate budgets: so many of a thing in so many minutes for one account or one (hashed) address."""

from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, select

from commentbox.server.base.errors import TooMany
from commentbox.server.base.models import Budget
from commentbox.server.base.work import Work

_table = Budget.__table__  # type: ignore[attr-defined]


async def spend(work: Work, what: str, who: str, *, at_most: int, minutes: int) -> None:
    """Take one from the budget of `who` for `what`. Refuses `limit.reached` with the seconds until it opens again."""
    span = minutes * 60
    window = int(work.now.timestamp()) // span
    ends = (window + 1) * span
    row = {"key": _key(what, who), "window": window, "spent": 1, "expires_at": work.now + timedelta(seconds=span)}
    spent = await work.q.scalar(_one_more(work.q.upsert), row)
    if spent > at_most:
        raise TooMany("limit.reached", what=what, seconds=int(ends - work.now.timestamp()) + 1)


@lru_cache(maxsize=2)
def _one_more(upsert: Any) -> Any:
    counted = upsert(Budget).on_conflict_do_update(index_elements=["key", "window"], set_={"spent": _table.c.spent + 1})
    return counted.returning(_table.c.spent)


async def spent(work: Work, what: str, who: str, *, minutes: int) -> int:
    """Say how much of the present window's budget is used."""
    window = int(work.now.timestamp()) // (minutes * 60)
    statement = select(_table.c.spent).where(_table.c.key == _key(what, who), _table.c.window == window)
    return await work.q.scalar(statement) or 0


async def sweep(work: Work) -> int:
    """Throw away windows that are over, and say how many."""
    return await work.q.run(delete(_table).where(_table.c.expires_at < work.now))


def _key(what: str, who: str) -> str:
    return sha256(f"{what}\0{who}".encode()).hexdigest()

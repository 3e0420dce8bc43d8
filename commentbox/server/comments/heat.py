"""Heat: each report that a moderator upheld makes everybody wait longer between two comments in the same chain of replies.

Never a report that nobody decided. What a chain has is kept at its comment at the top, and goes by itself; the thread knows
until when any of its chains is hot, so that posting asks for nothing where none is. Taken back with the decision.
"""

from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, bindparam, case, func, select, update

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import TooMany
from commentbox.server.base.ids import first_id
from commentbox.server.base.work import Work
from commentbox.server.comments.models import Comment
from commentbox.server.threads import Thread

WHOLE, HALF = 2, 1
"""What an upheld report weighs; half where whoever sent it takes part in the quarrel."""
MOST_AT_ONCE = 3 * WHOLE
"""Of one decision. A hundred reports about one comment are a pile-on of their own."""
LONGEST_SECONDS = 1800
"""Half an hour between two comments: longer is a closed thread by another name."""
_comments, _threads = table_of(Comment), table_of(Thread)
_c, _t = _comments.c, _threads.c


def wait_seconds(heat: int, each: int) -> int:
    """Give the pause in a chain with this much heat, where a whole report makes it longer by `each` seconds."""
    return min(heat * each // WHOLE, LONGEST_SECONDS)


def root_of(comment: Any) -> str:
    """Give the id of the comment at the top of a chain."""
    return str(comment.path).partition("/")[0] or str(comment.id)


async def warm(work: Work, comment: Row[Any], reporters: Iterable[str | None], *, hours: int) -> None:
    """Heat the chain of a removed comment by the reports that were upheld, each named by its account, if any."""
    reporters = list(reporters)
    quarrelling = await _taking_part(work.q, comment, [each for each in reporters if each])
    points = min(MOST_AT_ONCE, sum(HALF if each in quarrelling else WHOLE for each in reporters))
    if not points:
        return
    until = work.now + timedelta(hours=hours)
    before = case((_c.heated_until > work.now, _c.heat), else_=0)
    root = root_of(comment)
    await work.q.run(update(_comments).where(_c.id == root).values(heat=before + points, heated_until=until))
    await work.q.run(update(_comments).where(_c.id == comment.id).values(heat_given=points))
    await _show(work, comment, heated_until=until)
    work.record("comment.heated", site_id=comment.site_id, subject_id=root, by=comment.id, points=points)


async def cool(work: Work, comment: Row[Any]) -> None:
    """Take back the heat that the removal of a comment gave, because the comment comes back."""
    if not comment.heat_given:
        return
    root, left = root_of(comment), _c.heat - comment.heat_given
    await work.q.run(update(_comments).where(_c.id == root).values(heat=case((left > 0, left), else_=0)))
    await work.q.run(update(_comments).where(_c.id == comment.id).values(heat_given=0))
    await _show(work, comment)
    work.record("comment.cooled", site_id=comment.site_id, subject_id=root, by=comment.id)


async def _show(work: Work, comment: Row[Any], **changes: Any) -> None:
    thread = update(_threads).where(_t.id == comment.thread_id)
    await work.q.run(thread.values(version=_t.version + 1, **changes))


async def _taking_part(query: Query, comment: Row[Any], account_ids: list[str]) -> set[str]:
    """Say who of these has written in the chain of a comment."""
    if not account_ids:
        return set()
    theirs = select(_c.account_id).where(_c.account_id.in_(account_ids), _c.thread_id == comment.thread_id)
    rows = await query.all(theirs.where(_in_chain(root_of(comment))).distinct())
    return {row.account_id for row in rows}


def _in_chain(root: Any) -> Any:
    return (_c.id == root) | (_c.path == root) | _c.path.like(root + "/%")


async def check(work: Work, parent: Row[Any], account_id: str, *, each: int) -> None:
    """Refuse `thread.heated` to somebody who wrote in this chain too short a while ago."""
    values = {"root": root_of(parent), "account": account_id, "lately": first_id(work.now - timedelta(hours=1))}
    hot = await work.q.first(_hot_statement(), values)
    is_hot = hot is not None and hot.heat and hot.heated_until is not None and hot.heated_until > work.now
    if hot is None or not is_hot or hot.last_at is None:
        return
    left = wait_seconds(hot.heat, each) - (work.now - hot.last_at).total_seconds()
    if left > 0:
        raise TooMany("thread.heated", seconds=int(left) + 1, until=hot.heated_until.isoformat())


@lru_cache(maxsize=1)
def _hot_statement() -> Any:
    chain = _comments.alias("chain")
    root: Any = bindparam("root")
    below = (chain.c.path == root) | chain.c.path.like(root.concat("/%")) | (chain.c.id == root)
    mine = (chain.c.account_id == bindparam("account")) & (chain.c.id >= bindparam("lately"))
    last = select(func.max(chain.c.created_at)).where(mine, below).scalar_subquery()
    return select(_c.heat, _c.heated_until, last.label("last_at")).where(_c.id == root)

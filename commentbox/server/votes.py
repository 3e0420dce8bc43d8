"""Recommendations: one an account, retractable, none where the author's reach forbids it.

A recommendation keeps the tier of its moment; revoking the attestation behind it takes that back (`lower_tier`).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlmodel import Field, SQLModel

from commentbox.server.accounts.models import Account
from commentbox.server.accounts.mutes import mutes
from commentbox.server.accounts.queries import reach_of
from commentbox.server.accounts.rules import may_reach
from commentbox.server.base.db import Moment, Query, table_of
from commentbox.server.base.errors import Conflict, Forbidden, NotFound, Unauthenticated
from commentbox.server.base.work import Work
from commentbox.server.comments.actions import lock_thread, touch
from commentbox.server.comments.models import Comment
from commentbox.server.verification.queries import check_holds


class Recommendation(SQLModel, table=True):
    """Somebody found a comment worth reading. `tier` is theirs at that moment."""

    __tablename__ = "recommendation"

    comment_id: str = Field(primary_key=True, foreign_key="comment.id", max_length=16)
    account_id: str = Field(primary_key=True, max_length=16, index=True)
    tier: str = Field(max_length=10)
    attestation_id: str | None = Field(default=None, max_length=16, index=True)
    at: datetime = Field(sa_type=Moment)


MOVED_AT_ONCE = 50
_votes = table_of(Recommendation)
_comments = table_of(Comment)
_accounts = table_of(Account)


@dataclass(frozen=True)
class Voter:
    """Who recommends, as they stand at this moment. `site_id` is the only site their session counts on; None is every."""

    account_id: str
    tier: str
    attestation_id: str | None
    site_id: str | None = None


@dataclass(frozen=True)
class Tally:
    """What a comment's counters are now, and whether this voter is among them."""

    recommends_all: int
    recommends_verified: int
    mine: bool
    thread_id: str


async def recommend(work: Work, voter: Voter, comment_id: str, *, on: bool) -> Tally:
    """Recommend or take it back; doing either twice changes nothing.

    Refuses `comment.unknown`, `session.missing` (on this site), `comment.not_published`, `vote.own`, `reach.refused`,
    `reach.muted`, `badge.gone`.
    """
    names = ("id", "site_id", "thread_id", "state", "account_id")
    silence = mutes(_accounts.c.id, voter.account_id).label("mutes_me")
    reach = reach_of(_comments.c.label).label("reach")
    columns = (*(_comments.c[name] for name in names), reach, silence)
    joined = _comments.outerjoin(_accounts, _accounts.c.id == _comments.c.account_id)
    row = await work.q.first(select(*columns).select_from(joined).where(_comments.c.id == comment_id))
    if row is None or row.state == "held":
        raise NotFound("comment.unknown", comment=comment_id[:40])
    if voter.site_id not in (None, row.site_id):
        raise Unauthenticated("session.missing")
    if on:
        _check(row, voter)
        await check_holds(work.q, voter.attestation_id)
    await lock_thread(work, row.thread_id)
    changed = await (_put(work, voter, comment_id) if on else _take_back(work, voter, comment_id))
    if changed != (0, 0):
        await _count(work, comment_id, changed)
        await touch(work, row.thread_id)
    return await _tally(work.q, comment_id, mine=on)


def _check(row: object, voter: Voter) -> None:
    if row.state != "published":  # type: ignore[attr-defined]
        raise Conflict("comment.not_published", state=row.state)  # type: ignore[attr-defined]
    if row.account_id == voter.account_id:  # type: ignore[attr-defined]
        raise Forbidden("vote.own")
    if row.mutes_me:  # type: ignore[attr-defined]
        raise Forbidden("reach.muted")
    if not may_reach(row.reach or "everyone", speaks_verified=voter.tier == "verified"):  # type: ignore[attr-defined]
        raise Forbidden("reach.refused")


async def _put(work: Work, voter: Voter, comment_id: str) -> tuple[int, int]:
    row = {"comment_id": comment_id, "account_id": voter.account_id, "tier": voter.tier, "at": work.now}
    row["attestation_id"] = voter.attestation_id if voter.tier == "verified" else None
    new = await work.q.run(work.q.upsert(Recommendation).on_conflict_do_nothing(), row)
    return (new, new * int(voter.tier == "verified"))


async def _take_back(work: Work, voter: Voter, comment_id: str) -> tuple[int, int]:
    mine = (_votes.c.comment_id == comment_id) & (_votes.c.account_id == voter.account_id)
    tier = await work.q.scalar(delete(_votes).where(mine).returning(_votes.c.tier))
    return (0, 0) if tier is None else (-1, -int(tier == "verified"))


async def _count(work: Work, comment_id: str, by: tuple[int, int]) -> None:
    every, verified = by
    columns = _comments.c
    changes = {
        "recommends_all": columns.recommends_all + every,
        "recommends_verified": columns.recommends_verified + verified,
    }
    await work.q.run(update(_comments).where(columns.id == comment_id).values(changes))


async def _tally(query: Query, comment_id: str, *, mine: bool) -> Tally:
    columns = (_comments.c.recommends_all, _comments.c.recommends_verified, _comments.c.thread_id)
    row = await query.first(select(*columns).where(_comments.c.id == comment_id))
    if row is None:
        raise NotFound("comment.unknown", comment=comment_id)
    return Tally(row.recommends_all, row.recommends_verified, mine, row.thread_id)


async def recommended_by(query: Query, account_id: str, comment_ids: list[str]) -> list[str]:
    """Say which of these comments an account recommends."""
    if not comment_ids:
        return []
    mine = (_votes.c.account_id == account_id) & _votes.c.comment_id.in_(comment_ids)
    return [row.comment_id for row in await query.all(select(_votes.c.comment_id).where(mine))]


async def recommended_in_thread(query: Query, account_id: str, thread_id: str) -> list[str]:
    """Give the ids of every comment of a thread that an account recommends."""
    joined = _votes.join(_comments, _comments.c.id == _votes.c.comment_id)
    statement = select(_votes.c.comment_id).select_from(joined)
    statement = statement.where(_votes.c.account_id == account_id, _comments.c.thread_id == thread_id).limit(1000)
    return [row.comment_id for row in await query.all(statement)]


async def lower_tier(work: Work, attestation_id: str, *, at_most: int) -> int:
    """Take the tier of a revoked attestation back from up to so many recommendations; say how many it was."""
    statement = select(_votes.c.comment_id, _votes.c.account_id).where(
        _votes.c.attestation_id == attestation_id, _votes.c.tier == "verified"
    )
    rows = await work.q.all(statement.limit(at_most))
    for row in rows:
        thread_id = await work.q.scalar(select(_comments.c.thread_id).where(_comments.c.id == row.comment_id))
        await lock_thread(work, thread_id)
        mine = (_votes.c.comment_id == row.comment_id) & (_votes.c.account_id == row.account_id)
        still = update(_votes).where(mine, _votes.c.tier == "verified")
        if await work.q.run(still.values(tier="unverified")):  # it may have been taken back while we waited
            await _count(work, row.comment_id, (0, -1))
            await touch(work, thread_id)
    return len(rows)


async def forget(work: Work, account_id: str, *, at_most: int) -> int:
    """Take back up to so many recommendations of somebody who leaves, with their counts; say how many it was."""
    mine = select(_votes.c.comment_id, _comments.c.thread_id).where(_votes.c.account_id == account_id)
    joined = mine.join(_comments, _comments.c.id == _votes.c.comment_id).limit(at_most)
    rows = await work.q.all(joined)
    for row in rows:
        await lock_thread(work, row.thread_id)
        changed = await _take_back(work, Voter(account_id, "unverified", None), row.comment_id)
        if changed != (0, 0):
            await _count(work, row.comment_id, changed)
            await touch(work, row.thread_id)
    return len(rows)


async def move(work: Work, before: str, after: str) -> None:
    """Make one account's recommendations another's; what cannot be both, or would be of one's own words, is taken back."""
    theirs, own = _votes.alias("theirs"), select(_comments.c.id).where(_comments.c.account_id == after)
    already = select(theirs.c.comment_id).where(theirs.c.account_id == after)
    mine = (_votes.c.account_id == before) & _votes.c.comment_id.not_in(already) & _votes.c.comment_id.not_in(own)
    await work.q.run(update(_votes).where(mine).values(account_id=after))
    while await forget(work, before, at_most=MOVED_AT_ONCE) == MOVED_AT_ONCE:
        pass
    for row in await work.q.all(
        select(_votes.c.comment_id).where(_votes.c.account_id == after, _votes.c.comment_id.in_(own))
    ):
        await recommend(work, Voter(after, "unverified", None), row.comment_id, on=False)

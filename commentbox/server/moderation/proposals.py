"""Proposals: what somebody would decide and somebody else must confirm. A trainee's decisions, and bans where a site
wants two for them.

A proposal changes nothing about anybody. `confirming` carries it out as the one who confirms, with the reasons as they were
written and against the case as its author saw it, so that a case that moved since is a conflict.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, func, select, update

from commentbox.server.accounts.models import Account
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict, NotFound
from commentbox.server.base.ids import looks_like_id, new_id
from commentbox.server.base.work import Work
from commentbox.server.comments.models import Comment
from commentbox.server.moderation import claims
from commentbox.server.moderation.models import Proposal
from commentbox.server.moderation.rulings import Decided
from commentbox.server.moderation.seats import Seat, seen_threads
from commentbox.server.sites.models import Site

PAGE = 50
_proposals = table_of(Proposal)
_accounts = table_of(Account)
_comments = table_of(Comment)
_sites = table_of(Site)


async def propose(work: Work, seat: Seat, verdict: Any, *, site_id: str, action: str) -> Decided:
    """Leave a verdict for somebody else to confirm. Refuses `proposal.exists` while one waits about the same."""
    comment_id, account_id = getattr(verdict, "comment_id", None), getattr(verdict, "account_id", None)
    same = (_proposals.c.comment_id == comment_id) if comment_id else (_proposals.c.subject_id == account_id)
    if await work.q.first(select(_proposals.c.id).where(same, _open(), _proposals.c.site_id == site_id)):
        raise Conflict("proposal.exists")
    proposal = Proposal(
        id=new_id(work.now),
        site_id=site_id,
        comment_id=comment_id,
        subject_id=account_id,
        account_id=seat.account_id,
        action=action,
        verdict=asdict(verdict),
        at=work.now,
    )
    await work.q.add(proposal)
    case_id = comment_id or account_id or ""
    await claims.release(work, seat, case_id)
    work.record("decision.proposed", site_id=site_id, subject_id=proposal.id, case=case_id, action=action)
    return Decided(proposal.id, case_id, "proposed")


async def to_close(work: Work, seat: Seat, proposal_id: str) -> Row[Any]:
    """Give a proposal that waits, held fast. Refuses `case.unknown` and `proposal.closed`."""
    mine = (_proposals.c.id == proposal_id) & _seen(seat)
    found = select(_proposals).where(mine)
    row = (
        await work.q.first(found.with_for_update() if work.q.locks_rows else found)
        if looks_like_id(proposal_id)
        else None
    )
    if row is None:
        raise NotFound("case.unknown")
    if row.closed_at is not None:
        raise Conflict("proposal.closed")
    return row


async def close(work: Work, proposal: Row[Any], *, by: str, outcome: str) -> None:
    """Note what became of a proposal."""
    closed = {"closed_at": work.now, "closed_by": by, "outcome": outcome}
    await work.q.run(update(_proposals).where(_proposals.c.id == proposal.id).values(closed))
    work.record("proposal.closed", site_id=proposal.site_id, subject_id=proposal.id, outcome=outcome)


async def overtake(work: Work, comment_id: str) -> None:
    """Close what waits about a comment because somebody decided about it directly."""
    waiting = update(_proposals).where(_proposals.c.comment_id == comment_id, _open())
    await work.q.run(waiting.values(closed_at=work.now, closed_by=work.actor, outcome="overtaken"))


async def waiting(query: Query, seat: Seat) -> Sequence[Row[Any]]:
    """Give what waits for confirmation on the seat's sites, oldest first, with who proposed it and what it is about."""
    proposers = _accounts.alias("proposer")
    joined = (
        _proposals.join(_sites, _sites.c.id == _proposals.c.site_id)
        .outerjoin(proposers, proposers.c.id == _proposals.c.account_id)
        .outerjoin(_accounts, _accounts.c.id == _proposals.c.subject_id)
        .outerjoin(_comments, _comments.c.id == _proposals.c.comment_id)
    )
    columns = (
        *_proposals.c,
        proposers.c.name.label("by"),
        func.coalesce(_comments.c.name, _accounts.c.name, "").label("name"),
        _comments.c.text,
        _comments.c.state,
        _sites.c.name.label("site_name"),
        _sites.c.slug,
        _sites.c.policy,
    )
    found = select(*columns).select_from(joined).where(_seen(seat), _open())
    return await query.all(found.order_by(_proposals.c.id).limit(PAGE))


async def count(query: Query, seat: Seat) -> int:
    """Count what waits for confirmation."""
    open_ones = select(func.count()).select_from(_proposals).where(_seen(seat), _open())
    return await query.scalar(open_ones) or 0


async def waits(query: Query, proposal_id: str) -> bool:
    """Say whether a proposal still waits."""
    return await query.first(select(_proposals.c.id).where(_proposals.c.id == proposal_id, _open())) is not None


def about_comment(comment_id: Any) -> Any:
    """Give the condition that a proposal about a comment waits."""
    return select(_proposals.c.id).where(_proposals.c.comment_id == comment_id, _open()).exists()


def _seen(seat: Seat) -> Any:
    """Say that a proposal is for the seat: on its sites, and about a comment of its sections where they are limited."""
    mine = _proposals.c.site_id.in_(seat.site_ids)
    if not seat.sections:
        return mine
    about = _comments.alias("about")
    there = select(about.c.id).where(about.c.id == _proposals.c.comment_id)
    seen = there.where(seen_threads(seat, about.c.site_id, about.c.thread_id)).exists()
    return mine & (_proposals.c.site_id.in_(seat.whole_ids) | seen)


def _open() -> Any:
    return _proposals.c.closed_at.is_(None)

"""How much work one address and one account may make us do in an hour: comments, edits, and submissions we refused.

Looked at before a text is rendered or a paper's page is fetched, and taken inside the transaction, where a hundred
submissions at once count as a hundred. Called by `posting.py`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from commentbox.server.base import limits
from commentbox.server.base.db import Database, Query
from commentbox.server.base.errors import Refusal
from commentbox.server.base.work import Work, begin
from commentbox.server.comments.drafts import Author
from commentbox.server.sites.rules import Policy

EDITS_PER_HOUR = 60
"""For one account or guest: every word of a long comment may be put right; nobody edits it a thousand times."""
LOOKS_PER_HOUR = 60
"""Pages of papers that one address may have us look at before anything is written: a household begins on fewer articles."""
REFUSED_PER_POST = 2
"""Refused submissions of an address for each that it may post: slips are common, and rendering costs us the same."""
_HOUR = 60


async def check(query: Query, address: str, policy: Policy) -> None:
    """Refuse `limit.reached` before anything costly is done for an address that has posted its share."""
    await limits.check(query, "post", address, at_most=policy.posts_per_hour_address, minutes=_HOUR)
    await check_refused(query, address, policy)


async def check_refused(query: Query, address: str, policy: Policy) -> None:
    """Refuse `limit.reached` to an address of which too much was refused already."""
    at_most = policy.posts_per_hour_address * REFUSED_PER_POST
    await limits.check(query, "post-refused", address, at_most=at_most, minutes=_HOUR)


@asynccontextmanager
async def refusals_counted(db: Database, address: str) -> AsyncIterator[None]:
    """Count what is refused in here."""
    try:
        yield
    except Refusal:
        async with begin(db) as work:
            await limits.count(work, "post-refused", address, minutes=_HOUR)
        raise


async def take_post(work: Work, author: Author, address: str, *, policy: Policy) -> None:
    """Take one comment from the budgets of the address and the account. Refuses `limit.reached`."""
    await limits.spend(work, "post", address, at_most=policy.posts_per_hour_address, minutes=_HOUR)
    if author.account_id is None:
        return
    verified = author.tier == "verified"
    at_most = policy.posts_per_hour_verified if verified else policy.posts_per_hour_unverified
    await limits.spend(work, "post-account", author.account_id, at_most=at_most, minutes=_HOUR)


async def take_look(work: Work, address: str) -> None:
    """Take one look at a paper's page from the budget of an address. Refuses `limit.reached`."""
    await limits.spend(work, "look", address, at_most=LOOKS_PER_HOUR, minutes=_HOUR)


async def take_edit(work: Work, author: Author) -> None:
    """Take one edit from the budget of its author. Refuses `limit.reached`."""
    who = author.account_id or author.guest_code_hash or ""
    await limits.spend(work, "edit", who, at_most=EDITS_PER_HOUR, minutes=_HOUR)

"""Asking a writer to think again before posting, where screening sees heat, and counting whether it helped.

The writer decides: the same words sent again with `anyway` are posted, unless a rule holds them. Called by `posting.py`;
`evidence` reads the numbers. Nothing here knows who it was or what was written.
"""

from functools import lru_cache
from typing import Any

from commentbox.server.base.db import Database, table_of
from commentbox.server.base.errors import Conflict
from commentbox.server.base.work import Work, begin
from commentbox.server.comments.drafts import Author, Draft, Posted
from commentbox.server.comments.models import Nudges

OUTCOMES = ("shown", "changed", "anyway")
_table = table_of(Nudges)


async def ask(db: Database, site_id: str, author: Author, draft: Draft, *, again: bool) -> None:
    """Refuse `comment.nudge` with the words, or `comment.nudge_tone` where no single word is to blame.

    `again` says that this writer was asked about this comment before: that counts once.
    """
    if not again:
        async with begin(db) as work:
            await _count(work, site_id, author.tier, "shown")
    words = [each["what"] for each in draft.caught if each["rule"] == "heat" and each.get("list")]
    if words:
        raise Conflict("comment.nudge", words=list(dict.fromkeys(words)))
    raise Conflict("comment.nudge_tone")


async def heeded(work: Work, site_id: str, author: Author, draft: Draft, posted: Posted) -> None:
    """Count what a writer did who had been asked; a second click counts nothing."""
    if not posted.again:
        await _count(work, site_id, author.tier, "anyway" if draft.has_heat else "changed")


async def _count(work: Work, site_id: str, tier: str, outcome: str) -> None:
    row = {"site_id": site_id, "month": work.now.date().replace(day=1), "tier": tier}
    await work.q.run(_one_more(work.q.upsert, outcome), row | dict.fromkeys(OUTCOMES, 0) | {outcome: 1})


@lru_cache(maxsize=6)
def _one_more(upsert: Any, outcome: str) -> Any:
    keys = ["site_id", "month", "tier"]
    return upsert(Nudges).on_conflict_do_update(index_elements=keys, set_={outcome: _table.c[outcome] + 1})

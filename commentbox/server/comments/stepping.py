"""From one comment of somebody to their next or previous one in the same thread, among those the reader hears."""

from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, text

from commentbox.server.base.db import Query
from commentbox.server.comments.queries import HEARD, rows_by_id

STEPS = ("next", "previous")


async def step(query: Query, thread_id: str, comment_id: str, *, which: str, verified_only: bool) -> str:
    """Give the id of the author's next or previous comment; the comment's own where there is none.

    Also where the reader does not see who wrote it: a step must not tell by whom a removed comment was.
    """
    row = (await rows_by_id(query, [comment_id], verified_only=verified_only)).get(comment_id)
    if row is None or row.state != "published" or (verified_only and not _is_verified(row)):
        return comment_id
    has_account = row.account_id is not None
    values = {"thread": thread_id, "id": comment_id, "verified": verified_only}
    values["author"] = row.account_id if has_account else row.name
    found: str | None = await query.scalar(_statement(which, has_account), values)
    return found or comment_id


def _is_verified(row: Any) -> bool:
    return row.tier == "verified" and row.revoked_at is None


@lru_cache(maxsize=4)
def _statement(which: str, has_account: bool) -> TextClause:
    by = "c.account_id = :author" if has_account else "c.account_id IS NULL AND c.name = :author"
    beyond, order = ("> :id", "") if which == "next" else ("< :id", "DESC")
    return text(
        f"""SELECT c.id FROM comment c WHERE c.thread_id = :thread AND {by} AND c.id {beyond} AND {HEARD}
        ORDER BY c.id {order} LIMIT 1"""
    )

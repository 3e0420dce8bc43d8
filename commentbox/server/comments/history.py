"""What a published comment said before: the revisions that readers have seen. Of any other comment nothing is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import NotFound
from commentbox.server.comments.models import Revision
from commentbox.server.comments.queries import rows_by_id

MOST = 100
"""Newest revisions that are shown; nobody may edit as often within a window."""
_revisions = table_of(Revision)


@dataclass(frozen=True)
class History:
    """A comment's row, and its revisions, newest first."""

    row: Row[Any]
    revisions: Sequence[Row[Any]]


async def history(query: Query, comment_id: str, *, verified_only: bool) -> History:
    """Give what readers have seen of a comment, in two statements. Refuses `comment.unknown` unless it is published."""
    row = (await rows_by_id(query, [comment_id], verified_only=verified_only)).get(comment_id)
    if row is None or row.state != "published":
        raise NotFound("comment.unknown", comment=comment_id)
    every = select(_revisions).where(_revisions.c.comment_id == comment_id)
    newest = await query.all(every.order_by(_revisions.c.number.desc()).limit(MOST))
    return History(row, [each for place, each in enumerate(newest) if place == 0 or each.shown_at is not None])

"""What became of a submission, and the same one sent again: a double click, or a retry where the answer was lost.

Called by `posting.py` before anything is judged, and by `actions.py` where two came at once.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict
from commentbox.server.comments.drafts import Posted
from commentbox.server.comments.models import Comment, Revision
from commentbox.server.screening import pipeline

_comments = table_of(Comment)
_revisions = table_of(Revision)

_FIRST_WORDS = (_revisions.c.comment_id == _comments.c.id) & (_revisions.c.number == 1)
_BY_POST_KEY = (
    select(*(_comments.c[name] for name in ("id", "thread_id", "state", "hold_rule", "post_key", "created_at")))
    .add_columns(_revisions.c.text)
    .select_from(_comments.join(_revisions, _FIRST_WORDS))
    .where(_comments.c.post_key.in_((bindparam("key"), bindparam("earlier"))))
    .order_by(_comments.c.id.desc())
)


@dataclass(frozen=True)
class Twin:
    """By what the same submission is known again: its key, and the key it had a moment `since`, if it was sent then."""

    key: str | None
    text_hash: str
    earlier: str | None = None
    since: datetime | None = None


async def posted_before(query: Query, twin: Twin) -> tuple[Posted, str] | None:
    """Give what became of the same submission sent earlier, with the key it had then, or None.

    Refuses `comment.key_used` where that one had other words: these here would be lost without anybody being told.
    """
    row = await query.first(_BY_POST_KEY, {"key": twin.key, "earlier": twin.earlier})
    if row is None or (row.post_key != twin.key and twin.since and row.created_at <= twin.since):
        return None
    is_withdrawn = not row.text  # no words are left to compare
    if not is_withdrawn and pipeline.text_hash(row.text) != twin.text_hash:
        raise Conflict("comment.key_used", comment=row.id)
    return Posted(row.id, row.thread_id, row.state, row.hold_rule, again=True), row.post_key

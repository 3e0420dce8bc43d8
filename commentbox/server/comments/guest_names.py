"""The name of a guest: free again where every comment under it was refused, held anew where such a refusal falls.

Called by the changes of state in `actions`. What readers have seen under a name keeps the name taken.
"""

import re
from typing import Any

from sqlalchemy import Row, or_, select

from commentbox.server.accounts import forgetting, names, sharing
from commentbox.server.base.db import table_of
from commentbox.server.base.work import Work
from commentbox.server.comments.models import Comment

_comments = table_of(Comment)
_NUMBER = re.compile(r" \(\d+\)$")


async def refused(work: Work, comment: Row[Any]) -> None:
    """A guest's comment was refused before anybody saw it: free the name, if all under this code were."""
    if not _is_unseen(comment):
        return
    seen = or_(_comments.c.published_at.is_not(None), _comments.c.state.in_(("held", "published")))
    same = select(_comments.c.id).where(_comments.c.guest_code_hash == comment.guest_code_hash, seen)
    if await work.q.first(same.limit(1)) is None:
        await forgetting.release_guest_names(work, comment.guest_code_hash)


async def readmitted(work: Work, comment: Row[Any]) -> str:
    """Give the name a guest's comment is shown under, and hold it: with a number where somebody took it meanwhile."""
    if comment.state != "removed" or not _is_unseen(comment):
        return str(comment.name)
    name = names.check(_NUMBER.sub("", comment.name))
    return names.shown(name.display, await sharing.hold_for_guest(work, name, comment.guest_code_hash))


def _is_unseen(comment: Row[Any]) -> bool:
    return comment.guest_code_hash is not None and comment.published_at is None

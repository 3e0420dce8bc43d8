"""Related comments: the ids that somebody names beside the comment they report, as links or as ids."""

import re

from sqlalchemy import select

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Invalid
from commentbox.server.comments.models import Comment

MOST = 20
"""More than that is a campaign to be described in words, not a list."""
TEXT_LENGTH = 3000
_ID = re.compile(r"(?:^|[#/=-])([0-9a-hjkmnp-tv-z]{16})(?=$|[?&#/])")
_comments = table_of(Comment)


async def ids_in(query: Query, text: str, *, beside: str) -> list[str]:
    """Give the comments named in a text, each once; they stand on the same site. Refuses `related.unknown`."""
    words = text.split()
    found = [match[1] for word in words if (match := _ID.search(word))]
    if len(found) < len(words) or len(found) > MOST:
        raise Invalid("related.unknown", most=MOST)
    ids = [each for each in dict.fromkeys(found) if each != beside]
    if not ids:
        return []
    site = select(_comments.c.site_id).where(_comments.c.id == beside).scalar_subquery()
    known = await query.all(select(_comments.c.id).where(_comments.c.id.in_(ids), _comments.c.site_id == site))
    if len(known) < len(ids):
        raise Invalid("related.unknown", most=MOST)
    return ids

"""Taking the tier of a revoked attestation back from the comments that were written under it."""

from sqlalchemy import select, update

from commentbox.server.base.db import table_of
from commentbox.server.base.work import Work
from commentbox.server.comments import actions
from commentbox.server.comments.models import Comment, Revision

_comments = table_of(Comment)
_revisions = table_of(Revision)


async def lower_comments(work: Work, attestation_id: str, *, at_most: int) -> int:
    """Show up to so many comments as not verified from now on, in every count; say how many it was."""
    statement = select(_comments).where(_comments.c.attestation_id == attestation_id, _comments.c.tier == "verified")
    rows = await work.q.all(statement.limit(at_most))
    for row in rows:
        await actions.lower_tier(work, row)
        spoken = update(_revisions).where(_revisions.c.comment_id == row.id)
        await work.q.run(spoken.values(tier="unverified", kind="none"))
    return len(rows)

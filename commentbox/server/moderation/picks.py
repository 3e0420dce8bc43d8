"""Editor's picks at the desk: who may name one. What it does is in `comments/picks`."""

from commentbox.server.base.errors import Forbidden
from commentbox.server.base.work import Work
from commentbox.server.comments import picks
from commentbox.server.moderation import rules
from commentbox.server.moderation.seats import Seat, comment_to_decide


async def pick(work: Work, seat: Seat, comment_id: str, *, on: bool) -> str:
    """Pick a comment of the seat's sites, or take the pick away; give its thread.

    Refuses `case.unknown`, `pick.not_yours`, `case.own`, `pick.not_published`.
    """
    comment = await comment_to_decide(work, seat, comment_id)
    if comment.site_id not in seat.picking:
        raise Forbidden("pick.not_yours")
    rules.check_not_own(comment.account_id, seat.account_id)
    await picks.change(work, comment, on=on)
    return str(comment.thread_id)

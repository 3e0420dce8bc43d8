"""Placing and ending legal holds at the desk, and letting go what was kept for one once it is over."""

from datetime import datetime

from commentbox.server import legal_holds
from commentbox.server.base.errors import NotFound
from commentbox.server.base.work import Work
from commentbox.server.comments import actions as comments
from commentbox.server.moderation.seats import Seat, comment_for_desk


async def place(work: Work, seat: Seat, comment_id: str, *, reason: str, until: datetime) -> str:
    """Hold a comment of the seat's sites, and what it said before. Refuses `case.unknown`, `legal_hold.…`."""
    await comment_for_desk(work.q, seat, comment_id)
    return await legal_holds.place(work, "comment", comment_id, reason=reason, until=until)


async def end(work: Work, seat: Seat, comment_id: str) -> None:
    """End the hold on a comment; what was kept for it alone goes at once. Refuses `case.unknown`, `legal_hold.unknown`."""
    await comment_for_desk(work.q, seat, comment_id)
    found = await legal_holds.about(work.q, comment_id)
    if found is None:
        raise NotFound("legal_hold.unknown")
    await let_go(work, found.id)


async def let_go(work: Work, hold_id: str) -> None:
    """End a hold and erase what its author had taken back meanwhile. An account's own erasure asks for itself again."""
    row = await legal_holds.end(work, hold_id)
    await comments.erase_withdrawn(work, row.subject_id)


async def let_go_due(work: Work) -> int:
    """Let go every hold whose day has come, and say how many."""
    due = await legal_holds.over(work.q, work.now)
    for row in due:
        await let_go(work, row.id)
    return len(due)

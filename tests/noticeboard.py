"""Notices to test with: the shortest way to send one, and the words of it."""

from typing import Any

from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.notices import actions
from commentbox.server.notices.rules import Claims

NAME, EMAIL = "Ada Quayside", "ada.quayside@example.org"
WHY = "It threatens the harbour master, and names his street."
UNTRUE = "I never took money from the harbour."
CLAIMS = {"kind": "illegal", "offence": "incitement", "why": WHY, "name": NAME, "email": EMAIL, "in_good_faith": True}


async def send(
    db: Database, comment_id: str, *, by: str = "ada", flagger_code: str = "", **changes: Any
) -> actions.Sent:
    """Send a notice as `by`."""
    claims = Claims(**{**CLAIMS, "untrue": UNTRUE, **changes})
    sender = actions.Sender(address=f"address of {by}", notifier=f"notifier {by}", flagger_code=flagger_code)
    async with begin(db) as work:
        return await actions.send(work, comment_id, claims, sender=sender)

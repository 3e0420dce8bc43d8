"""What moderators decide, told to helpers that learn from it (only where the operator switched `learn` on): by durable jobs.

A listener of the journal leaves a job for each decision about a comment; it is done when no undo can come any more.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select

from commentbox.server.base.db import Database, table_of
from commentbox.server.base.work import Work
from commentbox.server.comments.helping import comment_in_place, place_of
from commentbox.server.comments.models import Revision
from commentbox.server.moderation import rulings
from commentbox.server.screening.classifiers.asking import Help
from commentbox.server.sites.rules import Policy

NAME = "teaching"
KINDS = ("case.decided",)
TEACH = "outside.teach"
IS_FINE: Mapping[str, bool] = {"approve": True, "remove": False}
"""Answers to appeals and restorations say that we were wrong, which is no word about the text alone."""
ADVERTS = "6-no-adverts"
"""The house rule that makes a removal one of spam. What breaks another rule is nothing a filter of adverts should learn."""
WAIT_MINUTES = 3
"""Longer than the longest undo."""
OLDEST = timedelta(days=1)
"""What was decided while nobody was to be told, before it was switched on again, stays untold."""
_revisions = table_of(Revision)


async def listen(work: Work, rows: Sequence[Row[Any]]) -> None:
    """Leave a job for each decision that could teach something."""
    later = work.now + timedelta(minutes=WAIT_MINUTES)
    for row in rows:
        action, rule = row.data.get("action"), row.data.get("rule")
        told = work.now - row.at < OLDEST and "comment" in row.data
        if told and (action == "approve" or (action == "remove" and rule == ADVERTS)):
            work.job(TEACH, {"decision_id": row.subject_id}, not_before=later)


async def teach(db: Database, help: Help, payload: dict[str, Any]) -> None:
    """Tell every learning helper of the site what was decided about a text, as it read when it was judged."""
    async with db.read() as query:
        decision = await rulings.by_id(query, payload["decision_id"])
        row = await comment_in_place(query, decision.comment_id)
        judged = (_revisions.c.comment_id == decision.comment_id) & (_revisions.c.number == decision.revision)
        text = await query.scalar(select(_revisions.c.text).where(judged))
        if row is None or not text or not await rulings.stands(query, decision.id):
            return
    question, policy = place_of(help, row).question(text, row.tier), Policy.model_validate(row.policy or {})
    for name in policy.outside_help:
        if name in help.known and help.known[name].learns:
            await help.known[name].learn(question, is_fine=IS_FINE[decision.action])

"""A second look, after publication: helpers that did not answer in time are asked again, and may then suggest a case to the desk.

A suggestion hides, holds and slows nothing: it stands in the queue behind everything that people reported, and waits for one.
"""

from typing import Any

from sqlalchemy import Row

from commentbox.server import reports
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.comments.helping import comment_in_place, note_score, place_of
from commentbox.server.screening.classifiers.asking import Heard, Help
from commentbox.server.screening.classifiers.port import NoAnswer
from commentbox.server.sites.rules import Policy


async def look_again(db: Database, help: Help, payload: dict[str, Any]) -> None:
    """Ask again about a comment that is up, and suggest it if it would have been held. Raises where nobody answers yet.

    Asked is only whom the site still names, and nobody about what was edited, removed or taken back meanwhile.
    """
    async with db.read() as query:
        row = await comment_in_place(query, payload["comment_id"])
    if row is None or not _is_as_it_was(row, payload["revision"]):
        return
    policy = Policy.model_validate(row.policy or {})
    names = [name for name in payload["helpers"] if name in policy.outside_help]
    heard = await help.ask(names, place_of(help, row).question(row.text, row.tier))
    if heard.score is not None or heard.outside:
        async with begin(db) as work:
            await note_score(work, row.id, row.revision, heard.score)
            if _would_have_held(heard, policy):
                await reports.suggest(work, row.id, revision=row.revision)
    if heard.unheard:
        raise NoAnswer("slow")


def _is_as_it_was(row: Row[Any], revision: int) -> bool:
    return row.state == "published" and row.revision == revision


def _would_have_held(heard: Heard, policy: Policy) -> bool:
    """Say whether screening would have held it, had the answer come in time."""
    return bool(heard.outside) or (heard.score is not None and heard.score > policy.hold_score_above)

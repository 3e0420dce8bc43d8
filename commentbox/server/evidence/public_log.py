"""The public log: what was decided on a site, without names, ids, texts or times, where the site has switched it on.

A row says the month. A decision appears on the day after it was made, so that watching the log dates it to a day at best,
and pages go by number, because an id of ours holds the moment it was made.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from commentbox.server.base.db import Query, table_of
from commentbox.server.moderation.models import Decision, Statement

PAGE = 50
MOST_PAGES = 400
"""20,000 decisions back; what is older stands in the yearly reports."""
_decisions = table_of(Decision)
_statements = table_of(Statement)
_COLUMNS = ("restriction", "ground", "rule", "rule_text", "found_by", "automated_detection", "automated_decision")


async def page(query: Query, site_id: str, *, number: int, now: datetime) -> tuple[Sequence[Row[Any]], bool]:
    """Give one page of decisions, the newest first, and whether more follow."""
    joined = _decisions.outerjoin(_statements, _statements.c.decision_id == _decisions.c.id)
    columns = (_decisions.c.at, _decisions.c.action, *(_statements.c[name] for name in _COLUMNS))
    statement = select(*columns).select_from(joined).where(_shown(site_id, now)).order_by(_decisions.c.id.desc())
    rows = await query.all(statement.limit(PAGE + 1).offset((number - 1) * PAGE))
    return rows[:PAGE], len(rows) > PAGE and number < MOST_PAGES


def _shown(site_id: str, now: datetime) -> Any:
    """Decisions before today that were not undone, and no undo itself."""
    undone = _decisions.alias("undone")
    stands = ~select(undone.c.id).where(undone.c.undoes == _decisions.c.id).exists()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return (_decisions.c.site_id == site_id) & (_decisions.c.action != "undo") & (_decisions.c.at < midnight) & stands

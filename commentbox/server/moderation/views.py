"""Views of the queue that a moderator keeps under a name: which queue, narrowed how. Nobody else sees them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, delete, func, select

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict
from commentbox.server.base.work import Work
from commentbox.server.moderation.models import DeskView

MOST = 20
"""As many as can be read at a glance."""
_views = table_of(DeskView)


async def keep(work: Work, account_id: str, name: str, fields: Mapping[str, str]) -> None:
    """Keep a view; one of the same name is replaced. Refuses `view.too_many`."""
    await drop(work, account_id, name)
    if (await work.q.scalar(select(func.count()).where(_views.c.account_id == account_id)) or 0) >= MOST:
        raise Conflict("view.too_many", limit=MOST)
    await work.q.add(DeskView(account_id=account_id, name=name, fields=dict(fields)))


async def drop(work: Work, account_id: str, name: str) -> None:
    """Forget a view."""
    await work.q.run(delete(_views).where(_views.c.account_id == account_id, _views.c.name == name))


async def of(query: Query, account_id: str) -> Sequence[Row[Any]]:
    """Give a moderator's views by name."""
    return await query.all(select(_views).where(_views.c.account_id == account_id).order_by(_views.c.name))

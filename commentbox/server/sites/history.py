"""What was changed about a site: who, when, from what to what, and why. Commands and the desk write the same history."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import NotFound, TooMuch
from commentbox.server.base.ids import new_id
from commentbox.server.base.work import Work
from commentbox.server.sites.models import SiteChange

ORIGIN, KEY, ARTICLE, NAME, WEBHOOK = "origin", "api_key", "article", "reserved_name", "webhook"
"""What is changed beside the settings of the policy."""
REASON = 300
PAGE = 50
_changes = table_of(SiteChange)


async def note(
    work: Work,
    site_id: str,
    setting: str,
    *,
    before: Any,
    after: Any,
    reason: str = "",
    undoes: str | None = None,
) -> str:
    """Note one change and give its id. Refuses `reason.too_long`."""
    if len(reason) > REASON:
        raise TooMuch("reason.too_long", limit=REASON, length=len(reason))
    change = SiteChange(
        id=new_id(work.now),
        site_id=site_id,
        setting=setting,
        before=before,
        after=after,
        reason=reason.strip(),
        account_id=work.actor,
        undoes=undoes,
        at=work.now,
    )
    await work.q.add(change)
    return change.id


async def newest(query: Query, site_id: str) -> Sequence[Row[Any]]:
    """Give the latest changes, the newest first."""
    found = select(_changes).where(_changes.c.site_id == site_id)
    return await query.all(found.order_by(_changes.c.id.desc()).limit(PAGE))


async def one(query: Query, site_id: str, change_id: str) -> Row[Any]:
    """Give a change of this site. Refuses `change.unknown`."""
    row = await query.first(select(_changes).where(_changes.c.site_id == site_id, _changes.c.id == change_id))
    if row is None:
        raise NotFound("change.unknown")
    return row


async def kept_of(query: Query, site_id: str, setting: str) -> list[Any]:
    """Give what was added under a setting and not taken away again, in the order in which it came."""
    found = select(_changes.c.before, _changes.c.after).where(
        _changes.c.site_id == site_id, _changes.c.setting == setting
    )
    kept: dict[Any, None] = {}
    for row in await query.all(found.order_by(_changes.c.id)):
        if row.before is not None:
            kept.pop(row.before, None)
        if row.after is not None:
            kept[row.after] = None
    return list(kept)

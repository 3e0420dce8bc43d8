"""A guest's own comments, found by the code that came with the first of them. Who has the code is the guest."""

from typing import Any

from sqlalchemy import Row, select

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import NotFound
from commentbox.server.comments.models import Comment
from commentbox.server.comments.posting import guest_code_hash
from commentbox.server.sites.models import Site
from commentbox.server.threads import Thread

MOST = 20
"""Newer comments of one code than these can be edited; older ones are too old for that anyway."""
_comments = table_of(Comment)
_threads = table_of(Thread)
_sites = table_of(Site)
_COLUMNS = ("id", "state", "hold_rule", "text", "html", "created_at")


async def comments_of(query: Query, code: str) -> list[Row[Any]]:
    """Give the newest comments of a code, with article and policy. Refuses `guest.code_unknown`."""
    joined = _comments.join(_threads, _threads.c.id == _comments.c.thread_id).join(
        _sites, _sites.c.id == _comments.c.site_id
    )
    columns = (
        *(_comments.c[name] for name in _COLUMNS),
        _threads.c.title.label("thread_title"),
        _threads.c.url.label("thread_url"),
        _sites.c.policy.label("site_policy"),
    )
    mine = select(*columns).select_from(joined).where(_comments.c.guest_code_hash == guest_code_hash(code))
    rows = list(await query.all(mine.order_by(_comments.c.id.desc()).limit(MOST)))
    if not rows:
        raise NotFound("guest.code_unknown")
    return rows

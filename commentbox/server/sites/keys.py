"""Keys of a site for the API: made, shown once, revoked. What is kept is a hash."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, update

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict, Invalid, NotFound, Unauthenticated
from commentbox.server.base.ids import new_id
from commentbox.server.base.signing import new_token, token_hash
from commentbox.server.base.work import Work
from commentbox.server.sites import history
from commentbox.server.sites.models import SiteKey

PREFIX = "cbk_"
"""Whoever finds such a thing in a file knows what it is, and so do the programs that look for lost keys."""
MOST = 10
LABEL = 60
_keys = table_of(SiteKey)


async def make(work: Work, site_id: str, label: str, *, reason: str = "") -> str:
    """Make a key and give it, this once. Refuses `key.label`, `key.too_many`."""
    label = label.strip()
    if not 1 <= len(label) <= LABEL:
        raise Invalid("key.label", limit=LABEL)
    if sum(key.revoked_at is None for key in await of(work.q, site_id)) >= MOST:
        raise Conflict("key.too_many", limit=MOST)
    token = PREFIX + new_token()
    key = SiteKey(id=new_id(work.now), site_id=site_id, label=label, token_hash=token_hash(token), made_at=work.now)
    await work.q.add(key)
    await history.note(work, site_id, history.KEY, before=None, after=label, reason=reason)
    work.record("site.key_made", site_id=site_id, subject_id=key.id)
    return token


async def revoke(work: Work, site_id: str, key_id: str, *, reason: str = "") -> None:
    """End a key at once and for good. Refuses `key.unknown`."""
    mine = (_keys.c.id == key_id) & (_keys.c.site_id == site_id) & _keys.c.revoked_at.is_(None)
    row = await work.q.first(update(_keys).where(mine).values(revoked_at=work.now).returning(_keys.c.label))
    if row is None:
        raise NotFound("key.unknown")
    await history.note(work, site_id, history.KEY, before=row.label, after=None, reason=reason)
    work.record("site.key_revoked", site_id=site_id, subject_id=key_id)


async def of(query: Query, site_id: str) -> Sequence[Row[Any]]:
    """Give a site's keys (`id`, `label`, `made_at`, `revoked_at`), the newest first."""
    columns = (_keys.c[name] for name in ("id", "label", "made_at", "revoked_at"))
    return await query.all(select(*columns).where(_keys.c.site_id == site_id).order_by(_keys.c.id.desc()))


async def site_of(query: Query, token: str) -> str:
    """Give the site whose key this is. Refuses `key.refused`."""
    mine = (_keys.c.token_hash == token_hash(token)) & _keys.c.revoked_at.is_(None)
    site_id = await query.scalar(select(_keys.c.site_id).where(mine)) if token.startswith(PREFIX) else None
    if site_id is None:
        raise Unauthenticated("key.refused")
    return str(site_id)

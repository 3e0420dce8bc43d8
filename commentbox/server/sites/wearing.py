"""The look of a site and its history: every change is a version, and going back to one is a version, too."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from commentbox.server.base import looks
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict, NotFound
from commentbox.server.base.work import Work
from commentbox.server.sites import actions
from commentbox.server.sites.models import Site, SiteLook
from commentbox.server.sites.rules import Policy

_looks = table_of(SiteLook)
_sites = table_of(Site)


async def wear(work: Work, site_id: str, text: str, *, seen: int) -> int:
    """Give a site another look, and say its version. Refuses `look.…`, and `look.stale` where somebody was quicker."""
    found = select(_sites.c.policy).where(_sites.c.id == site_id)
    kept = await work.q.scalar(found.with_for_update(key_share=True) if work.q.locks_rows else found)
    policy = Policy.model_validate(kept or {})
    look = looks.read(text).text
    if policy.look_version != seen:
        raise Conflict("look.stale")
    if look == policy.look:
        return seen
    if not await history(work.q, site_id):
        await _keep(work, site_id, policy, by=None)
    changed = await actions.set_policy(work, site_id, look=look, look_version=seen + 1)
    await _keep(work, site_id, changed, by=work.actor)
    work.record("site.look_changed", site_id=site_id, subject_id=site_id, version=seen + 1)
    return seen + 1


async def wear_again(work: Work, site_id: str, version: int, *, seen: int) -> int:
    """Go back to an earlier look. Refuses `look.unknown`, and what `wear` refuses."""
    statement = select(_looks.c.look).where(_looks.c.site_id == site_id, _looks.c.version == version)
    row = await work.q.first(statement)
    if row is None:
        raise NotFound("look.unknown", version=version)
    return await wear(work, site_id, row.look, seen=seen)


async def _keep(work: Work, site_id: str, policy: Policy, *, by: str | None) -> None:
    kept = SiteLook(site_id=site_id, version=policy.look_version, look=policy.look, account_id=by, at=work.now)
    await work.q.add(kept)


async def history(query: Query, site_id: str) -> Sequence[Row[Any]]:
    """Give every version that is kept, the newest first; none where nothing was ever changed."""
    return await query.all(select(_looks).where(_looks.c.site_id == site_id).order_by(_looks.c.version.desc()))

"""Making sites, registering origins, finding a site by its name."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, func, literal, select, update

from commentbox.server.base import looks
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict, Forbidden, Invalid, NotFound
from commentbox.server.base.ids import new_id
from commentbox.server.base.work import Work
from commentbox.server.sites import history, screening_rules
from commentbox.server.sites.models import Origin, Site
from commentbox.server.sites.rules import SCREENING, Policy, origin_of
from commentbox.server.sites.screening_rules import Because


@dataclass(frozen=True)
class Why:
    """Why something about a site is changed: a reason in words, and the change that it takes back."""

    reason: str = ""
    undoes: str | None = None


NO_REASON = Why()
_SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$")
_sites = table_of(Site)
_origins = table_of(Origin)


async def create(work: Work, slug: str, *, name: str, origins: list[str], lang: str = "en") -> str:
    """Make a site and give its id. Refuses `site.slug_invalid`, `site.exists`, `origin.invalid`."""
    if not _SLUG.match(slug):
        raise Invalid("site.slug_invalid", slug=slug)
    if await work.q.scalar(select(_sites.c.id).where(_sites.c.slug == slug)):
        raise Conflict("site.exists", slug=slug)
    site = Site(id=new_id(work.now), slug=slug, name=name, lang=lang, created_at=work.now)
    await work.q.add(site)
    for origin in dict.fromkeys(origin_of(each) for each in origins):
        await work.q.add(Origin(site_id=site.id, origin=origin))
    work.record("site.created", site_id=site.id, subject_id=site.id)
    return site.id


async def add_origin(work: Work, site_id: str, origin: str, why: Why = NO_REASON) -> None:
    """Let pages of one more origin frame the site's comments; adding it twice changes nothing."""
    if await work.q.add_if_new(Origin(site_id=site_id, origin=origin_of(origin))):
        await _note(work, site_id, history.ORIGIN, before=None, after=origin_of(origin), why=why)
        work.record("site.origin_added", site_id=site_id, subject_id=site_id)


async def remove_origin(work: Work, site_id: str, origin: str, why: Why = NO_REASON) -> None:
    """Take an origin away. Refuses `origin.unknown`."""
    gone = delete(_origins).where(_origins.c.site_id == site_id, _origins.c.origin == origin_of(origin))
    if not await work.q.run(gone):
        raise NotFound("origin.unknown", origin=origin)
    await _note(work, site_id, history.ORIGIN, before=origin_of(origin), after=None, why=why)
    work.record("site.origin_removed", site_id=site_id, subject_id=site_id)


async def set_policy(
    work: Work, site_id: str, why: Why = NO_REASON, *, because: Because = Because(), **changes: Any
) -> Policy:
    """Change settings of a site within their bounds, and give the whole policy. Raises pydantic's ValidationError, and refuses
    `look.…`: what is kept was looked at when it was set, and is not measured again on every page.

    Where that changes how comments are judged it makes a version of the screening rules, which says why: `because`.
    """
    if "look" in changes:
        changes["look"] = looks.read(str(changes["look"])).text
    kept = await policy_to_change(work, site_id)
    policy = Policy.model_validate({**kept.model_dump(mode="json", exclude_defaults=True), **changes})
    policy = await screening_rules.keep(work, site_id, kept, policy, because=because)
    stored = policy.model_dump(mode="json", exclude_defaults=True)
    await work.q.run(update(_sites).where(_sites.c.id == site_id).values(policy=stored))
    before, after = kept.model_dump(mode="json"), policy.model_dump(mode="json")
    changed = sorted(name for name in changes if name in after and before[name] != after[name])
    for name in changed:
        if name not in (*SCREENING, "look"):  # these have versions of their own, whole
            await _note(work, site_id, name, before=before[name], after=after[name], why=why)
    if changed:
        work.record("site.policy_changed", site_id=site_id, subject_id=site_id, settings=changed)
    return policy


async def policy_to_change(work: Work, site_id: str) -> Policy:
    """Give the policy as it is, held fast: of two who change it at once, the second sees what the first did."""
    found = select(_sites.c.policy).where(_sites.c.id == site_id)
    kept = await work.q.scalar(found.with_for_update(key_share=True) if work.q.locks_rows else found)
    return Policy.model_validate(kept or {})


async def _note(work: Work, site_id: str, setting: str, *, before: Any, after: Any, why: Why) -> None:
    await history.note(work, site_id, setting, before=before, after=after, reason=why.reason, undoes=why.undoes)


async def by_slug(query: Query, slug: str) -> Row[Any]:
    """Give the site's row. Refuses `site.unknown`."""
    row = await query.first(select(_sites).where(_sites.c.slug == slug))
    if row is None:
        raise NotFound("site.unknown", site=slug[:60])
    return row


async def by_id(query: Query, site_id: str) -> Row[Any]:
    """Give the site's row. Refuses `site.unknown`."""
    row = await query.first(select(_sites).where(_sites.c.id == site_id))
    if row is None:
        raise NotFound("site.unknown", site=site_id)
    return row


async def every(query: Query) -> list[Row[Any]]:
    """Give all sites, oldest first."""
    return list(await query.all(select(_sites).order_by(_sites.c.id)))


async def origins_of(query: Query, site_id: str) -> list[str]:
    """Give the origins whose pages may frame the site's comments."""
    rows = await query.all(select(_origins.c.origin).where(_origins.c.site_id == site_id).order_by(_origins.c.origin))
    return [row.origin for row in rows]


async def check_own_host(query: Query, site_id: str, url: str) -> None:
    """Refuse `article.foreign` where an address is on none of the site's origins."""
    known = select(literal(1)).where(_origins.c.site_id == site_id, func.lower(_origins.c.origin) == origin_of(url))
    if await query.scalar(known) is None:
        raise Forbidden("article.foreign", url=url[:200])

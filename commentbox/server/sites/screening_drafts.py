"""Working on the screening rules before they hold: a draft, switching it on, and setting an earlier version again."""

from typing import Any

from sqlalchemy import Row, delete, select

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict, NotFound
from commentbox.server.base.work import Work
from commentbox.server.sites import actions
from commentbox.server.sites.models import ScreeningDraft, Site
from commentbox.server.sites.rules import Policy
from commentbox.server.sites.screening_rules import Because, changed_by, checked, settings_at, settings_of

_drafts = table_of(ScreeningDraft)
_sites = table_of(Site)


async def draft_of(query: Query, site_id: str) -> Row[Any] | None:
    """Give the draft of a site, or None."""
    return await query.first(select(_drafts).where(_drafts.c.site_id == site_id))


async def drafted(query: Query, site_id: str) -> tuple[Policy, Policy]:
    """Give the policy that holds, and the one that the draft would make; the same where there is none."""
    kept = await query.scalar(select(_sites.c.policy).where(_sites.c.id == site_id))
    policy, draft = Policy.model_validate(kept or {}), await draft_of(query, site_id)
    return policy, checked(policy, draft.settings) if draft else policy


async def save(work: Work, site_id: str, settings: dict[str, Any]) -> None:
    """Change settings of the draft, making one if there is none. Refuses `screening.…` for what is out of bounds."""
    policy, before = await drafted(work.q, site_id)
    after = checked(before, settings)
    row = {"site_id": site_id, "settings": settings_of(after), "based_on": policy.screening_version}
    row |= {"account_id": work.actor, "at": work.now}
    statement = work.q.upsert(ScreeningDraft)
    changes = {name: statement.excluded[name] for name in ("settings", "account_id", "at")}
    await work.q.run(statement.on_conflict_do_update(index_elements=["site_id"], set_=changes), row)


async def drop(work: Work, site_id: str) -> None:
    """Throw the draft away; nothing that holds changes."""
    await work.q.run(delete(_drafts).where(_drafts.c.site_id == site_id))


async def switch_on(work: Work, site_id: str, *, seen: int, dry_run_id: str | None) -> int:
    """Let the draft hold, and give its version. Refuses `screening.no_draft`, and `screening.stale` where another version
    holds by now than the one that was looked at.
    """
    draft = await draft_of(work.q, site_id)
    if draft is None:
        raise NotFound("screening.no_draft")
    version = await _set(work, site_id, draft.settings, seen=seen, because=Because(dry_run_id=dry_run_id))
    await drop(work, site_id)
    return version


async def set_again(work: Work, site_id: str, number: int, *, seen: int) -> int:
    """Let an earlier version hold again, as a new one. Refuses `screening.version_unknown`, `screening.stale`."""
    settings = await settings_at(work.q, site_id, number)
    return await _set(work, site_id, settings, seen=seen, because=Because(again=number))


async def _set(work: Work, site_id: str, settings: dict[str, Any], *, seen: int, because: Because) -> int:
    found = select(_sites.c.policy).where(_sites.c.id == site_id)
    kept = await work.q.scalar(found.with_for_update(key_share=True) if work.q.locks_rows else found)
    policy = Policy.model_validate(kept or {})
    if policy.screening_version != seen:
        raise Conflict("screening.stale")
    after = checked(policy, settings)
    if not (changed := changed_by(policy, after)):
        return seen
    known = {name: value for name, value in settings.items() if name in changed}
    return (await actions.set_policy(work, site_id, because=because, **known)).screening_version

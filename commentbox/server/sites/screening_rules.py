"""The settings that judge comments and their history: every change is a version, with who, when and what; never overwritten."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row, select

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Invalid, NotFound
from commentbox.server.base.work import Work
from commentbox.server.sites.models import ScreeningRules
from commentbox.server.sites.rules import SCREENING, Policy

_rules = table_of(ScreeningRules)


@dataclass(frozen=True)
class Because:
    """What a change stands on: an earlier version that is set again, or a dry run that was looked at."""

    again: int | None = None
    dry_run_id: str | None = None


def settings_of(policy: Policy) -> dict[str, Any]:
    """Give the screening settings of a policy, all of them, as they are kept."""
    return policy.model_dump(mode="json", include=set(SCREENING))


def changed_by(before: Policy, after: Policy) -> list[str]:
    """Name the screening settings in which two policies differ, in the order of the phases."""
    return [name for name in SCREENING if getattr(before, name) != getattr(after, name)]


def checked(policy: Policy, settings: dict[str, Any]) -> Policy:
    """Give a policy with other screening settings. Refuses `screening.…` with the setting that is out of its bounds."""
    try:
        return Policy.model_validate({**policy.model_dump(mode="json"), **settings})
    except ValidationError as error:
        raise _refusal(error.errors()[0]) from None


def _refusal(wrong: Any) -> Invalid:
    said = str(wrong.get("ctx", {}).get("error", ""))
    why, _colon, entry = said.partition(": ")
    name = str(wrong["loc"][0])
    if name == "word_lists":
        known = {
            "long": Invalid("screening.entry_long", entry=entry),
            "wide": Invalid("screening.entry_wide", entry=entry),
            "many": Invalid("screening.lists_many"),
            "twice": Invalid("screening.lists_twice"),
        }
        return known.get(why, Invalid("screening.list_invalid"))
    bounds = {key: value for each in Policy.model_fields[name].metadata for key, value in _bound(each)}
    return Invalid("screening.bounds", field=name, **bounds)


def _bound(metadata: Any) -> list[tuple[str, Any]]:
    known = (("ge", "low"), ("le", "high"), ("max_length", "high"))
    return [(said, getattr(metadata, name)) for name, said in known if hasattr(metadata, name)]


async def keep(work: Work, site_id: str, before: Policy, after: Policy, *, because: Because) -> Policy:
    """Give the policy with its version counted up, and keep the version, where two policies judge comments differently."""
    if not (changed := changed_by(before, after)):
        return after
    after = after.model_copy(update={"screening_version": before.screening_version + 1})
    if not await history(work.q, site_id, limit=1):
        await _add(work, site_id, before, [], account_id=None)
    facts = {"again": because.again, "dry_run_id": because.dry_run_id}
    await _add(work, site_id, after, changed, account_id=work.actor, **facts)
    told = {name: value for name, value in facts.items() if value}
    work.record(
        "site.screening_changed",
        site_id=site_id,
        subject_id=site_id,
        version=after.screening_version,
        settings=changed,
        **told,
    )
    return after


async def _add(work: Work, site_id: str, policy: Policy, changed: list[str], **more: Any) -> None:
    version = policy.screening_version
    kept = ScreeningRules(
        site_id=site_id, version=version, settings=settings_of(policy), changed=changed, at=work.now, **more
    )
    await work.q.add(kept)


async def history(query: Query, site_id: str, *, limit: int = 50) -> Sequence[Row[Any]]:
    """Give the versions that are kept, the newest first; none where nothing was ever changed."""
    theirs = select(_rules).where(_rules.c.site_id == site_id)
    return await query.all(theirs.order_by(_rules.c.version.desc()).limit(limit))


async def settings_at(query: Query, site_id: str, version: int) -> dict[str, Any]:
    """Give the settings of a version. Refuses `screening.version_unknown`."""
    wanted = select(_rules.c.settings).where(_rules.c.site_id == site_id, _rules.c.version == version)
    found: dict[str, Any] | None = await query.scalar(wanted)
    if found is None:
        raise NotFound("screening.version_unknown")
    return found

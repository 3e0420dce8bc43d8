"""House rules and their history: every change is a new version, so that a statement can name what stood when it was written."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict
from commentbox.server.base.work import Work
from commentbox.server.sites import actions
from commentbox.server.sites.models import HouseRules
from commentbox.server.sites.rules import Policy, read_house_rules

_rules = table_of(HouseRules)


async def change(work: Work, site_id: str, text: str, *, seen: int) -> int:
    """Set the rules, one a line, and give their version. Refuses `rules.…`, and `rules.stale` where somebody was quicker."""
    policy = await actions.policy_to_change(work, site_id)
    rules = read_house_rules(text)
    if policy.rules_version != seen:
        raise Conflict("rules.stale")
    if rules == policy.house_rules:
        return seen
    if not await history(work.q, site_id):
        await _keep(work, site_id, policy, by=None)
    changed = await actions.set_policy(
        work, site_id, house_rules=[rule.model_dump() for rule in rules], rules_version=seen + 1
    )
    await _keep(work, site_id, changed, by=work.actor)
    work.record("site.rules_changed", site_id=site_id, subject_id=site_id, version=seen + 1)
    return seen + 1


async def _keep(work: Work, site_id: str, policy: Policy, *, by: str | None) -> None:
    rules = [rule.model_dump() for rule in policy.house_rules]
    kept = HouseRules(site_id=site_id, version=policy.rules_version, rules=rules, account_id=by, at=work.now)
    await work.q.add(kept)


async def history(query: Query, site_id: str) -> Sequence[Row[Any]]:
    """Give every version that is kept, the newest first; none where nothing was ever changed."""
    return await query.all(select(_rules).where(_rules.c.site_id == site_id).order_by(_rules.c.version.desc()))

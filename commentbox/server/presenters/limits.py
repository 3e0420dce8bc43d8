"""Limits, said before anybody types: what a thread asks of whoever speaks in a tier, until when, and what holds just now."""

from datetime import datetime
from typing import Any

from commentbox.server import threads
from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import ngettext
from commentbox.server.screening.drafts import Facts
from commentbox.server.screening.phases import of_tier
from commentbox.server.sites.rules import Policy


def limit_words(policy: Policy, row: Any, *, tier: str, now: datetime, facts: Facts | None = None) -> tuple[str, ...]:
    """Give the sentences for a thread's row and a tier, the reason and the end of a moderator's limits last."""
    said = [*_pauses(policy, tier), *_of_unverified(policy, tier), *_now(policy, tier, facts or Facts())]
    limits = threads.limits_of(row, now=now)
    if limits and said:
        until = i18n.day_text(limits.until.date())
        said.append(_("This holds until %(day)s: %(reason)s", day=until, reason=limits.reason))
    if closes := threads.closes_at(row, policy):
        said.append(_("This thread closes on %(day)s.", day=i18n.day_text(closes.date())))
    return tuple(said)


def _pauses(policy: Policy, tier: str) -> list[str]:
    said = []
    if pause := of_tier(policy, "slow_seconds", tier):
        said.append(_("Slow mode: between two comments in this thread you wait %(span)s.", span=span(pause)))
    at_most = of_tier(policy, "posts_per_hour_thread", tier)
    if at_most < of_tier(policy, "posts_per_hour", tier):
        words = ngettext("%(num)s comment an hour in this thread.", "%(num)s comments an hour in this thread.", at_most)
        said.append(words)
    return said


def _of_unverified(policy: Policy, tier: str) -> list[str]:
    said = []
    if needed := of_tier(policy, "min_age_minutes", tier):
        said.append(_("Accounts may comment here once they are %(span)s old.", span=span(needed * 60)))
    if policy.hold_unverified and tier == "unverified":
        said.append(_("This paper looks at comments of unverified people before they appear."))
    return said


def _now(policy: Policy, tier: str, facts: Facts) -> list[str]:
    """Say when the writer may go on, where something of theirs keeps them for the moment."""
    since, age = facts.seconds_since_here, facts.account_age_seconds
    waits = [0 if since is None else of_tier(policy, "slow_seconds", tier) - since]
    waits.append(0 if age is None else of_tier(policy, "min_age_minutes", tier) * 60 - age)
    if facts.posts_last_hour >= of_tier(policy, "posts_per_hour", tier):
        waits.append(facts.hour_opens_in)
    if facts.posts_last_hour_here >= of_tier(policy, "posts_per_hour_thread", tier):
        waits.append(facts.hour_opens_in_here)
    return [_("You may comment again in %(span)s.", span=span(max(waits)))] if max(waits) > 0 else []


def span(seconds: int) -> str:
    """Write a span of time in its largest fitting unit, rounded up, so that nobody is sent back too early."""
    if seconds < 120:
        return ngettext("%(num)s second", "%(num)s seconds", seconds)
    if seconds < 120 * 60:
        return ngettext("%(num)s minute", "%(num)s minutes", -(-seconds // 60))
    if seconds < 48 * 3600:
        return ngettext("%(num)s hour", "%(num)s hours", -(-seconds // 3600))
    return ngettext("%(num)s day", "%(num)s days", -(-seconds // 86400))

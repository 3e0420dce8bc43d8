"""The house rules of a site as the desk shows them: what stands, what can be changed, and every version before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commentbox.server.presenters.reasons import policy_of
from commentbox.server.presenters.thread import rule_text


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of the rules, as lines."""

    number: int
    at: datetime
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RulesView:
    """The rules of a site. `text` is what the form holds: one rule a line, with its code."""

    slug: str
    site_name: str
    version: int
    lines: tuple[str, ...]
    text: str
    may_edit: bool
    history: tuple[VersionView, ...]


def rules_view(site: Any, history: Sequence[Any], *, typed: str | None, may_edit: bool) -> RulesView:
    """Give the view, in the language of the moment; in the form our own rules stand as they are kept."""
    policy = policy_of(site.policy)
    written = "\n".join(f"{rule.code}: {rule.text}" for rule in policy.house_rules)
    return RulesView(
        slug=site.slug,
        site_name=site.name,
        version=policy.rules_version,
        lines=tuple(rule_text(rule.text) for rule in policy.house_rules),
        text=written if typed is None else typed,
        may_edit=may_edit,
        history=tuple(_version(row) for row in history),
    )


def _version(row: Any) -> VersionView:
    return VersionView(row.version, row.at, tuple(rule_text(rule["text"]) for rule in row.rules))

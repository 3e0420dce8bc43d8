"""What a site decides, as the desk shows it: every setting from the model, what was changed about it, what holds for a while."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic.fields import FieldInfo

from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import marked as N_
from commentbox.server.base.i18n import ngettext
from commentbox.server.presenters.reasons import policy_of
from commentbox.server.sites import history
from commentbox.server.sites.rules import Policy
from commentbox.server.upkeep import ELSEWHERE, may_undo

GROUPS: tuple[tuple[str, dict[str, str]], ...] = (
    (
        N_("Who takes part"),
        {
            "guests": N_("People may comment under a name alone; each such comment waits for review"),
            "mail_links": N_("Unverified accounts may sign in by a link in a mail"),
        },
    ),
    (
        N_("Times"),
        {
            "edit_minutes": N_("Minutes an author may edit"),
            "claim_minutes": N_("Minutes a moderator holds a case without touching it"),
            "undo_seconds": N_("Seconds in which a decision can be undone; nothing is sent before"),
            "appeal_months": N_("Months an appeal stays open"),
            "appeal_days": N_("Days within which an appeal is answered"),
        },
    ),
    (
        N_("In public"),
        {
            "indexable": N_("Search engines may list the public pages of threads"),
            "public_log": N_("Every decision is shown, without names, in a public log"),
        },
    ),
    (N_("At the desk"), {"bans_need_second": N_("A ban waits until a second moderator confirms it")}),
)
SCREENING: dict[str, str] = {
    "max_length": N_("Longest comment, in characters"),
    "links_before_hold_verified": N_("Links before a comment of a verified person is held"),
    "links_before_hold_unverified": N_("Links before a comment of an unverified person is held"),
    "posts_per_hour_verified": N_("Comments an hour, for a verified account"),
    "posts_per_hour_unverified": N_("Comments an hour, for an unverified account"),
    "posts_per_hour_address": N_("Comments an hour, from one network address"),
    "posts_per_hour_thread_verified": N_("Comments an hour in one thread, for a verified account"),
    "posts_per_hour_thread_unverified": N_("Comments an hour in one thread, for an unverified account"),
    "slow_seconds_verified": N_("Seconds between two comments of a verified person in a thread"),
    "slow_seconds_unverified": N_("Seconds between two comments of an unverified person in a thread"),
    "min_age_minutes_verified": N_("Minutes a verified account waits before its first comment"),
    "min_age_minutes_unverified": N_("Minutes an unverified account waits before its first comment"),
    "hold_unverified": N_("Every comment of unverified people waits for review"),
    "hold_first_n": N_("An account’s first comments wait for review: how many"),
    "blocked_domains": N_("Links to these domains hold a comment"),
    "held_words": N_("Words that hold a comment"),
}
"""Settings that are edited with a dry run, on the page of the screening rules."""


@dataclass(frozen=True, slots=True)
class SettingView:
    """One setting. kind: flag, number, text, or none where it is not typed here. `seen` is its value as JSON."""

    name: str
    words: str
    shown: str
    default: str
    is_changed: bool
    kind: str
    seen: str
    value: str
    least: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class GroupView:
    """Settings that belong together."""

    words: str
    settings: tuple[SettingView, ...]


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change of a site: what, from what to what, who (None: a command), why, and whether it can be taken back now."""

    id: str
    words: str
    before: str
    after: str
    by: str | None
    reason: str
    at: datetime
    may_undo: bool


@dataclass(frozen=True, slots=True)
class Timed:
    """A thread in which something holds for a while: until when, and why."""

    href: str
    title: str
    words: str
    until: datetime
    reason: str


@dataclass(frozen=True)
class Known:
    """What the page is made from: the site, its origins, keys and names, its history with the names of who changed it."""

    site: Any
    origins: Sequence[str]
    keys: Sequence[Any]
    names: Sequence[str]
    changes: Sequence[Any]
    people: Mapping[str, str]


def groups_view(policy: Policy) -> tuple[GroupView, ...]:
    """Give every setting that is edited here, by group; what no group knows comes last, in the words of the model."""
    known = {name for _words, group in GROUPS for name in group} | set(SCREENING) | set(ELSEWHERE)
    rest = {name: field.description or name for name, field in Policy.model_fields.items() if name not in known}
    named = [*GROUPS, *([(N_("More"), rest)] if rest else [])]
    return tuple(GroupView(_(words), _settings(policy, group)) for words, group in named)


def screening_view(policy: Policy) -> tuple[SettingView, ...]:
    """Give the settings that are shown here and edited elsewhere."""
    return _settings(policy, SCREENING)


def _settings(policy: Policy, group: Mapping[str, str]) -> tuple[SettingView, ...]:
    found = [(name, words) for name, words in group.items() if name in Policy.model_fields]
    return tuple(_setting(policy, name, words) for name, words in found)


def _setting(policy: Policy, name: str, words: str) -> SettingView:
    field = Policy.model_fields[name]
    value, default = policy.model_dump(mode="json")[name], _DEFAULTS[name]
    kinds = {bool: "flag", int: "number", str: "text"}
    return SettingView(
        name=name,
        words=_(words),
        shown=value_words(value),
        default=value_words(default),
        is_changed=value != default,
        kind=kinds.get(type(value), "none"),
        seen=json.dumps(value),
        value=value if isinstance(value, str) else json.dumps(value),
        least=_limit(field, "ge"),
        most=_limit(field, "max_length" if isinstance(value, str) else "le"),
    )


_DEFAULTS = Policy().model_dump(mode="json")


def _limit(field: FieldInfo, name: str) -> int | None:
    return next((getattr(each, name) for each in field.metadata if hasattr(each, name)), None)


def value_words(value: Any) -> str:
    """Say a value in words."""
    if value is None or value == "":
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return i18n.number_text(value)
    if isinstance(value, list):
        return ngettext("%(num)s entry", "%(num)s entries", len(value)) if value else _("nothing")
    return str(value)


def setting_words(name: str) -> str:
    """Name what was changed."""
    beside = {
        history.ORIGIN: _("Address whose pages show the comments"),
        history.KEY: _("Key for the API"),
        history.WEBHOOK: _("Webhook"),
        history.ARTICLE: _("Article that moved"),
        history.NAME: _("Name kept for the paper"),
        "tag_key_version": _("Key that signs the tags: its number"),
        "rules_version": _("Version of the house rules"),
        "house_rules": _("House rules"),
    }
    known = {key: words for _words, group in GROUPS for key, words in group.items()} | SCREENING
    if name in beside:
        return beside[name]
    return _(known[name]) if name in known else _words_of_model(name)


def _words_of_model(name: str) -> str:
    return (Policy.model_fields[name].description if name in Policy.model_fields else "") or name


def changes_view(known: Known) -> tuple[ChangeView, ...]:
    """Give the history, the newest first. What was taken back, or has changed again since, offers no undo."""
    policy = policy_of(known.site.policy).model_dump(mode="json")
    undone = {change.undoes for change in known.changes}
    return tuple(
        ChangeView(
            id=each.id,
            words=setting_words(each.setting),
            before=value_words(each.before),
            after=value_words(each.after),
            by=known.people.get(each.account_id) if each.account_id else None,
            reason=each.reason,
            at=each.at,
            may_undo=each.id not in undone and may_undo(each) and _stands(each, policy, known),
        )
        for each in known.changes
    )


def _stands(change: Any, policy: Mapping[str, Any], known: Known) -> bool:
    """Say whether it is still as this change left it."""
    kept = {history.ORIGIN: known.origins, history.NAME: known.names}.get(change.setting)
    if kept is not None:
        return (change.after in kept) if change.after is not None else change.before not in kept
    return change.setting == history.ARTICLE or policy.get(change.setting) == change.after


def timed_view(rows: Sequence[Any], *, now: datetime) -> tuple[Timed, ...]:
    """Give what holds in single threads for a while, what ends first on top."""
    found = [each for row in rows for each in _timed(row) if each.until > now]
    return tuple(sorted(found, key=lambda each: each.until))


def _timed(row: Any) -> list[Timed]:
    href, title = f"/desk/threads/{row.id}", row.title or row.url
    found = []
    if row.verified_only_until:
        words = _("Verified people only, for a while")
        found.append(Timed(href, title, words, row.verified_only_until, row.verified_only_reason or ""))
    if row.limits:
        until = datetime.fromisoformat(row.limits["until"])
        found.append(Timed(href, title, _("Pace"), until, str(row.limits.get("reason", ""))))
    return found

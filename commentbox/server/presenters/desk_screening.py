"""The screening rules as the desk shows them: phases in their order with the present figures, the draft, every version.

One table has the words of every setting; the page, the form and the history all read it. Dry runs are in `desk_dry_run`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import ngettext
from commentbox.server.presenters.reasons import policy_of
from commentbox.server.screening.languages import KNOWN
from commentbox.server.screening.words import EFFECTS
from commentbox.server.sites.rules import SCREENING, Policy
from commentbox.server.sites.screening_rules import changed_by, checked
from commentbox.server.sites.word_lists import WordList

PHASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("length", ("max_length",)),
    ("repeats", ()),
    ("pace", SCREENING[1:10]),
    ("guests", ()),
    ("words", ("word_lists",)),
    ("domains", ("blocked_domains",)),
    ("links", ("links_before_hold_verified", "links_before_hold_unverified")),
    ("score", ("hold_score_above", "nudge_score_above")),
    ("outside", ()),
    ("refusals", ("hold_refused_percent", "refused_days")),
    ("first", ("hold_first_n",)),
    ("unverified", ("hold_unverified",)),
    ("measures", ()),
    ("threads", ()),
)
"""The phases in the order in which a comment goes through them, with the settings of each; the last two stand beside."""


@dataclass(frozen=True, slots=True)
class FieldView:
    """One setting: its words, what it is, and for a form its bounds. `kind` is number, yes or lines."""

    name: str
    label: str
    words: str
    value: str
    kind: str
    low: str = ""
    high: str = ""
    step: str = "1"


@dataclass(frozen=True, slots=True)
class PhaseView:
    """One phase: what it looks at, what it does, and its settings."""

    name: str
    title: str
    text: str
    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True)
class ListView:
    """A word list; `effect_words` says what comes of it."""

    name: str
    effect: str
    effect_words: str
    lang: str
    lang_words: str
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One setting that changed, from what to what."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of the rules. `is_now` is the one that holds."""

    number: int
    at: datetime
    by: str
    why: str
    changes: tuple[ChangeView, ...]
    is_now: bool
    dry_run_href: str | None


@dataclass(frozen=True, slots=True)
class ScreeningView:
    """The rules of a site, as they are or, on the page of the draft, as they would be. `is_behind` says that other rules hold
    than when the draft was begun.
    """

    slug: str
    site_name: str
    version: int
    phases: tuple[PhaseView, ...]
    lists: tuple[ListView, ...]
    effects: tuple[tuple[str, str], ...]
    languages: tuple[tuple[str, str], ...]
    history: tuple[VersionView, ...]
    changes: tuple[ChangeView, ...]
    has_draft: bool
    is_behind: bool
    may_edit: bool


@dataclass(frozen=True)
class Kept:
    """What the pages are made from: the site, its versions with the names of who set them, its draft and what that makes."""

    site: Any
    history: Sequence[Any]
    names: dict[str, str]
    draft: Any
    then: Policy


def screening_view(kept: Kept, *, may_edit: bool, edits: bool = False) -> ScreeningView:
    """Give the view, in the language of the moment; `edits` shows the draft's figures in place of those that hold."""
    now = policy_of(kept.site.policy)
    shown, version = kept.then if edits else now, now.screening_version
    return ScreeningView(
        slug=kept.site.slug,
        site_name=kept.site.name,
        version=version,
        phases=tuple(_phase(name, fields, shown) for name, fields in PHASES),
        lists=tuple(_list(each) for each in shown.word_lists),
        effects=tuple((effect, effect_words(effect)) for effect in EFFECTS),
        languages=(("", _("Any language")), *((lang, i18n.language_name(lang)) for lang in KNOWN)),
        history=_history(now, kept.history, kept.names),
        changes=changes_between(now, kept.then),
        has_draft=kept.draft is not None,
        is_behind=kept.draft is not None and kept.draft.based_on != version,
        may_edit=may_edit,
    )


def _phase(name: str, fields: Sequence[str], policy: Policy) -> PhaseView:
    title, text = _titles()[name]
    return PhaseView(name, title, text, tuple(_field(each, policy) for each in fields if each != "word_lists"))


def _titles() -> dict[str, tuple[str, str]]:
    return {
        "length": (_("Length"), ""),
        "repeats": (_("Repeats"), _("The same words by the same person within an hour are refused.")),
        "pace": (_("Pace"), _("Whoever is faster, or has a younger account, is told to wait, and for how long.")),
        "guests": (_("Guests"), _("Comments without an account are held.")),
        "words": (_("Word lists"), ""),
        "domains": (_("Addresses"), ""),
        "links": (_("Links"), ""),
        "score": (_("Score of a classifier"), _("It holds or asks, and never decides. 1 switches it off.")),
        "outside": (_("Outside services"), _("What they ask to hold is held.")),
        "refusals": (
            _("Refused lately"),
            _("People of whose last comments here many were refused. 0 switches it off."),
        ),
        "first": (_("First comments"), ""),
        "unverified": (_("Unverified people"), ""),
        "measures": (
            _("Measures"),
            _(
                "Silenced and banned people cannot post. A ban holds for the verified person: no new account gets a badge."
            ),
        ),
        "threads": (_("Single threads"), _("A moderator may set stricter limits there, with a reason and an end.")),
    }


def label_of(name: str) -> str:
    """Name a setting."""
    base, _by, tier = name.rpartition("_")
    tiers = {"verified": _("verified people"), "unverified": _("everybody else"), "address": _("one network address")}
    if tier in tiers and base in (words := _by_tier()):
        return f"{words[base]}: {tiers[tier]}"
    return {
        "max_length": _("Longest comment, in characters"),
        "word_lists": _("Word lists"),
        "blocked_domains": _("Addresses whose links are held, one a line"),
        "hold_score_above": _("Held above this score"),
        "nudge_score_above": _("Asked to think again above this score"),
        "hold_refused_percent": _("Held where more than this share was refused, in percent"),
        "refused_days": _("Days that this looks back"),
        "hold_first_n": _("First comments of an account that are held"),
        "hold_unverified": _("Every comment of unverified people is held"),
    }[name]


def _by_tier() -> dict[str, str]:
    return {
        "posts_per_hour": _("Comments an hour"),
        "posts_per_hour_thread": _("Comments an hour in one thread"),
        "slow_seconds": _("Seconds between two comments in one thread"),
        "min_age_minutes": _("Minutes an account must be old"),
        "links_before_hold": _("Links in one comment that are not held"),
    }


def _field(name: str, policy: Policy) -> FieldView:
    value = getattr(policy, name)
    label, words = label_of(name), value_words(name, value)
    if isinstance(value, bool):
        return FieldView(name, label, words, "1" if value else "", "yes")
    if isinstance(value, tuple):
        return FieldView(name, label, words, "\n".join(value), "lines")
    bounds = {
        key: str(getattr(each, key))
        for each in Policy.model_fields[name].metadata
        for key in ("ge", "le")
        if hasattr(each, key)
    }
    step = "0.01" if isinstance(value, float) else "1"
    return FieldView(name, label, words, f"{value:g}", "number", bounds["ge"], bounds["le"], step)


def value_words(name: str, value: Any) -> str:
    """Say what a setting is set to."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name == "word_lists":
        return ", ".join(f"{each.name} ({_number_of(each)})" for each in value) or "–"
    if isinstance(value, tuple):
        return ", ".join(value[:12]) + (" …" if len(value) > 12 else "") or "–"
    return f"{value:g}" if isinstance(value, float) else i18n.number_text(value)


def _number_of(listed: WordList) -> str:
    return ngettext("%(num)s entry", "%(num)s entries", len(listed.entries))


def _list(listed: WordList) -> ListView:
    lang_words = i18n.language_name(listed.lang) if listed.lang else ""
    text, number = "\n".join(listed.entries), _number_of(listed)
    return ListView(listed.name, listed.effect, effect_words(listed.effect), listed.lang, lang_words, number, text)


def effect_words(effect: str) -> str:
    """Say what comes of a word on a list."""
    return {
        "block": _("The comment is refused"),
        "hold": _("The comment is held"),
        "nudge": _("Its writer is asked to think again"),
    }[effect]


def changes_between(before: Policy, after: Policy) -> tuple[ChangeView, ...]:
    """Say setting by setting what changes."""
    return tuple(
        change
        for name in changed_by(before, after)
        for change in (_list_changes(before, after) if name == "word_lists" else [_change(name, before, after)])
    )


def _change(name: str, before: Policy, after: Policy) -> ChangeView:
    if name == "blocked_domains":
        return ChangeView(label_of(name), *_apart(before.blocked_domains, after.blocked_domains))
    return ChangeView(label_of(name), *(value_words(name, getattr(each, name)) for each in (before, after)))


def _list_changes(before: Policy, after: Policy) -> list[ChangeView]:
    """Say of each list that changed what went and what came."""
    found = []
    one, other = ({each.name: each for each in policy.word_lists} for policy in (before, after))
    for name in [*one, *(each for each in other if each not in one)]:
        old, new = one.get(name), other.get(name)
        if old == new:
            continue
        went, came = _apart(old.entries if old else (), new.entries if new else ())
        if old and new and (old.effect, old.lang) != (new.effect, new.lang):
            went, came = (
                f"{effect_words(old.effect)} {old.lang} {went}".strip(),
                f"{effect_words(new.effect)} {new.lang} {came}".strip(),
            )
        found.append(ChangeView(f"{_('Word lists')}: {name}", went, came))
    return found


def _apart(before: Sequence[str], after: Sequence[str]) -> tuple[str, str]:
    """Give what is in one of two lists only, the first of it."""
    went, came = (
        [each for each in one if each not in other] for one, other in ((before, set(after)), (after, set(before)))
    )
    return value_words("", tuple(went)), value_words("", tuple(came))


def _history(now: Policy, rows: Sequence[Any], names: dict[str, str]) -> tuple[VersionView, ...]:
    policies = [checked(now, row.settings) for row in rows]
    found = []
    for place, row in enumerate(rows):
        earlier = policies[place + 1] if place + 1 < len(rows) else None
        run = f"/desk/dry-runs/{row.dry_run_id}" if row.dry_run_id else None
        why = _("Version %(number)s set again.", number=row.again) if row.again else ""
        changes = changes_between(earlier, policies[place]) if earlier is not None else ()
        by = names.get(row.account_id or "", "")
        found.append(VersionView(row.version, row.at, by, why, changes, row.version == now.screening_version, run))
    return tuple(found)

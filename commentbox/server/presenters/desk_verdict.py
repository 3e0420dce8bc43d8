"""The verdict of a case: what may be decided, on which grounds, and the statement of reasons before it is sent."""

from dataclasses import dataclass
from datetime import datetime

from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import ngettext
from commentbox.server.moderation import rules
from commentbox.server.moderation.cases import Case
from commentbox.server.moderation.noticing import found_by
from commentbox.server.presenters.reasons import Planned, ground_words, law_words
from commentbox.server.reports import by_people, detected_by
from commentbox.server.sites.rules import Policy

ALONG = ("warn", "silence-1", "silence-7", "silence-30", "hold-30", "ban")
"""What a removal may bring its author as well, with the days; any other end is chosen on the person's page."""


@dataclass(frozen=True, slots=True)
class GroundView:
    """One ground to choose: its code, its short words, and how the author will read it."""

    code: str
    words: str
    reads: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ActionView:
    """One thing that may be decided, with its key."""

    value: str
    words: str
    key: str
    is_chosen: bool


@dataclass(frozen=True)
class Typed:
    """What a moderator had typed, so that nothing is lost when a form comes back."""

    action: str = ""
    ground: str = ""
    facts: str = ""
    why: str = ""
    note: str = ""
    answer: str = ""
    measure: str = ""
    days: str = ""
    to_notifier: str = ""
    is_unfounded: bool = False
    previewed: bool = False


def offered(case: Case) -> tuple[str, ...]:
    """Give what may be decided about a case as it stands."""
    if case.appeal is not None:
        return ("uphold", "reject")
    asked = bool(case.reports or case.notices) or case.last_decision is None
    return rules.offered(case.comment.state, asked=asked, has_appeal=case.waiting_appeal)


def actions(case: Case, typed: Typed) -> tuple[ActionView, ...]:
    """Give the buttons of a verdict; a held comment is published or refused."""
    refusing = case.comment.state == "held"
    words = {
        "approve": (_("Publish") if refusing else _("Approve"), "a"),
        "remove": (_("Refuse") if refusing else _("Remove"), "r"),
        "restore": (_("Restore"), "a"),
        "uphold": (_("Restore the comment"), "a"),
        "reject": (_("Let the decision stand"), "r"),
    }
    return tuple(ActionView(each, *words[each], typed.action == each) for each in offered(case))


@dataclass(frozen=True, slots=True)
class AlongView:
    """One measure to choose beside a removal."""

    value: str
    words: str
    is_chosen: bool


def along(case: Case, typed: Typed) -> tuple[AlongView, ...]:
    """Give what a removal may bring its author as well; nothing for a guest."""
    if case.comment.account_id is None or case.appeal is not None:
        return ()
    every = [(value, along_words(value)) for value in ("", *ALONG)]
    return tuple(AlongView(value, words, typed.measure == value) for value, words in every)


def along_words(value: str) -> str:
    """Name a measure with its length."""
    action, _sign, days = value.partition("-")
    number = int(days or 0)
    words = {
        "": _("Nothing more"),
        "warn": _("Warn"),
        "silence": ngettext("Silence for %(num)s day", "Silence for %(num)s days", number),
        "hold": ngettext("Hold first for %(num)s day", "Hold first for %(num)s days", number),
        "ban": ngettext("Ban for %(num)s day", "Ban for %(num)s days", number) if number else _("Ban for good"),
    }
    return words[action]


def house_rules(policy: Policy, typed: Typed) -> tuple[GroundView, ...]:
    """Give the site's own rules to choose from, numbered as readers see them."""
    found = []
    for number, rule in enumerate(policy.house_rules, 1):
        reads = ground_words(rule.code, rule.text, policy)
        words = f"{i18n.number_text(number)} {reads.partition(': ')[2]}"
        found.append(GroundView(rule.code, words, reads, rule.code == typed.ground))
    return tuple(found)


def laws(policy: Policy, typed: Typed) -> tuple[GroundView, ...]:
    """Give the kinds of illegal content to choose from."""
    codes = [f"{rules.LAW_PREFIX}{law}" for law in rules.LAWS]
    words = [law_words(law) for law in rules.LAWS]
    return tuple(
        GroundView(code, text[:1].upper() + text[1:], ground_words(code, "", policy), code == typed.ground)
        for code, text in zip(codes, words, strict=True)
    )


def planned(case: Case, typed: Typed, *, policy: Policy, now: datetime) -> Planned:
    """Give the statement as it would be written now, for the preview."""
    comment = case.comment
    rule = next((rule for rule in policy.house_rules if rule.code == typed.ground), None)
    return Planned(
        restriction=rules.RESTRICTIONS.get(comment.state, "removed"),
        since=now,
        found_by=rules.found_by(
            hold_rule=comment.hold_rule or detected_by(case.reports),
            reports=by_people(case.reports),
            notice=found_by(case.notices),
        ),
        appeal_until=rules.months_later(now, policy.appeal_months),
        facts=typed.facts.strip(),
        rule=typed.ground,
        rule_text=rule.text if rule else "",
        rules_version=policy.rules_version if rule else None,
        explanation=typed.why.strip(),
    )

"""A statement of reasons in words: the same lines for the author, for the moderator who writes it, and for mails.

EU Digital Services Act art. 17(3): (a) what, where and how long, (b) facts and how they came up, (c) automation,
(d, e) the ground with why, (f) redress.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import ngettext
from commentbox.server.moderation import rules
from commentbox.server.presenters.thread import rule_text
from commentbox.server.sites.rules import Policy


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of a statement: `name` for scripts and tests, the term, and what holds."""

    name: str
    term: str
    text: str


@dataclass(frozen=True)
class Planned:
    """A statement that is not written yet, for the desk's preview."""

    restriction: str
    since: datetime
    found_by: str
    appeal_until: datetime
    facts: str = ""
    ground: str = "rule"
    rule: str = ""
    rule_text: str = ""
    rules_version: int | None = None
    explanation: str = ""
    until: datetime | None = None
    everywhere: bool = False
    automated_decision: bool = False

    @property
    def automated_detection(self) -> bool:
        """Say whether a screening rule brought it up."""
        return self.found_by == "screening"


def statement_lines(statement: Row[Any] | Planned, policy: Policy, *, has_colleague: bool) -> tuple[LineView, ...]:
    """Give a statement line by line, in the language of the moment.

    `has_colleague` says whether somebody else than the one who decided moderates the site, and so hears an appeal.
    """
    return (
        LineView("what", _("What we did"), _what(statement)),
        LineView("when", _("From, until"), _when(statement)),
        LineView("facts", _("Facts"), statement.facts),
        LineView("ground", _("Ground"), _ground(statement, policy)),
        LineView("automation", _("Automation"), _automation(statement)),
        LineView("rights", _("Your rights"), _rights(statement.appeal_until, policy, has_colleague=has_colleague)),
    )


def _what(statement: Row[Any] | Planned) -> str:
    words = {
        "refused": _("We did not publish this comment. Your account is not restricted."),
        "removed": _("Removed this comment, wherever it could be read. Your account is not restricted."),
        "warned": _("We warned you. Once you say that you read this, you can go on commenting."),
        "silenced": _("You cannot comment for a while. You can still read, recommend and report."),
        "held_first": _("We look at your comments before they appear, for a while."),
        "banned": _("You cannot comment any more. You can still read."),
        "no_badge": _("We took your badge away. What you wrote with it shows as not verified. You can verify again."),
    }
    said = words.get(statement.restriction, words["removed"])
    return f"{said} " + _("This holds for every paper on this server.") if statement.everywhere else said


def _when(statement: Row[Any] | Planned) -> str:
    since = i18n.moment_text(statement.since)
    if statement.until is not None:
        return _("%(since)s until %(until)s", since=since, until=i18n.moment_text(statement.until))
    if statement.restriction == "warned":
        return _("%(since)s, until you say that you read it", since=since)
    return _("%(since)s; lasting", since=since)


def _ground(statement: Row[Any] | Planned, policy: Policy) -> str:
    words = ground_words(statement.rule, statement.rule_text, policy)
    if statement.rules_version is not None and statement.rules_version > 1:
        number = i18n.number_text(statement.rules_version)
        words = f"{words} " + _("(version %(number)s of the house rules)", number=number)
    return f"{words} {statement.explanation}".strip()


def ground_words(code: str, text: str, policy: Policy) -> str:
    """Say a ground: the house rule with its number as it stood, or the kind of law."""
    if code.startswith(rules.LAW_PREFIX):
        return _("Law: %(kind)s.", kind=law_words(code.removeprefix(rules.LAW_PREFIX)))
    words = rule_text(text)
    for number, rule in enumerate(policy.house_rules, 1):
        if rule.code == code and rule.text == text:
            return _("House rule %(number)s: %(text)s", number=i18n.number_text(number), text=words)
    return _("House rule: %(text)s", text=words) if words else ""


def law_words(kind: str) -> str:
    """Name a kind of illegal content."""
    words = {
        "threat": _("threat of violence"),
        "incitement": _("incitement to hatred"),
        "defamation": _("defamation or insult"),
        "private-data": _("private data"),
        "intimate": _("intimate content without consent"),
        "sexual-abuse": _("sexual abuse of a child"),
    }
    return words.get(kind, _("another law"))


def _automation(statement: Row[Any] | Planned) -> str:
    found = found_words(statement.found_by)
    if statement.automated_decision:
        return f"{found} " + _("Decided by a machine.")
    decided = _("Decided by a person.")
    return f"{found} {decided}" if statement.automated_detection else f"{found} {decided} " + _("No machine took part.")


def found_words(found_by: str) -> str:
    """Say how a matter came up."""
    return {
        "readers": _("Found by a reader’s report."),
        "notice": _("Found by a notice of illegal content."),
        "flagger": _("Found by a notice of a trusted flagger."),
        "order": _("Ordered by an authority."),
        "screening": _("Found by a screening rule, without a person."),
        "moderator": _("Found by a moderator."),
    }[found_by]


def _rights(appeal_until: datetime, policy: Policy, *, has_colleague: bool) -> str:
    answered = ngettext(
        "You get an answer within %(num)s day.", "You get an answer within %(num)s days.", policy.appeal_days
    )
    until = _("You can appeal here until %(day)s.", day=i18n.day_text(appeal_until.date()))
    who = _("Somebody else will decide.") if has_colleague else only_one_words()
    return f"{until} {who} {answered} " + _("Courts and certified dispute bodies stay open to you.")


def only_one_words() -> str:
    """Say openly who hears an appeal where a paper has a single moderator."""
    return _(
        "This paper has one moderator: an admin of this server decides, or the same person, a day later at the earliest."
    )


def policy_of(stored: Any) -> Policy:
    """Read the policy a row carries."""
    return Policy.model_validate(stored or {})

"""The author of a case as a moderator sees them, on this site only: tier, standing, figures, decisions so far."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commentbox.server.accounts.rules import Measure
from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import ngettext
from commentbox.server.moderation.cases import Author
from commentbox.server.presenters.badges import PanelFact, badge_of
from commentbox.server.presenters.reasons import ground_words
from commentbox.server.sites.rules import Policy


@dataclass(frozen=True, slots=True)
class DecisionView:
    """One decision: when, what, by whom, whether it still stands, and the moderators' note."""

    at: datetime
    day: str
    words: str
    by: str
    fell: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class AuthorView:
    """The author beside the case."""

    name: str
    facts: tuple[PanelFact, ...]
    decisions: tuple[DecisionView, ...]


def author_view(author: Author, comment: Any, policy: Policy) -> AuthorView:
    """Give the author's side of a case."""
    facts = [
        PanelFact(_("Tier"), _("verified") if comment.tier == "verified" else _("unverified")),
        PanelFact(_("Kind"), badge_of(comment.kind).words),
    ]
    if author.account is None:
        none = _("none: from the old system") if comment.imported_from else _("none: a guest")
        facts.append(PanelFact(_("Account"), none))
        return AuthorView(comment.name, tuple(facts), ())
    facts += [
        PanelFact(_("Here since"), i18n.month_text(author.account.created_at.date())),
        PanelFact(_("Standing"), _standing(author.standing)),
        PanelFact(_("Comments"), _comments(author)),
        PanelFact(_("Appeals"), _appeals(author.appeals)),
    ]
    decisions = tuple(decision_view(row, policy) for row in author.decisions)
    return AuthorView(comment.name, tuple(facts), decisions)


def _standing(measures: tuple[Measure, ...]) -> str:
    words = {
        "warned": _("warned"),
        "silenced": _("silenced"),
        "held_first": _("held for review"),
        "banned": _("banned"),
    }
    said = []
    for measure in measures:
        text = words.get(measure.kind, measure.kind)
        until = i18n.day_text(measure.until.date()) if measure.until else None
        said.append(_("%(measure)s until %(day)s", measure=text, day=until) if until else text)
    return ", ".join(said) or _("good, no open measures")


def _comments(author: Author) -> str:
    every = i18n.number_text(author.comments)
    removed = i18n.number_text(author.removed)
    return _("%(every)s, of which %(removed)s removed", every=every, removed=removed)


def _appeals(outcomes: dict[str, int]) -> str:
    upheld, rejected = outcomes.get("upheld", 0), outcomes.get("rejected", 0)
    if not upheld and not rejected:
        return _("none")
    said = ngettext("%(num)s upheld", "%(num)s upheld", upheld)
    return f"{said}, " + ngettext("%(num)s not", "%(num)s not", rejected)


def decision_view(row: Any, policy: Policy) -> DecisionView:
    """Give one decision of a history."""
    return DecisionView(
        at=row.at,
        day=i18n.day_text(row.at.date()),
        words=_decided(row, policy),
        by=row.by or "",
        fell=_fell(row),
        note=row.note,
    )


def _decided(row: Any, policy: Policy) -> str:
    words = {
        "approve": _("Published.") if row.was == "held" else _("Left as it was."),
        "remove": _("Refused.") if row.was == "held" else _("Removed."),
        "restore": _("Restored."),
        "uphold": _("Appeal upheld, restored."),
        "reject": _("Appeal not upheld."),
        "undo": _("Took the last decision back."),
    }
    said = words.get(row.action, row.action)
    text = next((rule.text for rule in policy.house_rules if rule.code == row.rule), "")
    ground = ground_words(row.rule, text, policy) if row.rule and row.action == "remove" else ""
    return f"{said} {ground}" if ground else said


def _fell(row: Any) -> str | None:
    if row.was_undone:
        return _("Taken back.")
    return _("Restored on appeal.") if row.outcome == "upheld" else None

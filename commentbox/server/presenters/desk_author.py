"""The author of a case as a moderator sees them, on this site only: tier, standing, figures, decisions so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import ngettext
from commentbox.server.moderation.cases import Author
from commentbox.server.presenters.badges import PanelFact, badge_of
from commentbox.server.presenters.desk_words import decided_words
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
    """The author beside the case; `href` leads to the page where it is decided about them, None for a guest."""

    name: str
    href: str | None
    facts: tuple[PanelFact, ...]
    decisions: tuple[DecisionView, ...]


def author_view(author: Author, comment: Any, policy: Policy, *, slug: str | None) -> AuthorView:
    """Give the author's side of a case; without a `slug` no link to decide about the person."""
    facts = [
        PanelFact(_("Tier"), _("verified") if comment.tier == "verified" else _("unverified")),
        PanelFact(_("Kind"), badge_of(comment.kind).words),
    ]
    if author.account is None:
        none = _("none: from the old system") if comment.imported_from else _("none: a guest")
        facts.append(PanelFact(_("Account"), none))
        return AuthorView(comment.name, None, tuple(facts), ())
    facts += account_facts(author)
    decisions = tuple(decision_view(row, policy) for row in author.decisions)
    href = person_href(slug, comment.account_id) if slug else None
    return AuthorView(comment.name, href, tuple(facts), decisions)


def person_href(slug: str, account_id: str) -> str:
    """Give the address of somebody's page at the desk."""
    return f"/desk/person/{slug}.{account_id}"


def account_facts(author: Author) -> list[PanelFact]:
    """Give what is known of an account on a site."""
    assert author.account is not None
    return [
        PanelFact(_("Here since"), i18n.month_text(author.account.created_at.date())),
        PanelFact(_("Standing"), _standing(author.standing)),
        PanelFact(_("Comments"), _comments(author)),
        PanelFact(_("Appeals"), _appeals(author.appeals)),
    ]


def _standing(measures: Sequence[Any]) -> str:
    return ", ".join(map(measure_words, measures)) or _("good, no open measures")


def measure_words(measure: Any) -> str:
    """Say a measure in force, with its end."""
    words = {
        "warned": _("warned"),
        "silenced": _("silenced"),
        "held_first": _("held for review"),
        "banned": _("banned"),
    }
    text = words.get(measure.kind, measure.kind)
    if measure.until is None:
        return text
    return _("%(measure)s until %(day)s", measure=text, day=i18n.day_text(measure.until.date()))


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
        "warn": _("Warned."),
        "silence": _("Silenced until %(day)s.", day=_day(row.until)),
        "hold": _("Comments held for review until %(day)s.", day=_day(row.until)),
        "ban": _("Banned until %(day)s.", day=_day(row.until)) if row.until else _("Banned for good."),
        "lift": _("A measure was lifted early."),
        "revoke": _("Badge taken away"),
    }
    said = words.get(row.action) or decided_words(row.action, row.was)
    ground = ground_words(row.rule, row.rule_text or "", policy) if row.rule and row.rule_text is not None else ""
    return f"{said} {ground}" if ground else said


def _day(until: datetime | None) -> str:
    return i18n.day_text(until.date()) if until else ""


def _fell(row: Any) -> str | None:
    if row.was_undone:
        return _("Taken back.")
    return _("Restored on appeal.") if row.outcome == "upheld" else None

"""The badge beside a name, and what its panel says. Words first, then our mark; never the provider, never a day.

Comments, the composer, account pages and the desk all take their badges from here.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class PanelFact:
    """One line of a badge's panel: what it is about, and what holds."""

    term: str
    text: str


@dataclass(frozen=True, slots=True)
class BadgeView:
    """A badge. `kind` is name, person or none; `words` name it; `facts` are empty where nothing was checked.

    `month`, `until` (both as 2026-09) and `method` are for programs; people read the facts.
    """

    kind: str
    words: str
    facts: tuple[PanelFact, ...] = ()
    is_verified: bool = False
    method: str | None = None
    month: str | None = None
    until: str | None = None


def badge_of(
    kind: str, *, method: str | None = None, month: date | None = None, until: date | None = None
) -> BadgeView:
    """Give the badge for a kind, with its panel where the attestation is known. Speaks the language of the moment."""
    return _badge(i18n.language(), kind, method, month, until)


@lru_cache(maxsize=4096)
def _badge(_lang: str, kind: str, method: str | None, month: date | None, until: date | None) -> BadgeView:
    """Make a badge once: a page has many that are equal."""
    facts = tuple(_facts(kind, method=method, month=month, until=until)) if kind != "none" else ()
    return BadgeView(
        kind=kind,
        words=_words(kind),
        facts=facts,
        is_verified=kind != "none",
        method=method if facts else None,
        month=_month_code(month) if facts else None,
        until=_month_code(until) if facts else None,
    )


def badge_of_row(row: Any) -> BadgeView:
    """Give the badge of a comment's row, which carries its kind and its attestation; a revoked one counts for nothing."""
    if row.kind == "none" or row.tier != "verified" or row.revoked_at is not None:
        return badge_of("none")
    until = row.expires_at.date() if row.expires_at else None
    return badge_of(row.kind, method=row.method, month=row.month, until=until)


def _words(kind: str) -> str:
    if kind == "name":
        return _("Verified name")
    return _("Verified person") if kind == "person" else _("Not verified")


def _facts(kind: str, *, method: str | None, month: date | None, until: date | None) -> list[PanelFact]:
    checked = (
        _("A real, unique person, and that this is their name")
        if kind == "name"
        else _("A real, unique person, writing under a pen name")
    )
    facts = [PanelFact(_("What was checked"), checked)]
    if month:
        facts.append(PanelFact(_("When"), i18n.month_text(month)))
    if method:
        facts.append(PanelFact(_("How"), method_words(method)))
    if until:
        facts.append(PanelFact(_("Good until"), i18n.month_text(until)))
    return facts


def method_words(method: str) -> str:
    """Say by which class of method somebody was verified."""
    words = {
        "bank": _("Through a bank"),
        "document": _("With a document"),
        "in_person": _("In person"),
        "wallet": _("With a wallet"),
    }
    return words.get(method, _("In another way"))


def _month_code(day: date | None) -> str | None:
    return day.strftime("%Y-%m") if day else None

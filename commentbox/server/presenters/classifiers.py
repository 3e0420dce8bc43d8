"""What the local classifier's last report says, in words, for the desk: how well it does, where, and whom it wrongs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.presenters.figures import CellView, plain_cell


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """How it does in one language, or in all."""

    lang: str
    examples: str
    cells: tuple[CellView, ...]


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """How often it takes fine words about a group of people for bad ones, beside fine words about none."""

    lang: str
    group: str
    cells: tuple[CellView, ...]
    is_unequal: bool


@dataclass(frozen=True, slots=True)
class ModelView:
    """One model: its name, which version was measured when, and the figures; none where nobody measured it yet."""

    name: str
    about: str
    langs: tuple[LanguageRow, ...] = ()
    identity: tuple[IdentityRow, ...] = ()


def models_view(reports: Mapping[str, Any]) -> tuple[ModelView, ...]:
    """Give the view of every model, by name, in the language of the moment."""
    return tuple(_model(name, report) for name, report in reports.items())


def _model(name: str, report: Any) -> ModelView:
    if report is None:
        return ModelView(name, _("Nobody measured it yet."))
    about = _(
        "Version %(version)s, learned on %(trained)s, measured on %(day)s; held above %(above)s.",
        version=report.version,
        trained=_day(report.trained),
        day=_day(report.day),
        above=i18n.percent_text(report.above),
    )
    return ModelView(name, about, tuple(map(_language, report.langs)), tuple(map(_identity, report.identity)))


def _day(written: str) -> str:
    try:
        return i18n.day_text(date.fromisoformat(written))
    except ValueError:
        return "–"


def _language(line: Any) -> LanguageRow:
    cells = (plain_cell(line.precision), plain_cell(line.recall), plain_cell(line.false_alarms))
    return LanguageRow(_language_words(line.lang), i18n.number_text(line.examples), cells)


def _identity(line: Any) -> IdentityRow:
    cells = (plain_cell(line.false_alarms), plain_cell(line.otherwise))
    return IdentityRow(_language_words(line.lang), _group_words(line.group), cells, line.is_unequal)


def _language_words(lang: str) -> str:
    if lang in ("", "?"):
        return _("All languages") if not lang else "?"
    return i18n.language_name(lang)


def _group_words(group: str) -> str:
    words = {
        "women": _("women"),
        "black people": _("black people"),
        "muslims": _("Muslims"),
        "jews": _("Jews"),
        "gay and lesbian people": _("gay and lesbian people"),
        "trans people": _("trans people"),
        "disabled people": _("disabled people"),
        "immigrants": _("immigrants"),
    }
    return words.get(group, group)

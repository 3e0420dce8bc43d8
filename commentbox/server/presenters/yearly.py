"""A year's transparency report in words. Takes what `evidence.yearly` counted."""

from typing import Any

from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.presenters.figures import figures_view
from commentbox.server.presenters.reasons import ground_words, law_words
from commentbox.server.sites.rules import Policy


def report_context(report: Any, policy: Policy) -> dict[str, Any]:
    """Give what the template of the report shows, in the language of the moment."""
    figures = figures_view(report.figures)
    return {
        "report": report,
        "figures": figures,
        "notices": [_notice(row) for row in report.notices],
        "restrictions": [_restriction(row, policy) for row in report.restrictions],
        "complaints": [_complaint(row) for row in report.complaints],
        "waited": next(row for row in figures.times if row.what == _("Notices")),
    }


def _notice(row: dict[str, Any]) -> list[str]:
    kinds = {
        "about_me": _("Complaint by the person spoken about"),
        "order": _("Order of an authority: %(kind)s", kind=law_words(row["offence"])),
    }
    words = kinds.get(row["kind"]) or law_words(row["offence"])
    return [words, *_numbers(row, "number", "by_trusted_flaggers", "removed", "kept")]


def _restriction(row: dict[str, Any], policy: Policy) -> list[str]:
    kinds = {
        "removed": _("Comment removed"),
        "refused": _("Comment not published"),
        "warned": _("Warning"),
        "silenced": _("Silenced"),
        "held_first": _("Held first"),
        "banned": _("Banned"),
        "no_badge": _("Badge taken away"),
    }
    text = next((rule.text for rule in policy.house_rules if rule.code == row["rule"]), row["rule"])
    counted = _numbers(row, "number", "found_automatically", "decided_automatically", "lifted")
    return [kinds.get(row["restriction"], row["restriction"]), ground_words(row["rule"], text, policy), *counted]


def _complaint(row: dict[str, Any]) -> list[str]:
    who = _("Authors") if row["by"] == "authors" else _("Notifiers")
    return [who, *_numbers(row, "number", "changed")]


def _numbers(row: dict[str, Any], *names: str) -> list[str]:
    return [i18n.number_text(row[name]) for name in names]

"""The public log in words, and as the same facts for programs. It names nobody and dates nothing closer than a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.presenters.reasons import found_words, ground_words
from commentbox.server.sites.rules import Policy


@dataclass(frozen=True, slots=True)
class EntryView:
    """One decision: the month, what was done, on which ground, how it came up."""

    month: str
    what: str
    ground: str
    found: str


def entries(rows: Sequence[Any], policy: Policy) -> tuple[EntryView, ...]:
    """Give rows of `evidence.public_log.page` in the language of the moment."""
    return tuple(
        EntryView(
            month=i18n.month_text(row.at.date()),
            what=_what(row),
            ground=ground_words(row.rule, row.rule_text, policy) if row.rule else "",
            found=found_words(row.found_by) if row.found_by else "",
        )
        for row in rows
    )


def _what(row: Any) -> str:
    words = {
        "removed": _("A comment was removed"),
        "refused": _("A comment was not published"),
        "approve": _("A comment was looked at and stays"),
        "restore": _("A comment was put back"),
        "uphold": _("An appeal was upheld"),
        "reject": _("An appeal was not upheld"),
        "lift": _("A restriction of a person was lifted early"),
    }
    return words.get(row.restriction or row.action, _("A person was restricted"))


def facts(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Give the same rows as codes, for JSON."""
    return [
        {
            "month": row.at.strftime("%Y-%m"),
            "action": row.action,
            "restriction": row.restriction,
            "ground": row.ground,
            "rule": row.rule,
            "found_by": row.found_by,
            "automated_decision": row.automated_decision,
        }
        for row in rows
    ]

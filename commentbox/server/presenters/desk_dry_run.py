"""A dry run in words: what the draft would have done with the last comments, as a table, a picture, and cases to look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commentbox.server.base import i18n, markup
from commentbox.server.base.i18n import gettext as _
from commentbox.server.presenters.charts import Bar, bars
from commentbox.server.presenters.desk_words import hold_words

EXCERPT = 90
TIERS = ("verified", "unverified")


@dataclass(frozen=True, slots=True)
class Part:
    """So many of so many, for the picture; the desk sees its own comments, so nothing is too small to show."""

    part: int
    whole: int
    is_small: bool = False


@dataclass(frozen=True, slots=True)
class ExampleView:
    """A comment to look at in its case."""

    href: str
    text: str


@dataclass(frozen=True, slots=True)
class RowView:
    """One kind of change by one rule, in numbers by tier."""

    what: str
    rule: str
    verified: str
    unverified: str
    examples: tuple[ExampleView, ...]


@dataclass(frozen=True, slots=True)
class DryRunView:
    """A dry run. `is_done` is false while it runs; `left_out` says so where time ran out; `fits` is true while the draft and
    the rules that hold are still those it compared.
    """

    id: str
    at: datetime
    is_done: bool
    looked: str
    left_out: str
    rows: tuple[RowView, ...]
    bars: tuple[Bar, ...]
    fits: bool


def dry_run_view(run: Any, examples: Mapping[str, Any], *, fits: bool) -> DryRunView:
    """Give the view, in the language of the moment."""
    result = run.result or {"of": 0, "looked": dict.fromkeys(TIERS, 0), "changed": dict.fromkeys(TIERS, 0), "rows": []}
    looked = sum(result["looked"].values())
    return DryRunView(
        id=run.id,
        at=run.asked_at,
        is_done=run.done_at is not None,
        looked=i18n.number_text(looked),
        left_out=i18n.number_text(result["of"] - looked) if looked < result["of"] else "",
        rows=tuple(_row(row, examples) for row in result["rows"]),
        bars=bars([(tier, Part(result["changed"][tier], result["looked"][tier])) for tier in TIERS]),
        fits=fits,
    )


def _row(row: Mapping[str, Any], examples: Mapping[str, Any]) -> RowView:
    shown = (examples[each] for each in row["examples"] if each in examples)
    return RowView(
        what=_kind_words()[row["kind"]],
        rule=_rule_words(row["kind"], row["rule"]),
        verified=i18n.number_text(row["verified"]),
        unverified=i18n.number_text(row["unverified"]),
        examples=tuple(ExampleView(f"/desk/case/{each.id}", _excerpt(each.html)) for each in shown),
    )


def _kind_words() -> dict[str, str]:
    return {
        "freed": _("Published at once"),
        "held": _("Held"),
        "blocked": _("Refused"),
        "nudged": _("Its writer is asked to think again"),
        "unnudged": _("Its writer is asked no more"),
    }


def _rule_words(kind: str, rule: str) -> str:
    """Say under which rule: the one that would catch it, or for what becomes free the one that caught it."""
    if kind in ("nudged", "unnudged"):
        return ""
    if not rule.startswith("comment."):
        return hold_words(rule)
    known = {
        "comment.words_refused": _("Word lists"),
        "comment.too_long": _("Length"),
        "comment.duplicate": _("Repeats"),
    }
    return known.get(rule, _("Pace"))


def _excerpt(html: str) -> str:
    text = " ".join(markup.plain(html).split())
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT].rstrip()}…"

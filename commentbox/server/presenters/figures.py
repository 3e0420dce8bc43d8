"""The figures in words: tables for everybody, and charts that say the same. What is too small is “fewer than 5”.

Takes what `evidence.figures` counted; a chart is coordinates, so that the template does no arithmetic.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.presenters.charts import Bar, Line, Mark, bars, lines, marks
from commentbox.server.presenters.desk_words import hold_words, report_words
from commentbox.server.presenters.spans import span_words

SMALL = 5
KINDS = ("held", "reported", "held_at_score", "removed_at_score")


@dataclass(frozen=True, slots=True)
class CellView:
    """A share with its interval, or words where there is none; `of` are the numbers behind it."""

    words: str
    interval: str
    of: str


@dataclass(frozen=True, slots=True)
class TierRow:
    """What happened to the comments of one tier."""

    tier: str
    comments: str
    held: CellView
    removed: CellView
    reported: CellView
    upheld: CellView
    heeded: CellView


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What came of one rule or reason, by tier; `is_unequal` where the tiers fared differently beyond chance."""

    rule: str
    cells: tuple[CellView, ...]
    is_unequal: bool


@dataclass(frozen=True, slots=True)
class TimeRow:
    """How long something waited."""

    what: str
    number: str
    median: str
    p90: str


@dataclass(frozen=True, slots=True)
class FiguresView:
    """The whole page."""

    period: str
    verified: CellView
    tiers: tuple[TierRow, ...]
    held: tuple[RuleRow, ...]
    reported: tuple[RuleRow, ...]
    held_at_score: tuple[RuleRow, ...]
    removed_at_score: tuple[RuleRow, ...]
    unequal: tuple[str, ...]
    times: tuple[TimeRow, ...]
    filters: tuple[tuple[str, CellView], ...]
    stopped: str
    weeks: tuple[Line, ...]
    weeks_top: str
    rates: tuple[Mark, ...]
    rates_top: str
    upheld: tuple[Bar, ...]
    week_words: tuple[tuple[str, str, str], ...]


def figures_view(found: Any) -> FiguresView:
    """Give the view, in the language of the moment."""
    top = max((number for each in found.weeks.values() for number in each), default=0)
    highest = max((each.removed.high or 0 for each in found.tiers if not each.removed.is_small), default=0)
    return FiguresView(
        period=_period(found.span),
        verified=cell(found.verified),
        tiers=tuple(_tier(each) for each in found.tiers),
        **{kind: tuple(_rule(each) for each in found.rules if each.kind == kind) for kind in KINDS},
        unequal=tuple(_rule_words(each) for each in found.unequal),
        times=tuple(_time(each) for each in found.times),
        filters=tuple((_filter_words(name), cell(rate)) for name, rate in found.filters.items()),
        stopped=_number(found.stopped),
        weeks=lines(found.weeks, top=top),
        weeks_top=i18n.number_text(top),
        rates=marks([(each.tier, each.removed) for each in found.tiers], top=highest),
        rates_top=i18n.percent_text(highest),
        upheld=bars([(each.tier, each.upheld) for each in found.tiers]),
        week_words=_weeks(found),
    )


def _filter_words(name: str) -> str:
    words = {
        "fold": _("keep comments of unverified people folded"),
        "verified": _("see verified people only"),
        "reach": _("let only verified people reply to them"),
    }
    return words[name]


def _period(span: Any) -> str:
    since, until = span.since.date(), (span.until - timedelta(seconds=1)).date()
    return _("%(since)s to %(until)s", since=i18n.day_text(since), until=i18n.day_text(until))


def cell(rate: Any) -> CellView:
    """Give a rate in words: the share, its interval, so many of so many; or that the numbers are too small."""
    if rate.is_small:
        return CellView(_("fewer than %(number)s", number=i18n.number_text(SMALL)), "", "")
    return plain_cell(rate)


def plain_cell(rate: Any) -> CellView:
    """Give a rate in words however small its numbers are: for what is counted of examples, not of people."""
    if rate.share is None:
        return CellView("–", "", "")
    interval = _("%(low)s to %(high)s", low=i18n.percent_text(rate.low), high=i18n.percent_text(rate.high))
    of = _("%(part)s of %(whole)s", part=i18n.number_text(rate.part), whole=i18n.number_text(rate.whole))
    return CellView(i18n.percent_text(rate.share), interval, of)


def _tier(each: Any) -> TierRow:
    comments = _number(each.comments)
    rates = (cell(rate) for rate in (each.held, each.removed, each.reported, each.upheld, each.heeded))
    return TierRow(each.tier, comments, *rates)


def _number(number: int) -> str:
    if 0 < number < SMALL:
        return _("fewer than %(number)s", number=i18n.number_text(SMALL))
    return i18n.number_text(number)


def _rule(each: Any) -> RuleRow:
    return RuleRow(_rule_words(each), tuple(cell(rate) for rate in each.by_tier.values()), each.is_unequal)


def _rule_words(each: Any) -> str:
    if each.kind in ("held_at_score", "removed_at_score"):
        return _band_words(int(each.rule), held=each.kind == "held_at_score")
    return hold_words(each.rule) if each.kind == "held" else report_words(each.rule)


def _band_words(upper: int, *, held: bool) -> str:
    """Name a band of scores, and what was counted in it: the same words stand in the warning."""
    span = {"low": i18n.percent_text((upper - 2) / 10), "high": i18n.percent_text(upper / 10)}
    if held:
        return _("Held at a score of %(low)s to %(high)s", **span)
    return _("Removed at a score of %(low)s to %(high)s", **span)


def _time(each: Any) -> TimeRow:
    words = {"reports": _("Reports"), "notices": _("Notices"), "appeals": _("Appeals")}[each.kind]
    if 0 < each.number < SMALL:
        return TimeRow(words, _number(each.number), "", "")
    spans = ("–" if each_ is None else span_words(timedelta(seconds=each_)) for each_ in (each.median, each.p90))
    return TimeRow(words, i18n.number_text(each.number), *spans)


def _weeks(found: Any) -> tuple[tuple[str, str, str], ...]:
    """Give the chart of the weeks as rows: the day it begins, verified, unverified."""
    columns: Sequence[Sequence[int]] = [found.weeks["verified"], found.weeks["unverified"]]
    days = [i18n.day_text(each.date()) for each in found.span.weeks]
    return tuple((day, _number(one), _number(other)) for day, one, other in zip(days, *columns, strict=True))

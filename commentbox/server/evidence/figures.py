"""The figures of a site or several over a period, by tier and by rule. Reads only, and computes nothing twice.

A comment counts for the tier it has (PRODUCT: what counts as verified) and for the period it was written in. Comments by
staff and imported ones are left out: the one moderate, the others came without a tier.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import case, func, select

from commentbox.server.accounts.models import Account
from commentbox.server.base import tallies
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.ids import first_id
from commentbox.server.comments.models import Comment, Nudges
from commentbox.server.evidence.formulas import Rate, differ, percentile, rate
from commentbox.server.moderation.models import Appeal, Decision, Statement
from commentbox.server.notices.models import Notice
from commentbox.server.reports import SUGGESTED, Report
from commentbox.server.verification.people import STOPPED_TALLY

TIERS = ("verified", "unverified")
BANDS = (2, 4, 6, 8, 10)
"""Where each band of scores ends, in tenths: five of equal width, wide enough to have comments of both tiers."""
MOST_TIMES = 50_000
"""So many of the newest answers are looked at for waiting times; more would not move a percentile."""
_accounts = table_of(Account)
_comments = table_of(Comment)
_nudges = table_of(Nudges)
_statements = table_of(Statement)
_decisions = table_of(Decision)
_appeals = table_of(Appeal)
_reports = table_of(Report)
_notices = table_of(Notice)


@dataclass(frozen=True)
class Span:
    """Which sites, from when to when (without the end)."""

    site_ids: frozenset[str]
    since: datetime
    until: datetime

    @property
    def weeks(self) -> list[datetime]:
        """Give the beginnings of its weeks, the last perhaps shorter."""
        number = -(-(self.until - self.since) // timedelta(weeks=1))
        return [self.since + timedelta(weeks=each) for each in range(number)]


@dataclass(frozen=True)
class TierFigures:
    """What happened to the comments of one tier."""

    tier: str
    comments: int
    held: Rate
    removed: Rate
    reported: Rate
    upheld: Rate
    heeded: Rate


@dataclass(frozen=True)
class RuleFigures:
    """What came of one rule, by tier. `part` of a rate is what was restricted, `whole` what the rule or reason caught.

    For the kinds `held_at_score` and `removed_at_score` the rule is the end of a band of scores, in tenths.
    """

    kind: str
    rule: str
    by_tier: dict[str, Rate]

    @property
    def is_unequal(self) -> bool:
        """Say whether unverified people fared otherwise than verified ones under the same rule, beyond chance."""
        return differ(self.by_tier["unverified"], self.by_tier["verified"])


@dataclass(frozen=True)
class Times:
    """How long something waited for its answer, in seconds."""

    kind: str
    number: int
    median: float | None
    p90: float | None


@dataclass(frozen=True)
class Figures:
    """Everything the page and the files show."""

    span: Span
    tiers: tuple[TierFigures, ...]
    verified: Rate
    rules: tuple[RuleFigures, ...]
    times: tuple[Times, ...]
    filters: dict[str, Rate] = field(default_factory=dict)
    """Of the accounts that commented: how many keep a filter, or let verified people only reach them."""
    stopped: int = 0
    """How often a sanctioned person was kept from a second badge, on the whole instance, in the months of the period."""
    weeks: dict[str, list[int]] = field(default_factory=dict)

    @property
    def unequal(self) -> tuple[RuleFigures, ...]:
        """Give the rules under which the tiers fared differently."""
        return tuple(each for each in self.rules if each.is_unequal)


async def figures(query: Query, span: Span) -> Figures:
    """Count everything."""
    volume = await _by_tier(query, span, None)
    counted = {name: await _by_tier(query, span, condition) for name, condition in _conditions(span).items()}
    appeals, nudges = await _appeals_by_tier(query, span), await _nudges_by_tier(query, span)
    return Figures(
        span=span,
        tiers=tuple(_tier(tier, volume, counted, (appeals, nudges)) for tier in TIERS),
        verified=rate(volume["verified"], sum(volume.values())),
        rules=(*await _hold_rules(query, span), *await _report_reasons(query, span), *await _score_bands(query, span)),
        times=await waiting_times(query, span),
        filters=await _filters(query, span),
        stopped=await tallies.total(
            query, STOPPED_TALLY, since=span.since, until=max(span.since, span.until - timedelta(seconds=1))
        ),
        weeks=await _by_week(query, span),
    )


PartsOf = dict[str, tuple[int, int]]
"""So many of so many, by tier."""


def _tier(
    tier: str, volume: dict[str, int], counted: dict[str, dict[str, int]], others: tuple[PartsOf, PartsOf]
) -> TierFigures:
    rates = {name: rate(numbers[tier], volume[tier]) for name, numbers in counted.items()}
    upheld, heeded = (rate(*each.get(tier, (0, 0))) for each in others)
    return TierFigures(tier, volume[tier], upheld=upheld, heeded=heeded, **rates)


def _written(span: Span) -> Any:
    by_id = (_comments.c.id >= first_id(span.since)) & (_comments.c.id < first_id(span.until))
    own = _comments.c.imported_from.is_(None) & (_comments.c.label.is_(None) | (_comments.c.label != "staff"))
    return _comments.c.site_id.in_(span.site_ids) & by_id & own


def _conditions(span: Span) -> dict[str, Any]:
    """What a comment is counted as: held at first, restricted in the end, reported by anybody."""
    was_held = _decisions.c.comment_id == _comments.c.id, _decisions.c.was == "held"
    in_force = _statements.c.comment_id == _comments.c.id, _statements.c.lifted_at.is_(None)
    by_people = _reports.c.reason != SUGGESTED
    return {
        "held": (_comments.c.state == "held") | select(_decisions.c.id).where(*was_held).exists(),
        "removed": select(_statements.c.id).where(*in_force).exists(),
        "reported": select(_reports.c.id).where(_reports.c.comment_id == _comments.c.id, by_people).exists(),
    }


async def _by_tier(query: Query, span: Span, condition: Any) -> dict[str, int]:
    wanted = _written(span) if condition is None else _written(span) & condition
    statement = select(_comments.c.tier, func.count().label("number")).where(wanted).group_by(_comments.c.tier)
    found = {row.tier: row.number for row in await query.all(statement)}
    return {tier: found.get(tier, 0) for tier in TIERS}


async def _nudges_by_tier(query: Query, span: Span) -> PartsOf:
    """Give (changed, shown) of the nudges before posting, of every month that the period touches."""
    first, last = span.since.date().replace(day=1), span.until.date()
    sums = (func.sum(_nudges.c[name]).label(name) for name in ("changed", "shown"))
    within = _nudges.c.site_id.in_(span.site_ids) & (_nudges.c.month >= first) & (_nudges.c.month < last)
    rows = await query.all(select(_nudges.c.tier, *sums).where(within).group_by(_nudges.c.tier))
    return {row.tier: (int(row.changed), int(row.shown)) for row in rows}


async def _appeals_by_tier(query: Query, span: Span) -> PartsOf:
    """Give (upheld, answered) by the tier of the comment, for appeals that were answered in the period."""
    upheld = func.sum(case((_appeals.c.outcome == "upheld", 1), else_=0)).label("upheld")
    joined = _appeals.join(_comments, _comments.c.id == _appeals.c.comment_id)
    statement = select(_comments.c.tier, upheld, func.count().label("answered")).select_from(joined)
    statement = statement.where(_within(_appeals, _appeals.c.decided_at, span)).group_by(_comments.c.tier)
    return {row.tier: (int(row.upheld), row.answered) for row in await query.all(statement)}


def _within(table: Any, moment: Any, span: Span) -> Any:
    return table.c.site_id.in_(span.site_ids) & (moment >= span.since) & (moment < span.until)


async def _hold_rules(query: Query, span: Span) -> list[RuleFigures]:
    """Of what a rule held and a moderator decided: how much was refused."""
    refused = func.sum(case((_decisions.c.action == "remove", 1), else_=0)).label("part")
    joined = _decisions.join(_comments, _comments.c.id == _decisions.c.comment_id)
    decided = (_decisions.c.was == "held") & _decisions.c.action.in_(("approve", "remove")) & _standing()
    columns = (_decisions.c.was_held_by.label("rule"), _comments.c.tier, refused, func.count().label("whole"))
    statement = select(*columns).select_from(joined).where(_written(span), decided)
    rows = await query.all(statement.group_by(_decisions.c.was_held_by, _comments.c.tier))
    return _by_rule("held", rows)


async def _report_reasons(query: Query, span: Span) -> list[RuleFigures]:
    """Of the comments reported for a reason and decided: how many were removed by that decision."""
    removed = func.count(case((_decisions.c.action == "remove", _comments.c.id)).distinct()).label("part")
    joined = _reports.join(_comments, _comments.c.id == _reports.c.comment_id)
    joined = joined.join(_decisions, _decisions.c.id == _reports.c.decision_id)
    whole = func.count(_comments.c.id.distinct()).label("whole")
    statement = select(_reports.c.reason.label("rule"), _comments.c.tier, removed, whole).select_from(joined)
    rows = await query.all(statement.where(_written(span)).group_by(_reports.c.reason, _comments.c.tier))
    return _by_rule("reported", rows)


async def _score_bands(query: Query, span: Span) -> list[RuleFigures]:
    """Of the comments that outside help scored alike: how many were held at first, and how many restricted in the end."""
    score = _comments.c.score
    band = case(*((score < upper, upper) for upper in BANDS[:-1]), else_=BANDS[-1]).label("rule")
    found = []
    for kind, name in (("held_at_score", "held"), ("removed_at_score", "removed")):
        part = func.sum(case((_conditions(span)[name], 1), else_=0)).label("part")
        statement = select(band, _comments.c.tier, part, func.count().label("whole"))
        rows = await query.all(statement.where(_written(span), score.is_not(None)).group_by(band, _comments.c.tier))
        found += _by_rule(kind, [_Banded(f"{row.rule:02}", row.tier, row.part, row.whole) for row in rows])
    return found


class _Banded(NamedTuple):
    rule: str
    tier: str
    part: int
    whole: int


async def _filters(query: Query, span: Span) -> dict[str, Rate]:
    """Count the choices that accounts keep; those of signed-out readers stay in their browsers and are asked of nobody."""
    wrote = select(_comments.c.account_id).where(_written(span), _comments.c.account_id.is_not(None)).distinct()
    kept = {
        "fold": func.sum(case((_accounts.c.show == "fold", 1), else_=0)),
        "verified": func.sum(case((_accounts.c.show == "verified", 1), else_=0)),
        "reach": func.sum(case((_accounts.c.reach == "verified", 1), else_=0)),
    }
    counted = select(func.count().label("whole"), *(number.label(name) for name, number in kept.items()))
    row = await query.first(counted.where(_accounts.c.id.in_(wrote)))
    whole = row.whole if row else 0
    return {name: rate(int(getattr(row, name) or 0) if row else 0, whole) for name in kept}


def _standing() -> Any:
    undone = _decisions.alias("undone")
    return ~select(undone.c.id).where(undone.c.undoes == _decisions.c.id).exists()


def _by_rule(kind: str, rows: Iterable[Any]) -> list[RuleFigures]:
    found: dict[str, dict[str, Rate]] = {}
    for row in rows:
        found.setdefault(row.rule or "", {})[row.tier] = rate(int(row.part), row.whole)
    return [
        RuleFigures(kind, rule, {tier: rates.get(tier, rate(0, 0)) for tier in TIERS})
        for rule, rates in sorted(found.items())
    ]


async def _by_week(query: Query, span: Span) -> dict[str, list[int]]:
    """Count comments a week, in one statement."""
    edges = [*span.weeks, span.until]
    sums = [
        func.sum(case(((_comments.c.id >= first_id(one)) & (_comments.c.id < first_id(next_)), 1), else_=0)).label(
            f"w{n}"
        )
        for n, (one, next_) in enumerate(pairwise(edges))
    ]
    if not sums:
        return {tier: [] for tier in TIERS}
    statement = select(_comments.c.tier, *sums).where(_written(span)).group_by(_comments.c.tier)
    found = {row.tier: [int(number) for number in tuple(row)[1:]] for row in await query.all(statement)}
    return {tier: found.get(tier, [0] * len(sums)) for tier in TIERS}


async def waiting_times(query: Query, span: Span) -> tuple[Times, ...]:
    """Say how long reports, notices and appeals waited that were answered in the period."""
    asked = (
        ("reports", _reports, _reports.c.created_at, _reports.c.closed_at),
        ("notices", _notices, _notices.c.created_at, _notices.c.decided_at),
        ("appeals", _appeals, _appeals.c.opened_at, _appeals.c.decided_at),
    )
    found = []
    for kind, table, began, ended in asked:
        statement = select(began.label("began"), ended.label("ended")).where(_within(table, ended, span))
        rows = await query.all(statement.order_by(ended.desc()).limit(MOST_TIMES))
        found.append(times(kind, [(row.ended - row.began).total_seconds() for row in rows]))
    return tuple(found)


def times(kind: str, seconds: Sequence[float]) -> Times:
    """Give median and 90th percentile of waiting times."""
    return Times(kind, len(seconds), percentile(seconds, 0.5), percentile(seconds, 0.9))

"""The figures as files: one flat table for CSV, one object for JSON. Small cells are empty in both."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from commentbox.server.evidence.figures import Figures
from commentbox.server.evidence.formulas import Rate, is_small

COLUMNS = ("measure", "rule", "tier", "part", "whole", "share", "low", "high")

MEASURES = {
    "held_at_score": "held at a score of up to (tenths)",
    "removed_at_score": "removed at a score of up to (tenths)",
}


def rows(found: Figures) -> Iterator[dict[str, Any]]:
    """Give every rate as one row; counts that are too small, and what is computed from them, are None."""
    for each in found.tiers:
        yield _row("comments", "", each.tier, whole=each.comments)
        for name in ("held", "removed", "reported", "upheld", "heeded"):
            yield _row(name, "", each.tier, getattr(each, name))
    yield _row("verified", "", "", found.verified)
    for name, kept in found.filters.items():
        yield _row("filter kept", name, "", kept)
    yield _row("banned person stopped", "", "", whole=found.stopped)
    for rule in found.rules:
        for tier, rate in rule.by_tier.items():
            yield _row(MEASURES.get(rule.kind, f"restricted after {rule.kind}"), rule.rule, tier, rate)


def _row(measure: str, rule: str, tier: str, rate: Rate | None = None, *, whole: int = 0) -> dict[str, Any]:
    facts: dict[str, Any] = {"measure": measure, "rule": rule, "tier": tier}
    if rate is None:
        return facts | dict.fromkeys(COLUMNS[3:]) | {"whole": None if is_small(whole) else whole}
    hidden = rate.is_small
    counts = {"part": None if hidden else rate.part, "whole": None if is_small(rate.whole) else rate.whole}
    shares = {name: getattr(rate, name) for name in ("share", "low", "high")}
    return (
        facts | counts | {name: None if hidden or value is None else round(value, 6) for name, value in shares.items()}
    )


def as_csv(found: Figures) -> str:
    """Give the rows as CSV with a heading."""
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerows(rows(found))
    return file.getvalue()


def as_json(found: Figures) -> dict[str, Any]:
    """Give the same for programs, with waiting times in seconds and the rules under which the tiers fared differently."""
    return {
        "since": found.span.since.isoformat(),
        "until": found.span.until.isoformat(),
        "rates": list(rows(found)),
        "waiting_seconds": [
            {"kind": each.kind, "number": None, "median": None, "p90": None}
            if is_small(each.number)
            else {"kind": each.kind, "number": each.number, "median": each.median, "p90": each.p90}
            for each in found.times
        ],
        "unequal": [{"kind": each.kind, "rule": each.rule} for each in found.unequal],
    }

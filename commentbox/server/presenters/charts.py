"""Charts as coordinates: lines over weeks, shares with their intervals, bars of so many out of so many.

The template writes them into an SVG of 460 units; each has a table with the same numbers beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LEFT, RIGHT, HIGH, LOW = 44, 366, 30, 160
"""Where the area of a line chart begins and ends."""
FROM, TO = 100, 420
"""Where the axis of a share chart begins and ends."""
SMALL = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One tier's line: its path, and where its name stands."""

    tier: str
    path: str
    label_y: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A share with its interval on an axis; `is_shown` is false where the numbers are too small."""

    tier: str
    y: int
    low: float
    middle: float
    high: float
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """So many out of so many, as a bar within a bar."""

    tier: str
    y: int
    part: float
    whole: float
    is_shown: bool
    words: str


def lines(weeks: Mapping[str, Sequence[int]], *, top: int) -> tuple[Line, ...]:
    """Give a line for each tier; numbers from 1 to 4 are drawn as nothing, as in the table."""
    found = []
    for tier, numbers in weeks.items():
        points = [_point(each, number, len(numbers), top) for each, number in enumerate(numbers)]
        if points:
            found.append(Line(tier, "M" + " L".join(f"{x:g} {y:g}" for x, y in points), round(points[-1][1]) + 5))
    return _apart(found)


def _apart(found: list[Line]) -> tuple[Line, ...]:
    """Keep the names of two lines that end close to each other from standing on one another."""
    if len(found) == 2 and abs(found[0].label_y - found[1].label_y) < 16:
        upper, lower = sorted(found, key=lambda line: line.label_y)
        return Line(upper.tier, upper.path, upper.label_y - 8), Line(lower.tier, lower.path, lower.label_y + 8)
    return tuple(found)


def _point(place: int, number: int, length: int, top: int) -> tuple[float, float]:
    x = LEFT + (RIGHT - LEFT) * (place / max(1, length - 1))
    shown = 0 if number < SMALL else number
    return round(x, 1), round(LOW - (LOW - HIGH) * (shown / max(1, top)), 1)


def marks(rates: Sequence[tuple[str, Any]], *, top: float) -> tuple[Mark, ...]:
    """Give a mark for each tier on an axis from nothing to `top`."""

    def place(share: float | None) -> float:
        return round(FROM + (TO - FROM) * ((share or 0) / top if top else 0), 1)

    return tuple(
        Mark(
            tier,
            60 + 55 * each,
            place(rate.low),
            place(rate.share),
            place(rate.high),
            rate.share is not None and not rate.is_small,
        )
        for each, (tier, rate) in enumerate(rates)
    )


def bars(rates: Sequence[tuple[str, Any]]) -> tuple[Bar, ...]:
    """Give a bar for each tier, the longest as long as the axis."""
    longest = max((rate.whole for _, rate in rates if not rate.is_small), default=0) or 1

    def width(number: int) -> float:
        return round((TO - FROM - 60) * number / longest, 1)

    return tuple(
        Bar(tier, 20 + 50 * each, width(rate.part), width(rate.whole), not rate.is_small, f"{rate.part} / {rate.whole}")
        for each, (tier, rate) in enumerate(rates)
    )

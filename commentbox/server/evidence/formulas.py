"""The arithmetic of the figures: rates with intervals, percentiles, small cells, and whether two groups differ. Pure.

Sources: Wilson (1927) for a proportion's interval; Newcombe (1998), method 10, for the difference of two;
nearest rank for percentiles. `docs/evidence.md` has the formulas.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

Z = 1.959963984540054
"""The 97.5th percentile of the normal distribution: intervals of 95 %."""
SMALL = 5
"""A number from 1 to 4 could be somebody's; it is shown as “fewer than 5”, and what is computed from it not at all."""


@dataclass(frozen=True)
class Rate:
    """So many of so many, with the 95 % interval of the share behind it. Nothing of nothing has no share."""

    part: int
    whole: int
    share: float | None
    low: float | None
    high: float | None

    @property
    def is_small(self) -> bool:
        """Say whether the numbers are too small to be shown."""
        return is_small(self.part) or is_small(self.whole)


def is_small(number: int) -> bool:
    """Say whether a number is shown as “fewer than 5”."""
    return 0 < number < SMALL


def rate(part: int, whole: int) -> Rate:
    """Give a share with its Wilson score interval."""
    if whole == 0:
        return Rate(part, whole, None, None, None)
    share = part / whole
    middle = (share + Z * Z / (2 * whole)) / (1 + Z * Z / whole)
    half = Z / (1 + Z * Z / whole) * math.sqrt(share * (1 - share) / whole + Z * Z / (4 * whole * whole))
    low = 0.0 if part == 0 else max(0.0, middle - half)
    return Rate(part, whole, share, low, 1.0 if part == whole else min(1.0, middle + half))


def difference(one: Rate, other: Rate) -> tuple[float, float] | None:
    """Give the 95 % interval of `one` minus `other` (Newcombe's hybrid score), None where either has no share."""
    if one.share is None or other.share is None:
        return None
    apart = one.share - other.share
    below = math.hypot(one.share - (one.low or 0.0), (other.high or 0.0) - other.share)
    above = math.hypot((one.high or 0.0) - one.share, other.share - (other.low or 0.0))
    return apart - below, apart + above


def differ(one: Rate, other: Rate) -> bool:
    """Say whether chance alone hardly explains the difference of two shares; never for small cells."""
    if one.is_small or other.is_small:
        return False
    apart = difference(one, other)
    return apart is not None and (apart[0] > 0 or apart[1] < 0)


def percentile(numbers: Sequence[float], share: float) -> float | None:
    """Give the nearest-rank percentile, None of nothing."""
    if not numbers:
        return None
    return sorted(numbers)[max(0, math.ceil(share * len(numbers)) - 1)]

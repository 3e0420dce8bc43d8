"""The arithmetic of the figures, against published values."""

import pytest

from commentbox.server.evidence.formulas import differ, difference, is_small, percentile, rate


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_is_newcombes_table(part: int, whole: int, low: float, high: float) -> None:
    # Newcombe, Two-sided confidence intervals for the single proportion (1998), table I, method 3.
    found = rate(part, whole)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((10, 10), (0, 10), 0.6075, 1.0)],
)
def test_the_interval_of_a_difference_is_newcombes_table(one: tuple, other: tuple, low: float, high: float) -> None:
    # Newcombe, Interval estimation for the difference between independent proportions (1998), table II, method 10.
    found = difference(rate(*one), rate(*other))
    assert (round(found[0], 4), round(found[1], 4)) == (low, high)


def test_nothing_of_nothing_has_no_share_and_never_differs() -> None:
    assert rate(0, 0).share is None and difference(rate(0, 0), rate(5, 9)) is None
    assert not differ(rate(0, 0), rate(50, 90))


def test_two_groups_differ_only_beyond_chance_and_never_by_small_cells() -> None:
    assert differ(rate(60, 100), rate(20, 100))
    assert not differ(rate(22, 100), rate(20, 100))
    assert not differ(rate(4, 4), rate(0, 400))


def test_from_one_to_four_is_small() -> None:
    assert [number for number in range(8) if is_small(number)] == [1, 2, 3, 4]


def test_percentiles_are_of_the_nearest_rank() -> None:
    numbers = [15, 20, 35, 40, 50]
    assert [percentile(numbers, share) for share in (0.05, 0.3, 0.4, 0.5, 0.9, 1.0)] == [15, 20, 20, 35, 50, 50]
    assert percentile([], 0.5) is None

"""What may be decided about people, as tables: what follows from what, how long, and who forbids whom to post."""

from datetime import UTC, datetime, timedelta

import pytest

from commentbox.server.accounts.rules import Measure as Standing
from commentbox.server.accounts.rules import forbids_posting
from commentbox.server.base.errors import Conflict, Refusal
from commentbox.server.moderation import measures
from commentbox.server.moderation.measures import Measure

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
STATES = ("none", "proposed", "in_force", "over", "lifted", "declined")
OUTCOME = """
            impose    propose   confirm   decline   acknowledge  expire  lift    uphold  reject
  none      in_force  proposed  -         -         -            -       -       -       -
  proposed  -         -         in_force  declined  -            -       -       -       -
  in_force  -         -         -         -         over         over    lifted  lifted  in_force
  over      -         -         -         -         -            -       -       lifted  over
  lifted    -         -         -         -         -            -       -       lifted  lifted
  declined  -         -         -         -         -            -       -       -       -
"""


def outcomes() -> list[tuple[str, str, str]]:
    header, *lines = OUTCOME.strip().splitlines()
    rows = [line.split() for line in lines]
    return [(row[0], action, after) for row in rows for action, after in zip(header.split(), row[1:], strict=True)]


@pytest.mark.parametrize(("state", "action", "after"), outcomes())
def test_a_measure_goes_where_the_table_says(state: str, action: str, after: str) -> None:
    if after == "-":
        with pytest.raises(Conflict, match=r"case\.closed"):
            measures.next_state(state, action)
    else:
        assert measures.next_state(state, action) == after


def test_the_table_names_every_state_and_nothing_restricts_but_what_was_imposed_or_confirmed() -> None:
    assert {state for state, _, _ in outcomes()} == set(STATES)
    into = {action for (_, action), after in measures.NEXT_STATE.items() if after in measures.RESTRICTING}
    assert into == {"impose", "confirm", "reject"}


@pytest.mark.parametrize(
    ("measure", "everywhere", "code"),
    [
        (Measure("warn", 5), False, None),
        (Measure("silence", 1), False, None),
        (Measure("silence", 365), False, None),
        (Measure("silence"), False, "measure.days"),
        (Measure("silence", 366), False, "measure.days"),
        (Measure("hold", 0), False, "measure.days"),
        (Measure("ban"), False, None),
        (Measure("ban", 3650), False, None),
        (Measure("ban", 0), False, "measure.days"),
        (Measure("ban", 3651), False, "measure.days"),
        (Measure("ban", None, everywhere=True), False, "measure.everywhere"),
        (Measure("ban", None, everywhere=True), True, None),
        (Measure("flog", 1), False, "measure.unknown"),
    ],
)
def test_a_measure_has_its_bounds(measure: Measure, everywhere: bool, code: str | None) -> None:
    if code is None:
        found = measures.check(measure, everywhere_allowed=everywhere)
        assert (found.action, found.days) == (measure.action, None if measure.action == "warn" else measure.days)
        return
    with pytest.raises(Refusal) as refused:
        measures.check(measure, everywhere_allowed=everywhere)
    assert refused.value.code == code


def test_a_measure_is_over_at_its_end_to_the_second_and_a_warning_waits_for_its_reader() -> None:
    until = Measure("silence", 7).until(NOW)
    assert until == NOW + timedelta(days=7)
    assert measures.state_of(until=until, lifted=False, now=until - timedelta(seconds=1)) == "in_force"
    assert measures.state_of(until=until, lifted=False, now=until) == "over"
    assert measures.state_of(until=None, lifted=False, now=until) == "in_force"
    assert measures.state_of(until=NOW, lifted=True, now=until) == "lifted"
    assert Measure("warn").until(NOW) is None


@pytest.mark.parametrize(
    ("kinds", "blocking"),
    [
        (["held_first"], None),
        (["warned"], "warned"),
        (["warned", "silenced"], "silenced"),
        (["banned", "silenced", "warned"], "banned"),
    ],
)
def test_the_gravest_measure_is_the_one_somebody_is_told(kinds: list[str], blocking: str | None) -> None:
    found = forbids_posting([Standing(kind, None if kind == "warned" else NOW, kind) for kind in kinds])
    assert (found.kind if found else None) == blocking


def test_of_two_silences_the_longer_counts() -> None:
    short, long = Standing("silenced", NOW, "a"), Standing("silenced", NOW + timedelta(days=1), "b")
    assert forbids_posting([long, short]) == forbids_posting([short, long]) == long

"""The rules of the desk as tables: what follows from what, who may hear, what a statement needs."""

from datetime import UTC, datetime, timedelta

import pytest

from commentbox.server.base.errors import Conflict, Forbidden, Gone, Invalid, Refusal
from commentbox.server.comments.rules import TRANSITIONS
from commentbox.server.moderation import rules

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
STATES = ("held", "published", "removed", "withdrawn", "deleted")
ACTIONS = ("approve", "remove", "restore", "uphold", "reject")

OUTCOME = """
              approve    remove   restore    uphold     reject
  held        published  removed  -          -          -
  published   published  removed  -          -          -
  removed     -          -        published  published  removed
  withdrawn   -          -        -          -          -
  deleted     -          -        -          deleted    deleted
"""


def outcomes() -> list[tuple[str, str, str]]:
    header, *lines = OUTCOME.strip().splitlines()
    rows = [line.split() for line in lines]
    return [(row[0], action, after) for row in rows for action, after in zip(header.split(), row[1:], strict=True)]


@pytest.mark.parametrize(("state", "action", "after"), outcomes())
def test_a_decision_leads_where_the_table_says(state: str, action: str, after: str) -> None:
    if after == "-":
        with pytest.raises(Conflict, match=r"case\.closed"):
            rules.next_state(state, action)
    else:
        assert rules.next_state(state, action) == after


def test_the_table_names_every_state_and_every_action() -> None:
    assert {(state, action) for state, action, _ in outcomes()} == {(s, a) for s in STATES for a in ACTIONS}


def test_every_decision_is_a_change_that_comments_allow() -> None:
    for (state, _), after in rules.NEXT_STATE.items():
        assert after == state or after in TRANSITIONS[state]


def test_every_way_into_removed_has_a_word_for_the_statement() -> None:
    restricting = {state for (state, _), after in rules.NEXT_STATE.items() if after == "removed" and state != after}
    assert restricting == set(rules.RESTRICTIONS)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize("has_appeal", [False, True])
def test_nothing_is_offered_that_the_table_refuses(state: str, asked: bool, has_appeal: bool) -> None:
    for action in rules.offered(state, asked=asked, has_appeal=has_appeal):
        assert (state, action) in rules.NEXT_STATE
        assert action != "restore" or not has_appeal


@pytest.mark.parametrize(
    ("now", "changed"),
    [
        (rules.Seen(1, "published", None), []),
        (rules.Seen(2, "published", None), ["revision"]),
        (rules.Seen(1, "removed", "d1"), ["state", "last_decision"]),
        (rules.Seen(1, "published", "d1"), ["last_decision"]),
        (rules.Seen(3, "withdrawn", None), ["revision", "state"]),
    ],
)
def test_a_case_that_changed_since_it_was_read_is_refused_with_what_changed(now: rules.Seen, changed: list) -> None:
    seen = rules.Seen(1, "published", None)
    if not changed:
        rules.check_fresh(seen, now)
        return
    with pytest.raises(Conflict) as refused:
        rules.check_fresh(seen, now)
    assert refused.value.code == "case.stale"
    assert refused.value.data == {"changed": changed, "revision": now.revision, "state": now.state}


@pytest.mark.parametrize(
    ("reasons", "code"),
    [
        (None, "reasons.ground_missing"),
        (rules.Reasons("", "facts"), "reasons.ground_missing"),
        (rules.Reasons("3-argument", "   "), "reasons.facts_missing"),
        (rules.Reasons("3-argument", "x" * 2001), "reasons.too_long"),
        (rules.Reasons("3-argument", "facts", "x" * 2001), "reasons.too_long"),
        (rules.Reasons("law:threat", "facts"), "reasons.law_missing"),
        (rules.Reasons("law:jaywalking", "facts", "a law"), "rule.unknown"),
    ],
)
def test_reasons_that_explain_too_little_or_too_much_are_refused(reasons: rules.Reasons | None, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.check_reasons(reasons)
    assert refused.value.code == code


def test_reasons_are_kept_without_the_space_around_them() -> None:
    given = rules.Reasons("law:threat", " It threatens. ", " Section 16. ")
    assert rules.check_reasons(given) == rules.Reasons("law:threat", "It threatens.", "Section 16.")


@pytest.mark.parametrize(
    ("hold_rule", "reports", "found_by"),
    [
        (None, 0, "moderator"),
        ("links", 0, "screening"),
        ("imported", 0, "moderator"),
        (None, 2, "readers"),
        ("links", 1, "readers"),
    ],
)
def test_a_statement_says_how_the_matter_came_up(hold_rule: str | None, reports: int, found_by: str) -> None:
    assert rules.found_by(hold_rule=hold_rule, reports=reports) == found_by


def test_nobody_decides_about_their_own_comment() -> None:
    with pytest.raises(Forbidden, match=r"case\.own"):
        rules.check_not_own("mod", "mod")
    rules.check_not_own("author", "mod")
    rules.check_not_own(None, "mod")


@pytest.mark.parametrize(
    ("text", "after", "lifted", "code"),
    [
        ("  ", 0, False, "appeal.text_missing"),
        ("x" * 5001, 0, False, "appeal.too_long"),
        ("Why?", 1, False, "appeal.too_late"),
        ("Why?", 0, True, "appeal.nothing_to_appeal"),
    ],
)
def test_an_appeal_that_cannot_be_heard_is_refused_with_its_reason(
    text: str, after: int, lifted: bool, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        rules.check_appeal(text, appeal_until=NOW, lifted=lifted, now=NOW + timedelta(seconds=after))
    assert refused.value.code == code


def test_an_appeal_is_heard_to_the_last_second_and_the_last_character() -> None:
    assert len(rules.check_appeal(" " + "x" * 5000, appeal_until=NOW, lifted=False, now=NOW)) == 5000


@pytest.mark.parametrize(
    ("moderator", "has_colleague", "hours"),
    [("other", True, 0), ("other", False, 0), ("judge", True, None), ("judge", False, 24)],
)
def test_an_appeal_is_heard_by_somebody_else_or_after_a_day(
    moderator: str, has_colleague: bool, hours: int | None
) -> None:
    since = rules.may_hear_from(judge_id="judge", moderator_id=moderator, has_colleague=has_colleague, opened_at=NOW)
    assert since == (None if hours is None else NOW + timedelta(hours=hours))


def test_hearing_too_early_is_refused_with_the_moment_it_opens() -> None:
    rules.check_may_hear(NOW, NOW)
    with pytest.raises(Forbidden) as never:
        rules.check_may_hear(None, NOW)
    with pytest.raises(Forbidden) as early:
        rules.check_may_hear(NOW, NOW - timedelta(seconds=1))
    assert (never.value.data["until"], early.value.data["until"]) == (None, NOW.isoformat())


@pytest.mark.parametrize(
    ("decision", "after", "refusal"),
    [
        (rules.Undoable("mod", "remove", NOW, True), 19, None),
        (rules.Undoable("mod", "remove", NOW, True), 20, Gone),
        (rules.Undoable("other", "remove", NOW, True), 1, Forbidden),
        (rules.Undoable("mod", "undo", NOW, True), 1, Conflict),
        (rules.Undoable("mod", "remove", NOW, False), 1, Conflict),
    ],
)
def test_only_ones_own_last_decision_can_be_undone_and_only_at_once(
    decision: rules.Undoable, after: int, refusal: type[Refusal] | None
) -> None:
    moment = NOW + timedelta(seconds=after)
    if refusal is None:
        rules.check_undo(decision, moderator_id="mod", now=moment, seconds=20)
        return
    with pytest.raises(refusal):
        rules.check_undo(decision, moderator_id="mod", now=moment, seconds=20)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ((2026, 11, 22), 6, (2027, 5, 22)),
        ((2026, 8, 31), 6, (2027, 2, 28)),
        ((2027, 8, 31), 6, (2028, 2, 29)),
        ((2026, 12, 31), 24, (2028, 12, 31)),
    ],
)
def test_months_are_counted_by_the_calendar(start: tuple, months: int, end: tuple) -> None:
    assert rules.months_later(datetime(*start, tzinfo=UTC), months) == datetime(*end, tzinfo=UTC)


def test_a_note_is_trimmed_and_an_empty_one_is_none() -> None:
    assert rules.check_note("  seen before ") == "seen before"
    assert rules.check_note("   ") is None
    with pytest.raises(Invalid, match=r"note\.too_long"):
        rules.check_note("x" * 2001)

"""What a notice must say, by when it is answered, and when somebody's notices are no longer taken."""

from dataclasses import replace
from datetime import timedelta

import pytest

from commentbox.server.base.errors import Forbidden, Refusal
from commentbox.server.notices import rules
from commentbox.server.notices.rules import Claims
from tests.factories import START
from tests.noticeboard import CLAIMS

WHOLE = Claims(**CLAIMS)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"offence": "arson"}, "notice.offence_unknown"),
        ({"why": "  "}, "notice.why_missing"),
        ({"why": "x" * 5001}, "input.too_long"),
        ({"law": "x" * 201}, "input.too_long"),
        ({"name": ""}, "notice.name_missing"),
        ({"email": " "}, "notice.name_missing"),
        ({"in_good_faith": False}, "notice.faith_missing"),
        ({"kind": "about_me"}, "notice.untrue_missing"),
        ({"kind": "about_me", "untrue": "x", "offence": "sexual-abuse", "name": ""}, "notice.name_missing"),
    ],
)
def test_a_notice_that_lacks_what_the_law_asks_for_is_refused_by_name(changes, code):
    with pytest.raises(Refusal) as refused:
        rules.check(replace(WHOLE, **changes))
    assert refused.value.code == code


def test_only_about_the_abuse_of_a_child_may_name_and_mail_be_left_out():
    rules.check(WHOLE)
    for offence in rules.OFFENCES:
        nameless = replace(WHOLE, offence=offence, name="", email="")
        if offence == "sexual-abuse":
            rules.check(nameless)
            continue
        with pytest.raises(Refusal):
            rules.check(nameless)


@pytest.mark.parametrize(
    ("changes", "by_flagger", "span"),
    [
        ({}, False, timedelta(days=3)),
        ({"is_urgent": True}, False, timedelta(hours=24)),
        ({"offence": "threat"}, False, timedelta(hours=24)),
        ({"offence": "intimate"}, False, timedelta(hours=24)),
        ({"offence": "sexual-abuse"}, False, timedelta(hours=24)),
        ({}, True, timedelta(hours=24)),
        ({"kind": "about_me"}, False, timedelta(days=7)),
    ],
)
def test_a_notice_is_answered_in_a_day_where_life_or_intimacy_is_at_stake_else_in_three(changes, by_flagger, span):
    assert rules.due(replace(WHOLE, **changes), START, by_flagger=by_flagger) == START + span


def test_intimate_content_alone_has_a_clock_of_48_hours():
    clocks = {offence: rules.law_until(offence, START) for offence in rules.OFFENCES}
    assert {offence for offence, until in clocks.items() if until} == {"intimate"}
    assert clocks["intimate"] == START + timedelta(hours=48)


def test_three_manifestly_unfounded_notices_in_half_a_year_close_the_form_for_a_month():
    days = [START - timedelta(days=each) for each in (170, 40, 1)]
    assert rules.suspended_until(days[:2], START) is None
    assert rules.suspended_until(days, START) == START + timedelta(days=29)
    assert rules.suspended_until(days, START + timedelta(days=30)) is None
    assert rules.suspended_until([START - timedelta(days=181), *days[1:]], START) is None
    with pytest.raises(Forbidden):
        rules.check_not_suspended(days, START)

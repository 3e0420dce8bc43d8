"""Recovery as a table: every state, every event, and what no course of events leads to."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentbox.server.base.errors import Conflict
from commentbox.server.verification.recovery_rules import OPEN, PAUSE_DAYS, TABLE, Event, State, after, require_pause

NOW = datetime(2026, 11, 22, tzinfo=UTC)
STATES, EVENTS = get_args(State), get_args(Event)


@pytest.mark.parametrize(
    ("state", "event", "following"),
    [
        ("none", "asked_by_code", "code"),
        ("none", "asked_by_provider", "provider"),
        ("code", "asked_by_provider", "provider"),
        ("code", "objected", "cancelled"),
        ("code", "reverified", "cancelled"),
        ("code", "due", "done"),
        ("provider", "objected", "contested"),
        ("provider", "reverified", "cancelled"),
        ("provider", "due", "done"),
        ("contested", "reverified", "cancelled"),
        ("contested", "due", "done"),
        ("provider", "retracted", "cancelled"),
        ("contested", "retracted", "cancelled"),
        ("cancelled", "asked_by_code", "code"),
        ("cancelled", "asked_by_provider", "provider"),
        ("done", "asked_by_code", "code"),
        ("done", "asked_by_provider", "provider"),
    ],
)
def test_each_event_leads_on(state: State, event: Event, following: State):
    assert after(state, event) == following
    assert len(TABLE) == 17, "a new row belongs here, too"


@pytest.mark.parametrize(("state", "event"), [(s, e) for s in STATES for e in EVENTS if (s, e) not in TABLE])
def test_everything_else_is_refused(state: State, event: Event):
    with pytest.raises(Conflict) as refused:
        after(state, event)
    assert refused.value.code == ("recovery.open" if state in OPEN else "recovery.none")


@given(st.lists(st.sampled_from(EVENTS), max_size=30))
def test_whatever_happens_nobody_is_let_in_over_a_better_claim(events: list[Event]):
    state: State = "none"
    since: list[Event] = []
    for event in events:
        if (state, event) not in TABLE:
            continue
        before, state = state, after(state, event)
        since = [event] if before not in OPEN else [*since, event]
        if state == "done":
            assert event == "due" and "reverified" not in since, "the holder who verified keeps the account"
            assert "retracted" not in since, "what the provider took back lets nobody in"
            proven = "asked_by_provider" in since
            assert proven or "objected" not in since, "a code never wins over a passkey"
        if state == "cancelled":
            assert event in ("objected", "reverified", "retracted")
            assert event != "objected" or "asked_by_provider" not in since, "a passkey never wins over a person"


def test_after_a_stopped_request_there_is_a_pause():
    require_pause("cancelled", NOW - timedelta(days=PAUSE_DAYS), now=NOW)
    require_pause("done", NOW, now=NOW)
    require_pause("none", None, now=NOW)
    with pytest.raises(Conflict) as refused:
        require_pause("cancelled", NOW - timedelta(days=PAUSE_DAYS, seconds=-1), now=NOW)
    assert refused.value.code == "recovery.too_soon"

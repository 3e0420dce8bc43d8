"""How a session at a provider goes on: a table, and how long we look for news. Pure.

A state is a function of what fetches said so far, never of the order in which webhooks came. `verified` runs out with its
attestation; `revoked` and `fraud` are the two ways in which a provider takes a result back.
"""

from datetime import datetime, timedelta
from typing import Literal

from commentbox.server.verification.providers.port import Outcome

State = Literal["pending", "verified", "declined", "refused", "expired", "revoked", "fraud"]

ANSWERS: tuple[State, ...] = ("verified", "declined", "refused")
"""States that are an answer to somebody who asked."""
OPEN_DAYS = 7
"""A person may come back to a session, and a provider look at it again by hand, for a week."""
FIRST_LOOK = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=6)

_TURNS: dict[tuple[State, Outcome], State] = {
    ("pending", "verified"): "verified",
    ("pending", "declined"): "declined",
    ("pending", "gone"): "declined",
    # A provider may correct itself while the session is open; afterwards the person verifies anew.
    ("declined", "verified"): "verified",
    ("verified", "declined"): "revoked",
}


def turn(state: State, outcome: Outcome) -> State:
    """Give the state after a fetch. Fraud is sticky from everywhere; whatever the table does not name changes nothing."""
    if outcome == "fraud":
        return "fraud"
    return _TURNS.get((state, outcome), state)


def is_open(state: State) -> bool:
    """Say whether news may still give a badge."""
    return state in ("pending", "declined")


def next_look(since: datetime, now: datetime) -> datetime | None:
    """Give when to ask again: after half of the time that has passed, within bounds; None once a week is over."""
    waited = now - since
    if waited >= timedelta(days=OPEN_DAYS):
        return None
    return now + min(max(waited / 2, FIRST_LOOK), LONGEST_PAUSE)

"""Recovery as a table: which states a request goes through, by which events. Pure; `recovery.py` carries it out.

A printed code shows that somebody had the drawer, a passkey that they have the device; only the provider says who they
are. So a passkey ends a request by code, and merely contests one by a person who verified: then the holder verifies as
the same person before the time is up, or the request goes through.
"""

from datetime import datetime, timedelta
from typing import Literal

from commentbox.server.base.errors import Conflict

State = Literal["none", "code", "provider", "contested", "cancelled", "done"]
Event = Literal["asked_by_code", "asked_by_provider", "objected", "reverified", "retracted", "due"]

PAUSE_DAYS = 30
"""After a cancelled request none for so long, or somebody who cannot win could keep a badge asleep for ever."""
OPEN: frozenset[State] = frozenset({"code", "provider", "contested"})
"""While it is in one of these the badge sleeps and nothing about the account changes."""

_OVER: tuple[State, ...] = ("none", "cancelled", "done")
_ASKED: tuple[tuple[Event, State], ...] = (("asked_by_code", "code"), ("asked_by_provider", "provider"))
_FIRST: dict[tuple[State, Event], State] = {(over, event): asked for over in _OVER for event, asked in _ASKED}
TABLE: dict[tuple[State, Event], State] = _FIRST | {
    ("code", "asked_by_provider"): "provider",
    ("code", "objected"): "cancelled",
    ("provider", "objected"): "contested",
    ("code", "reverified"): "cancelled",
    ("provider", "reverified"): "cancelled",
    ("contested", "reverified"): "cancelled",
    ("provider", "retracted"): "cancelled",
    ("contested", "retracted"): "cancelled",
    ("code", "due"): "done",
    ("provider", "due"): "done",
    ("contested", "due"): "done",
}
"""Where an event leads. What does not stand here is refused."""


def after(state: State, event: Event) -> State:
    """Give the state an event leads to. Refuses `recovery.open` for asking twice, `recovery.none` for ending nothing."""
    following = TABLE.get((state, event))
    if following is None:
        raise Conflict("recovery.open" if state in OPEN else "recovery.none")
    return following


def require_pause(state: State, ended_at: datetime | None, *, now: datetime) -> None:
    """Refuse `recovery.too_soon` after a request that was cancelled."""
    again = ended_at + timedelta(days=PAUSE_DAYS) if state == "cancelled" and ended_at else now
    if again > now:
        raise Conflict("recovery.too_soon", days=PAUSE_DAYS, seconds=int((again - now).total_seconds()))

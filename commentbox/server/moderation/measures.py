"""What may be decided about a person, for how long, and what becomes of a measure: a table, and pure.

The counterpart of a comment's states in `rules`. Knows no table and no clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from commentbox.server.base.errors import Conflict, Forbidden, Invalid

KINDS = {"warn": "warned", "silence": "silenced", "hold": "held_first", "ban": "banned"}
"""Action -> what somebody then is, the mildest first; also what the statement of reasons calls it."""
LONGEST_DAYS = 365
"""Whoever is to stay away for longer is banned, with or without an end."""
LONGEST_BAN_DAYS = 3650

NEXT_STATE = {
    ("none", "impose"): "in_force",
    ("none", "propose"): "proposed",
    ("proposed", "confirm"): "in_force",
    ("proposed", "decline"): "declined",
    ("in_force", "acknowledge"): "over",
    ("in_force", "expire"): "over",
    ("in_force", "lift"): "lifted",
    ("in_force", "uphold"): "lifted",
    ("in_force", "reject"): "in_force",
    ("over", "uphold"): "lifted",
    ("over", "reject"): "over",
    ("lifted", "uphold"): "lifted",
    ("lifted", "reject"): "lifted",
}
"""(state, action) -> state. What is missing cannot be done. A proposal restricts nobody. What is over may still be
appealed against: it counts in somebody's history; and an appeal is answered even where the measure was lifted meanwhile.
Undo goes one step back and is no row of this table. A badge that an admin takes away (`badges`) is `over` from the first."""

RESTRICTING = frozenset({"in_force"})
"""The states in which somebody is restricted; each is reached from `none` or `proposed` with a statement only."""


@dataclass(frozen=True)
class Measure:
    """What is asked for: warn, silence, hold or ban; how many days (None: lasting); here or on the whole instance."""

    action: str
    days: int | None = None
    everywhere: bool = False

    @property
    def kind(self) -> str:
        """Give what somebody then is."""
        return KINDS[self.action]

    def until(self, now: datetime) -> datetime | None:
        """Give the end, or None for a lasting one; a warning ends when it is acknowledged."""
        return now + timedelta(days=self.days) if self.days else None


def next_state(state: str, action: str) -> str:
    """Give the state a measure goes into. Refuses `case.closed` where the action does not fit its state."""
    if (state, action) not in NEXT_STATE:
        raise Conflict("case.closed", state=state)
    return NEXT_STATE[state, action]


def state_of(*, until: datetime | None, lifted: bool, now: datetime) -> str:
    """Give the state of a measure that was imposed once."""
    if lifted:
        return "lifted"
    return "in_force" if until is None or until > now else "over"


def check(measure: Measure, *, everywhere_allowed: bool) -> Measure:
    """Give the measure as it may be imposed. Refuses `measure.unknown`, `measure.days`, `measure.everywhere`."""
    if measure.action not in KINDS:
        raise Invalid("measure.unknown", action=measure.action[:20])
    if measure.everywhere and not everywhere_allowed:
        raise Forbidden("measure.everywhere")
    if measure.action == "warn":
        return Measure("warn", None, measure.everywhere)
    longest = LONGEST_BAN_DAYS if measure.action == "ban" else LONGEST_DAYS
    lasting = measure.days is None and measure.action == "ban"
    if not lasting and not 1 <= (measure.days or 0) <= longest:
        raise Invalid("measure.days", limit=longest)
    return measure


def needs_second(measure: Measure, *, bans_need_second: bool) -> bool:
    """Say whether a measure counts only once a second moderator confirms it."""
    return measure.action == "ban" and bans_need_second

"""What posting hands on: who speaks, what they would say, at which pace they may, and what became of it. No statement here."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Pace:
    """What is looked at again where nothing can come in between: a pause in the thread, and a number an hour (0 for none).

    `heat_seconds` is how much longer an upheld report makes the pause in its chain.
    """

    slow_seconds: int = 0
    posts_per_hour: int = 0
    heat_seconds: int = 0

    def __bool__(self) -> bool:
        """Say whether there is anything to look at in the whole thread."""
        return bool(self.slow_seconds or self.posts_per_hour)


@dataclass(frozen=True)
class Author:
    """Who speaks, as they stand at this moment. `account_id` is None for a guest, who has a code instead."""

    name: str
    account_id: str | None = None
    guest_code_hash: str | None = None
    kind: str = "none"
    tier: str = "unverified"
    attestation_id: str | None = None
    label: str | None = None


@dataclass(frozen=True)
class Draft:
    """A text that was screened and rendered. `hold_rule` says why it waits for review; None publishes it.

    `parent_muted` is the refusal's code where its author and whom it answers do not hear each other; `caught` is what
    screening saw, as it is kept with the comment. `unheard` are the helpers that are to be asked again once it is up.
    """

    text: str
    html: str
    text_hash: str
    hold_rule: str | None = None
    parent_id: str | None = None
    parent_reach: str = "everyone"
    parent_muted: str | None = None
    post_key: str | None = None
    mentions: tuple[str, ...] = ()
    pace: Pace = Pace()
    caught: tuple[dict[str, Any], ...] = ()
    unheard: tuple[str, ...] = ()
    score: int | None = None

    @property
    def has_heat(self) -> bool:
        """Say whether its writer is asked to think again before it is posted."""
        return any(each["rule"] == "heat" for each in self.caught)


@dataclass(frozen=True)
class Posted:
    """What became of it. `again` says that the same submission had been posted before."""

    id: str
    thread_id: str
    state: str
    rule: str | None
    again: bool = False

"""The port of outside help: what is asked about a text, what may come back, and what an adapter promises.

Help may only advise. A score or a hold rule can keep a text for a moderator; nothing here removes, blocks or ranks.
"""

from dataclasses import dataclass, field
from typing import Literal, Protocol

HoldRule = Literal["outside", "spam"]
"""What help may ask for: that a person looks first, or that a person looks because it reads like advertising."""
Reason = Literal[
    "slow", "unreachable", "status", "refused", "form", "busy", "resting", "private_address", "model", "unknown"
]
"""Why there is no answer, in our own words: never the service's, which could hold anything."""
NOBODY = "192.0.2.1"
"""An address that is nobody's (RFC 5737), for a service whose form wants one."""


@dataclass(frozen=True)
class Question:
    """What is asked: a text as it would be stored, and nothing about who wrote it but the tier.

    `lang` is the site's language, `site` its short name, `article` the public address of the article ('' where it has none).
    `address` is the writer's network address, filled only for a service that the operator allowed to have it.
    """

    text: str
    lang: str
    tier: str
    site: str
    article: str = ""
    is_reply: bool = False
    address: str = field(default="", repr=False)


@dataclass(frozen=True)
class Answer:
    """An opinion: a score from 0 (fine) to 1, a hold rule, both, or nothing at all."""

    score: float | None = None
    hold: HoldRule | None = None


NOTHING = Answer()


class NoAnswer(Exception):
    """Nobody answered, or nothing that could be used."""

    def __init__(self, reason: Reason) -> None:
        """`reason` is one of our own words."""
        super().__init__(reason)
        self.reason: Reason = reason


class Classifier(Protocol):
    """One configured helper. It keeps no text, writes nothing down and raises `NoAnswer` only."""

    name: str
    seconds: float
    """How long an answer may take. The asker enforces it too, so a helper that forgets cannot hold anybody up."""
    wants_address: bool
    learns: bool

    async def ask(self, question: Question) -> Answer:
        """Give an opinion of a text. Raises `NoAnswer`."""

    async def learn(self, question: Question, *, is_fine: bool) -> None:
        """Tell what a moderator decided about a text; only where `learns`. Raises `NoAnswer`."""

    async def check(self) -> None:
        """See whether it could answer now, for `commentbox doctor`; no text leaves. Raises `NoAnswer`."""

    async def close(self) -> None:
        """Let go of processes and connections."""

"""The shapes that pass between us and a provider. Names and subjects live in memory only and hide from `repr`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

MethodClass = Literal["bank", "document", "in_person", "wallet"]
Uniqueness = Literal["person", "document", "none"]
Assurance = Literal["low", "substantial", "high"]
Outcome = Literal["verified", "declined", "pending", "fraud", "gone"]


@dataclass(frozen=True)
class Begin:
    """One attempt about to begin: our one-time state, where the browser comes back to, and the reader's language."""

    state: str = field(repr=False)
    return_url: str
    lang: str = "en"


@dataclass(frozen=True)
class Redirect:
    """Where to send the browser, and what to keep of the attempt until it returns (nonce, verifier; JSON).

    `session` is the provider's own id of what began, where it has one. It is never stored as it is (decisions/0006).
    """

    url: str = field(repr=False)
    keep: dict[str, Any] = field(repr=False)
    session: str = field(default="", repr=False)


@dataclass(frozen=True)
class Result:
    """What a provider says. `subject` goes into the person key, `stated_name` into one comparison; neither is kept.

    `issuer` is who vouches, `uniqueness` whether `subject` stands for one person, one document or neither. `until` is
    when what was checked runs out, `once` an id that may be answered with one time only.
    `spellings` are the name in other scripts, where the provider itself gives them: we transliterate nothing.
    """

    outcome: Outcome
    issuer: str
    uniqueness: Uniqueness
    assurance: Assurance
    method: MethodClass
    time: datetime
    provider_class: str
    subject: str = field(default="", repr=False)
    stated_name: str | None = field(default=None, repr=False)
    spellings: tuple[str, ...] = field(default=(), repr=False)
    until: datetime | None = None
    once: str = field(default="", repr=False)


@dataclass(frozen=True)
class Hint:
    """What a signed webhook is good for: that something happened (`event`) to a session. What, we ask ourselves."""

    event: str = field(repr=False)
    session: str = field(repr=False)


class Provider(Protocol):
    """An identity-verification service as this product sees it."""

    name: str
    """Its slug: in the operator's file and in the address a browser returns to. Never shown beside a comment."""
    label: str
    """What the person who chooses among providers reads. Empty: the front has its own word."""
    method_class: MethodClass
    """How it checks people, as the badge says it where the answer does not say better."""
    uniqueness: Uniqueness
    """Whether two answers with one subject are one person. `none` earns no attestation."""

    async def begin(self, attempt: Begin) -> Redirect:
        """Prepare the way out. May use the network, so never inside a transaction. Refuses `provider.unreachable`."""
        ...

    async def complete(self, keep: Mapping[str, Any], params: Mapping[str, str]) -> Result:
        """Read what the browser brought back, with what was kept of this attempt.

        Refuses `provider.declined` (the person or the provider said no), `provider.unreachable`, and
        `provider.bad_answer` with a reason from a fixed list. No refusal ever quotes the answer.
        """
        ...


@runtime_checkable
class Hosted(Provider, Protocol):
    """A provider that checks people in a session of its own, and whose answer may come hours or months later.

    The browser's return proves nothing here: `complete` is not asked; `fetch` is, whenever there may be news.
    """

    redacts: bool
    """Whether the provider is to forget a session once its answer is known."""

    def hear(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Hint | None:
        """Give what a webhook hints at, or None where it is about nothing of ours. `headers` have lower-case names.

        Refuses `webhook.not_authentic` and `webhook.stale`.
        """
        ...

    async def fetch(self, session: str) -> Result:
        """Ask the provider how a session stands now. Refuses `provider.unreachable` and `provider.bad_answer`."""
        ...

    async def redact(self, session: str) -> None:
        """Have the provider forget what it knows from a session. Refuses `provider.unreachable`."""
        ...

"""What a dialect declares: how its webhooks are signed and read, and how a session is started, fetched and redacted.

Also what their answers have in common: documents, names, moments. A dialect gets parsed JSON and gives these shapes; it
keeps nothing.
"""

import json
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from commentbox.server.base.errors import Gone, Unavailable
from commentbox.server.verification.providers.http import ask, bad_answer
from commentbox.server.verification.providers.macs import Scheme
from commentbox.server.verification.providers.port import Begin, Outcome, Uniqueness


@dataclass(frozen=True)
class Access:
    """What lets us in: the secret key, the public one where there is one, and the operator's options."""

    key: str = field(repr=False)
    key_id: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """A request about to be made, for dialects that sign theirs: its path with the query, and its body."""

    method: str
    path: str
    body: bytes = field(default=b"", repr=False)
    session: str = field(default="", repr=False)


@dataclass(frozen=True)
class Session:
    """A session the provider began: its own id, and where the person goes."""

    id: str = field(repr=False)
    url: str = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """How a session stands. `subject` and `name` are only there where the outcome is verified."""

    outcome: Outcome
    subject: str = field(default="", repr=False)
    name: str | None = field(default=None, repr=False)
    time: datetime | None = None


class Api:
    """The provider's interface, as a dialect calls it."""

    def __init__(self, base: str, access: Access, authorise: Callable[[Access, Call], Mapping[str, str]]) -> None:
        self._base, self.access, self._authorise = base.rstrip("/"), access, authorise

    async def get(self, path: str, *, session: str = "", **query: Any) -> dict[str, Any]:
        """Ask. Refuses `provider.session_gone`, `provider.unreachable` and `provider.bad_answer`."""
        return await self._call("GET", path, session=session, query=query)

    async def send(
        self, method: str, path: str, *, session: str = "", content: Any = None, form: Any = None
    ) -> dict[str, Any]:
        """Post, patch or delete, with JSON `content` or a `form`. Refuses as `get` does."""
        body = urlencode(form, doseq=True).encode() if form else b""
        kind = "application/x-www-form-urlencoded"
        if content is not None:
            body, kind = json.dumps(content, separators=(",", ":")).encode(), "application/json"
        return await self._call(method, path, session=session, body=body, kind=kind if body else "")

    async def _call(
        self, method: str, path: str, *, session: str, body: bytes = b"", kind: str = "", query: Any = None
    ) -> dict[str, Any]:
        # The path as the provider will see it: some sign it, and an id must not lead anywhere else.
        full = path.format(session=quote(session, safe="")) + (f"?{urlencode(query, doseq=True)}" if query else "")
        headers = dict(self._authorise(self.access, Call(method, full, body, session)))
        if kind:
            headers["Content-Type"] = kind
        status, content = await ask(method, self._base + full, content=body or None, headers=headers)
        if status in (404, 410):
            raise Gone("provider.session_gone")
        if status in (401, 403, 408, 409, 425, 429):  # a key that is being changed, or too many of us: later again
            raise Unavailable("provider.unreachable")
        if not 200 <= status < 300:
            raise bad_answer("status")
        return content


@dataclass(frozen=True)
class Dialect:
    """One provider's way of speaking. `needs` are the options an operator must give, `wants_key_id` a public key."""

    name: str
    api: str
    uniqueness: Uniqueness
    signs: Scheme
    read: Callable[[Mapping[str, str], Mapping[str, Any]], tuple[str, str] | None]
    """Gives event id ('' where there is none) and session id of a webhook, or None where it is about no session."""
    authorise: Callable[[Access, Call], Mapping[str, str]]
    start: Callable[[Api, Begin], Awaitable[Session]]
    fetch: Callable[[Api, str], Awaitable[Answer]]
    redact: Callable[[Api, str], Awaitable[None]]
    key: Callable[[str], bytes] = str.encode
    needs: tuple[str, ...] = ()
    wants_key_id: bool = False


def bearer(access: Access, _call: Call) -> dict[str, str]:
    """Authorise by the secret key alone."""
    return {"Authorization": f"Bearer {access.key}"}


def at(content: object, *path: str | int) -> Any:
    """Give what lies at a path through objects and lists, or None."""
    for step in path:
        if isinstance(content, Mapping):
            content = content.get(step)
        elif isinstance(content, list) and isinstance(step, int) and -len(content) <= step < len(content):
            content = content[step]
        else:
            return None
    return content


def text(content: object, *path: str | int) -> str:
    """Give the text at a path, '' where there is none."""
    found = at(content, *path)
    return found.strip() if isinstance(found, str) else ""


def session(identity: str, url: str) -> Session:
    """Give a session that was begun. Refuses `provider.bad_answer` where half of it is missing."""
    if not identity or not url.startswith(("https://", "http://")):
        raise bad_answer("session")
    return Session(identity, url)


def document(country: str, number: str) -> str:
    """Give what stands for one document, however it is spelt; '' where country or number is missing."""
    plain = ["".join(filter(str.isalnum, unicodedata.normalize("NFKC", each).upper())) for each in (country, number)]
    return ":".join(plain) if all(plain) else ""


def whole_name(*parts: str) -> str | None:
    """Join the parts of a name; None unless all are there."""
    return " ".join(parts) if all(parts) else None


def moment(written: str) -> datetime | None:
    """Read a time of the provider's (ISO 8601), or None."""
    try:
        read = datetime.fromisoformat(written.replace(" ", "T", 1))
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)

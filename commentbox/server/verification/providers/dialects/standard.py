"""A checker of your own, or any other that signs by Standard Webhooks: three small addresses (docs/providers.md).

POST /sessions {return_url, lang} -> {id, url} · GET /sessions/ID -> {status, subject, name?, time?} · DELETE /sessions/ID.
"""

from collections.abc import Mapping
from typing import Any

from commentbox.server.base.signing import standard_key
from commentbox.server.verification.providers.dialects import dialect
from commentbox.server.verification.providers.dialects.dialect import Answer, Api, Dialect, Session, text
from commentbox.server.verification.providers.macs import standard
from commentbox.server.verification.providers.port import Begin, Outcome

_PATH = "/sessions/{session}"
_OUTCOMES: dict[str, Outcome] = {
    "verified": "verified",
    "declined": "declined",
    "fraud": "fraud",
    "gone": "gone",
}


def _read(headers: Mapping[str, str], event: Mapping[str, Any]) -> tuple[str, str] | None:
    session = text(event, "data", "session")
    return (headers.get("webhook-id", ""), session) if session else None


async def _start(api: Api, attempt: Begin) -> Session:
    wanted = {"return_url": attempt.return_url, "lang": attempt.lang}
    begun = await api.send("POST", "/sessions", content=wanted)
    return dialect.session(text(begun, "id"), text(begun, "url"))


async def _fetch(api: Api, session: str) -> Answer:
    said = await api.get(_PATH, session=session)
    return Answer(
        _OUTCOMES.get(text(said, "status"), "pending"),
        subject=text(said, "subject"),
        name=text(said, "name") or None,
        time=dialect.moment(text(said, "time")),
    )


async def _redact(api: Api, session: str) -> None:
    await api.send("DELETE", _PATH, session=session)


DIALECT = Dialect(
    name="standard",
    api="",
    uniqueness="person",
    signs=standard,
    read=_read,
    authorise=dialect.bearer,
    start=_start,
    fetch=_fetch,
    redact=_redact,
    key=standard_key,
)

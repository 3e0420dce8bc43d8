"""Veriff: sessions, `X-HMAC-SIGNATURE`. The shared secret signs its webhooks and our questions alike; no time, no event id."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from commentbox.server.verification.providers.dialects import dialect
from commentbox.server.verification.providers.dialects.dialect import (
    Access,
    Answer,
    Api,
    Call,
    Dialect,
    Session,
    at,
    text,
)
from commentbox.server.verification.providers.macs import plain
from commentbox.server.verification.providers.port import Begin, Outcome

_OUTCOMES: dict[str, Outcome] = {
    "approved": "verified",
    "declined": "declined",
    "expired": "declined",
    "abandoned": "declined",
}  # `resubmission_requested` and `review` are not the last word.
_FRAUD = {102, 106}  # Reason codes: the document was tampered with; known fraud.


def _authorise(access: Access, call: Call) -> dict[str, str]:
    """Questions about a session are signed by its id; the one that begins it is not."""
    signed = hmac.new(access.key.encode(), call.session.encode(), hashlib.sha256).hexdigest()
    return {"X-AUTH-CLIENT": access.key_id} | ({"X-HMAC-SIGNATURE": signed} if call.session else {})


def _read(_headers: Mapping[str, str], event: Mapping[str, Any]) -> tuple[str, str] | None:
    """Events carry the session's id at the top, decisions inside."""
    return "", text(event, "verification", "id") or text(event, "id")


async def _start(api: Api, attempt: Begin) -> Session:
    begun = await api.send("POST", "/v1/sessions", content={"verification": {"callback": attempt.return_url}})
    return dialect.session(text(begun, "verification", "id"), text(begun, "verification", "url"))


async def _fetch(api: Api, session: str) -> Answer:
    said = (await api.get("/v1/sessions/{session}/decision", session=session)).get("verification")
    outcome = _OUTCOMES.get(text(said, "status"), "pending")
    if outcome == "declined" and at(said, "reasonCode") in _FRAUD:
        outcome = "fraud"
    if outcome != "verified":
        return Answer(outcome)
    return Answer(
        outcome,
        subject=dialect.document(text(said, "document", "country"), text(said, "document", "number")),
        name=dialect.whole_name(text(said, "person", "firstName"), text(said, "person", "lastName")),
        time=dialect.moment(text(said, "decisionTime")),
    )


async def _redact(api: Api, session: str) -> None:
    await api.send("DELETE", "/v1/sessions/{session}", session=session)


DIALECT = Dialect(
    name="veriff",
    api="https://stationapi.veriff.com",
    uniqueness="document",
    signs=plain("x-hmac-signature"),
    read=_read,
    authorise=_authorise,
    start=_start,
    fetch=_fetch,
    redact=_redact,
    wants_key_id=True,
)

"""Stripe Identity: verification sessions, `Stripe-Signature`. The document's number needs a restricted key."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from commentbox.server.verification.providers.dialects import dialect
from commentbox.server.verification.providers.dialects.dialect import Answer, Api, Dialect, Session, at, text
from commentbox.server.verification.providers.macs import stamped
from commentbox.server.verification.providers.port import Begin, Outcome

_PATH = "/identity/verification_sessions/{session}"
_OUTCOMES: dict[str, Outcome] = {"verified": "verified", "canceled": "declined", "redacted": "gone"}


def _read(_headers: Mapping[str, str], event: Mapping[str, Any]) -> tuple[str, str] | None:
    if not text(event, "type").startswith("identity.verification_session."):
        return None
    return text(event, "id"), text(event, "data", "object", "id")


async def _start(api: Api, attempt: Begin) -> Session:
    form = {"type": "document", "return_url": attempt.return_url, "options[document][require_matching_selfie]": "true"}
    begun = await api.send("POST", "/identity/verification_sessions", form=form)
    return dialect.session(text(begun, "id"), text(begun, "url"))


async def _fetch(api: Api, session: str) -> Answer:
    wanted = ["verified_outputs", "last_verification_report.document.number"]
    found = await api.get(_PATH, session=session, **{"expand[]": wanted})
    if at(found, "redaction", "status"):
        return Answer("gone")
    outcome = _OUTCOMES.get(text(found, "status"), "pending")
    if outcome != "verified":
        return Answer(outcome)
    paper, outputs = at(found, "last_verification_report", "document"), at(found, "verified_outputs")
    checked = at(found, "last_verification_report", "created")
    return Answer(
        outcome,
        subject=dialect.document(text(paper, "issuing_country"), text(paper, "number")),
        name=dialect.whole_name(text(outputs, "first_name"), text(outputs, "last_name")),
        time=datetime.fromtimestamp(checked, UTC) if isinstance(checked, int) else None,
    )


async def _redact(api: Api, session: str) -> None:
    await api.send("POST", _PATH + "/redact", session=session)


DIALECT = Dialect(
    name="stripe",
    api="https://api.stripe.com/v1",
    uniqueness="document",
    signs=stamped("stripe-signature"),
    read=_read,
    authorise=dialect.bearer,
    start=_start,
    fetch=_fetch,
    redact=_redact,
)

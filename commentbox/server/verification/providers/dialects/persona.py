"""Persona: inquiries from a template, hosted flow, `Persona-Signature`. Field names are those of its own templates."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from commentbox.server.verification.providers.dialects import dialect
from commentbox.server.verification.providers.dialects.dialect import Access, Answer, Api, Call, Dialect, Session, text
from commentbox.server.verification.providers.macs import stamped
from commentbox.server.verification.providers.port import Begin, Outcome

_PATH = "/inquiries/{session}"
_FLOW = "https://withpersona.com/verify"
# `completed` is the person's part only; a template decides with approved or declined.
_OUTCOMES: dict[str, Outcome] = {
    "approved": "verified",
    "declined": "declined",
    "failed": "declined",
    "expired": "declined",
}


def _authorise(access: Access, call: Call) -> dict[str, str]:
    return dialect.bearer(access, call) | {"Key-Inflection": "kebab", "Persona-Version": "2023-01-05"}


def _read(_headers: Mapping[str, str], event: Mapping[str, Any]) -> tuple[str, str] | None:
    if not text(event, "data", "attributes", "name").startswith("inquiry."):
        return None
    return text(event, "data", "id"), text(event, "data", "attributes", "payload", "data", "id")


async def _start(api: Api, attempt: Begin) -> Session:
    wanted = {"inquiry-template-id": api.access.options["template"], "redirect-uri": attempt.return_url}
    begun = await api.send("POST", "/inquiries", content={"data": {"attributes": wanted}})
    inquiry = text(begun, "data", "id")
    flow = urlencode({"inquiry-id": inquiry, "redirect-uri": attempt.return_url, "language": attempt.lang})
    return dialect.session(inquiry, f"{api.access.options.get('flow', _FLOW)}?{flow}")


async def _fetch(api: Api, session: str) -> Answer:
    said = (await api.get(_PATH, session=session)).get("data")
    if text(said, "attributes", "redacted-at"):
        return Answer("gone")
    outcome = _OUTCOMES.get(text(said, "attributes", "status"), "pending")
    if outcome != "verified":
        return Answer(outcome)
    return Answer(
        outcome,
        subject=dialect.document(_field(said, "selected-country-code"), _field(said, "identification-number")),
        name=dialect.whole_name(_field(said, "name-first"), _field(said, "name-last")),
        time=dialect.moment(text(said, "attributes", "decisioned-at")),
    )


def _field(said: object, name: str) -> str:
    return text(said, "attributes", "fields", name, "value")


async def _redact(api: Api, session: str) -> None:
    await api.send("DELETE", _PATH, session=session)


DIALECT = Dialect(
    name="persona",
    api="https://api.withpersona.com/api/v1",
    uniqueness="document",
    signs=stamped("persona-signature"),
    read=_read,
    authorise=_authorise,
    start=_start,
    fetch=_fetch,
    redact=_redact,
    needs=("template",),
)

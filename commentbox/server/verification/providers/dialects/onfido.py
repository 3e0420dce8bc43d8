"""Onfido (Entrust): a Studio workflow run with its own link, `X-SHA2-Signature`; no time, no event id.

The workflow must give four outputs by these names: issuing_country, document_number, first_name, last_name.
"""

from collections.abc import Mapping
from typing import Any

from commentbox.server.verification.providers.dialects import dialect
from commentbox.server.verification.providers.dialects.dialect import Access, Answer, Api, Call, Dialect, Session, text
from commentbox.server.verification.providers.macs import plain
from commentbox.server.verification.providers.port import Begin, Outcome

_PATH = "/workflow_runs/{session}"
_OUTCOMES: dict[str, Outcome] = {
    "approved": "verified",
    "declined": "declined",
    "abandoned": "declined",
    "error": "declined",
}
_UNNAMED = {"first_name": "Not", "last_name": "Stated"}  # An applicant must have a name; ours is not theirs to know.


def _authorise(access: Access, _call: Call) -> dict[str, str]:
    return {"Authorization": f"Token token={access.key}"}


def _read(_headers: Mapping[str, str], event: Mapping[str, Any]) -> tuple[str, str] | None:
    if text(event, "payload", "resource_type") != "workflow_run":
        return None
    return "", text(event, "payload", "object", "id")


async def _start(api: Api, attempt: Begin) -> Session:
    applicant = text(await api.send("POST", "/applicants", content=_UNNAMED), "id")
    wanted = {
        "workflow_id": api.access.options["workflow"],
        "applicant_id": applicant,
        "link": {"completed_redirect_url": attempt.return_url, "expired_redirect_url": attempt.return_url},
    }
    begun = await api.send("POST", "/workflow_runs", content=wanted)
    return dialect.session(text(begun, "id"), text(begun, "link", "url"))


async def _fetch(api: Api, session: str) -> Answer:
    said = await api.get(_PATH, session=session)
    outcome = _OUTCOMES.get(text(said, "status"), "pending")
    if outcome != "verified":
        return Answer(outcome)
    output = said.get("output")
    return Answer(
        outcome,
        subject=dialect.document(text(output, "issuing_country"), text(output, "document_number")),
        name=dialect.whole_name(text(output, "first_name"), text(output, "last_name")),
        time=dialect.moment(text(said, "updated_at")),
    )


async def _redact(api: Api, session: str) -> None:
    """Deleting the applicant deletes what hangs on it; the run alone cannot be deleted."""
    applicant = text(await api.get(_PATH, session=session), "applicant_id")
    await api.send("DELETE", "/applicants/{session}", session=applicant)


DIALECT = Dialect(
    name="onfido",
    api="https://api.eu.onfido.com/v3.6",
    uniqueness="document",
    signs=plain("x-sha2-signature"),
    read=_read,
    authorise=_authorise,
    start=_start,
    fetch=_fetch,
    redact=_redact,
    needs=("workflow",),
)

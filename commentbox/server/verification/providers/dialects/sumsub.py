"""Sumsub: an applicant of ours by a random name, a WebSDK link, `X-Payload-Digest`; every request of ours is signed.

Its own id of an applicant is known only later, so our random name for it is the session.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from commentbox.server.base import clock
from commentbox.server.base.signing import new_token
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
from commentbox.server.verification.providers.port import Begin

_PATH = "/resources/applicants/-;externalUserId={session}/one"
_LINK_SECONDS = 1800
_FRAUD = {"FORGERY", "FRAUDULENT_PATTERNS", "FRAUDULENT_LIVENESS"}


def _authorise(access: Access, call: Call) -> dict[str, str]:
    second = str(int(clock.now().timestamp()))
    signed = f"{second}{call.method}{call.path}".encode() + call.body
    mac = hmac.new(access.key.encode(), signed, hashlib.sha256).hexdigest()
    return {"X-App-Token": access.key_id, "X-App-Access-Ts": second, "X-App-Access-Sig": mac}


def _read(_headers: Mapping[str, str], event: Mapping[str, Any]) -> tuple[str, str] | None:
    return ("", text(event, "externalUserId")) if text(event, "type").startswith("applicant") else None


async def _start(api: Api, attempt: Begin) -> Session:
    named = new_token()
    wanted = {
        "levelName": api.access.options["level"],
        "userId": named,
        "ttlInSecs": _LINK_SECONDS,
        "redirect": {"successUrl": attempt.return_url, "rejectUrl": attempt.return_url},
    }
    begun = await api.send("POST", "/resources/sdkIntegrations/levels/-/websdkLink", content=wanted)
    return dialect.session(named, text(begun, "url"))


async def _fetch(api: Api, session: str) -> Answer:
    said = await api.get(_PATH, session=session)
    review = at(said, "review", "reviewResult")
    if text(said, "review", "reviewStatus") != "completed":
        return Answer("pending")
    if text(review, "reviewAnswer") != "GREEN":
        if _FRAUD & set(at(review, "rejectLabels") or ()):
            return Answer("fraud")
        return Answer("pending" if text(review, "reviewRejectType") == "RETRY" else "declined")
    paper = at(said, "info", "idDocs", 0)
    return Answer(
        "verified",
        subject=dialect.document(text(paper, "country"), text(paper, "number")),
        name=dialect.whole_name(text(said, "info", "firstName"), text(said, "info", "lastName")),
        time=dialect.moment(text(said, "review", "reviewDate")),
    )


async def _redact(api: Api, session: str) -> None:
    """Take the profile out of use; how long the service keeps it then is its contract's business (docs/providers.md)."""
    applicant = text(await api.get(_PATH, session=session), "id")
    await api.send("PATCH", "/resources/applicants/{session}/presence/deactivated", session=applicant)


DIALECT = Dialect(
    name="sumsub",
    api="https://api.sumsub.com",
    uniqueness="document",
    signs=plain("x-payload-digest", digest_header="x-payload-digest-alg"),
    read=_read,
    authorise=_authorise,
    start=_start,
    fetch=_fetch,
    redact=_redact,
    needs=("level",),
    wants_key_id=True,
)

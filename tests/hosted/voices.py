"""How each service speaks, by its public documentation: what lets one in, its answers, and its signed webhooks.

Written apart from our dialects and with the standard library only, so that the two can disagree.
"""

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.hosted.checker import Asked, Checker, Held

API_KEY = "an-api-key-of-the-tests"
KEY_ID = "a-public-key-of-the-tests"
SECRETS = {"standard": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
Answered = tuple[int, Any]
Event = tuple[dict[str, str], bytes]


def secret_of(voice: str) -> str:
    """Give the secret that a service signs its webhooks with."""
    return SECRETS.get(voice, f"a-webhook-secret-of-{voice}")


def mac(secret: str, covers: bytes, digest: str = "sha256") -> str:
    return hmac.new(secret.encode(), covers, digest).hexdigest()


class Stripe:
    def lets_in(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == f"Bearer {API_KEY}"

    def answer(self, checker: Checker, asked: Asked) -> Answered:
        path = urlsplit(asked.path)
        if path.path == "/identity/verification_sessions":
            assert asked.content["type"] == "document"
            held = checker.open("stripe", "vs_", asked.content["return_url"])
            return 200, {"id": held.id, "url": checker.page(held), "status": "requires_input"}
        held = checker.sessions.get(path.path.split("/")[3])
        if held is None:
            return 404, {"error": {"type": "invalid_request_error"}}
        if path.path.endswith("/redact"):
            held.outcome = "gone"
        return 200, self._told(held, parse_qs(path.query).get("expand[]", []))

    def _told(self, held: Held, expanded: list[str]) -> dict[str, Any]:
        status = {"verified": "verified", "declined": "canceled", "gone": "verified"}.get(held.outcome, "processing")
        said: dict[str, Any] = {"id": held.id, "object": "identity.verification_session", "status": status}
        if held.outcome == "gone":
            return said | {"redaction": {"status": "redacted"}}
        given, _, family = held.name.partition(" ")
        if "verified_outputs" in expanded:
            said["verified_outputs"] = {
                "first_name": given,
                "last_name": family,
                "dob": {"day": 3, "month": 2, "year": 1971},
            }
        if "last_verification_report.document.number" in expanded:
            paper = {"number": held.number, "issuing_country": held.country[:2], "type": "passport"}
            said["last_verification_report"] = {"created": 1_760_000_000, "document": paper}
        return said

    def event(self, held: Held, number: int, at: int, secret: str) -> Event:
        kind = f"identity.verification_session.{held.outcome}"
        said = {"id": f"evt_{number}", "type": kind, "created": at, "data": {"object": {"id": held.id}}}
        body = json.dumps(said).encode()
        return {"stripe-signature": f"t={at},v1={mac(secret, f'{at}.'.encode() + body)},v0=00"}, body


class Persona:
    def lets_in(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == f"Bearer {API_KEY}" and "persona-version" in asked.headers

    def answer(self, checker: Checker, asked: Asked) -> Answered:
        if asked.path == "/inquiries":
            wanted = asked.content["data"]["attributes"]
            assert wanted["inquiry-template-id"] == "itmpl_1"
            held = checker.open("persona", "inq_", wanted["redirect-uri"])
            return 201, self._told(held)
        held = checker.sessions.get(asked.path.split("/")[2])
        if held is None:
            return 404, {"errors": []}
        if asked.method == "DELETE":
            held.outcome = "gone"
        return 200, self._told(held)

    def _told(self, held: Held) -> dict[str, Any]:
        status = {"verified": "approved", "gone": "approved"}.get(held.outcome, held.outcome)
        said: dict[str, Any] = {"status": status, "decisioned-at": "2026-11-22T12:00:00.000Z"}
        if held.outcome == "gone":
            return {"data": {"type": "inquiry", "id": held.id, "attributes": said | {"redacted-at": "2026-11-22"}}}
        given, _, family = held.name.partition(" ")
        words = {"name-first": given, "name-last": family, "birthdate": "1971-02-03"}
        words |= {"selected-country-code": held.country[:2], "identification-number": held.number}
        said["fields"] = {name: {"type": "string", "value": value} for name, value in words.items()}
        return {"data": {"type": "inquiry", "id": held.id, "attributes": said}}

    def event(self, held: Held, number: int, at: int, secret: str) -> Event:
        told = {"name": f"inquiry.{held.outcome}", "payload": self._told(held)}
        body = json.dumps({"data": {"type": "event", "id": f"evt_{number}", "attributes": told}}).encode()
        pair = f"t={at},v1={mac(secret, f'{at}.'.encode() + body)}"
        return {"persona-signature": f"t={at},v1={'0' * 64} {pair}"}, body


class Veriff:
    def lets_in(self, asked: Asked) -> bool:
        if asked.headers.get("x-auth-client") != KEY_ID:
            return False
        if asked.path == "/v1/sessions":
            return True
        return asked.headers.get("x-hmac-signature") == mac(API_KEY, asked.path.split("/")[3].encode())

    def answer(self, checker: Checker, asked: Asked) -> Answered:
        if asked.path == "/v1/sessions":
            held = checker.open("veriff", "5b6f3b8e-", asked.content["verification"]["callback"])
            began = {"id": held.id, "url": checker.page(held), "status": "created"}
            return 201, {"status": "success", "verification": began}
        held = checker.sessions.get(asked.path.split("/")[3])
        if held is None or held.outcome == "gone":
            return 404, {"status": "fail"}
        if asked.method == "DELETE":
            held.outcome = "gone"
            return 202, {"status": "success"}
        return 200, {"status": "success", "verification": self._told(held)}

    def _told(self, held: Held) -> dict[str, Any] | None:
        if held.outcome == "pending":
            return None
        given, _, family = held.name.partition(" ")
        return {
            "id": held.id,
            "status": "approved" if held.outcome == "verified" else "declined",
            "reasonCode": {"fraud": 102, "declined": 101}.get(held.outcome),
            "decisionTime": "2026-11-22T12:00:00.000000Z",
            "person": {"firstName": given, "lastName": family, "dateOfBirth": "1971-02-03"},
            "document": {"number": held.number, "country": held.country[:2], "type": "PASSPORT"},
        }

    def event(self, held: Held, number: int, at: int, secret: str) -> Event:
        body = json.dumps(
            {"status": "success", "verification": self._told(held) or {"id": held.id}, "n": number}
        ).encode()
        return {"x-hmac-signature": mac(secret, body), "x-auth-client": KEY_ID}, body


class Onfido:
    def lets_in(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == f"Token token={API_KEY}"

    def answer(self, checker: Checker, asked: Asked) -> Answered:
        if asked.path == "/applicants":
            assert asked.content["first_name"] and asked.content["last_name"]
            return 201, {"id": "applicant1"}
        if asked.path == "/workflow_runs":
            assert asked.content["workflow_id"] == "wf-1" and asked.content["applicant_id"]
            held = checker.open("onfido", "run-", asked.content["link"]["completed_redirect_url"])
            return 201, self._told(held) | {"link": {"url": checker.page(held)}}
        if asked.method == "DELETE":
            held = next(each for each in checker.sessions.values() if each.applicant == asked.path.split("/")[2])
            held.outcome = "gone"
            return 204, None
        held = checker.sessions.get(asked.path.split("/")[2])
        return (404, {}) if held is None or held.outcome == "gone" else (200, self._told(held))

    def _told(self, held: Held) -> dict[str, Any]:
        status = {"verified": "approved", "pending": "processing"}.get(held.outcome, held.outcome)
        given, _, family = held.name.partition(" ")
        output = {
            "first_name": given,
            "last_name": family,
            "document_number": held.number,
            "date_of_birth": "1971-02-03",
        }
        said = {"id": held.id, "applicant_id": held.applicant, "status": status, "updated_at": "2026-11-22T12:00:00Z"}
        return said | {"output": output | {"issuing_country": held.country}}

    def event(self, held: Held, number: int, at: int, secret: str) -> Event:
        what = {"resource_type": "workflow_run", "action": "workflow_run.completed"}
        body = json.dumps({"payload": what | {"object": {"id": held.id, "status": held.outcome, "n": number}}}).encode()
        return {"x-sha2-signature": mac(secret, body)}, body


class Sumsub:
    def lets_in(self, asked: Asked) -> bool:
        covers = f"{asked.headers.get('x-app-access-ts')}{asked.method}{asked.path}".encode() + asked.body
        signed = asked.headers.get("x-app-access-sig") == mac(API_KEY, covers)
        return signed and asked.headers.get("x-app-token") == KEY_ID

    def answer(self, checker: Checker, asked: Asked) -> Answered:
        if asked.path == "/resources/sdkIntegrations/levels/-/websdkLink":
            wanted = asked.content
            assert wanted["levelName"] == "basic"
            held = checker.open("sumsub", "", wanted["redirect"]["successUrl"], session=wanted["userId"])
            return 200, {"url": checker.page(held)}
        if asked.path.endswith("/presence/deactivated"):
            held = next(each for each in checker.sessions.values() if each.applicant == asked.path.split("/")[3])
            held.outcome = "gone"
            return 200, {"id": held.applicant, "deleted": True}
        named = unquote(asked.path).partition("externalUserId=")[2].partition("/")[0]
        held = checker.sessions.get(named)
        return (404, {}) if held is None or held.outcome == "gone" else (200, self._told(held))

    def _told(self, held: Held) -> dict[str, Any]:
        given, _, family = held.name.partition(" ")
        paper = {"idDocType": "PASSPORT", "country": held.country, "number": held.number}
        info = {"firstName": given, "lastName": family, "dob": "1971-02-03", "idDocs": [paper]}
        review: dict[str, Any] = {"reviewStatus": "pending" if held.outcome == "pending" else "completed"}
        review["reviewDate"] = "2026-11-22 12:00:00+0000"
        labels = {"fraud": ["FORGERY"], "declined": ["DOCUMENT_MISSING"]}
        if held.outcome == "verified":
            review["reviewResult"] = {"reviewAnswer": "GREEN"}
        elif held.outcome in labels:
            red = {"reviewAnswer": "RED", "rejectLabels": labels[held.outcome], "reviewRejectType": "FINAL"}
            review["reviewResult"] = red
        return {"id": held.applicant, "externalUserId": held.id, "info": info, "review": review}

    def event(self, held: Held, number: int, at: int, secret: str) -> Event:
        said = {"applicantId": held.applicant, "externalUserId": held.id, "type": "applicantReviewed", "n": number}
        body = json.dumps(said).encode()
        algorithm, digest = ("HMAC_SHA512_HEX", "sha512") if number % 2 else ("HMAC_SHA256_HEX", "sha256")
        return {"x-payload-digest": mac(secret, body, digest), "x-payload-digest-alg": algorithm}, body


class Standard:
    def lets_in(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == f"Bearer {API_KEY}"

    def answer(self, checker: Checker, asked: Asked) -> Answered:
        if asked.path == "/sessions":
            held = checker.open("standard", "s-", asked.content["return_url"])
            return 201, {"id": held.id, "url": checker.page(held)}
        held = checker.sessions.get(asked.path.split("/")[2])
        if held is None or held.outcome == "gone":
            return 404, {}
        if asked.method == "DELETE":
            held.outcome = "gone"
            return 204, None
        said = {"status": held.outcome, "subject": f"{held.country} {held.number}", "name": held.name}
        return 200, said | {"time": "2026-11-22T12:00:00Z", "birthdate": "1971-02-03"}

    def event(self, held: Held, number: int, at: int, secret: str) -> Event:
        body = json.dumps({"type": "session.changed", "data": {"session": held.id}}).encode()
        key = base64.b64decode(secret.removeprefix("whsec_"))
        covers = f"msg_{number}.{at}.".encode() + body
        signed = base64.b64encode(hmac.new(key, covers, hashlib.sha256).digest()).decode()
        stamp = {"webhook-id": f"msg_{number}", "webhook-timestamp": str(at)}
        return stamp | {"webhook-signature": f"v1a,xx v1,{signed}"}, body


VOICES = {
    "stripe": Stripe(),
    "persona": Persona(),
    "veriff": Veriff(),
    "onfido": Onfido(),
    "sumsub": Sumsub(),
    "standard": Standard(),
}
OPTIONS = {"persona": {"template": "itmpl_1"}, "onfido": {"workflow": "wf-1"}, "sumsub": {"level": "basic"}}

"""Passkeys: what is asked of a browser, and which answers are believed."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from webauthn.helpers import parse_attestation_object

from commentbox.server.accounts import passkeys
from commentbox.server.base.errors import Refusal
from commentbox.server.base.signing import b64url, b64url_bytes
from tests.softpasskey import VERIFIED, SoftPasskey

PARTY = passkeys.RelyingParty(id="comments.example", origin="https://comments.example")
PAPER = "https://news.example"
CHALLENGE = b"c" * 32


def asked_to_create() -> dict[str, Any]:
    return passkeys.registration_options(PARTY, challenge=CHALLENGE, user_handle="0123", user_name="Kestrel")


def asked_to_sign(*handles: str) -> dict[str, Any]:
    return passkeys.authentication_options(PARTY, challenge=CHALLENGE, known_handles=handles)


def signed_up(**traits: Any) -> tuple[SoftPasskey, passkeys.NewPasskey]:
    soft = SoftPasskey(PARTY.id, PARTY.origin, **traits)
    return soft, passkeys.verify_registration(PARTY, soft.create(asked_to_create()), challenge=CHALLENGE)


def sign_in(answer: object, passkey: passkeys.NewPasskey, **more: Any) -> int:
    return passkeys.verify_authentication(PARTY, answer, challenge=CHALLENGE, passkey=passkey, **more)


def refused(call: Any, *args: Any, **named: Any) -> str:
    with pytest.raises(Refusal) as caught:
        call(*args, **named)
    assert caught.value.data == {}, "a refusal never quotes what a browser sent"
    return caught.value.code


def test_a_browser_is_asked_for_a_resident_key_with_user_verification_and_no_attestation():
    options = passkeys.registration_options(
        PARTY, challenge=CHALLENGE, user_handle="0123", user_name="Kestrel", known_handles=["AAAA"]
    )
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"
    assert [entry["id"] for entry in options["excludeCredentials"]] == ["AAAA"]
    assert b64url_bytes(options["user"]["id"]) == b"0123"
    assert json.loads(json.dumps(options)) == options


def test_signing_in_asks_for_user_verification_and_lets_the_reader_pick():
    options = asked_to_sign()
    assert options["userVerification"] == "required"
    assert not options.get("allowCredentials")
    assert [entry["id"] for entry in asked_to_sign("AAAA")["allowCredentials"]] == ["AAAA"]


def test_a_passkey_signs_up_and_signs_in():
    soft, passkey = signed_up()
    answer = soft.get(asked_to_sign(passkey.handle))
    assert passkeys.handle_of(answer) == passkey.handle
    assert passkeys.account_of(answer) == "0123"
    assert sign_in(answer, passkey) == 0


def test_another_challenge_is_refused():
    soft, passkey = signed_up()
    stale = passkeys.authentication_options(PARTY, challenge=b"other" * 8)
    assert refused(sign_in, soft.get(stale), passkey) == "passkey.not_accepted"
    create = asked_to_create() | {"challenge": b64url(b"other" * 8)}
    answer = soft.create(create)
    assert refused(passkeys.verify_registration, PARTY, answer, challenge=CHALLENGE) == "passkey.not_accepted"


@pytest.mark.parametrize(
    ("rp_id", "origin"),
    [
        ("comments.example", PAPER),
        ("news.example", "https://comments.example"),
        ("comments.example", "http://comments.example"),
    ],
)
def test_an_answer_for_another_origin_or_host_is_refused(rp_id: str, origin: str):
    soft, passkey = signed_up()
    soft.rp_id, soft.origin = rp_id, origin
    assert refused(sign_in, soft.get(asked_to_sign()), passkey) == "passkey.not_accepted"
    answer = soft.create(asked_to_create())
    assert refused(passkeys.verify_registration, PARTY, answer, challenge=CHALLENGE) == "passkey.not_accepted"


def test_a_key_that_did_not_check_its_user_is_refused():
    soft = SoftPasskey(PARTY.id, PARTY.origin, verifies_user=False)
    answer = soft.create(asked_to_create())
    assert refused(passkeys.verify_registration, PARTY, answer, challenge=CHALLENGE) == "passkey.user_not_verified"
    soft, passkey = signed_up()
    soft.flags = 1
    assert refused(sign_in, soft.get(asked_to_sign()), passkey) == "passkey.user_not_verified"


@pytest.mark.parametrize(
    "extra",
    [{"crossOrigin": True}, {"crossOrigin": True, "topOrigin": PAPER}, {"topOrigin": PAPER}, {"crossOrigin": "no"}],
)
def test_no_passkey_is_ever_made_in_a_frame(extra: dict[str, Any]):
    answer = SoftPasskey(PARTY.id, PARTY.origin).create(asked_to_create(), **extra)
    assert refused(passkeys.verify_registration, PARTY, answer, challenge=CHALLENGE) == "passkey.cross_origin"


def test_a_frame_may_sign_in_only_on_a_page_of_the_site():
    soft, passkey = signed_up()
    framed = soft.get(asked_to_sign(), crossOrigin=True, topOrigin=PAPER)
    assert sign_in(framed, passkey, top_origins={PAPER}) == 0
    assert refused(sign_in, framed, passkey) == "passkey.cross_origin"
    assert refused(sign_in, framed, passkey, top_origins={"https://evil.example"}) == "passkey.cross_origin"
    for extra in (
        {"crossOrigin": True},
        {"topOrigin": "https://evil.example"},
        {"crossOrigin": 1},
        {"topOrigin": None},
    ):
        answer = soft.get(asked_to_sign(), **extra)
        assert refused(sign_in, answer, passkey, top_origins={PAPER}) == "passkey.cross_origin"


def test_the_counter_is_read_from_a_proven_answer():
    soft, passkey = signed_up(counts=True)
    count = sign_in(soft.get(asked_to_sign()), passkey)
    assert count == 1
    soft.sign_count = 0
    assert sign_in(soft.get(asked_to_sign()), passkey) == 1, "proven first, judged then: nobody else can play a copy"


@pytest.mark.parametrize(
    ("count", "before", "copied"),
    [(0, 0, False), (1, 0, False), (2, 1, False), (1, 1, True), (1, 2, True), (0, 2, True)],
)
def test_a_counter_that_does_not_move_on_shows_a_copied_key(count: int, before: int, copied: bool):
    assert passkeys.goes_back(count, before) is copied


def test_somebody_elses_key_or_signature_is_refused():
    soft, passkey = signed_up()
    other, _ = signed_up()
    assert refused(sign_in, other.get(asked_to_sign()), passkey) == "passkey.unknown"
    other.id = soft.id
    assert refused(sign_in, other.get(asked_to_sign()), passkey) == "passkey.not_accepted"


def test_a_registration_answer_cannot_stand_in_for_a_sign_in():
    soft, passkey = signed_up()
    answer = soft.get(asked_to_sign())
    answer["response"]["clientDataJSON"] = soft.create(asked_to_create())["response"]["clientDataJSON"]
    assert refused(sign_in, answer, passkey) == "passkey.not_accepted"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "x",
        {},
        {"response": []},
        {"id": "A", "response": {"clientDataJSON": 1}},
        {"id": "AAAA", "response": {"clientDataJSON": b64url(b"[]")}},
        {"id": 5, "response": {"clientDataJSON": b64url(b"{}")}},
        {"id": "A+/=", "response": {"clientDataJSON": b64url(b"{}")}},
        {"response": {"clientDataJSON": b64url(b"[" * 9000)}},
        {"id": "A" * 30_000, "response": {"clientDataJSON": b64url(b"{}")}},
    ],
)
def test_an_unreadable_answer_is_refused_and_breaks_nothing(answer: object):
    _, passkey = signed_up()
    assert refused(sign_in, answer, passkey) == "passkey.unreadable"
    assert refused(passkeys.verify_registration, PARTY, answer, challenge=CHALLENGE).startswith("passkey.")


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_mangled_answer_is_refused_and_breaks_nothing(data: st.DataObject):
    soft = SoftPasskey(PARTY.id, PARTY.origin)
    answer = soft.create(asked_to_create())
    raw = bytearray(b64url_bytes(answer["response"]["attestationObject"]))
    start = data.draw(st.integers(0, len(raw) - 1))
    raw[start : start + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=12))
    answer["response"]["attestationObject"] = b64url(bytes(raw))
    try:
        passkeys.verify_registration(PARTY, answer, challenge=CHALLENGE)
    except Refusal as refusal:
        assert refusal.code in {"passkey.unreadable", "passkey.not_accepted"}


UNASKED = ("crossOrigin", "ES384", "Ed448")  # Made in a frame, or by an algorithm that we do not ask for.
EXAMPLE = passkeys.RelyingParty(id="example.org", origin="https://example.org")


@pytest.fixture
def vectors(shared: Path) -> list[dict[str, Any]]:
    """Give the credentials of the WebAuthn standard's own test vectors."""
    content = json.loads((shared / "data/adversarial/webauthn/w3c-vectors-1.json").read_text("utf-8"))
    return [vector for vector in content["vectors"] if "registration" in vector]


def answer_of(part: dict[str, str], credential_id: str) -> dict[str, Any]:
    names = ("clientDataJSON", "attestationObject", "authenticatorData", "signature")
    handle = b64url(bytes.fromhex(credential_id))
    response = {name: b64url(bytes.fromhex(part[name])) for name in names if name in part}
    return {"id": handle, "rawId": handle, "type": "public-key", "response": response}


@pytest.mark.shared
def test_the_w3c_vectors_are_believed_or_refused_for_a_known_reason(vectors: list[dict[str, Any]]):
    assert len(vectors) == 8
    for vector in vectors:
        made = vector["registration"]
        answer, challenge = answer_of(made, made["credential_id"]), bytes.fromhex(made["challenge"])
        verdict = outcome(passkeys.verify_registration, EXAMPLE, answer, challenge=challenge)
        assert verdict == expected(vector["title"], made), vector["title"]


@pytest.mark.shared
def test_the_signatures_of_the_w3c_vectors_are_checked(vectors: list[dict[str, Any]]):
    for vector in (each for each in vectors if not any(part in each["title"] for part in UNASKED)):
        made, used = vector["registration"], vector["authentication"]
        passkey = passkeys.NewPasskey(b64url(bytes.fromhex(made["credential_id"])), public_key_of(made), 0)
        signed, challenge = answer_of(used, made["credential_id"]), bytes.fromhex(used["challenge"])
        verified = flags_of(used["authenticatorData"]) & VERIFIED
        assert sign(signed, challenge, passkey) == (None if verified else "passkey.user_not_verified"), vector["title"]
        signed["response"]["signature"] = b64url(b"0" * 70)
        assert sign(signed, challenge, passkey) == "passkey.not_accepted", vector["title"]


def sign(answer: dict[str, Any], challenge: bytes, passkey: passkeys.NewPasskey) -> str | None:
    return outcome(passkeys.verify_authentication, EXAMPLE, answer, challenge=challenge, passkey=passkey)


def public_key_of(made: dict[str, str]) -> bytes:
    parsed = parse_attestation_object(bytes.fromhex(made["attestationObject"]))
    return parsed.auth_data.attested_credential_data.credential_public_key


def outcome(call: Any, *args: Any, **named: Any) -> str | None:
    try:
        call(*args, **named)
    except Refusal as refusal:
        return refusal.code
    return None


def expected(title: str, made: dict[str, str]) -> str | None:
    if '"crossOrigin":true' in bytes.fromhex(made["clientDataJSON"]).decode():
        return "passkey.cross_origin"
    if "ES384" in title or "Ed448" in title:
        return "passkey.not_accepted"  # Not among the algorithms we ask for.
    return None if flags_of(made["attestationObject"]) & VERIFIED else "passkey.user_not_verified"


def flags_of(hexadecimal: str) -> int:
    """Give the flags byte: it follows the hash of the host name."""
    raw, about = bytes.fromhex(hexadecimal), hashlib.sha256(b"example.org").digest()
    return raw[raw.index(about) + len(about)]

"""Webhooks are believed only whole: published vectors, the vendors' own libraries beside us, and eight ways to corrupt one."""

import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks
import stripe
import svix
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers

from commentbox.server.base.errors import Refusal
from commentbox.server.base.signing import standard_key
from commentbox.server.verification.providers.dialects import DIALECTS
from commentbox.server.verification.providers.macs import Claim, check, is_mac, stamped, standard
from tests.hosted.checker import Held
from tests.hosted.voices import VOICES, secret_of

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
STAMPED = ("stripe", "persona", "standard")
Event = tuple[dict[str, str], bytes]


def believed(dialect: str, event: Event, *secrets: str, now: datetime = NOW) -> str:
    """Give '' for an event that is believed, else the code it is refused with."""
    spoken = DIALECTS[dialect]
    keys = [spoken.key(each) for each in secrets or (secret_of(dialect),)]
    try:
        check(spoken.signs(Headers(event[0]), event[1]), keys, now=now)
    except Refusal as refusal:
        return refusal.code
    return ""


def event(dialect: str, number: int = 7, *, at: int = AT, secret: str = "") -> Event:
    held = Held("session-1", dialect, "", outcome="verified", name="Ada Lovelace", number="X1")
    return VOICES[dialect].event(held, number, at, secret or secret_of(dialect))


def test_the_mac_agrees_with_the_published_vectors(shared: Path):
    file = shared / "data" / "adversarial" / "wycheproof" / "hmac_sha256_test.json"
    checked = 0
    for group in json.loads(file.read_text())["testGroups"]:
        if group["tagSize"] != 256:
            continue
        for each in group["tests"]:
            claim = Claim(bytes.fromhex(each["msg"]), bytes.fromhex(each["tag"]))
            assert is_mac(bytes.fromhex(each["key"]), claim) == (each["result"] == "valid"), each["tcId"]
            checked += 1
    assert checked > 50


def test_standard_webhooks_agrees_with_its_published_vector(shared: Path):
    text = (shared / "data" / "adversarial" / "webhooks" / "standard-webhooks-test_webhooks.py.txt").read_text()
    published = text[text.index("def test_sign_function") :]
    secret, name, body, signature = (
        re.search(rf"{word} = ['\"](.*)['\"]\n", published).group(1)
        for word in ("key", "msg_id", "payload", "expected")
    )
    headers = {"webhook-id": name, "webhook-timestamp": "1614265330", "webhook-signature": signature}
    check(standard(headers, body.encode()), [standard_key(secret)], now=datetime.fromtimestamp(1614265330, UTC))
    for spelling in ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr"):
        assert standard_key(spelling) == standard_key("whsec_" + spelling)
    for nonsense in ("", "whsec_", "whsec_!"):
        with pytest.raises(ValueError):
            standard_key(nonsense)


@settings(max_examples=25)
@given(body=st.binary(max_size=200), secret=st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=1))
def test_stripes_own_library_signs_as_we_check(body: bytes, secret: str):
    text = body.decode("latin-1")
    signature = stripe.WebhookSignature._compute_signature(f"{AT}.{text}", secret)
    claims = stamped("stripe-signature")({"stripe-signature": f"t={AT},v1={signature}"}, text.encode())
    check(claims, [secret.encode()], now=NOW)


@given(body=st.text(st.characters(exclude_categories=["Cs"]), max_size=200), key=st.binary(min_size=24, max_size=64))
def test_the_libraries_of_standard_webhooks_and_svix_sign_as_we_check(body: str, key: bytes):
    secret = "whsec_" + base64.b64encode(key).decode()
    for library in (standardwebhooks.Webhook, svix.Webhook):
        signature = library(secret).sign("msg_1", NOW, body)
        headers = {"webhook-id": "msg_1", "webhook-timestamp": str(AT), "webhook-signature": signature}
        check(standard(headers, body.encode()), [standard_key(secret)], now=NOW)


def test_what_we_are_sent_in_the_tests_is_what_the_libraries_believe():
    now = datetime.now(UTC)
    headers, body = event("stripe", at=int(now.timestamp()))
    assert stripe.WebhookSignature.verify_header(body.decode(), headers["stripe-signature"], secret_of("stripe"), 300)
    headers, body = event("standard", at=int(now.timestamp()))
    assert standardwebhooks.Webhook(secret_of("standard")).verify(body, headers)
    svix.Webhook(secret_of("standard")).verify(body, headers)  # It raises where it does not believe.


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_honest_event_is_believed_under_either_of_two_secrets(dialect: str):
    other = base64.b64encode(b"another secret of the tests").decode()
    for number in (6, 7):
        assert believed(dialect, event(dialect, number)) == ""
        assert believed(dialect, event(dialect, number), other, secret_of(dialect)) == ""
        assert believed(dialect, event(dialect, number, secret=other), other, secret_of(dialect)) == ""
        assert believed(dialect, event(dialect, number), other) == "webhook.not_authentic"


def changed_header(change: Callable[[str], str]) -> Callable[[Event], Event]:
    """Change the header that holds the signature."""

    def corrupt(sent: Event) -> Event:
        signature = next(name for name in sent[0] if "signature" in name or name == "x-payload-digest")
        return sent[0] | {signature: change(sent[0][signature])}, sent[1]

    return corrupt


def other_last(text: str) -> str:
    """Change the last sign of every MAC in a header, v0 and the like aside."""
    return re.sub(r"([0-9a-f]{63})([0-9a-f])", lambda m: m[1] + ("0" if m[2] != "0" else "1"), text).replace(
        "=", "=" if "t=" in text else "A"
    )


CORRUPTIONS: dict[str, Callable[[Event], Event]] = {
    "a byte of the body": lambda sent: (sent[0], sent[1].replace(b"session-1", b"session-2")),
    "a space at its end": lambda sent: (sent[0], sent[1] + b" "),
    "the same JSON written otherwise": lambda sent: (sent[0], json.dumps(json.loads(sent[1]), indent=1).encode()),
    "no body": lambda sent: (sent[0], b""),
    "no signature": changed_header(lambda _text: ""),
    "half a signature": changed_header(lambda text: text[: len(text) // 2]),
    "another signature": changed_header(other_last),
    "no headers at all": lambda sent: ({}, sent[1]),
}


@pytest.mark.parametrize("corruption", CORRUPTIONS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_corrupted_event_is_never_believed(dialect: str, corruption: str):
    for number in (6, 7):
        sent = CORRUPTIONS[corruption](event(dialect, number))
        assert sent != event(dialect, number)
        assert believed(dialect, sent) == "webhook.not_authentic"


@pytest.mark.parametrize("dialect", STAMPED)
def test_an_event_of_another_time_is_stale_before_and_after(dialect: str):
    for seconds, code in ((-301, "webhook.stale"), (301, "webhook.stale"), (-300, ""), (300, "")):
        assert believed(dialect, event(dialect, at=AT + seconds)) == code
    moved = {name: value.replace(str(AT), str(AT + 600)) for name, value in event(dialect)[0].items()}
    later = datetime.fromtimestamp(AT + 600, UTC)
    assert believed(dialect, (moved, event(dialect)[1]), now=later) == "webhook.not_authentic"


@settings(max_examples=25)
@given(header=st.text(max_size=80), body=st.binary(max_size=40))
def test_no_header_breaks_the_reading(header: str, body: bytes):
    names = ("stripe-signature", "persona-signature", "x-hmac-signature", "x-sha2-signature", "x-payload-digest")
    headers: dict[str, Any] = dict.fromkeys((*names, "webhook-signature", "webhook-id", "x-payload-digest-alg"), header)
    for spoken in DIALECTS.values():
        for stamp in (header, str(AT)):
            with pytest.raises(Refusal):
                check(spoken.signs(headers | {"webhook-timestamp": stamp}, body), [b"key"], now=NOW)

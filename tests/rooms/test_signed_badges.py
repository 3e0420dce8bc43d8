"""Signed badges: what one says, that nobody else can make or change one, and that it ends."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jws
from joserfc.jwk import OKPKey

from commentbox.server.base.errors import Refusal
from commentbox.server.base.signing import Keyring, b64url, b64url_bytes
from commentbox.server.verification import signed_badges

NOW = datetime(2026, 11, 25, 9, 41, 12, tzinfo=UTC)
OURS = Keyring(b"a secret that only the tests know")
CLAIMS = {"sub": "06f8abcd01234567", "tier": "verified", "kind": "person", "text_sha256": signed_badges.text_hash("é")}


def signed(now: datetime = NOW, keyring: Keyring = OURS) -> str:
    return signed_badges.sign(keyring, CLAIMS, issuer="https://comments.example", now=now)


def refused(token: str, *, now: datetime = NOW, keyring: Keyring = OURS) -> str:
    with pytest.raises(Refusal) as refusal:
        signed_badges.read(token, signed_badges.published_keys(keyring, now), now=now)
    return refusal.value.code


def test_it_says_what_was_signed_and_ends_within_a_day():
    keys = signed_badges.published_keys(OURS, NOW)
    claims = signed_badges.read(signed(), keys, now=NOW)
    assert CLAIMS.items() <= claims.items() and claims["iss"] == "https://comments.example"
    assert claims["exp"] - claims["iat"] == 24 * 3600
    assert not any("d" in key for key in keys), "no private key is published"
    assert refused(signed(), now=NOW + timedelta(hours=24)) == "badge.expired"


def test_everybody_gets_the_same_bytes_within_an_hour():
    assert signed() == signed(NOW.replace(minute=0, second=0)) != signed(NOW + timedelta(hours=1))


def test_keys_change_every_month_and_overlap_so_that_every_badge_ends_before_its_key():
    late = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    names = [key["kid"] for key in signed_badges.published_keys(OURS, late)]
    assert names == ["2026-11", "2026-12", "2027-01"]
    after = late + timedelta(hours=20)
    assert (
        signed_badges.read(signed(late), signed_badges.published_keys(OURS, after), now=after)["sub"] == CLAIMS["sub"]
    )
    ahead = signed_badges.published_keys(OURS, late)
    assert signed_badges.read(signed(after), ahead, now=after), "a copy of the list kept since last month still serves"


def test_another_secret_makes_no_badge_of_ours():
    assert refused(signed(keyring=Keyring(b"somebody else's"))) == "badge.forged"


def test_nothing_in_it_can_be_changed():
    header, payload, signature = signed().split(".")
    said = json.loads(b64url_bytes(payload))
    lied = b64url(json.dumps(said | {"kind": "name"}).encode())
    assert refused(f"{header}.{lied}.{signature}") == "badge.forged"
    other = b64url(json.dumps({"alg": "Ed25519", "kid": "2026-10", "typ": "badge+jwt"}).encode())
    assert refused(f"{other}.{payload}.{signature}") == "badge.forged"
    none = b64url(json.dumps({"alg": "none", "kid": "2026-11", "typ": "badge+jwt"}).encode())
    assert refused(f"{none}.{payload}.") == "badge.unreadable"


@pytest.mark.parametrize("token", ["", "a.b.c", "é.é.é", "x" * 5000, "..", "e30.e30.e30"])
def test_what_is_no_token_is_refused_in_the_same_words(token: str):
    assert refused(token) == "badge.unreadable"


SPOILT = (
    {"exp": 4_000_000_000},
    {"iat": 4_000_000_000, "exp": 4_000_000_100},
    {"exp": 10**30},
    {"sub": None},
    {"kind": 7},
)


@pytest.mark.parametrize("change", SPOILT)
def test_even_our_own_signature_under_a_claim_out_of_shape_counts_for_nothing(change: dict):
    said = json.loads(b64url_bytes(signed().split(".")[1]))
    seed = OURS.key("signed-badge:2026-11")
    public = next(key for key in signed_badges.published_keys(OURS, NOW) if key["kid"] == "2026-11")
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "d": b64url(seed), "x": public["x"], "kid": "2026-11"})
    header = {"alg": "Ed25519", "kid": "2026-11", "typ": "badge+jwt"}
    token = jws.serialize_compact(header, json.dumps(said | change), key, ["Ed25519"])
    assert refused(token) == "badge.unreadable"

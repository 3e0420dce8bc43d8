"""The OpenID adapter against a provider that lies, fails and hangs: nothing it says is believed or quoted."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from commentbox.server.base.errors import Refusal, Unavailable
from commentbox.server.base.signing import b64url
from commentbox.server.verification.providers import Begin, Result
from commentbox.server.verification.providers import http as provider_http
from commentbox.server.verification.providers.oidc import OidcProvider
from tests.oidc.certified import RETURN_URL, SECRET
from tests.oidc.configured import CLIENT_ID, Configured
from tests.oidc.crooked import Crooked, crooked, other_key

PAPER_NAME = "Ada Lovelace"


@pytest.fixture
def liar() -> Iterator[Crooked]:
    with crooked() as running:
        yield running


@pytest.fixture
def configured(tmp_path: Path) -> Configured:
    return Configured(tmp_path)


class Asked:
    """One attempt at the crooked provider, ready to come back."""

    def __init__(self, provider: OidcProvider, liar: Crooked, keep: dict[str, Any]) -> None:
        self.provider, self.liar, self.keep = provider, liar, keep
        liar.claims = liar.honest_claims(keep["nonce"])

    async def result(self, **params: str) -> Result:
        return await self.provider.complete(self.keep, {"code": "code-1"} | params)

    async def reason(self, **params: str) -> str:
        with pytest.raises(Refusal) as caught:
            await self.result(**params)
        assert caught.value.code == "provider.bad_answer"
        assert set(caught.value.data) == {"reason"}
        return caught.value.data["reason"]


@pytest.fixture
async def asked(liar: Crooked, configured: Configured) -> Asked:
    provider = configured(liar.issuer)
    redirect = await provider.begin(Begin(state="s", return_url=RETURN_URL))
    return Asked(provider, liar, redirect.keep)


async def test_the_request_carries_pkce_nonce_state_and_no_secret(liar: Crooked, configured: Configured):
    provider = configured(liar.issuer, parameters={"prompt": "login"}, acr_values=["high"])
    redirect = await provider.begin(Begin(state="state-1", return_url=RETURN_URL, lang="ar"))
    asked = {name: values[0] for name, values in parse_qs(urlsplit(redirect.url).query).items()}
    assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
    assert asked["nonce"] == redirect.keep["nonce"] and asked["state"] == "state-1"
    assert (asked["response_type"], asked["prompt"], asked["ui_locales"]) == ("code", "login", "ar")
    assert redirect.keep["verifier"] not in redirect.url and SECRET not in redirect.url
    assert "state-1" not in repr(redirect) and redirect.keep["verifier"] not in repr(redirect)


async def test_the_crooked_provider_can_be_honest(asked: Asked):
    result = await asked.result()
    assert (result.subject, result.stated_name) == ("subject-1", PAPER_NAME)
    form = asked.liar.forms[0]
    assert (form["code"], form["redirect_uri"]) == ("code-1", RETURN_URL)
    assert form["authorization"].startswith("Basic ") and SECRET not in str(form)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": 7}, "nonce"),
        ({"iss": "https://other.example"}, "claims"),
        ({"aud": "another-client"}, "claims"),
        ({"aud": []}, "claims"),
        ({"aud": [CLIENT_ID, "another"]}, "party"),
        ({"aud": [CLIENT_ID, "another"], "azp": "another"}, "party"),
        ({"azp": "another"}, "party"),
        ({"exp": int(time.time()) - 90}, "expired"),
        ({"exp": "soon"}, "claims"),
        ({"exp": True}, "claims"),
        ({"iat": int(time.time()) + 600}, "claims"),
        ({"iat": int(time.time()) - 3600}, "expired"),
        ({"nbf": int(time.time()) + 600}, "claims"),
        ({"sub": ""}, "claims"),
        ({"sub": 5}, "claims"),
        ({"sub": "s" * 256}, "claims"),
    ],
)
async def test_a_token_that_says_the_wrong_thing_is_refused(asked: Asked, change: dict[str, Any], why: str):
    asked.liar.claims |= change
    assert await asked.reason() == why


@pytest.mark.parametrize("missing", ["iss", "aud", "sub", "exp", "iat", "nonce"])
async def test_a_token_that_leaves_something_out_is_refused(asked: Asked, missing: str):
    del asked.liar.claims[missing]
    assert await asked.reason() == ("nonce" if missing == "nonce" else "claims")


async def test_a_token_for_several_audiences_may_name_us_as_its_party(asked: Asked):
    asked.liar.claims |= {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID}
    assert (await asked.result()).subject == "subject-1"


def handmade(header: dict[str, Any], claims: dict[str, Any], secret: bytes | None = None) -> str:
    """Write a token as no honest library would: unsigned, or with an HMAC over any bytes."""
    signed = f"{b64url(json.dumps(header).encode())}.{b64url(json.dumps(claims).encode())}"
    return f"{signed}.{b64url(hmac.digest(secret, signed.encode(), hashlib.sha256)) if secret else ''}"


async def test_an_unsigned_token_is_refused(asked: Asked):
    for alg in ("none", "None", "NONE", ""):
        header = {"alg": alg, "kid": asked.liar.key.kid}
        asked.liar.token = lambda header=header: handmade(header, asked.liar.claims)
        assert await asked.reason() == "algorithm"


async def test_a_public_key_cannot_be_used_as_a_shared_secret(asked: Asked):
    liar = asked.liar
    for secret in (liar.key.as_pem(private=False), SECRET.encode()):
        header = {"alg": "HS256", "kid": liar.key.kid}
        liar.token = lambda header=header, secret=secret: handmade(header, liar.claims, secret)
        assert await asked.reason() == "algorithm"


async def test_a_symmetric_key_in_the_key_set_is_ignored(asked: Asked):
    liar = asked.liar
    shared = OctKey.generate_key(256, auto_kid=True)
    liar.body["/jwks"] = b'{"keys": [{"kty": "oct", "kid": "%s", "k": "AAAA"}]}' % shared.kid.encode()
    liar.token = lambda: jwt.encode({"alg": "RS256", "kid": shared.kid}, liar.claims, liar.key, ["RS256"])
    assert await asked.reason() == "key"


async def test_a_token_signed_by_another_key_is_refused(asked: Asked):
    thief = RSAKey.generate_key(2048)
    header = {"alg": "RS256", "kid": asked.liar.key.kid}
    asked.liar.token = lambda: jwt.encode(header, asked.liar.claims, thief, ["RS256"])
    assert await asked.reason() == "signature"


async def test_a_key_that_travels_in_the_token_is_not_believed(asked: Asked):
    thief = RSAKey.generate_key(2048)
    header = {"alg": "RS256", "kid": asked.liar.key.kid, "jwk": thief.as_dict(private=False)}
    asked.liar.token = lambda: jwt.encode(header, asked.liar.claims, thief, ["RS256"])
    assert await asked.reason() == "signature"


async def test_an_altered_token_is_refused(asked: Asked):
    honest = str(asked.liar.id_token())
    head, _, tail = honest.split(".")
    forged = b64url(str(asked.liar.claims | {"sub": "victim"}).replace("'", '"').encode())
    asked.liar.token = lambda: f"{head}.{forged}.{tail}"
    assert await asked.reason() == "signature"


@pytest.mark.parametrize("token", [None, 7, "", "a", "a.b", "a.b.c", "é.é.é", "." * 9, "x" * 40_000, {"a": 1}])
async def test_something_that_is_no_token_is_refused(asked: Asked, token: object):
    asked.liar.token = lambda: token
    assert await asked.reason() == "token"


async def test_new_signing_keys_are_found_and_old_ones_forgotten(asked: Asked):
    await asked.result()
    retired, asked.liar.key, asked.liar.algorithm = asked.liar.key, other_key(), "ES256"
    assert (await asked.result()).subject == "subject-1"
    assert asked.liar.asked.count("/jwks") == 2
    await asked.result()
    assert asked.liar.asked.count("/jwks") == 2, "known keys are not asked for again"
    asked.liar.key, asked.liar.algorithm, asked.liar.published = retired, "RS256", [asked.liar.key]
    assert await asked.reason() == "key"


async def test_a_key_without_a_name_is_used_only_where_there_is_no_choice(asked: Asked):
    liar = asked.liar
    liar.token = lambda: jwt.encode({"alg": "RS256"}, liar.claims, liar.key, ["RS256"])
    assert (await asked.result()).subject == "subject-1"
    liar.published = [liar.key, ECKey.generate_key("P-256", auto_kid=True)]
    assert await asked.reason() == "key"


async def test_userinfo_must_be_about_the_same_person(asked: Asked):
    del asked.liar.claims["name"]
    asked.liar.userinfo = {"sub": "subject-1", "name": "Ada King"}
    assert (await asked.result()).stated_name == "Ada King"
    for about in ({"sub": "subject-2", "name": "Ada King"}, {"name": "Ada King"}, {"sub": None}):
        asked.liar.userinfo = about
        assert await asked.reason() == "userinfo"
    asked.liar.userinfo = {"sub": "subject-1"}
    assert (await asked.result()).stated_name is None


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"error": "access_denied"}, "provider.declined"),
        ({"error": "login_required"}, "provider.declined"),
        ({"error": "invalid_request", "error_description": "secret"}, "provider.bad_answer"),
        ({"error": "temporarily_unavailable"}, "provider.bad_answer"),
        ({"code": ""}, "provider.bad_answer"),
    ],
)
async def test_a_redirect_that_brings_an_error_is_refused_without_quoting_it(
    asked: Asked, params: dict[str, str], code: str
):
    with pytest.raises(Refusal) as caught:
        await asked.result(**params)
    assert caught.value.code == code
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"issuer": "https://other.example"}, "issuer"),
        ({"token_endpoint": "http://other.example/token"}, "address"),
        ({"jwks_uri": None}, "address"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "address"),
    ],
)
async def test_a_discovery_document_that_does_not_fit_is_refused(
    liar: Crooked, configured: Configured, document: dict[str, Any], why: str
):
    liar.document = document
    with pytest.raises(Refusal) as caught:
        await configured(liar.issuer).begin(Begin(state="s", return_url=RETURN_URL))
    assert (caught.value.code, caught.value.data) == ("provider.bad_answer", {"reason": why})


@pytest.mark.parametrize(
    ("path", "status", "body", "why"),
    [
        ("/token", 302, b"{}", "token_endpoint"),
        ("/token", 200, b"not json", "json"),
        ("/token", 200, b"[]", "json"),
        ("/token", 200, b"[" * 50_000, "json"),
        ("/token", 200, b"x" * 300_000, "size"),
        ("/token", 401, b'{"error": "invalid_client"}', "token_endpoint"),
        ("/jwks", 404, b"{}", "status"),
        ("/jwks", 200, b'{"keys": 1}', "keys"),
        ("/jwks", 200, b'{"keys": [1, {"kty": "RSA"}, {"kty": "EC", "crv": "x"}]}', "key"),
    ],
)
async def test_an_answer_out_of_shape_is_refused(asked: Asked, path: str, status: int, body: bytes, why: str):
    asked.liar.status[path], asked.liar.body[path] = status, body
    assert await asked.reason() == why
    assert "/elsewhere" not in asked.liar.asked, "redirects are not followed"


async def test_a_provider_that_fails_hangs_or_is_away_is_unreachable(
    asked: Asked, configured: Configured, monkeypatch: pytest.MonkeyPatch
):
    asked.liar.status["/token"] = 503
    with pytest.raises(Unavailable, match=r"provider\.unreachable"):
        await asked.result()
    monkeypatch.setattr(provider_http, "TIMEOUT", httpx.Timeout(0.2))
    asked.liar.status, asked.liar.body = {}, {"/token": b"hang"}
    with pytest.raises(Unavailable, match=r"provider\.unreachable"):
        await asked.result()
    with pytest.raises(Unavailable, match=r"provider\.unreachable"):
        await configured("http://127.0.0.1:9").begin(Begin(state="s", return_url=RETURN_URL))


def test_plain_http_is_for_this_machine_only(configured: Configured):
    for issuer in (
        "http://id.example",
        "ftp://id.example",
        "https://id.example?x=1",
        "id.example",
        "https://u:p@id.example",
    ):
        with pytest.raises(ValueError, match="https"):
            configured(issuer)
    assert configured("http://localhost:9000").name == "certified"

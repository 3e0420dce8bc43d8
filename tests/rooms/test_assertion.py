"""The signature of a trusted checker: believed only for us, for this attempt, for some minutes and once."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Refusal
from commentbox.server.base.signing import Keyring
from commentbox.server.verification import journey
from commentbox.server.verification.models import Attestation
from commentbox.server.verification.providers import Begin, Redirect
from commentbox.server.verification.providers.assertion import AssertionProvider
from commentbox.server.verification.providers.jose import ALGORITHMS, Keys, read_signed
from tests.factories import how_many, make_person
from tests.hosted.counter import Counter
from tests.oidc.crooked import Crooked, crooked

RETURN_URL = "http://comments.localhost:8000/verify/callback/counter"


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    return Counter(tmp_path)


async def begin(provider: AssertionProvider) -> Redirect:
    return await provider.begin(Begin(state="state-1", return_url=RETURN_URL))


async def reason(provider: AssertionProvider, redirect: Redirect, params: dict[str, str]) -> str:
    with pytest.raises(Refusal) as caught:
        await provider.complete(redirect.keep, params)
    return str(caught.value.data.get("reason", caught.value.code))


async def test_a_statement_is_read(counter: Counter):
    provider = counter.provider()
    redirect = await begin(provider)
    result = await provider.complete(redirect.keep, counter.answer(redirect.url, until=int(time.time()) + 86_400))
    assert (result.subject, result.stated_name, result.method) == ("member 7", "Ada Lovelace", "in_person")
    assert result.until is not None and (result.until - clock.now()).days <= 1


NOW = int(time.time())
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another issuer": ({"iss": "https://other.example"}, "claims"),
    "another audience": ({"aud": "another"}, "claims"),
    "no audience": ({"aud": None}, "claims"),
    "no id": ({"jti": None}, "claims"),
    "an empty id": ({"jti": ""}, "claims"),
    "no subject": ({"sub": ""}, "claims"),
    "a subject of another make": ({"sub": 7}, "claims"),
    "no end": ({"exp": None}, "claims"),
    "over": ({"iat": NOW - 500, "exp": NOW - 100}, "claims"),
    "of tomorrow": ({"iat": NOW + 86_400, "exp": NOW + 86_500}, "claims"),
    "good for an hour": ({"exp": NOW + 3_600}, "lifetime"),
    "of another attempt": ({"nonce": "another"}, "nonce"),
    "of no attempt": ({"nonce": None}, "nonce"),
    "made for something else": ({"header": {"typ": "JWT"}}, "token"),
    "a key nobody published": ({"header": {"kid": "unknown"}}, "key"),
}


@pytest.mark.parametrize("fault", WRONG)
async def test_a_statement_that_does_not_hold_is_refused(counter: Counter, fault: str):
    claims, said = WRONG[fault]
    provider = counter.provider()
    redirect = await begin(provider)
    assert await reason(provider, redirect, counter.answer(redirect.url, **claims)) == said


async def test_a_forged_or_changed_statement_is_refused(counter: Counter, tmp_path: Path):
    (tmp_path / "other").mkdir()
    provider = counter.provider()
    redirect = await begin(provider)
    forged = Counter(tmp_path / "other").answer(redirect.url, header={"kid": counter.key.kid})
    assert await reason(provider, redirect, forged) == "signature"
    honest = counter.answer(redirect.url)["assertion"]
    for broken in ("", "a.b.c", honest[:-4] + "AAAA", honest.rpartition(".")[0] + ".", "é"):
        assert await reason(provider, redirect, {"assertion": broken}) in ("token", "signature")
    assert await reason(provider, redirect, {"error": "access_denied"}) == "provider.declined"


async def test_keys_may_turn(counter: Counter):
    provider = counter.provider()
    for _ in range(2):
        redirect = await begin(provider)
        assert (await provider.complete(redirect.keep, counter.answer(redirect.url))).subject == "member 7"
        retired = counter.key
        counter.turn_key()
    counter.key = retired
    assert await reason(counter.provider(), redirect, counter.answer(redirect.url)) == "key"


async def test_keys_may_be_published_at_an_address(counter: Counter):
    with crooked() as publisher:
        assert isinstance(publisher, Crooked)
        publisher.published = [counter.key]
        provider = counter.provider(jwks_uri=f"{publisher.issuer}/jwks")
        redirect = await begin(provider)
        assert (await provider.complete(redirect.keep, counter.answer(redirect.url))).subject == "member 7"
        publisher.status["/jwks"] = 503
        fresh = counter.provider(jwks_uri=f"{publisher.issuer}/jwks")
        assert await reason(fresh, redirect, counter.answer(redirect.url)) == "provider.unreachable"


async def test_one_statement_earns_once(db: Database, keyring: Keyring, counter: Counter):
    provider, codes = counter.provider(), []
    for _ in range(2):
        person = await make_person(db)
        leaver = journey.Leaver(account_id=person.account_id, return_url=RETURN_URL)
        leaving = await journey.leave(db, provider, leaver=leaver, fresh=True)
        params = counter.answer(leaving.url, jti="statement of mine", sub=person.account_id)
        returning = journey.Returning(person.account_id, leaving.browser, params)
        try:
            await journey.come_back(db, provider, returning, keyring=keyring, badge_months=24)
        except Refusal as refusal:
            codes.append(refusal.code)
    assert codes == ["verification.attempt_gone"] and await how_many(db, Attestation) == 1


async def test_the_published_vectors_of_signatures_are_read_as_they_should_be(shared: Path):
    file = shared / "data" / "adversarial" / "wycheproof" / "json_web_signature_test.json"
    checked = 0
    for group in json.loads(file.read_text())["testGroups"]:
        public = group.get("public")
        if public is None or public.get("kty") == "oct":
            continue

        async def published(public: dict[str, Any] = public) -> dict[str, Any]:
            return {"keys": [public]}

        for each in group["tests"]:
            if each["result"] != "invalid" or not isinstance(each["jws"], str):
                continue
            with pytest.raises(Refusal):
                await read_signed(each["jws"], Keys(published))
            checked += 1
    assert checked > 20
    assert "none" not in ALGORITHMS and not any(each.startswith("HS") for each in ALGORITHMS)

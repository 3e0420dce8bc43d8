"""The OpenID adapter against the certified provider, over real HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from commentbox.server.base import clock
from commentbox.server.base.errors import Refusal
from commentbox.server.verification.providers import Begin, Result
from commentbox.server.verification.providers.oidc import OidcProvider
from tests.oidc.certified import RETURN_URL, Certified, certified
from tests.oidc.configured import Configured

PAPER_NAME = "Ada Lovelace"


@pytest.fixture(scope="module")
def real() -> Iterator[Certified]:
    with certified() as running:
        yield running


@pytest.fixture
def configured(tmp_path: Path) -> Configured:
    return Configured(tmp_path)


async def walk(provider: OidcProvider, real: Certified, **person: str) -> Result:
    redirect = await provider.begin(Begin(state="state-1", return_url=RETURN_URL))
    params = real.log_in(redirect.url, **({"account": "ada", "name": PAPER_NAME} | person))
    assert params["state"] == "state-1"
    return await provider.complete(redirect.keep, params)


@pytest.mark.parametrize(("client", "auth"), [("basic", "client_secret_basic"), ("post", "client_secret_post")])
async def test_the_certified_provider_is_understood(real: Certified, configured: Configured, client: str, auth: str):
    result = await walk(configured(real.issuer, client_id=client, auth=auth), real)
    assert (result.outcome, result.method, result.issuer) == ("verified", "bank", real.issuer)
    assert result.stated_name == PAPER_NAME
    assert result.subject and result.subject != "ada", "the subject is pairwise"
    assert abs((result.time - clock.now()).total_seconds()) < 60


async def test_one_person_has_one_subject_at_one_client(real: Certified, configured: Configured):
    provider = configured(real.issuer, client_id="basic")
    first, again = await walk(provider, real), await walk(provider, real, name="Ada King")
    other = await walk(provider, real, account="grace", name="Grace Hopper")
    elsewhere = await walk(configured(real.issuer, client_id="post", auth="client_secret_post"), real)
    assert first.subject == again.subject
    assert len({first.subject, other.subject, elsewhere.subject}) == 3


async def test_a_name_may_come_in_parts_from_the_id_token(real: Certified, configured: Configured):
    wanted = {"id_token": {"given_name": None, "family_name": None}}
    provider = configured(
        real.issuer, client_id="basic", scopes=["openid"], claims=wanted, name_claims=["given_name", "family_name"]
    )
    assert (await walk(provider, real)).stated_name == PAPER_NAME


async def test_a_level_decides_the_method_and_a_lower_one_is_refused(real: Certified, configured: Configured):
    levels = [{"acr": "urn:test:substantial", "method": "document", "assurance": "high"}]
    provider = configured(real.issuer, client_id="basic", acr_values=["urn:test:substantial"], levels=levels)
    result = await walk(provider, real)
    assert (result.method, result.assurance) == ("document", "high")
    with pytest.raises(Refusal, match=r"provider\.level_too_low"):
        await walk(provider, real, acr="urn:test:low")


async def test_a_client_may_sign_instead_of_sharing_a_secret(real: Certified, configured: Configured, tmp_path: Path):
    key = tmp_path / "key.pem"
    key.write_text(real.client_key)
    more: dict[str, Any] = {"client_secret_file": None, "private_key_file": str(key), "auth": "private_key_jwt"}
    result = await walk(configured(real.issuer, client_id="key", private_key_id="of-the-tests", **more), real)
    assert result.stated_name == PAPER_NAME
    key.write_text(ECKey.generate_key("P-256").as_pem(private=True).decode())
    with pytest.raises(Refusal, match=r"provider\.bad_answer"):
        await walk(configured(real.issuer, client_id="key", **more), real)


async def test_a_level_may_be_a_vector_of_trust(real: Certified, configured: Configured):
    wanted = {"id_token": {"vot": None}}
    more: dict[str, Any] = {"client_id": "basic", "claims": wanted}
    high = [{"vot": "P2.Cl.Cm", "method": "document", "assurance": "high"}]
    assert (await walk(configured(real.issuer, vtr=["Cl.Cm.P2"], levels=high, **more), real)).assurance == "high"
    with pytest.raises(Refusal, match=r"provider\.level_too_low"):
        await walk(configured(real.issuer, levels=[{"vot": "Cl.Cm.P3", "method": "document"}], **more), real)


async def test_a_level_may_be_of_verified_claims_and_brings_the_name_that_was_checked(
    real: Certified, configured: Configured
):
    paths = ["verified_claims.claims.given_name", "verified_claims.claims.family_name"]
    more: dict[str, Any] = {"client_id": "basic", "scopes": ["openid", "checked"], "name_claims": paths}
    level = {"trust_framework": "eidas", "assurance_level": "high", "method": "in_person", "assurance": "high"}
    result = await walk(configured(real.issuer, levels=[level], **more), real)
    assert (result.method, result.assurance, result.stated_name) == ("in_person", "high", PAPER_NAME)
    for change in ({"assurance_level": "substantial"}, {"trust_framework": "uk_diatf"}):
        with pytest.raises(Refusal, match=r"provider\.level_too_low"):
            await walk(configured(real.issuer, levels=[level | change], **more), real)


async def test_a_person_may_say_no(real: Certified, configured: Configured):
    provider = configured(real.issuer, client_id="basic")
    redirect = await provider.begin(Begin(state="s", return_url=RETURN_URL))
    with pytest.raises(Refusal, match=r"provider\.declined"):
        await provider.complete(redirect.keep, real.refuse(redirect.url))


async def test_a_code_works_once_and_only_with_its_own_verifier(real: Certified, configured: Configured):
    provider = configured(real.issuer, client_id="basic")
    redirect = await provider.begin(Begin(state="s", return_url=RETURN_URL))
    params = real.log_in(redirect.url, account="ada", name=PAPER_NAME)
    other = await provider.begin(Begin(state="t", return_url=RETURN_URL))
    assert await reason(provider, other.keep, params) == "code"
    params = real.log_in(redirect.url, account="ada", name=PAPER_NAME)
    await provider.complete(redirect.keep, params)
    assert await reason(provider, redirect.keep, params) == "code"


async def test_a_wrong_client_secret_is_a_bad_answer(real: Certified, configured: Configured):
    provider = configured(real.issuer, client_id="basic")
    redirect = await provider.begin(Begin(state="s", return_url=RETURN_URL))
    params = real.log_in(redirect.url, account="ada", name=PAPER_NAME)
    configured.secret_file.write_text("another")
    assert await reason(provider, redirect.keep, params) == "token_endpoint"


async def test_the_certified_provider_signs_its_redirects_and_another_issuer_is_refused(
    real: Certified, configured: Configured
):
    provider = configured(real.issuer, client_id="basic")
    redirect = await provider.begin(Begin(state="s", return_url=RETURN_URL))
    params = real.log_in(redirect.url, account="ada", name=PAPER_NAME)
    assert params["iss"] == real.issuer
    assert await reason(provider, redirect.keep, params | {"iss": "https://other.example"}) == "issuer"
    del params["iss"]
    assert await reason(provider, redirect.keep, params) == "issuer"


async def reason(provider: OidcProvider, keep: dict[str, Any], params: dict[str, str]) -> str:
    with pytest.raises(Refusal) as caught:
        await provider.complete(keep, params)
    assert caught.value.code == "provider.bad_answer"
    assert set(caught.value.data) == {"reason"}
    return caught.value.data["reason"]

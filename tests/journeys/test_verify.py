"""Verifying, as a reader walks it: passkey, a way, consent, the provider, back, the badge, and away with it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.models import OneTime
from commentbox.server.base.settings import Settings
from commentbox.server.verification.models import Attempt, Attestation
from tests.journeys.reader import Reader
from tests.journeys.reading import fields, refresh_of, words
from tests.oidc.certified import SECRET, Certified, certified

RETURN_URL = "http://comments.localhost:8000/verify/callback/certified"


@pytest.fixture(scope="module")
def real() -> Iterator[Certified]:
    with certified(RETURN_URL) as running:
        yield running


@pytest.fixture
def settings(settings: Settings, real: Certified, tmp_path: Path) -> Settings:
    """Give an instance with the certified provider and the demo one."""
    (tmp_path / "secret").write_text(SECRET)
    file = tmp_path / "providers.toml"
    file.write_text(f"""
        [[provider]]
        name = "certified"
        label = "Certified"
        issuer = "{real.issuer}"
        client_id = "basic"
        client_secret_file = "{tmp_path / "secret"}"
        method = "bank"
        uniqueness = "person"
    """)
    return settings.model_copy(update={"providers": str(file), "demo": True})


@pytest.fixture
async def reader(new_visitor: Callable[..., Any]) -> Reader:
    made = Reader(new_visitor())
    await made.sign_up()
    return made


async def test_a_reader_verifies_with_the_certified_provider(reader: Reader, real: Certified, db: Database):
    page = await reader.visitor.open("/verify")
    assert "Certified" in words(page) and "Step 2 of 4" in words(page)
    page = await reader.visitor.open("/verify?way=certified")
    assert "We never keep" in words(page)
    leaving = await reader.leave("certified")
    assert leaving.status_code == 200 and leaving.headers["referrer-policy"] == "no-referrer"
    params = real.log_in(refresh_of(leaving), account="ada", name="Ada Lovelace")
    done = await reader.come_back("certified", params)
    assert done.url.path == "/verify/done"
    assert "Kestrel" in words(done) and "Verified person" in words(done)
    assert '<meta name="cb-verified" content="1">' in done.text
    assert "Ada" not in done.text
    async with db.read() as query:
        row = await query.first(select(Attestation.__table__))
    assert (row.kind, row.method) == ("person", "bank")
    assert "Verified person" in words(await reader.visitor.open("/account"))


async def test_a_name_that_matches_is_a_verified_name_until_it_changes(new_visitor: Any):
    ada = Reader(new_visitor(), "Ada Lovelace")
    await ada.sign_up()
    assert "Verified name" in words(await ada.verify_by_demo("ada", "Ada Lovelace"))
    await ada.visitor.submit("/account/name", {"name": "Kestrel"})
    assert "Verified person" in words(await ada.visitor.open("/account"))


async def test_ones_own_name_is_shown_if_it_is_the_one_the_service_knows(new_visitor: Any, db: Database):
    holder = Reader(new_visitor(), "Ada Lovelace")
    await holder.sign_up()
    ada = Reader(new_visitor(), "Kestrel")
    await ada.sign_up()
    refused = await ada.leave("demo", name="Ada ✓")
    assert refused.status_code == 422 and 'value="Ada ✓"' in refused.text
    page = await ada.visitor.open(refresh_of(await ada.leave("demo", name="Ada Lovelace")))
    form = fields(page, "/verify/finish/demo") | {"subject": "ada", "name": "Ada Lovelace", "method": "bank"}
    done = words(await ada.finish("demo", form))
    async with db.read() as query:
        kinds = {row.kind for row in await query.all(select(OneTime.__table__))}
    assert "wanted-name" not in kinds, "a name that may be somebody's own is not left lying about"
    assert "Ada Lovelace" in done and "Verified name" in done
    assert "Ada Lovelace (2)" in words(await holder.visitor.open("/account"))


async def test_somebody_signed_out_is_sent_to_sign_in_and_back(visitor: Any):
    answer = await visitor.open("/verify?site=&next=/account")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/signin?next=%2Fverify%3Fnext%3D%252Faccount"


async def test_without_consent_nobody_is_asked(reader: Reader, db: Database):
    page = await reader.visitor.open("/verify?way=certified")
    refused = await reader.visitor.submit("/verify", fields(page, "/verify"))
    assert refused.status_code == 422 and "Tick the box" in words(refused)
    async with db.read() as query:
        assert await query.first(select(Attempt.__table__)) is None


async def test_after_five_minutes_the_passkey_is_asked_for_again(reader: Reader):
    clock.advance(minutes=6)
    refused = await reader.leave("demo")
    assert refused.status_code == 403 and 'data-passkey="get"' in refused.text
    leaving = await reader.leave("demo", credential=await reader.prove())
    assert refresh_of(leaving).startswith("/verify/demo?state=")
    assert 'data-passkey="get"' not in (await reader.visitor.open("/verify?way=demo")).text


async def test_somebody_elses_passkey_does_not_do(reader: Reader, new_visitor: Any):
    other = Reader(new_visitor(), "Heron")
    await other.sign_up()
    clock.advance(minutes=6)
    foreign = await reader.leave("demo", credential=await other.prove())
    assert foreign.status_code == 403
    refused = await reader.leave("demo", credential="{}")
    assert refused.status_code == 422 and "We could not read" in words(refused)


async def test_a_person_who_says_no_is_told_and_may_try_again(reader: Reader, real: Certified):
    leaving = await reader.leave("certified")
    refused = await reader.come_back("certified", real.refuse(refresh_of(leaving)))
    assert refused.status_code == 403 and "did not confirm" in words(refused)
    assert 'href="/verify?next=%2Faccount"' in refused.text
    assert "Verified person" in words(await reader.verify_by_demo("ada"))


async def test_a_second_account_is_told_the_ways_out(reader: Reader, new_visitor: Any):
    await reader.verify_by_demo("ada")
    second = Reader(new_visitor(), "Heron")
    await second.sign_up()
    refused = await second.verify_by_demo("ada")
    assert refused.status_code == 409
    assert "You have a verified account here already" in words(refused)
    assert "Sign in to the other account" in words(refused)
    await reader.visitor.submit("/verify/drop", {"next": "/account"})
    assert "Verified person" in words(await second.verify_by_demo("ada"))


async def test_the_badge_goes_at_once_when_its_owner_wishes(reader: Reader):
    await reader.verify_by_demo("ada")
    gone = await reader.visitor.submit("/verify/drop", {})
    assert gone.status_code == 303
    assert "Not verified" in words(await reader.visitor.open("/account"))
    again = await reader.visitor.submit("/verify/drop", {})
    assert again.status_code == 404 and "no badge" in words(again)


async def test_the_way_back_changes_nothing_until_its_form_is_sent(reader: Reader, real: Certified, db: Database):
    leaving = await reader.leave("certified")
    params = real.log_in(refresh_of(leaving), account="ada", name="Ada Lovelace")
    for _ in range(2):
        page = await reader.visitor.open("/verify/callback/certified", came_from="cross-site", params=params)
        assert page.headers["referrer-policy"] == "strict-origin"
        assert page.headers["cache-control"] == "private, no-store"
    async with db.read() as query:
        assert [row.outcome for row in await query.all(select(Attempt.__table__))] == ["pending"]
    assert (await reader.finish("certified", fields(page, "/verify/finish/certified"))).url.path == "/verify/done"


async def test_an_answer_cannot_be_used_twice(reader: Reader, real: Certified):
    leaving = await reader.leave("certified")
    params = real.log_in(refresh_of(leaving), account="ada", name="Ada Lovelace")
    await reader.come_back("certified", params)
    again = await reader.come_back("certified", params)
    assert again.status_code == 410 and "Begin again" in words(again)


async def test_a_foreign_callback_gives_the_victim_nothing(
    reader: Reader, new_visitor: Any, real: Certified, db: Database
):
    mallory = Reader(new_visitor(), "Mallory")
    await mallory.sign_up()
    leaving = await mallory.leave("certified")
    params = real.log_in(refresh_of(leaving), account="mallory", name="Mallory Real")
    await reader.leave("certified")
    refused = await reader.come_back("certified", params)
    assert refused.status_code == 403 and "another browser" in words(refused)
    async with db.read() as query:
        assert await query.first(select(Attestation.__table__)) is None
    assert (await mallory.come_back("certified", params)).url.path == "/verify/done"


@pytest.mark.parametrize(
    "change", [{"state": "guessed"}, {"state": ""}, {"code": "guessed"}, {"iss": "https://evil.example"}]
)
async def test_a_tampered_answer_is_refused(reader: Reader, real: Certified, change: dict[str, str]):
    leaving = await reader.leave("certified")
    params = real.log_in(refresh_of(leaving), account="ada", name="Ada Lovelace") | change
    refused = await reader.come_back("certified", params)
    assert refused.status_code in (410, 422) and "Your account is as it was" in words(refused)
    assert "evil" not in refused.text and "guessed" not in refused.text


@pytest.mark.parametrize(
    "path", ["/verify", "/verify/finish/certified", "/verify/finish/demo", "/verify/drop", "/verify/options"]
)
async def test_no_foreign_page_may_send_these_forms(reader: Reader, path: str):
    for origin in ("https://evil.example", "http://news.localhost:8001", None, "null"):
        refused = await reader.visitor.submit(f"/verify{path}", {"way": "demo", "agree": "yes"}, origin=origin)
        assert refused.status_code == 403, (path, origin)


@pytest.mark.parametrize("path", ["/verify?way=nobody", "/verify/callback/nobody"])
async def test_an_unknown_provider_is_not_found(reader: Reader, path: str):
    assert (await reader.visitor.open(path)).status_code == 404


async def test_trying_again_and_again_is_bounded(reader: Reader):
    for _ in range(10):
        assert (await reader.leave("demo")).status_code == 200
    assert (await reader.leave("demo")).status_code == 429


async def test_everybody_may_read_how_verification_works(visitor: Any):
    page = await visitor.open("/verification")
    assert page.status_code == 200
    for said in ("Certified", "not an endorsement", "24 months", "a second badge", "We never keep"):
        assert said in words(page), said


async def test_the_demo_is_loudly_labelled(reader: Reader):
    leaving = await reader.leave("demo")
    page = await reader.visitor.open(refresh_of(leaving))
    assert "It verifies anybody as anybody" in words(page)
    refused = await reader.finish("demo", fields(page, "/verify/finish/demo") | {"refuse": "1"})
    assert "did not confirm" in words(refused)


class TestWithoutTheDemo:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"demo": False})

    async def test_the_demo_page_and_its_answers_are_refused(self, reader: Reader):
        assert (await reader.visitor.open("/verify/demo?state=x")).status_code == 403
        for call in (reader.visitor.submit("/verify/finish/demo", {"state": "x", "subject": "ada"}),
                     reader.visitor.submit("/verify", {"way": "demo", "agree": "yes"})):  # fmt: skip
            assert (await call).status_code == 404
        assert "verifies anybody" not in words(await reader.visitor.open("/verify"))

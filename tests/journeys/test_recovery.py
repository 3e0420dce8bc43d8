"""Getting a verified account back, as people walk it, and what somebody with less than that gets: nothing."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from commentbox.server import wiring
from commentbox.server.accounts.models import Credential
from commentbox.server.base import clock, jobs
from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings
from commentbox.server.verification.models import Attempt, Attestation
from tests.factories import make_site, make_thread
from tests.journeys.quarrel import PLACE
from tests.journeys.reader import Reader
from tests.journeys.reading import fields, refresh_of, words
from tests.softpasskey import SoftPasskey
from tests.visitor import Visitor

HERE = "http://comments.localhost:8000"
New = Callable[..., Visitor]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"demo": True, "passkey_origins": "https://login.herald.example"})


@pytest.fixture
async def ada(new_visitor: New) -> Reader:
    """Give somebody verified, with a printed code in `ada.code`."""
    made = Reader(new_visitor(), "Kestrel")
    await made.sign_up()
    page = await made.visitor.submit("/account/code", {})
    made.code = page.text.split("<code>")[1].split("</code>")[0]
    await made.verify_by_demo("ada")
    return made


async def later(settings: Settings, **span: float) -> None:
    """Let time pass and the jobs that are due be done."""
    clock.advance(**span)
    instance = wiring.instance(settings)
    await jobs.run_due(instance.db, wiring.workers(instance))
    await instance.db.close()


async def by_code(visitor: Visitor, code: str) -> tuple[SoftPasskey, httpx.Response]:
    """Sign in with the printed code and make a passkey on one's page; give it with the answer."""
    assert (await visitor.submit("/signin/code", {"code": code})).status_code == 303
    options = (await visitor.fetch("/account/passkey/options", method="POST")).json()
    made = SoftPasskey("comments.localhost", HERE)
    return made, await visitor.submit("/account/passkey", {"credential": json.dumps(made.create(options)), "label": ""})


async def by_verifying(visitor: Visitor, name: str, subject: str) -> tuple[SoftPasskey, httpx.Response]:
    """Ask for the account of a name as the person `subject`; give the passkey made for it with the last page."""
    made = SoftPasskey("comments.localhost", HERE)
    options = (await visitor.fetch("/recover/options", method="POST", data={"name": name})).json()
    form = {"name": name, "way": "demo", "agree": "yes", "credential": json.dumps(made.create(options))}
    leaving = await visitor.submit("/recover", form)
    assert leaving.status_code == 200, words(leaving)
    page = await visitor.open(refresh_of(leaving))
    form = fields(page, "/recover/finish/demo") | {"subject": subject, "name": "", "method": "bank"}
    return made, await visitor.submit("/recover/finish/demo", form)


async def signs_in(visitor: Visitor, passkey: SoftPasskey) -> int:
    options = (await visitor.fetch("/signin/options", method="POST")).json()
    return (await visitor.submit("/signin", {"credential": json.dumps(passkey.get(options))})).status_code


async def said_no(reader: Reader) -> httpx.Response:
    options = (await reader.visitor.fetch("/account/prove/options", method="POST")).json()
    credential = json.dumps(reader.passkey.get(options))
    return await reader.visitor.submit("/account/recovery/stop", {"credential": credential})


async def test_by_printed_code_the_new_passkey_works_after_three_days(ada: Any, new_visitor: New, settings: Settings):
    browser = new_visitor()
    new, asked = await by_code(browser, ada.code)
    assert asked.status_code == 303
    page = words(await browser.open("/account"))
    assert "Somebody asks to recover your account" in page and "I lost my passkeys" not in page
    assert await signs_in(new_visitor(), new) == 401
    await later(settings, hours=72)
    assert (await browser.open("/account")).status_code == 303, "every earlier session ended"
    assert await signs_in(new_visitor(), ada.passkey) == 401
    back = new_visitor()
    assert await signs_in(back, new) == 303
    page = words(await back.open("/account"))
    assert "This account was recovered" in page and "Your badge sleeps" in page


async def test_by_verifying_again_the_account_comes_back_with_its_badge(ada: Any, new_visitor: New, settings: Settings):
    new, asked = await by_verifying(new_visitor(), "kestrel", "ada")
    assert asked.status_code == 200 and "It begins to work on" in words(asked), words(asked)
    await later(settings, hours=72)
    back = new_visitor()
    assert await signs_in(back, new) == 303
    assert "Verified person" in words(await back.open("/account"))


async def test_another_person_does_not_get_the_account(ada: Any, new_visitor: New, db: Database):
    _, refused = await by_verifying(new_visitor(), "Kestrel", "mallory")
    assert refused.status_code == 403 and "not verified as this person" in words(refused)
    async with db.read() as query:
        assert [row.asleep for row in await query.all(select(Attestation.__table__))] == [None]
        kinds = [row.kind for row in await query.all(select(Credential.__table__))]
    assert sorted(kinds) == ["passkey", "recovery_code"]


async def test_a_recovery_cannot_be_finished_as_a_verification_in_a_session_left_open(
    ada: Any, new_visitor: New, db: Database
):
    """A thief at an open browser makes a passkey of their own and verifies as themselves: never a badge for this account."""
    thief = ada.visitor
    made = SoftPasskey("comments.localhost", HERE)
    options = (await thief.fetch("/recover/options", method="POST", data={"name": "Kestrel"})).json()
    form = {"name": "Kestrel", "way": "demo", "agree": "yes", "credential": json.dumps(made.create(options))}
    page = await thief.open(refresh_of(await thief.submit("/recover", form)))
    answer = fields(page, "/recover/finish/demo") | {"subject": "thief", "name": "", "method": "bank"}
    assert (await thief.submit("/verify/finish/demo", answer)).status_code == 410
    async with db.read() as query:
        assert len(await query.all(select(Attestation.__table__))) == 1
        assert [row.purpose for row in await query.all(select(Attempt.__table__))] == ["badge", "recovery"]


async def test_a_session_left_open_changes_nothing_and_asks_for_nothing(ada: Any, db: Database):
    clock.advance(minutes=6)
    options = (await ada.visitor.fetch("/account/passkey/options", method="POST")).json()
    credential = json.dumps(SoftPasskey("comments.localhost", HERE).create(options))
    for path, form in (
        ("/account/passkey", {"credential": credential}),
        ("/account/code", {}),
        ("/account/recovery/stop", {}),
        ("/account/email", {"email": "thief@example.org"}),
    ):
        assert (await ada.visitor.submit(path, form)).status_code == 403, path
    async with db.read() as query:
        assert {row.kind for row in await query.all(select(Credential.__table__))} == {"passkey", "recovery_code"}


async def test_a_printed_code_alone_changes_nothing_on_a_verified_account(ada: Any, new_visitor: New):
    thief = new_visitor()
    assert (await thief.submit("/signin/code", {"code": ada.code})).status_code == 303
    assert (await thief.submit("/account/code", {})).status_code == 403
    assert (await thief.submit("/account/email", {"email": "thief@example.org"})).status_code == 403


async def test_a_session_by_code_that_was_left_open_asks_for_nothing(ada: Any, new_visitor: New):
    browser = new_visitor()
    assert (await browser.submit("/signin/code", {"code": ada.code})).status_code == 303
    assert "make a new one" in words(await browser.open("/account"))
    clock.advance(minutes=61)
    assert "make a new one" not in words(await browser.open("/account"))
    options = (await browser.fetch("/account/passkey/options", method="POST")).json()
    credential = json.dumps(SoftPasskey("comments.localhost", HERE).create(options))
    assert (await browser.submit("/account/passkey", {"credential": credential})).status_code == 403


async def test_on_an_unverified_account_the_printed_code_is_the_simple_way(new_visitor: New):
    reader = Reader(new_visitor(), "Heron")
    await reader.sign_up()
    code = (await reader.visitor.submit("/account/code", {})).text.split("<code>")[1].split("</code>")[0]
    new, added = await by_code(new_visitor(), code)
    assert added.headers["location"].startswith("/account?saved=passkey")
    assert await signs_in(new_visitor(), new) == 303


async def test_every_browser_of_the_owner_is_told_and_one_passkey_stops_it(
    ada: Any, new_visitor: New, db: Database, settings: Settings
):
    await make_thread(db, await make_site(db))
    await by_code(new_visitor(), ada.code)
    thread = await ada.visitor.open("/thread", params=PLACE)
    assert "Somebody asks to recover your account" in words(thread) and "Not verified" in words(thread)
    assert "verify with a passkey" not in words(thread)
    assert (await ada.visitor.submit("/account/name", {"name": "Wren"})).status_code == 409
    assert (await said_no(ada)).status_code == 303
    page = words(await ada.visitor.open("/account"))
    assert "was stopped on" in page and "Verified person" in page
    await later(settings, hours=72)
    assert await signs_in(new_visitor(), ada.passkey) == 303


async def test_who_asks_cannot_stop_or_change_anything_themselves(ada: Any, new_visitor: New):
    thief = new_visitor()
    await by_code(thief, ada.code)
    assert (await thief.submit("/account/recovery/stop", {})).status_code == 403
    assert (await thief.submit("/verify/drop", {})).status_code == 409


async def test_against_a_person_who_verified_the_holder_has_to_verify_too(ada: Any, new_visitor: New):
    await by_verifying(new_visitor(), "Kestrel", "ada")
    assert (await said_no(ada)).status_code == 303
    assert "unless you verify again before" in words(await ada.visitor.open("/account"))
    refused = await ada.verify_by_demo("somebody else")
    assert refused.status_code == 403 and "only the person it was verified as" in words(refused)
    assert (await ada.verify_by_demo("ada")).url.path == "/verify/done"
    assert "was stopped on" in words(await ada.visitor.open("/account"))


async def test_a_badge_moves_to_the_other_account_of_the_same_person(ada: Any, new_visitor: New):
    second = Reader(new_visitor(), "Heron")
    await second.sign_up()
    elsewhere = await second.verify_by_demo("ada")
    assert elsewhere.status_code == 409 and "Kestrel" not in elsewhere.text, "which account it is, is never said"
    form = fields(elsewhere, "/verify/move")
    stranger = Reader(new_visitor(), "Wren")
    await stranger.sign_up()
    assert (await stranger.visitor.submit("/verify/move", form)).status_code == 410
    refused = await second.verify_by_demo("ada")
    moved = await second.visitor.submit("/verify/move", fields(refused, "/verify/move"))
    assert moved.status_code == 303, words(moved)
    assert "Verified person" in words(await second.visitor.open("/account"))
    page = words(await ada.visitor.open("/account"))
    assert "Not verified" in page and "moved to another account of the same person" in page and "Heron" not in page


async def test_moving_needs_the_passkey_now(ada: Any, new_visitor: New):
    second = Reader(new_visitor(), "Heron")
    await second.sign_up()
    form = fields(await second.verify_by_demo("ada"), "/verify/move")
    clock.advance(minutes=6)
    refused = await second.visitor.submit("/verify/move", form)
    assert refused.status_code == 403 and fields(refused, "/verify/move") == form, "the offer still stands"
    moved = await second.visitor.submit("/verify/move", form | {"credential": await second.prove()})
    assert moved.status_code == 303


@pytest.mark.parametrize("extra", [{"crossOrigin": True, "topOrigin": "https://evil.example"}, {"topOrigin": HERE}])
async def test_no_page_around_us_signs_anybody_in(ada: Any, new_visitor: New, extra: dict[str, Any]):
    browser = new_visitor()
    options = (await browser.fetch("/signin/options", method="POST")).json()
    refused = await browser.submit("/signin", {"credential": json.dumps(ada.passkey.get(options, **extra))})
    assert refused.status_code == 403 and "window of our own" in words(refused)


async def test_a_passkey_whose_counter_goes_back_is_locked_and_its_owner_told(new_visitor: New):
    reader = Reader(new_visitor())
    reader.passkey.counts = True
    await reader.sign_up()
    printed = (await reader.visitor.submit("/account/code", {})).text.split("<code>")[1].split("</code>")[0]
    assert await signs_in(new_visitor(), reader.passkey) == 303
    reader.passkey.sign_count = 0
    assert await signs_in(new_visitor(), reader.passkey) == 403
    assert await signs_in(new_visitor(), reader.passkey) == 403, "not even when the copy has caught up"
    assert "/signin" in (await reader.visitor.open("/account")).headers["location"], "what the key opened is closed"
    assert (await reader.visitor.submit("/signin/code", {"code": printed})).status_code == 303
    assert "it is locked" in words(await reader.visitor.open("/account"))


async def test_nobody_without_the_key_can_lock_it(new_visitor: New):
    reader = Reader(new_visitor())
    reader.passkey.counts = True
    await reader.sign_up()
    assert await signs_in(new_visitor(), reader.passkey) == 303
    forged = SoftPasskey("comments.localhost", HERE)
    forged.id, forged.user_handle = reader.passkey.id, reader.passkey.user_handle
    assert await signs_in(new_visitor(), forged) == 403
    assert await signs_in(new_visitor(), reader.passkey) == 303


async def test_titles_of_one_group_may_use_our_passkeys_where_the_operator_says_so(ada: Any, visitor: Visitor):
    listed = await visitor.client.get("/.well-known/webauthn")
    assert listed.json() == {"origins": [HERE, "https://login.herald.example"]}
    ada.passkey.origin = "https://login.herald.example"
    assert await signs_in(visitor, ada.passkey) == 303
    ada.passkey.origin = "https://news.herald.example"
    assert await signs_in(visitor, ada.passkey) == 403


async def test_recovering_asks_for_a_name_that_is_there_and_for_consent(ada: Any, visitor: Visitor):
    asked = {"data": {"name": "Nobody at all"}, "headers": {"Accept": "application/json"}}
    unknown = await visitor.fetch("/recover/options", method="POST", **asked)
    assert unknown.status_code == 404 and unknown.json()["error"]["code"] == "recovery.no_account"
    refused = await visitor.submit("/recover", {"name": "Kestrel", "way": "demo", "credential": "{}"})
    assert refused.status_code == 422 and 'value="Kestrel"' in refused.text and "Tick the box" in words(refused)

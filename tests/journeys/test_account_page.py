"""The account's own page: what it keeps, what may be changed there, and what needs the passkey again."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from tests.factories import make_person, make_site, make_thread
from tests.journeys.quarrel import PLACE
from tests.journeys.reader import Reader
from tests.journeys.reading import words
from tests.promises.bad_input import sign_in
from tests.softpasskey import SoftPasskey
from tests.visitor import Visitor

HERE = "http://comments.localhost:8000"


@pytest.fixture
async def reader(new_visitor: Callable[..., Visitor]) -> Reader:
    made = Reader(new_visitor())
    await made.sign_up()
    return made


async def added(reader: Reader, label: str) -> httpx.Response:
    options = (await reader.visitor.fetch("/account/passkey/options", method="POST")).json()
    credential = json.dumps(SoftPasskey("comments.localhost", HERE).create(options))
    return await reader.visitor.submit("/account/passkey", {"credential": credential, "label": label})


async def proven(reader: Reader) -> httpx.Response:
    options = (await reader.visitor.fetch("/account/prove/options", method="POST")).json()
    credential = json.dumps(reader.passkey.get(options))
    return await reader.visitor.submit("/account/prove", {"credential": credential})


def removals(page: httpx.Response) -> list[str]:
    """Give the ids of the ways in that the page offers to remove."""
    offered = page.text.split('action="/account/credential/remove"')[1:]
    return [part.split('name="credential" value="')[1].split('"')[0] for part in offered]


async def remove(reader: Reader, credential: str, **more: str) -> httpx.Response:
    return await reader.visitor.submit("/account/credential/remove", {"credential": credential, **more})


async def test_a_second_passkey_can_be_added_and_the_first_taken_away(reader: Reader) -> None:
    assert (await added(reader, "Phone <b>")).status_code == 303
    page = await reader.visitor.open("/account?saved=passkey")
    assert "Phone &lt;b&gt;" in page.text and "The passkey was added." in words(page)
    first, second = removals(page)
    assert (await remove(reader, first)).status_code == 303
    last = await remove(reader, second)
    assert last.status_code == 200 and "your last way to sign in" in words(last)
    assert removals(await reader.visitor.open("/account")) == [second]
    assert (await remove(reader, second, sure="yes")).status_code == 303
    assert removals(await reader.visitor.open("/account")) == []


async def test_with_the_last_passkey_goes_more_than_with_a_printed_code(reader: Reader) -> None:
    await reader.visitor.submit("/account/code", {})
    passkey, code = removals(await reader.visitor.open("/account"))
    assert "your last passkey" in words(await remove(reader, passkey))
    assert (await remove(reader, code)).status_code == 303
    assert removals(await reader.visitor.open("/account")) == [passkey]


async def test_a_passkey_has_a_name_and_another_one_on_wish(
    reader: Reader, new_visitor: Callable[..., Visitor]
) -> None:
    (first,) = removals(await reader.visitor.open("/account"))
    assert "Two passkeys are wise" in words(await reader.visitor.open("/account"))
    named = await reader.visitor.submit("/account/passkey/label", {"credential": first, "label": " Key ring <i> "})
    assert named.status_code == 303
    await added(reader, "Phone")
    page = await reader.visitor.open("/account")
    assert "Key ring &lt;i&gt;" in page.text and "Two passkeys are wise" not in words(page)
    other = Reader(new_visitor(), "Heron")
    await other.sign_up()
    foreign = await other.visitor.submit("/account/passkey/label", {"credential": first, "label": "Mine"})
    assert foreign.status_code == 404 and "Mine" not in (await reader.visitor.open("/account")).text


async def test_changes_of_the_ways_in_need_the_passkey_again(reader: Reader) -> None:
    await added(reader, "Phone")
    clock.advance(minutes=6)
    first = removals(await reader.visitor.open("/account"))[0]
    changes: list[tuple[str, dict[str, Any]]] = [
        ("/account/credential/remove", {"credential": first}),
        ("/account/code", {}),
        ("/account/email", {"email": "kestrel@example.org"}),
        ("/account/email", {"email": ""}),
    ]
    refused = [await reader.visitor.submit(path, form) for path, form in changes]
    assert [answer.status_code for answer in [*refused, await added(reader, "Third")]] == [403] * 5
    assert "passkey again" in words(refused[0]) and 'value="kestrel@example.org"' in refused[2].text
    assert (await proven(reader)).status_code == 303
    for path, form in changes:
        assert (await reader.visitor.submit(path, form)).status_code in (200, 303), path


async def test_somebody_elses_passkey_proves_nothing(reader: Reader, new_visitor: Callable[..., Visitor]) -> None:
    other = Reader(new_visitor(), "Heron")
    await other.sign_up()
    clock.advance(minutes=6)
    other.visitor = reader.visitor
    assert (await proven(other)).status_code == 403
    assert (await reader.visitor.submit("/account/code", {})).status_code == 403


async def test_ways_in_of_others_cannot_be_removed(reader: Reader, new_visitor: Callable[..., Visitor]) -> None:
    other = Reader(new_visitor(), "Heron")
    await other.sign_up()
    theirs = removals(await other.visitor.open("/account"))[0]
    refused = await reader.visitor.submit("/account/credential/remove", {"credential": theirs})
    assert refused.status_code == 404 and "not on your account" in words(refused)


async def test_a_name_that_cannot_be_stays_in_the_form_with_the_rule(reader: Reader) -> None:
    refused = await reader.visitor.submit("/account/name", {"name": "Kestrel ✓"})
    assert refused.status_code == 422 and 'value="Kestrel ✓"' in refused.text and "letters, digits" in words(refused)
    assert (await reader.visitor.submit("/account/name", {"name": "Kestrel the Second"})).status_code == 303
    page = await reader.visitor.open("/account")
    assert 'value="Kestrel the Second"' in page.text


async def test_choices_are_kept(reader: Reader) -> None:
    answer = await reader.visitor.submit("/account/choices", {"reach": "verified", "show": "fold"})
    assert answer.status_code == 303
    page = await reader.visitor.open(answer.headers["location"])
    assert 'name="show" value="fold" checked' in page.text and 'name="reach" value="verified" checked' in page.text
    assert (await reader.visitor.submit("/account/choices", {"reach": "nobody"})).status_code == 422
    assert (await reader.visitor.submit("/account/choices", {"reach": "everyone", "show": "x"})).status_code == 422
    page = await reader.visitor.open("/account")
    assert 'name="reach" value="verified" checked' in page.text


async def test_an_address_that_is_none_stays_in_the_form(reader: Reader) -> None:
    for wrong in (
        "kestrel",
        "a@b",
        "a b@example.org",
        "a@example.org\nBcc: b@example.org",
        "<a@example.org>",
        "a@@b.org",
    ):
        refused = await reader.visitor.submit("/account/email", {"email": wrong})
        assert refused.status_code == 422 and "mail address" in words(refused), wrong


async def test_a_frames_session_is_led_to_the_window(db: Database, visitor: Visitor) -> None:
    site_id = await make_site(db)
    person = await make_person(db, "Kestrel")
    await make_thread(db, site_id)
    await sign_in(db, visitor, person.account_id, kind="frame", site_id=site_id)
    page = await visitor.open("/account?lang=de")
    assert (page.status_code, page.headers["location"]) == (303, "/signin?next=%2Faccount&lang=de")
    assert "Kestrel" in (await visitor.fetch("/embed/viewer", params=PLACE)).text

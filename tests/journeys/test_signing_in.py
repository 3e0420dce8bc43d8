"""Every way in, and every way that only looks like one: passkeys, the printed code, invitations, forged ceremonies."""

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from commentbox.server.accounts import inviting
from commentbox.server.accounts.models import Account, Credential, Role, Session
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from tests.factories import how_many, make_site
from tests.journeys.reader import Reader
from tests.journeys.reading import fields, words
from tests.softpasskey import SoftPasskey
from tests.visitor import Visitor

VisitorMaker = Callable[..., Visitor]
HERE, ELSEWHERE = "http://comments.localhost:8000", "https://evil.example"


async def options_of(visitor: Visitor, path: str, **form: str) -> dict[str, Any]:
    answer = await visitor.fetch(path, method="POST", data=form)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def signed_in(reader: Reader, visitor: Visitor, **came: str) -> httpx.Response:
    """Sign a reader in by passkey in some browser."""
    answer = reader.passkey.get(await options_of(visitor, "/signin/options"))
    return await visitor.submit("/signin", {"credential": json.dumps(answer), **came})


async def is_in(visitor: Visitor) -> bool:
    return (await visitor.open("/account")).status_code == 200


async def code_of(reader: Reader) -> str:
    """Let a reader print a code."""
    page = await reader.visitor.submit("/welcome", {})
    found = re.search(r"<code>([0-9a-z-]{23})</code>", page.text)
    assert found, words(page)
    return found[1]


@pytest.fixture
async def reader(new_visitor: VisitorMaker) -> Reader:
    made = Reader(new_visitor())
    await made.sign_up()
    return made


# Signing up.


async def test_signing_up_asks_for_a_name_and_a_passkey_and_nothing_else(db: Database, visitor: Visitor) -> None:
    await make_site(db)
    page = await visitor.open("/signup?site=gazette&next=/account")
    assert "For the comments of The Harbour Gazette, news.localhost:8001." in words(page)
    assert re.findall(r'<input (?!type="hidden")[^>]*name="([^"]*)"', page.text) == ["name"]
    options = await options_of(visitor, "/signup/options", name="Kestrel")
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["user"]["name"] == "Kestrel"
    credential = json.dumps(SoftPasskey("comments.localhost", HERE).create(options))
    form = fields(page, "/signup") | {"name": "Kestrel", "credential": credential}
    done = await visitor.submit("/signup", form)
    assert done.status_code == 303
    welcome = await visitor.open(done.headers["location"])
    assert "a lost device is a lost account" in words(welcome) and 'href="/account"' in welcome.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_name_that_cannot_be_says_which_rule(reader: Reader, visitor: Visitor) -> None:
    refused = {
        "": ("name.empty", "A name is needed"),
        "K": ("name.too_short", "at least two"),
        "K" * 41: ("name.too_long", "at most 40"),
        "Kestrel ✓": ("name.characters", "letters, digits, spaces"),
        "Kestrel 🐦": ("name.characters", "passes for a badge"),
        "Kest\u200brel": ("name.characters", "letters, digits"),
        "1234": ("name.no_letter", "at least one letter"),
        "A -- B": ("name.punctuation", "one at a time"),
        "K" + "\u0301" * 6: ("name.marks", "more marks"),
        "Kеstrel Two": ("name.mixed_scripts", "one script"),
        "Kestrel": ("name.taken", "Somebody here has this name"),
        "KESTREI": ("name.taken", "looks the same"),
    }
    for name, (code, said) in refused.items():
        answer = await visitor.fetch("/signup/options", method="POST", data={"name": name})
        error = answer.json()["error"] if "json" in answer.headers["content-type"] else {"code": answer.text}
        assert code in error["code"], name
        asked = await visitor.fetch(
            "/signup/options", method="POST", data={"name": name}, headers={"Accept": "application/json"}
        )
        assert said in asked.json()["error"]["message"], name


async def test_of_two_who_want_one_name_at_once_one_gets_it(new_visitor: VisitorMaker, db: Database) -> None:
    readers = [Reader(new_visitor()) for _ in range(3)]
    asked = [await options_of(each.visitor, "/signup/options", name="Kestrel") for each in readers]
    forms = [
        {"name": "Kestrel", "credential": json.dumps(r.passkey.create(o))} for r, o in zip(readers, asked, strict=True)
    ]
    answers = await asyncio.gather(
        *(each.visitor.submit("/signup", form) for each, form in zip(readers, forms, strict=True))
    )
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409]
    late = next(answer for answer in answers if answer.status_code == 409)
    assert 'value="Kestrel"' in late.text and "Choose another" in words(late)
    assert await how_many(db, Account) == 1


# Passkeys.


async def test_somebody_signs_in_again_and_goes_back_where_they_were(reader: Reader, visitor: Visitor) -> None:
    done = await signed_in(reader, visitor, next="/account#keys")
    assert (done.status_code, done.headers["location"]) == (303, "/account#keys")
    assert await is_in(visitor)
    again = await visitor.open("/signin?next=/account")
    assert "Continue as Kestrel" in words(again)


async def test_a_passkeys_answer_works_once(reader: Reader, visitor: Visitor) -> None:
    answer = json.dumps(reader.passkey.get(await options_of(visitor, "/signin/options")))
    assert (await visitor.submit("/signin", {"credential": answer})).status_code == 303
    replayed = await visitor.submit("/signin", {"credential": answer})
    assert replayed.status_code == 410 and "Begin again" in words(replayed)
    assert "set-cookie" not in replayed.headers


async def test_a_passkeys_answer_comes_too_late_after_five_minutes(reader: Reader, visitor: Visitor) -> None:
    answer = json.dumps(reader.passkey.get(await options_of(visitor, "/signin/options")))
    clock.advance(minutes=6)
    assert (await visitor.submit("/signin", {"credential": answer})).status_code == 410


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_answer_to_another_question_signs_nobody_in(reader: Reader, new_visitor: VisitorMaker) -> None:
    stranger, own = new_visitor(), reader.visitor
    other = Reader(new_visitor(), "Heron")
    await other.sign_up()
    invented = {"challenge": "A" * 43, "rpId": "comments.localhost"}
    to_prove = await options_of(own, "/account/prove/options")
    to_make = await options_of(own, "/account/passkey/options")
    for options, status in ((invented, 410), (to_make, 410)):
        assert (
            await stranger.submit("/signin", {"credential": json.dumps(reader.passkey.get(options))})
        ).status_code == status
    others = await stranger.submit("/signin", {"credential": json.dumps(other.passkey.get(to_prove))})
    assert others.status_code == 403 and "another account" in words(others)
    to_sign_in = await options_of(stranger, "/signin/options")
    made = json.dumps(reader.passkey.create(to_sign_in | {"user": {"id": "x"}}))
    for path in ("/signup", "/account/passkey", "/signin"):
        visitor = own if path.startswith("/account") else stranger
        assert (await visitor.submit(path, {"credential": made, "name": "Owl"})).status_code in (403, 410, 422), path
    adding = json.dumps(
        SoftPasskey("comments.localhost", HERE).create(await options_of(own, "/account/passkey/options"))
    )
    assert (await stranger.submit("/signup", {"credential": adding, "name": "Owl"})).status_code == 410
    foreign = json.dumps(
        SoftPasskey("comments.localhost", HERE).create(await options_of(own, "/account/passkey/options"))
    )
    assert (await other.visitor.submit("/account/passkey", {"credential": foreign})).status_code == 410
    assert not await is_in(stranger)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_answers_made_elsewhere_or_without_the_person_sign_nobody_in(reader: Reader, visitor: Visitor) -> None:
    async def answered(spoil: Callable[[SoftPasskey], None], **extra: Any) -> httpx.Response:
        key, origin, flags = reader.passkey, reader.passkey.origin, reader.passkey.flags
        spoil(key)
        answer = key.get(await options_of(visitor, "/signin/options"), **extra)
        key.origin, key.flags = origin, flags
        return await visitor.submit("/signin", {"credential": json.dumps(answer)})

    wrong = [
        await answered(lambda key: setattr(key, "origin", ELSEWHERE)),
        await answered(lambda key: setattr(key, "flags", 0x01)),
        await answered(lambda key: None, crossOrigin=True, topOrigin="http://news.localhost:8001"),
        await answered(lambda key: None, type="webauthn.create"),
    ]
    assert [answer.status_code for answer in wrong] == [403] * 4
    assert "finger, face or PIN" in words(wrong[1])
    assert not await is_in(visitor)
    assert (await answered(lambda key: None)).status_code == 303


async def test_a_counter_that_goes_back_says_that_the_passkey_was_copied(new_visitor: VisitorMaker) -> None:
    reader, visitor = Reader(new_visitor()), new_visitor()
    reader.passkey.counts = True
    await reader.sign_up()
    for _ in range(3):
        assert (await signed_in(reader, visitor)).status_code == 303
    reader.passkey.sign_count = 1
    copied = await signed_in(reader, new_visitor())
    assert copied.status_code == 403 and "copied" in words(copied) and "set-cookie" not in copied.headers


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nested_and_broken_answers_are_unreadable_and_never_a_crash(reader: Reader, visitor: Visitor) -> None:
    good = reader.passkey.get(await options_of(visitor, "/signin/options"))
    deep = [f'{{"response": {"[" * depth}{"]" * depth}}}' for depth in (5, 200, 400, 600, 800, 900, 950, 990, 5000)]
    deep += [f'{{"response": {{"clientDataJSON": {"[" * depth}{"]" * depth}}}}}' for depth in (300, 700, 930, 970)]
    spoiled = [json.dumps(good | {"id": "\ud800"}), json.dumps(good | {"id": 5}), json.dumps(good | {"id": ""})]
    for part in good["response"]:
        for value in (None, 5, "", "!!!", "A" * 11, "\ud800", {"a": 1}):
            spoiled.append(json.dumps(good | {"response": good["response"] | {part: value}}))
    for credential in ["[]", "null", "1", '"x"', "{}", '{"response": {}}', "nonsense", "\\", *deep, *spoiled]:
        for path in ("/signin", "/signup", "/desk/signin"):
            answer = await visitor.submit(path, {"credential": credential})
            assert answer.status_code in (401, 403, 410, 422, 303), credential[:80]
            visitor.cookies.clear()


# The printed code.


async def test_a_printed_code_signs_in_once_and_brings_a_new_passkey(reader: Reader, visitor: Visitor) -> None:
    code = await code_of(reader)
    typed = code.upper().replace("-", " ").replace("0", "O").replace("1", "l")
    assert (await visitor.submit("/signin/code", {"code": typed})).status_code == 303
    assert await is_in(visitor)
    again = await visitor.submit("/signin/code", {"code": code})
    assert again.status_code == 401 and f'value="{code}"' in again.text and "used before" in words(again)
    new = SoftPasskey("comments.localhost", HERE)
    credential = json.dumps(new.create(await options_of(visitor, "/account/passkey/options")))
    assert (
        await visitor.submit("/account/passkey", {"credential": credential, "label": "New phone"})
    ).status_code == 303
    assert "New phone" in words(await visitor.open("/account"))


async def test_a_code_is_used_once_however_many_use_it_at_the_same_time(
    reader: Reader, new_visitor: VisitorMaker, db: Database
) -> None:
    code = await code_of(reader)
    browsers = [new_visitor(address=f"198.51.100.{number}") for number in range(4)]
    answers = await asyncio.gather(*(each.submit("/signin/code", {"code": code}) for each in browsers))
    assert sorted(answer.status_code for answer in answers) == [303, 401, 401, 401]
    assert await how_many(db, Session) == 2


async def test_a_new_code_ends_the_old_one(reader: Reader, visitor: Visitor) -> None:
    first, second = await code_of(reader), await code_of(reader)
    assert (await visitor.submit("/signin/code", {"code": first})).status_code == 401
    assert (await visitor.submit("/signin/code", {"code": second})).status_code == 303


async def test_whoever_guesses_codes_is_stopped(reader: Reader, visitor: Visitor) -> None:
    answers = [await visitor.submit("/signin/code", {"code": f"aaaaa-{number}"}) for number in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    clock.advance(minutes=61)
    assert (await visitor.submit("/signin/code", {"code": "aaaaa"})).status_code == 401


async def test_a_session_left_open_makes_no_code(reader: Reader) -> None:
    clock.advance(minutes=6)
    refused = await reader.visitor.submit("/welcome", {})
    assert refused.status_code == 403 and "passkey again" in words(refused) and "<code>" not in refused.text
    assert (await reader.visitor.submit("/account/code", {})).status_code == 403


# Signing somebody in against their will.


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_other_page_signs_anybody_in_or_out(reader: Reader, visitor: Visitor, db: Database) -> None:
    code = await code_of(reader)
    answer = json.dumps(reader.passkey.get(await options_of(visitor, "/signin/options")))
    for origin in (ELSEWHERE, "null", "http://news.localhost:8001", None):
        for path, form in (("/signin", {"credential": answer}), ("/signin/code", {"code": code})):
            forced = await visitor.submit(path, form, origin=origin)
            assert forced.status_code == 403 and "set-cookie" not in forced.headers
        assert (await reader.visitor.submit("/signout", {}, origin=origin)).status_code == 403
    assert await is_in(reader.visitor) and not await is_in(visitor)
    assert (await visitor.submit("/signin/code", {"code": code})).status_code == 303


async def test_signing_in_as_somebody_else_ends_nothing_and_mixes_nothing(
    reader: Reader, new_visitor: VisitorMaker
) -> None:
    other = Reader(new_visitor(), "Heron")
    await other.sign_up()
    assert (await signed_in(other, reader.visitor)).status_code == 303
    assert "Heron" in words(await reader.visitor.open("/account"))


async def test_opening_a_page_signs_nobody_in(reader: Reader, visitor: Visitor, db: Database) -> None:
    code, before = await code_of(reader), await how_many(db, Session)
    for path in ("/signin", "/signin/code", "/signup", "/welcome"):
        await visitor.open(f"{path}?code={code}&credential=x&name=Owl")
    assert await how_many(db, Session) == before


# Signing out.


async def test_signing_out_here_leaves_other_browsers_alone(reader: Reader, visitor: Visitor) -> None:
    await signed_in(reader, visitor)
    token = reader.visitor.cookies["__Host-cb"]
    assert (await reader.visitor.submit("/signout", {})).status_code == 303
    assert not await is_in(reader.visitor) and await is_in(visitor)
    reader.visitor.cookies.set("__Host-cb", token, domain="comments.localhost", path="/")
    assert not await is_in(reader.visitor)


async def test_signing_out_everywhere_ends_every_session(reader: Reader, visitor: Visitor, db: Database) -> None:
    await signed_in(reader, visitor)
    assert (await visitor.submit("/account/signout", {})).status_code == 303
    assert not await is_in(reader.visitor) and not await is_in(visitor)
    assert await how_many(db, Session) == 0


async def test_a_session_ends_by_itself_after_thirty_days(reader: Reader) -> None:
    clock.advance(minutes=30 * 24 * 60 - 1)
    assert await is_in(reader.visitor)
    clock.advance(minutes=2)
    assert not await is_in(reader.visitor)


# Staff.


async def invited(db: Database, name: str = "Ruth", **more: Any) -> str:
    site_id = await make_site(db)
    async with begin(db) as work:
        return "/desk/invite/" + await inviting.invite(work, inviting.Invitation(name, "moderator", site_id, **more))


async def accepted(path: str, visitor: Visitor) -> httpx.Response:
    key = SoftPasskey("comments.localhost", HERE)
    answer = key.create(await options_of(visitor, f"{path}/options"))
    return await visitor.submit(path, {"credential": json.dumps(answer)})


async def test_an_invitation_makes_staff_once(db: Database, new_visitor: VisitorMaker) -> None:
    path, ruth, eve = await invited(db), new_visitor(), new_visitor()
    page = await ruth.open(path)
    assert "Ruth" in words(page) and "moderator" in words(page)
    late = await options_of(eve, f"{path}/options")
    done = await accepted(path, ruth)
    assert (done.status_code, done.headers["location"]) == (303, "/desk")
    assert (await ruth.open("/desk")).status_code == 200
    stolen = json.dumps(SoftPasskey("comments.localhost", HERE).create(late))
    assert (await eve.submit(path, {"credential": stolen})).status_code == 410
    assert (await eve.open(path)).status_code == 410
    assert (await eve.fetch(f"{path}/options", method="POST")).status_code == 410
    assert (await how_many(db, Role), await how_many(db, Account)) == (1, 1)


async def test_of_two_who_use_an_invitation_at_once_one_is_staff(db: Database, new_visitor: VisitorMaker) -> None:
    path, browsers = await invited(db), [new_visitor(), new_visitor()]
    # Both hold their passkeys before either sends: else the quicker one may be done before the other has begun.
    keys = [
        SoftPasskey("comments.localhost", HERE).create(await options_of(each, f"{path}/options")) for each in browsers
    ]
    sends = (each.submit(path, {"credential": json.dumps(key)}) for each, key in zip(browsers, keys, strict=True))
    answers = await asyncio.gather(*sends)
    assert sorted(answer.status_code for answer in answers) == [303, 410]
    assert (await how_many(db, Role), await how_many(db, Account), await how_many(db, Credential)) == (1, 1, 1)


async def test_an_invitation_waits_for_a_day(db: Database, visitor: Visitor) -> None:
    path = await invited(db)
    clock.advance(minutes=24 * 60 + 1)
    assert (await visitor.open(path)).status_code == 410


async def test_a_passkey_made_for_something_else_accepts_no_invitation(
    db: Database, reader: Reader, visitor: Visitor
) -> None:
    path = await invited(db)
    made = SoftPasskey("comments.localhost", HERE).create(await options_of(visitor, "/signup/options", name="Eve"))
    assert (await visitor.submit(path, {"credential": json.dumps(made)})).status_code == 410
    assert (await visitor.open(path)).status_code == 200


async def test_the_desk_takes_staff_only_and_by_passkey_only(
    db: Database, reader: Reader, new_visitor: VisitorMaker
) -> None:
    visitor = new_visitor()
    answer = json.dumps(reader.passkey.get(await options_of(visitor, "/desk/signin/options")))
    refused = await visitor.submit("/desk/signin", {"credential": answer})
    assert refused.status_code == 403 and "no role" in words(refused)
    await make_site(db)
    async with db.read() as query:
        account_id = str(await query.scalar(select(Account.__table__.c.id)))  # type: ignore[attr-defined]
    async with begin(db) as work:
        await work.q.add(Role(account_id=account_id, site_id="", role="admin"))
    answer = json.dumps(reader.passkey.get(await options_of(visitor, "/desk/signin/options")))
    done = await visitor.submit("/desk/signin", {"credential": answer})
    assert (done.status_code, done.headers["location"]) == (303, "/desk")
    assert not await is_in(visitor)
    clock.advance(minutes=12 * 60 + 1)
    assert (await visitor.open("/desk")).status_code == 303

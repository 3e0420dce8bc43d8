"""Confirmed in person: a code, two different members of staff, one person; and every way in which that could go wrong."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from commentbox.server.accounts.models import Account, Role
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.models import Journal
from commentbox.server.base.settings import Settings
from commentbox.server.base.work import begin
from tests.journeys.reader import Reader
from tests.journeys.reading import fields, refresh_of, words
from tests.promises.searching import database_places, hits
from tests.softpasskey import SoftPasskey

ADA = {"name": "Ada Augusta Byron", "born": "1955-12-10", "place": "London"}


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    file = tmp_path / "providers.toml"
    file.write_text('[[provider]]\nname = "desk"\nkind = "in_person"\n')
    return settings.model_copy(update={"providers": str(file)})


class Clerk(Reader):
    """A member of staff with a passkey, signed in at the desk."""

    async def sit_down(self, db: Database, role: str = "moderator") -> None:
        await self.sign_up()
        async with db.read() as query:
            mine = select(Account.__table__.c.id).where(Account.__table__.c.name == self.name)
            account_id = str(await query.scalar(mine))
        async with begin(db) as work:
            await work.q.add(Role(account_id=account_id, site_id="", role=role))
        options = (await self.visitor.fetch("/desk/signin/options", method="POST")).json()
        answer = json.dumps(self.passkey.get(options))
        assert (await self.visitor.submit("/desk/signin", {"credential": answer})).status_code == 303

    async def confirm(self, code: str, seen: dict[str, str] = ADA, **more: str) -> Any:
        """Open the page of a code and send its form, with a passkey of this very moment."""
        page = await self.visitor.open("/desk/in-person", params={"code": code})
        if page.status_code != 200:
            return page
        options = (await self.visitor.fetch("/desk/in-person/options", method="POST")).json()
        proof = {"credential": json.dumps(self.passkey.get(options)), "agree": "yes"}
        return await self.visitor.submit("/desk/in-person", fields(page, "/desk/in-person") | seen | proof | more)


@pytest.fixture
async def clerk(new_visitor: Callable[..., Any], db: Database) -> Callable[..., Any]:
    async def hire(name: str, role: str = "moderator") -> Clerk:
        made = Clerk(new_visitor(), name)
        await made.sit_down(db, role)
        return made

    return hire


async def code_of(reader: Reader) -> str:
    leaving = await reader.leave("desk")
    page = await reader.visitor.open(refresh_of(leaving))
    assert page.status_code == 200 and "Tell this code to two members of staff" in words(page)
    return str(refresh_of(leaving).partition("code=")[2].partition("&")[0])


@pytest.fixture
async def reader(new_visitor: Callable[..., Any]) -> Reader:
    made = Reader(new_visitor())
    await made.sign_up()
    return made


async def test_two_of_staff_confirm_and_nothing_of_what_they_wrote_is_left(reader: Reader, clerk: Any, db: Database):
    ida, jon = await clerk("Ida"), await clerk("Jon", "admin")
    code = await code_of(reader)
    first = await ida.confirm(code)
    assert first.status_code == 200 and "somebody else of staff does the same" in words(first)
    assert "Not verified" in words(await reader.visitor.open("/account"))
    otherwise = {"name": "byron, ada  AUGUSTA", "born": "1955-12-10", "place": "LONDON"}
    second = await jon.confirm(code.upper().replace("-", " "), otherwise)
    assert "Confirmed by two" in words(second)
    assert "Verified person" in words(await reader.visitor.open("/account"))
    assert (
        hits({"name": "Augusta", "birth": "1955-12-10", "place": "London", "code": code}, await database_places(db))
        == []
    )
    async with db.read() as query:
        steps = await query.all(select(Journal.__table__.c.data).where(Journal.__table__.c.kind == "person.confirmed"))
    assert sorted(row.data["step"] for row in steps) == [1, 2]


async def test_one_of_staff_is_never_two(reader: Reader, clerk: Any):
    ida = await clerk("Ida")
    code = await code_of(reader)
    for _ in range(2):
        assert "somebody else of staff" in words(await ida.confirm(code))
    assert "Not verified" in words(await reader.visitor.open("/account"))


async def test_two_who_do_not_agree_confirm_nobody(reader: Reader, clerk: Any):
    ida, jon = await clerk("Ida"), await clerk("Jon")
    code = await code_of(reader)
    await ida.confirm(code)
    refused = await jon.confirm(code, ADA | {"born": "1956-12-10"})
    assert refused.status_code == 409 and "not what the other one wrote" in words(refused)
    assert 'value="1956-12-10"' in refused.text, "what was typed is kept"
    await ida.confirm(code, ADA | {"born": "1956-12-10"})
    assert "Confirmed by two" in words(await jon.confirm(code, ADA | {"born": "1956-12-10"}))


async def test_nobody_confirms_themselves(clerk: Any):
    ida = await clerk("Ida")
    code = await code_of(ida)
    refused = await ida.confirm(code)
    assert refused.status_code == 403 and "your own account" in words(refused)


async def test_a_second_account_of_one_person_is_told_to_that_person_alone(
    reader: Reader, clerk: Any, new_visitor: Any
):
    ida, jon = await clerk("Ida"), await clerk("Jon")
    second = Reader(new_visitor(), "Heron")
    await second.sign_up()
    for each in (reader, second):
        code = await code_of(each)
        await ida.confirm(code)
        assert "reads on their own page what came of it" in words(await jon.confirm(code))
    assert "You have a verified account here already" in words(await second.visitor.open("/verify"))


async def test_each_confirmation_takes_consent_a_passkey_of_that_moment_and_all_three_words(reader: Reader, clerk: Any):
    ida = await clerk("Ida")
    code = await code_of(reader)
    for change, status in (
        ({"agree": ""}, 422),
        ({"credential": ""}, 422),
        ({"credential": "{}"}, 422),
        ({"place": ""}, 422),
        ({"place": "?!"}, 422),
        ({"born": "yesterday"}, 422),
        ({"born": "1700-01-01"}, 422),
    ):
        assert (await ida.confirm(code, **change)).status_code == status, change
    assert "One of the two" not in words(await reader.visitor.open("/verify/in-person", params={"code": code}))


async def test_a_code_of_somebody_else_is_not_shown_as_ones_own(reader: Reader, new_visitor: Any):
    mallory = Reader(new_visitor(), "Mallory")
    await mallory.sign_up()
    code = await code_of(mallory)
    lured = await reader.visitor.open("/verify/in-person", params={"code": code})
    assert lured.status_code == 404 and code not in lured.text


async def test_whoever_lost_the_code_finds_it_again_while_it_works(reader: Reader):
    code = await code_of(reader)
    again = await reader.visitor.submit("/verify/look", {})
    assert again.status_code == 303 and again.headers["location"] == f"/verify/in-person?code={code}"


async def test_an_old_or_unknown_code_confirms_nobody(reader: Reader, clerk: Any):
    ida = await clerk("Ida")
    assert (await ida.confirm("aaaaa-aaaaa-aaaaa-aaaaa")).status_code == 404
    code = await code_of(reader)
    clock.advance(days=7, seconds=1)
    late = await clerk("Jon")
    assert (await late.confirm(code)).status_code == 404


async def test_the_page_is_for_staff_who_may(reader: Reader, clerk: Any, visitor: Any):
    assert (await visitor.open("/desk/in-person")).headers["location"] == "/desk/signin"
    assert (await visitor.submit("/desk/in-person", {"code": "x"})).status_code == 401
    ida = await clerk("Ida")
    page = await ida.visitor.open("/desk/in-person")
    assert page.status_code == 200 and "The code of the person" in words(page)
    assert "/desk/in-person" in (await ida.visitor.open("/desk")).text
    foul = await ida.visitor.submit("/desk/in-person", {"code": "x"}, origin="https://evil.example")
    assert foul.status_code == 403


async def test_an_account_is_recovered_in_person_by_whoever_was_verified_so(
    reader: Reader, clerk: Any, new_visitor: Any
):
    ida, jon = await clerk("Ida"), await clerk("Jon")
    code = await code_of(reader)
    await ida.confirm(code)
    await jon.confirm(code)
    asker, made = new_visitor(), SoftPasskey("comments.localhost", reader.passkey.origin)
    options = (await asker.fetch("/recover/options", method="POST", data={"name": reader.name})).json()
    form = {"name": reader.name, "way": "desk", "agree": "yes", "credential": json.dumps(made.create(options))}
    page = refresh_of(await asker.submit("/recover", form))
    assert "Tell this code to two members of staff" in words(await asker.open(page))
    assert (await new_visitor().open(page)).status_code == 401, "nobody else's browser shows it"
    code = page.partition("code=")[2].partition("&")[0]
    await ida.confirm(code)
    await jon.confirm(code)
    assert "asks to recover" in words(await reader.visitor.open("/account"))

"""Mail, through a real SMTP server: confirming an address, signing in by a link, hearing of a decision; and what is left."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from commentbox.server import wiring
from commentbox.server.accounts.models import Account
from commentbox.server.base import clock, jobs
from commentbox.server.base.db import Database
from commentbox.server.base.models import Budget, Job, Journal, OneTime
from commentbox.server.base.settings import Settings
from commentbox.server.gate.instance import Instance
from tests.factories import START, make_site
from tests.journeys.reader import Reader
from tests.journeys.reading import fields, words
from tests.newsroom import make_newsroom
from tests.postoffice import PostOffice, open_office
from tests.visitor import Visitor

ADDRESS = "kestrel@harbour.example"
VisitorMaker = Callable[..., Visitor]


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with open_office() as office:
        yield office


@pytest.fixture
def settings(settings: Settings, office: PostOffice) -> Settings:
    return settings.model_copy(
        update={"smtp_url": f"smtp://127.0.0.1:{office.port}", "mail_from": "comments@gazette.example"}
    )


@pytest.fixture
def work_off(app: Any) -> Callable[[], Any]:
    """Give what does the jobs that are due."""
    instance: Instance = app.app.state.instance

    async def do() -> int:
        return await jobs.run_due(instance.db, wiring.workers(instance))

    return do


@pytest.fixture
async def reader(new_visitor: VisitorMaker, db: Database) -> Reader:
    await make_site(db, mail_links=True)
    made = Reader(new_visitor())
    await made.sign_up()
    return made


async def asks(visitor: Visitor, address: str = ADDRESS, site: str = "gazette") -> httpx.Response:
    return await visitor.submit("/signin/mail", {"email": address, "site": site, "next": "/account", "lang": "en"})


async def follow(visitor: Visitor, link: str) -> httpx.Response:
    """Open a mailed link and press the button."""
    page = await visitor.open(link, came_from="cross-site")
    assert page.status_code == 200, words(page)
    return await visitor.submit(link, fields(page, link.split("?")[0]))


async def confirmed(reader: Reader, office: PostOffice, work_off: Any) -> None:
    saved = await reader.visitor.submit("/account/email", {"email": ADDRESS.upper()})
    assert saved.status_code == 303, words(saved)
    await work_off()
    done = await follow(reader.visitor, office.link())
    assert "now belongs to your account" in words(done)


async def left_in(db: Database, *tables: Any) -> str:
    """Give all that stands in some tables."""
    async with db.read() as query:
        rows = [row for table in tables for row in await query.all(select(table.__table__))]
    return json.dumps([[str(value) for value in row] for row in rows])


async def test_an_address_is_used_once_somebody_confirmed_it(
    reader: Reader, office: PostOffice, work_off: Any, new_visitor: VisitorMaker, db: Database
) -> None:
    assert (await reader.visitor.submit("/account/email", {"email": ADDRESS})).status_code == 303
    assert ADDRESS not in await left_in(db, Job, OneTime, Budget, Journal)
    await work_off()
    letter = office.letters[0]
    assert office.to == [ADDRESS] and letter["From"] == "comments@gazette.example"
    assert letter["Auto-Submitted"] == "auto-generated" and letter["Subject"] == "Confirm your address"
    assert "Not confirmed yet" in words(await reader.visitor.open("/account"))
    assert (await asks(new_visitor())).status_code == 200
    assert await work_off() == 0
    page = await reader.visitor.open(office.link(), came_from="cross-site")
    assert "For the account Kestrel" in words(page)
    done = await follow(reader.visitor, office.link())
    assert done.status_code == 200 and "set-cookie" not in done.headers
    assert "Not confirmed yet" not in words(await reader.visitor.open("/account"))
    again = await reader.visitor.submit(office.link(), {})
    assert again.status_code == 410


async def test_a_link_signs_in_once_without_a_badge(
    reader: Reader, office: PostOffice, work_off: Any, new_visitor: VisitorMaker
) -> None:
    await confirmed(reader, office, work_off)
    asking, opening = new_visitor(), new_visitor()
    answer = await asks(asking)
    assert answer.status_code == 200 and "a link is on its way" in words(answer)
    await work_off()
    assert office.letters[-1]["Subject"] == "Your link to sign in"
    link = office.link()
    seen = await opening.open(link, came_from="cross-site")
    assert "You sign in as Kestrel" in words(seen) and "set-cookie" not in seen.headers
    assert (await opening.open("/account")).status_code == 303  # scanners and previews sign nobody in
    done = await follow(opening, link)
    assert (done.status_code, done.headers["location"]) == (303, "/account")
    assert (await opening.open("/account")).status_code == 200
    assert (await asking.open("/account")).status_code == 303
    assert (await new_visitor().submit(link, {})).status_code == 410


async def test_the_answer_does_not_say_who_has_an_account(
    reader: Reader, office: PostOffice, work_off: Any, new_visitor: VisitorMaker
) -> None:
    await confirmed(reader, office, work_off)
    known, unknown = await asks(new_visitor()), await asks(new_visitor(), "nobody@harbour.example")
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace(ADDRESS, "") == unknown.text.replace("nobody@harbour.example", "")
    await work_off()
    assert len(office.letters) == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_links_are_for_papers_that_allow_them(
    reader: Reader, office: PostOffice, work_off: Any, db: Database, visitor: Visitor
) -> None:
    await confirmed(reader, office, work_off)
    await make_site(db, "herald", origins=["http://herald.localhost:8001"])
    for site in ("herald", ""):
        refused = await asks(visitor, site=site)
        assert refused.status_code == 403 and "does not sign people in by mail" in words(refused)
    assert "Send me a link" not in words(await visitor.open("/signin?site=herald"))
    assert "Send me a link" in words(await visitor.open("/signin?site=gazette"))
    assert await work_off() == 0


async def test_an_account_with_a_badge_gets_no_link_and_an_old_link_dies(
    reader: Reader, office: PostOffice, work_off: Any, visitor: Visitor, db: Database
) -> None:
    await confirmed(reader, office, work_off)
    await asks(visitor)
    await work_off()
    async with db.write() as query:
        await query.run(update(Account.__table__).values(attestation_id="0123456789abcdef"))  # type: ignore[attr-defined]
    late = await follow(visitor, office.link())
    assert late.status_code == 410 and "Ask for a new one" in words(late)
    await asks(visitor)
    assert await work_off() == 0


async def test_an_address_that_was_changed_or_taken_away_signs_nobody_in(
    reader: Reader, office: PostOffice, work_off: Any, visitor: Visitor
) -> None:
    await confirmed(reader, office, work_off)
    await asks(visitor)
    await work_off()
    link = office.link()
    page = await reader.visitor.open("/account")
    by_mail = (
        page.text.split('action="/account/credential/remove"')[2].split('name="credential" value="')[1].split('"')[0]
    )
    assert (await reader.visitor.submit("/account/credential/remove", {"credential": by_mail})).status_code == 303
    assert (await follow(visitor, link)).status_code == 410
    await asks(visitor)
    assert await work_off() == 0
    await reader.visitor.submit("/account/email", {"email": "other@harbour.example"})
    await asks(visitor)
    await work_off()
    assert office.to[-1] == "other@harbour.example" and len(office.letters) == 3


async def test_a_link_lasts_twenty_minutes(reader: Reader, office: PostOffice, work_off: Any, visitor: Visitor) -> None:
    await confirmed(reader, office, work_off)
    await asks(visitor)
    await work_off()
    clock.advance(minutes=21)
    assert (await visitor.open(office.link())).status_code == 410
    assert (await visitor.submit(office.link(), {})).status_code == 410


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nobody_is_flooded_with_mail(
    reader: Reader, office: PostOffice, work_off: Any, new_visitor: VisitorMaker
) -> None:
    await confirmed(reader, office, work_off)
    tried = [await asks(new_visitor(address=f"198.51.100.{number}")) for number in range(6)]
    assert [answer.status_code for answer in tried] == [200] * 4 + [429] * 2
    await work_off()
    assert len(office.letters) == 5
    others = [await reader.visitor.submit("/account/email", {"email": f"a{n}@harbour.example"}) for n in range(6)]
    assert [answer.status_code for answer in others] == [303] * 4 + [429] * 2


async def test_nothing_of_a_letter_is_left_behind_sent_or_not(
    reader: Reader, office: PostOffice, work_off: Any, visitor: Visitor, db: Database
) -> None:
    await confirmed(reader, office, work_off)
    office.closed = True
    await asks(visitor)
    for _ in range(9):
        await work_off()
        assert ADDRESS not in await left_in(db, Job, OneTime, Budget, Journal)
        clock.advance(minutes=300)
    waiting = await left_in(db, Job)
    assert "SMTP" in waiting and "/mail/" not in waiting  # what failed is known by its kind alone
    office.closed = False
    await asks(visitor)
    await work_off()
    token = office.link().split("/mail/")[1].split("?")[0]
    kept = await left_in(db, Job, OneTime, Budget, Journal)
    assert token not in kept and ADDRESS not in kept and "Sign in to the comments" not in kept


async def test_an_author_hears_of_a_decision_by_mail_unless_it_is_undone(
    db: Database, office: PostOffice, work_off: Any, visitor: Visitor
) -> None:
    clock.set(START)
    room = await make_newsroom(db)
    reader = Reader(visitor)
    await reader.sign_up()
    await confirmed(reader, office, work_off)
    posted = await visitor.submit(
        "/comments", {"site": "gazette", "url": "http://news.localhost:8001/harbour", "text": "Bad."}
    )
    comment_id = posted.headers["location"].split("#c-")[1]
    ruth = await room.hire("Ruth")
    first = await room.decide(ruth, comment_id, "remove")
    await room.undo(ruth, first.id)
    clock.advance(seconds=21)
    await work_off()
    assert len(office.letters) == 1
    await room.decide(ruth, comment_id, "remove")
    await work_off()
    assert len(office.letters) == 1
    clock.advance(seconds=21)
    await work_off()
    letter = office.letters[-1]
    assert office.to[-1] == ADDRESS and letter["Subject"] == "A decision about your comment"
    assert "crook" not in letter.get_content() and "Bad." not in letter.get_content()
    page = await visitor.open(office.link(), came_from="cross-site")
    assert "Statement of reasons" in words(page) and "crook" in page.text
    assert ADDRESS not in await left_in(db, Job, Journal)

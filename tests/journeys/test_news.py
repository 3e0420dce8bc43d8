"""News as people meet it: the bell in the frame and on /thread, the list on the account page, mails chosen and ended."""

import html
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from commentbox.server import wiring
from commentbox.server.base import clock, jobs
from commentbox.server.base.db import Database
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.notifications import choices, mailing
from commentbox.server.notifications.choices import Wish
from tests.counting import statements
from tests.factories import START, Person, make_person
from tests.hearing import Square, make_square
from tests.journeys.quarrel import PLACE
from tests.journeys.reading import fields, words
from tests.newsroom import make_newsroom
from tests.promises.bad_input import sign_in
from tests.visitor import Visitor

VIEWER, BELL, COUNT = "/embed/viewer", "/embed/bell", "/embed/bell/count"
KINDS = ("reply", "mention", "expiring")


@pytest.fixture
async def square(db: Database, app: Any) -> Square:
    clock.set(START)
    return await make_square(db)


@pytest.fixture
async def ines(db: Database) -> Person:
    return await make_person(db, "Ines Halloran", kind="name")


@pytest.fixture
async def kestrel(db: Database) -> Person:
    return await make_person(db, "Kestrel")


@pytest.fixture
async def mine(db: Database, kestrel: Person, visitor: Visitor) -> Visitor:
    """Give Kestrel's browser, signed in in a window of our own."""
    await sign_in(db, visitor, kestrel.account_id)
    return visitor


@pytest.fixture
async def replies(square: Square, ines: Person, kestrel: Person) -> list[str]:
    """Let Kestrel be answered twice."""
    top = await square.say("The outer berth was costed twice.", kestrel)
    said = [await square.say(f"Reply {number}.", ines, under=top) for number in range(2)]
    await square.hear()
    return said


def bell(page: httpx.Response) -> str:
    """Give what the bell on a page says."""
    found = re.search(r'id="cb-bell".*?<summary[^>]*>(.*?)</summary>', page.text, re.S)
    return re.sub(r"<svg.*?</svg>|<[^>]+>", "", found[1]).strip() if found else ""


def links(page: httpx.Response) -> list[str]:
    """Give where the news of a list lead."""
    pattern = r'<li>(?:<p>)?<a href="([^"]+)"><bdi>'
    return [html.unescape(each) for each in re.findall(pattern, page.text)]


async def test_the_bell_rings_in_the_frame_and_lists_what_is_new_in_its_place(
    db: Database, new_visitor: Callable[..., Visitor], square: Square, kestrel: Person, replies: list[str]
) -> None:
    framed = new_visitor()
    assert bell(await framed.fetch(VIEWER, params=PLACE)) == ""
    await sign_in(db, framed, kestrel.account_id, kind="bearer", site_id=square.site_id)
    layer = await framed.fetch(VIEWER, params=PLACE)
    assert bell(layer) == "News for me 2 new" and "no-store" in layer.headers["cache-control"]
    panel = await framed.fetch(BELL, params=PLACE)
    assert "Ines Halloran replied to you new" in words(panel)
    assert "Verified name · Close the inner quay?" in words(panel)
    assert [link.partition("#")[2] for link in links(panel)] == [f"c-{each}" for each in reversed(replies)]
    for link in links(panel):
        assert link.startswith("/embed/thread?") and (await framed.frame(link)).status_code == 200


async def test_a_poll_says_nothing_where_nothing_is_new_and_costs_three_questions(
    square: Square, ines: Person, kestrel: Person, mine: Visitor, replies: list[str], app: Any
) -> None:
    layer = await mine.open("/thread", params=PLACE)
    poll = re.search(r'hx-get="(/embed/bell/count[^"]*)"', layer.text)
    assert poll
    with statements(app.app.state.instance.db) as asked:
        answer = await mine.fetch(html.unescape(poll[1]))
    assert answer.status_code == 204 and answer.content == b""
    assert sum("notification" in each for each in asked) == 1 and len(asked) <= 4
    top = await square.say("And another thing.", kestrel)
    await square.say("Reply 2.", ines, under=top)
    await square.hear()
    assert bell(await mine.fetch(html.unescape(poll[1]))) == "News for me 3 new"


async def test_all_is_marked_as_seen_with_a_script_and_without(
    square: Square, ines: Person, kestrel: Person, mine: Visitor, replies: list[str]
) -> None:
    panel = await mine.fetch(BELL, params=PLACE)
    form = fields(panel, BELL)
    top = await square.say("And another thing.", kestrel)
    clock.advance(seconds=1)
    await square.say("Reply 2.", ines, under=top)
    await square.hear()
    done = await mine.submit(BELL, form, htmx=True)
    assert (
        bell(done) == "News for me 1 new" and "autofocus" in done.text
    )  # what came after the list was shown stays new
    plain = await mine.submit(BELL, form)
    assert plain.status_code == 303 and plain.headers["location"].startswith("/thread?")
    page = await mine.open("/account")
    assert words(page).count("replied to you") == 3 and words(page).count("replied to you new") == 1
    there = await mine.submit(BELL, fields(page, BELL))
    assert there.status_code == 303
    after = await mine.open(there.headers["location"])
    assert "All of it is marked as seen." in words(after) and "replied to you new" not in words(after)
    assert bell(await mine.open("/thread", params=PLACE)) == "News for me"


async def test_without_scripts_the_bell_leads_to_the_account_page(mine: Visitor, replies: list[str]) -> None:
    page = await mine.open("/thread", params=PLACE)
    assert bell(page) == "News for me 2 new" and 'href="/account?lang=en#bell"' in page.text
    account = await mine.open("/account")
    assert links(account) == [f"http://news.localhost:8001/harbour#cb-comment-{each}" for each in reversed(replies)]


async def test_a_decision_rings_when_it_can_not_be_undone_any_more(db: Database, app: Any, visitor: Visitor) -> None:
    clock.set(START)
    room = await make_newsroom(db)
    author = await make_person(db, "Kestrel")
    bad = room.talk.say("Bad.", by=author)
    await room.talk.save(db)
    await sign_in(db, visitor, author.account_id)
    ruth = await room.hire("Ruth")
    await room.undo(ruth, (await room.decide(ruth, bad, "remove")).id)
    await deliver(app)
    assert "There is a decision about you" not in words(await visitor.open("/account"))
    await room.decide(ruth, bad, "remove")
    await deliver(app)
    account = await visitor.open("/account")
    assert words(account).count("There is a decision about you new") == 1
    (statement,) = [each for each in await room.statements(bad) if each.lifted_at is None]
    assert f"/decisions/{statement.id}?lang=en" in account.text
    assert bell(await visitor.open("/thread", params=PLACE)) == "News for me 1 new"


async def deliver(app: Any) -> None:
    """Let the seconds of the undo pass, and tell people."""
    instance = app.app.state.instance
    clock.advance(seconds=21)
    await jobs.run_due(instance.db, wiring.workers(instance))


async def test_mail_is_chosen_on_the_account_page_and_is_off_before(
    db: Database, mine: Visitor, kestrel: Person, replies: list[str]
) -> None:
    page = await mine.open("/account")
    assert 'name="pace" value="never" checked' in page.text and "Mails go to a confirmed address only." in words(page)
    form = fields(page, "/account/mails") | {"pace": "hourly", "reply": "1"}
    assert (await mine.submit("/account/mails", form)).status_code == 303
    after = await mine.open("/account")
    assert 'name="pace" value="hourly" checked' in after.text
    assert 'name="reply" value="1" checked' in after.text and 'name="mention" value="1" checked' not in after.text
    refused = await mine.submit("/account/mails", form | {"pace": "always"})
    assert refused.status_code == 422


async def chosen(db: Database, person: Person) -> tuple[str, list[str]]:
    async with db.read() as query:
        row = await choices.mail_choice(query, person.account_id)
    assert row
    return row.pace, [kind for kind in KINDS if getattr(row, kind)]


@pytest.mark.parametrize("kind, left", [("reply", ("daily", ["mention", "expiring"])), ("all", ("never", [*KINDS]))])
async def test_a_mail_program_ends_mails_in_one_click_and_a_scanner_does_not(
    db: Database, app: Any, client: httpx.AsyncClient, keyring: Keyring, kestrel: Person, kind: str, left: Any
) -> None:
    async with begin(db) as work:
        await choices.choose_mail(work, kestrel.account_id, Wish("daily"))
    path = f"/stop/{mailing.stop_token(keyring, kestrel.account_id, kind)}"
    page = await client.get(f"{path}?lang=en")
    assert page.status_code == 200 and "Stop these mails" in words(page) and "set-cookie" not in page.headers
    assert await chosen(db, kestrel) == ("daily", [*KINDS])
    for _ in range(2):
        done = await client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert done.status_code == 200 and "You get no more of them" in words(done)
        assert await chosen(db, kestrel) == left


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_link_that_we_did_not_sign_ends_nothing(
    app: Any, client: httpx.AsyncClient, keyring: Keyring, kestrel: Person
) -> None:
    good = mailing.stop_token(keyring, kestrel.account_id, "all")
    other = keyring.sign("another purpose", [kestrel.account_id, "all"])
    for token in (other, good[:-1], good + "x", "x", "ü", "." * 9):
        for answer in (await client.get(f"/stop/{token}"), await client.post(f"/stop/{token}")):
            assert answer.status_code == 404 and "not complete" in words(answer)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_account_page_tells_of_an_address_that_was_refused(
    square: Square, kestrel: Person, mine: Visitor
) -> None:
    await square.set(kestrel, email="kestrel@harbour.example", email_refused_at=START)
    page = words(await mine.open("/account"))
    assert "Your mail address does not work" in page and "A mail to it was refused" in page
    assert "Not confirmed yet" not in page


async def test_the_bell_speaks_the_papers_language(mine: Visitor, replies: list[str]) -> None:
    assert bell(await mine.fetch(VIEWER, params=PLACE | {"lang": "de"})) == "Neues für mich 2 neu"
    assert "Antwort von Ines Halloran" in words(await mine.fetch(BELL, params=PLACE | {"lang": "de"})).replace(
        "  ", " "
    )

"""Who may reply to somebody: the same answer on every route, and a journalist's own one under their articles."""

import httpx
import pytest

from commentbox.server.accounts import actions
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from tests.factories import Talk, make_person, make_site, make_thread
from tests.journeys.quarrel import PLACE
from tests.journeys.reading import words
from tests.promises.bad_input import sign_in
from tests.visitor import Visitor

TOLD = "Only verified people may reply to this person"


@pytest.fixture
async def words_by(db: Database) -> dict[str, str]:
    """Give a thread in which its journalist, who takes replies from everyone elsewhere, has spoken, and somebody else."""
    site_id = await make_site(db)
    journalist = await make_person(db, "Ines Halloran")
    elsewhere = await make_thread(db, site_id, "http://news.localhost:8001/other")
    thread = await make_thread(db, site_id, author_id=journalist.account_id)
    async with begin(db) as work:
        await actions.grant(work, journalist.account_id, "author", site_id=site_id)
        await actions.set_article_reach(work, journalist.account_id, "verified")
    talk, other = Talk(site_id, thread), Talk(site_id, elsewhere)
    said = {"article": talk.say("I wrote this.", by=journalist, label="author")}
    said["elsewhere"] = other.say("I read this.", by=journalist)
    said["anybody"] = talk.say("And I read it.")
    await talk.save(db)
    await other.save(db)
    return said | {"journalist": journalist.account_id}


async def tries(visitor: Visitor, parent: str) -> list[httpx.Response]:
    """Try to reply and to recommend by every route there is."""
    form = PLACE | {"parent": parent, "text": "Let me answer."}
    return [
        await visitor.submit("/comments", form),
        await visitor.submit("/comments", form, htmx=True),
        await visitor.fetch("/comments", method="POST", data=form, headers={"Accept": "application/json"}),
        await visitor.submit(f"/comments/{parent}/recommend", PLACE | {"on": "1"}, htmx=True),
    ]


async def test_under_their_own_article_an_author_may_hear_from_verified_people_only(
    db: Database, words_by: dict[str, str], visitor: Visitor
) -> None:
    await sign_in(db, visitor, (await make_person(db, "Kestrel")).account_id, kind="top")
    page = await visitor.open("/thread", params=PLACE)
    assert words(page).count(TOLD) == 1
    form = await visitor.open("/thread", params=PLACE | {"comment": words_by["article"], "write": "reply"})
    assert TOLD in words(form) and 'name="text"' not in form.text, "told before typing"
    assert {each.status_code for each in await tries(visitor, words_by["article"])} == {403}
    other = {"site": "gazette", "url": "http://news.localhost:8001/other"}
    done = await visitor.submit("/comments", other | {"parent": words_by["elsewhere"], "text": "Well read."})
    assert done.status_code == 303


async def test_an_edit_puts_no_new_words_where_reach_has_closed_since(
    db: Database, words_by: dict[str, str], visitor: Visitor
) -> None:
    person = await make_person(db, "Kestrel")
    await sign_in(db, visitor, person.account_id, kind="top")
    async with begin(db) as work:
        await actions.set_article_reach(work, words_by["journalist"], None)
    posted = await visitor.submit("/comments", PLACE | {"parent": words_by["article"], "text": "Well written."})
    assert posted.status_code == 303
    reply = posted.headers["location"].split("#c-")[1]
    async with begin(db) as work:
        await actions.set_article_reach(work, words_by["journalist"], "verified")
    edit = await visitor.submit(f"/comments/{reply}/edit", PLACE | {"text": "Badly written."}, htmx=True)
    assert edit.status_code == 403 and TOLD in words(edit)
    assert (await visitor.submit(f"/comments/{reply}/withdraw", PLACE)).status_code == 303


async def test_only_authors_are_asked_about_their_articles(db: Database, words_by: dict[str, str], new_visitor) -> None:
    journalist, other = new_visitor(), new_visitor()
    await sign_in(db, journalist, words_by["journalist"], kind="top")
    await sign_in(db, other, (await make_person(db, "Kestrel")).account_id, kind="top")
    assert "Under my own articles" in words(await journalist.open("/account"))
    assert "Under my own articles" not in words(await other.open("/account"))
    await journalist.submit("/account/choices", {"article_reach": "same"})
    page = await other.open("/thread", params=PLACE)
    assert TOLD not in words(page)
    assert (await other.submit("/account/choices", {"article_reach": "verified"})).status_code == 303
    unknown = await journalist.submit("/account/choices", {"article_reach": "nobody"})
    assert unknown.status_code == 422

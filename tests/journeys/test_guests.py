"""Guests: a name, a comment that waits for review, and a code that edits, withdraws, shows the reasons and appeals."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts import names
from commentbox.server.accounts.models import NameHold
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.comments.models import Comment
from tests.factories import ARTICLE, START, make_person, make_talk
from tests.journeys.reading import fields, words
from tests.newsroom import Newsroom, make_newsroom
from tests.promises.bad_input import sign_in
from tests.visitor import Visitor

VisitorMaker = Callable[..., Visitor]
PLACE = {"site": "gazette", "url": ARTICLE}
both_ways = pytest.mark.parametrize("htmx", [False, True], ids=["form", "htmx"])


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START)
    return await make_newsroom(db, guests=True)


async def rows(db: Database) -> list[Any]:
    async with db.read() as query:
        table = Comment.__table__  # type: ignore[attr-defined]
        return list(await query.all(select(table).order_by(table.c.id)))


def code_on(answer: httpx.Response) -> str:
    found = re.search(r'class="cb-code"[^>]*>(?:<code>)?([0-9a-z-]{23})<', answer.text)
    assert found, words(answer)
    return found[1]


@both_ways
async def test_a_guest_posts_under_a_name_and_gets_a_code(
    db: Database, room: Newsroom, visitor: Visitor, htmx: bool
) -> None:
    form = {**PLACE, "text": "Just passing.", "name": "Passer-by", "as": "guest"}
    answer = await visitor.submit("/comments", form, htmx=htmx)
    assert answer.status_code == 200 and "Held for review." in words(answer)
    code, (row,) = code_on(answer), await rows(db)
    assert (row.state, row.hold_rule, row.name, row.account_id, row.tier) == (
        "held",
        "guest",
        "Passer-by",
        None,
        "unverified",
    )
    assert code not in "".join(map(str, row)) and "set-cookie" not in answer.headers
    again = await visitor.submit("/comments", form, htmx=htmx)
    assert code_on(again) == code and len(await rows(db)) == 1


async def test_a_guests_double_click_posts_once_and_shows_one_code(
    db: Database, room: Newsroom, visitor: Visitor
) -> None:
    form = {**PLACE, "text": "Just passing.", "name": "Passer-by", "as": "guest"}
    answers = await asyncio.gather(*(visitor.submit("/comments", form) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({code_on(answer) for answer in answers}) == 1 and len(await rows(db)) == 1


@both_ways
async def test_the_code_edits_and_withdraws_and_nothing_else_does(
    db: Database, room: Newsroom, visitor: Visitor, new_visitor: VisitorMaker, htmx: bool
) -> None:
    form = {**PLACE, "text": "Just passing.", "name": "Passer-by", "as": "guest"}
    code, (row,) = code_on(await visitor.submit("/comments", form)), await rows(db)
    edit = {**PLACE, "text": "Just passing by."}
    for wrong in ("", "aaaaa-bbbbb-ccccc-ddddd", code[:-1]):
        answer = await visitor.submit(f"/comments/{row.id}/edit", {**edit, "guest_code": wrong}, htmx=htmx)
        assert answer.status_code == 404
    elsewhere = new_visitor(address="198.51.100.9")
    typed = code.upper().replace("-", " ")
    answer = await elsewhere.submit(f"/comments/{row.id}/edit", {**edit, "guest_code": typed}, htmx=htmx)
    assert answer.status_code == (204 if htmx else 303)
    (row,) = await rows(db)
    assert (row.text, row.state, row.revision) == ("Just passing by.", "held", 2)
    gone = await elsewhere.submit(f"/comments/{row.id}/withdraw", {**PLACE, "guest_code": code}, htmx=htmx)
    assert gone.status_code == (204 if htmx else 303)
    assert (await rows(db))[0].state == "withdrawn"


async def test_a_guest_edits_and_withdraws_on_a_page_of_its_own(
    db: Database, room: Newsroom, visitor: Visitor, new_visitor: VisitorMaker
) -> None:
    form = {**PLACE, "text": "Just passing.", "name": "Passer-by", "as": "guest"}
    posted = await visitor.submit("/comments", form)
    code, (row,) = code_on(posted), await rows(db)
    assert 'href="/guest' in posted.text
    elsewhere = new_visitor(address="198.51.100.9")
    unknown = await elsewhere.submit("/guest", {"code": code[:-1]})
    assert (
        unknown.status_code == 404
        and f'value="{code[:-1]}"' in unknown.text
        and "Check each character" in words(unknown)
    )
    page = await elsewhere.submit("/guest", fields(await elsewhere.open("/guest"), "/guest") | {"code": code.upper()})
    assert "Held for review." in words(page) and ">Just passing.</textarea>" in page.text
    action = f"/guest/{row.id}/edit"
    refused = await elsewhere.submit(action, fields(page, action) | {"text": " "})
    assert refused.status_code == 422 and "There is no text yet" in words(refused)
    saved = await elsewhere.submit(action, fields(page, action) | {"text": "Passing by & by."})
    assert "Saved." in words(saved) and ">Passing by &amp; by.</textarea>" in saved.text
    clock.advance(minutes=16)
    late = await elsewhere.submit(action, fields(page, action) | {"text": "Too late."})
    assert late.status_code == 403 and "You can withdraw it" in words(late)
    gone = await elsewhere.submit(f"/guest/{row.id}/withdraw", fields(page, f"/guest/{row.id}/withdraw"))
    assert gone.status_code == 200 and "withdrawn by its author" in words(gone) and "Passing" not in gone.text
    assert code not in str(gone.url) and (await rows(db))[0].state == "withdrawn"


async def test_a_code_changes_no_comment_but_its_own(
    db: Database, room: Newsroom, visitor: Visitor, new_visitor: VisitorMaker
) -> None:
    form = {**PLACE, "as": "guest"}
    await visitor.submit("/comments", {**form, "text": "Mine.", "name": "Passer-by"})
    other = code_on(
        await new_visitor(address="198.51.100.9").submit("/comments", {**form, "text": "Hers.", "name": "Anneke"})
    )
    mine = next(row for row in await rows(db) if row.text == "Mine.")
    for what in ("edit", "withdraw"):
        answer = await visitor.submit(f"/guest/{mine.id}/{what}", {"code": other, "text": "Taken & over."})
        assert answer.status_code == 404
    assert {row.text for row in await rows(db)} == {"Mine.", "Hers."}


async def test_a_guest_cannot_edit_after_the_window_closes(db: Database, room: Newsroom, visitor: Visitor) -> None:
    form = {**PLACE, "text": "Just passing.", "name": "Passer-by", "as": "guest"}
    code, (row,) = code_on(await visitor.submit("/comments", form)), await rows(db)
    clock.advance(minutes=16)
    answer = await visitor.submit(f"/comments/{row.id}/edit", {**PLACE, "text": "Late.", "guest_code": code})
    assert answer.status_code == 403


async def test_a_guests_comment_stays_a_guests_whoever_edits_it(db: Database, room: Newsroom, visitor: Visitor) -> None:
    form = {**PLACE, "text": "Just passing.", "name": "Passer-by", "as": "guest"}
    code, (row,) = code_on(await visitor.submit("/comments", form)), await rows(db)
    await sign_in(db, visitor, (await make_person(db, "Margaret", kind="name")).account_id)
    edit = {**PLACE, "text": "With a badge?", "guest_code": code}
    assert (await visitor.submit(f"/comments/{row.id}/edit", edit)).status_code == 303
    (row,) = await rows(db)
    assert (row.name, row.tier, row.kind, row.account_id, row.attestation_id) == (
        "Passer-by",
        "unverified",
        "none",
        None,
        None,
    )


async def test_a_guest_keeps_a_name_and_nobody_else_gets_it(
    db: Database, room: Newsroom, visitor: Visitor, new_visitor: VisitorMaker
) -> None:
    form = {**PLACE, "name": "Passer-by", "as": "guest"}
    code = code_on(await visitor.submit("/comments", {**form, "text": "First."}))
    again = await visitor.submit("/comments", {**form, "text": "Second.", "guest_code": code})
    assert again.status_code == 200 and code_on(again) == code
    other = new_visitor(address="198.51.100.9")
    taken = await other.submit("/comments", {**form, "text": "Third & last."})
    assert taken.status_code == 409 and ">Third &amp; last.</textarea>" in taken.text
    nameless = await other.submit("/comments", {**form, "name": "", "text": "Third."})
    assert nameless.status_code == 422 and "A name is needed" in words(nameless)
    out = await other.submit("/comments", {**PLACE, "text": "Third."})
    assert out.status_code == 401 and "You are signed out" in words(out)
    wrong = await other.submit("/comments", {**form, "name": "Pass ✓", "text": "Third."})
    assert wrong.status_code == 422 and "letters, digits" in words(wrong)


async def test_a_name_under_which_all_was_refused_is_free_again(db: Database, room: Newsroom, visitor: Visitor) -> None:
    form = {**PLACE, "name": "Passer-by", "as": "guest"}
    code = code_on(await visitor.submit("/comments", {**form, "text": "First."}))
    await visitor.submit("/comments", {**form, "text": "Second.", "guest_code": code})
    ruth, (first, second) = await room.hire("Ruth"), await rows(db)
    await room.decide(ruth, first.id, "remove")
    assert await holders(db) == [first.guest_code_hash], "one of them may still be read"
    refused = await room.decide(ruth, second.id, "remove")
    assert await holders(db) == []
    await room.undo(ruth, refused.id)
    assert await holders(db) == [first.guest_code_hash]
    await room.decide(ruth, second.id, "remove")
    account_id = (await make_person(db, "Passing")).account_id
    async with begin(db) as work:
        await accounts.rename(work, account_id, names.check("Passer-by"))
    await room.decide(ruth, first.id, "restore")
    assert [row.name for row in await rows(db)] == ["Passer-by (2)", "Passer-by"], "two people, two names"
    third = await visitor.submit("/comments", {**form, "text": "Third.", "guest_code": code})
    assert third.status_code == 200 and (await rows(db))[-1].name == "Passer-by (2)"


async def holders(db: Database) -> list[str]:
    """Give the guests who hold the name."""
    async with db.read() as query:
        held = select(NameHold.__table__).where(NameHold.__table__.c.skeleton == names.skeleton("Passer-by"))
        return [row.guest_code_hash for row in await query.all(held)]


async def test_without_guests_a_name_is_not_enough(db: Database, visitor: Visitor) -> None:
    await make_newsroom(db)
    answer = await visitor.submit("/comments", {**PLACE, "text": "Kept.", "name": "Passer-by", "as": "guest"})
    assert answer.status_code == 403 and "A pen name is enough" in words(answer) and ">Kept.</textarea>" in answer.text


async def test_a_guest_reads_the_reasons_by_the_code_and_appeals_once(
    db: Database, room: Newsroom, visitor: Visitor, new_visitor: VisitorMaker
) -> None:
    form = {**PLACE, "text": "You fool.", "name": "Passer-by", "as": "guest"}
    code, (row,) = code_on(await visitor.submit("/comments", form)), await rows(db)
    await room.decide(await room.hire("Ruth"), row.id, "remove")
    stranger = await new_visitor().submit("/decisions", {"code": "aaaaa-bbbbb-ccccc-ddddd"})
    assert stranger.status_code == 404 and "crook" not in stranger.text
    page = await visitor.submit("/decisions", {"code": code})
    assert "Statement of reasons" in words(page) and "crook" in page.text
    statement = (await room.statements(row.id))[0].id
    action = f"/decisions/{statement}/appeal"
    assert (await visitor.submit(action, {"code": "aaaaa-bbbbb-ccccc-ddddd", "text": "Mine."})).status_code == 404
    sent = await visitor.submit(action, fields(page, action) | {"text": "It was about the boat."})
    assert sent.status_code == 200 and "It was about the boat." in words(sent) and "It waits" in words(sent)
    again = await visitor.submit(action, {"code": code, "text": "And again."})
    assert again.status_code == 409


async def test_a_guest_whose_text_is_refused_finds_name_and_words_again_and_no_wrong_way_out(
    db: Database, visitor: Visitor
) -> None:
    await make_talk(db, guests=True)
    typed = PLACE | {"as": "guest", "name": "Tilda Brown", "text": "far too long " * 700}
    page = await visitor.submit("/comments", typed)
    assert page.status_code == 413
    assert 'value="Tilda Brown"' in page.text and '<details class="cb-guest" open>' in page.text
    assert "far too long" in page.text and "Sign in in a new tab" not in page.text

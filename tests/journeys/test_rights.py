"""My rights on my page: all my comments, the journal of myself, everything as a file, my devices, leaving and staying."""

import json
from datetime import timedelta

from commentbox.server import legal_holds
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.rights import leaving
from tests.factories import make_person, make_talk
from tests.journeys.quarrel import PLACE, quarrel
from tests.journeys.reader import Reader
from tests.journeys.reading import fields, words
from tests.promises.bad_input import sign_in
from tests.visitor import Visitor


async def somebody(db: Database, visitor: Visitor, *, comments: int) -> str:
    """Sign somebody in who has said so much, and give their account."""
    talk, person = await make_talk(db), await make_person(db, "Kestrel")
    for number in range(comments):
        talk.say(f"Thing {number}.", by=person)
    await talk.save(db)
    await sign_in(db, visitor, person.account_id)
    return person.account_id


async def test_all_ones_comments_are_found_page_by_page(db: Database, visitor: Visitor) -> None:
    await somebody(db, visitor, comments=23)
    page = await visitor.open("/account")
    assert words(page).count("Thing ") == 3 and "All my comments" in words(page)
    first = await visitor.open("/account/comments")
    assert words(first).count("Thing ") == 20 and "Thing 22." in first.text
    following = first.text.split("/account/comments?lang=en&amp;before=")[1].split('"')[0]
    second = await visitor.open(f"/account/comments?before={following}")
    assert words(second).count("Thing ") == 3 and "Earlier ones" not in words(second)


async def test_the_journal_of_oneself_is_in_words(db: Database, visitor: Visitor) -> None:
    await quarrel(db)
    await Reader(visitor).sign_up()
    await visitor.submit("/comments", PLACE | {"text": "The tide decides."})
    await visitor.submit("/account/choices", {"reach": "verified"})
    page = words(await visitor.open("/account/journal"))
    for line in (
        "You changed who may reply to you.",
        "You posted a comment.",
        "You signed in.",
        "Your account was made.",
    ):
        assert line in page
    assert "under the code" not in page
    assert "Sie haben sich angemeldet." in words(await visitor.open("/account/journal?lang=de"))
    assert "Sie haben geändert, wer Ihnen antworten darf." in words(await visitor.open("/account?lang=de"))


async def test_everything_is_in_the_file_and_no_secret_is(db: Database, visitor: Visitor) -> None:
    await quarrel(db)
    reader = Reader(visitor)
    await reader.sign_up()
    await visitor.submit("/comments", PLACE | {"text": "The tide *decides*."})
    await visitor.submit("/account/mute", {"name": "Nobody"})
    answer = await visitor.open("/account/download.json")
    assert answer.headers["content-disposition"] == 'attachment; filename="commentbox.json"'
    assert answer.headers["cache-control"] == "private, no-store"
    held = json.loads(answer.text)
    assert held["account"][0]["name"] == "Kestrel" and held["comments"][0]["text"] == "The tide *decides*."
    assert held["journal"] and held["sessions"] and "token_hash" not in held["sessions"][0]
    page = await visitor.open("/account/download.html?lang=de")
    assert "The tide *decides*." in page.text and "Meine Daten" in page.text and "<script" not in page.text


async def test_nobody_reads_another_persons_file(db: Database, visitor: Visitor, new_visitor) -> None:
    account = await somebody(db, visitor, comments=1)
    stranger = new_visitor()
    for path in ("/account/comments", "/account/journal", "/account/download.json", "/account/download.html"):
        assert (await stranger.open(path)).headers["location"].startswith("/signin?next=%2Faccount%2F")
        foul = await visitor.frame(path)
        assert foul.status_code == 303, "a frame on the paper's page gets nothing"
    framed = new_visitor()
    await sign_in(db, framed, account, kind="frame")
    assert (await framed.open("/account/download.json")).status_code == 303


async def test_a_device_is_signed_out_from_another(db: Database, visitor: Visitor, new_visitor) -> None:
    account = await somebody(db, visitor, comments=0)
    phone = new_visitor()
    await sign_in(db, phone, account)
    page = await visitor.open("/account")
    form = fields(page, "/account/session")
    session = page.text.split('name="session" value="')[1].split('"')[0]
    done = await visitor.submit("/account/session", form | {"session": session})
    assert done.status_code == 303
    assert (await phone.open("/account")).status_code == 303 and (await visitor.open("/account")).status_code == 200


async def test_leaving_signs_out_everywhere_and_coming_back_keeps_the_account(db: Database, visitor: Visitor) -> None:
    account = await somebody(db, visitor, comments=1)
    wrong = await visitor.submit("/account/delete", {"how": "burn"})
    assert wrong.status_code == 422 and "no such choice" in words(wrong)
    done = await visitor.submit("/account/delete", {"how": "erase"})
    assert done.headers["location"] == "/account/leaving?lang=en"
    assert "In fourteen days your account goes." in words(await visitor.open("/account/leaving"))
    assert (await visitor.open("/account")).headers["location"].startswith("/signin")
    await sign_in(db, visitor, account)
    page = await visitor.open("/account")
    assert "Your account will be deleted on" in words(page) and "/account/delete" not in page.text
    stayed = await visitor.submit("/account/stay", fields(page, "/account/stay"))
    assert stayed.headers["location"].startswith("/account?saved=stayed")
    assert "will be deleted on" not in words(await visitor.open("/account"))


async def test_comments_that_stay_after_their_author_left_carry_nobodys_name(
    db: Database, visitor: Visitor, new_visitor
) -> None:
    account = await somebody(db, visitor, comments=1)
    async with begin(db, actor=account) as work:
        await leaving.ask(work, account, "keep")
    clock.advance(days=15)
    await leaving.leave(db, account)
    page = await new_visitor().open("/thread", params=PLACE)
    assert "Somebody who has left" in words(page) and "Thing 0." in page.text and "Kestrel" not in page.text


async def test_what_the_law_holds_is_said_to_its_author(db: Database, visitor: Visitor) -> None:
    await somebody(db, visitor, comments=1)
    page = await visitor.open("/account/comments")
    comment_id = page.text.split('href="/c/')[1].split("?")[0]
    async with begin(db) as work:
        await legal_holds.place(work, "comment", comment_id, reason="3/26", until=clock.now() + timedelta(days=60))
    page = await visitor.open("/account/comments")
    assert "Kept by law until" in words(page) and "even if you delete your account." in words(page)

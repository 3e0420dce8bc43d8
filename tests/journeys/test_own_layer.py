"""What a thread shows one viewer beside what everybody reads: own comments, own marks, and whether they may write."""

import re
from datetime import timedelta

import httpx
from sqlalchemy import select

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.comments import actions
from commentbox.server.comments.models import Comment
from tests.factories import ARTICLE, START, Talk, make_site, make_talk, make_thread
from tests.journeys.quarrel import PLACE, quarrel
from tests.journeys.reader import Reader
from tests.journeys.reading import fields, words
from tests.visitor import Visitor


async def posted(visitor: Visitor, text: str) -> str:
    """Post without scripts and give the comment's id."""
    answer = await visitor.submit("/comments", PLACE | {"text": text})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("#c-")[1]


def article(page: httpx.Response, comment_id: str) -> str:
    return page.text.split(f'id="c-{comment_id}"')[1].split("</article>")[0]


async def test_an_author_edits_on_a_page_of_its_own_without_scripts(db: Database, visitor: Visitor) -> None:
    await quarrel(db)
    await Reader(visitor, "Kestrel").sign_up()
    comment_id = await posted(visitor, "A *slip*.")
    page = await visitor.open("/thread", params=PLACE)
    assert "write=edit" in article(page, comment_id) and f"/comments/{comment_id}/withdraw" in article(page, comment_id)
    form = await visitor.open("/thread", params=PLACE | {"comment": comment_id, "write": "edit"})
    action = f"/comments/{comment_id}/edit"
    assert ">A *slip*.</textarea>" in form.text
    done = await visitor.submit(action, fields(form, action) | {"text": "No slip."})
    assert done.status_code == 303
    again = await visitor.open("/thread", params=PLACE)
    assert "<p>No slip.</p>" in article(again, comment_id) and ">edited<" in article(again, comment_id)


async def test_the_form_for_editing_in_place_is_for_the_author_alone(db: Database, new_visitor) -> None:
    await quarrel(db)
    author, other = new_visitor(), new_visitor(address="198.51.100.9")
    await Reader(author, "Kestrel").sign_up()
    await Reader(other, "Sandpiper").sign_up()
    comment_id = await posted(author, "Mine alone.")
    asked = PLACE | {"comment": comment_id}
    assert ">Mine alone.</textarea>" in (await author.fetch("/embed/edit", params=asked)).text
    assert (await other.fetch("/embed/edit", params=asked)).status_code == 404
    assert (await other.open("/thread", params=asked | {"write": "edit"})).status_code == 404


async def test_the_offer_to_edit_ends_with_the_window(db: Database, visitor: Visitor) -> None:
    await quarrel(db)
    clock.set(START)
    await Reader(visitor, "Kestrel").sign_up()
    comment_id = await posted(visitor, "Once said.")
    clock.set(START + timedelta(minutes=16))
    page = await visitor.open("/thread", params=PLACE)
    assert "write=edit" not in article(page, comment_id)
    assert f"/comments/{comment_id}/withdraw" in article(page, comment_id)


async def test_own_comments_and_recommendations_are_marked(db: Database, visitor: Visitor) -> None:
    _, said = await quarrel(db)
    await Reader(visitor, "Kestrel").sign_up()
    comment_id = await posted(visitor, "Mine.")
    pressed = await visitor.submit(f"/comments/{said['pilot']}/recommend", PLACE | {"on": "1"})
    assert pressed.status_code == 303
    layer = await visitor.fetch("/embed/viewer", params=PLACE)
    marks = re.search(r'<template id="cb-mine">(.*?)</template>', layer.text)
    assert marks and f'"recommended":["{said["pilot"]}"]' in marks[1] and f'"{comment_id}"' in marks[1]
    page = await visitor.open("/thread", params=PLACE)
    assert 'value="0" aria-pressed="true"' in article(page, said["pilot"])
    assert "Recommend <b>25</b>" in article(page, said["pilot"])
    assert "/recommend" not in article(page, comment_id), "nobody recommends themselves"


async def test_who_hears_from_verified_people_only_gets_no_reply_button_from_others(
    db: Database, visitor: Visitor
) -> None:
    _, said = await quarrel(db)
    await Reader(visitor, "Kestrel").sign_up()
    page = await visitor.open("/thread", params=PLACE)
    protected = article(page, said["licence"])
    assert "Only verified people may reply to this person" in protected
    assert "data-reply" not in protected and "/recommend" not in protected


async def test_only_the_author_is_led_from_a_removed_comment_to_the_reasons(db: Database, new_visitor) -> None:
    await quarrel(db)
    author, other = new_visitor(), new_visitor(address="198.51.100.9")
    await Reader(author, "Kestrel").sign_up()
    comment_id = await posted(author, "Crossed a line.")
    async with begin(db) as work:
        row = await work.q.first(select(Comment.__table__).where(Comment.__table__.c.id == comment_id))
        await actions.remove(work, row, rule="4-no-contempt")
    told = "A comment of yours was removed. House rule 4: Demean nobody for what they are. Read the reasons, or appeal"
    for path in ("/embed/viewer", "/thread"):
        assert told in words(await author.open(path, params=PLACE, came_from="same-origin"))
        assert "removed." not in words(await other.open(path, params=PLACE)).split("More")[0]


async def test_the_choices_are_explained_to_strangers_and_made_on_the_account_page(
    db: Database, visitor: Visitor
) -> None:
    page = await visitor.open("/choices")
    assert page.status_code == 200 and "Everyone can be heard until you choose otherwise." in words(page)
    await Reader(visitor, "Kestrel").sign_up()
    assert (await visitor.open("/choices")).headers["location"] == "/account#choices"


async def test_a_closed_thread_says_so_and_offers_no_form(db: Database, visitor: Visitor) -> None:
    site_id = await make_site(db)
    talk = Talk(site_id, await make_thread(db, site_id, state="closed", closed_reason="The vote is over."))
    talk.say("still here")
    await talk.save(db)
    for path in ("/embed/thread", "/thread", "/embed/viewer"):
        page = await visitor.open(path, params=PLACE)
        assert "<textarea" not in page.text and "data-reply" not in page.text
        if path != "/embed/viewer":
            assert "This thread is closed. The vote is over." in words(page)


async def test_a_thread_for_verified_people_says_until_when_and_why_before_anyone_types(
    db: Database, visitor: Visitor
) -> None:
    clock.set(START)
    site_id = await make_site(db)
    limits = {"verified_only_until": START + timedelta(days=2), "verified_only_reason": "A pile-on."}
    talk = Talk(site_id, await make_thread(db, site_id, **limits))
    said = talk.say("still here")
    await talk.save(db)
    page = await visitor.frame("/embed/thread", params=PLACE)
    assert "Until November 24, 2026 only verified people may comment in this thread. A pile-on." in words(page)
    assert "<textarea" not in page.text
    (link,) = re.findall(r"<a [^>]*data-reply[^>]*>", article(page, said))
    assert 'data-for="verified" hidden' in link
    clock.set(START + timedelta(days=3))
    later = await visitor.open("/thread", params=PLACE)
    assert "<textarea" in later.text


async def test_a_guest_may_write_where_the_site_lets_guests(db: Database, visitor: Visitor) -> None:
    await (await make_talk(db, guests=True)).save(db)
    page = await visitor.open("/thread", params=PLACE)
    assert "Post without an account" in words(page)
    form = fields(page, "/comments") | {"text": "From a guest.", "name": "Passer-by", "as": "guest"}
    done = await visitor.submit("/comments", form)
    assert done.status_code == 200 and "Your code for this comment:" in words(done)
    assert (
        "From a guest." not in (await visitor.frame("/embed/thread", params={"site": "gazette", "url": ARTICLE})).text
    )

"""Writing over HTTP, each thing with scripts and without: post, reply, edit, withdraw, recommend, report; guests too."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select

from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts.models import Standing
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.comments.models import Comment
from commentbox.server.reports import Report
from commentbox.server.votes import Recommendation
from tests.factories import ARTICLE, START, Person, Talk, how_many, make_person
from tests.journeys.reading import fields, words
from tests.newsroom import Newsroom, make_newsroom
from tests.promises.bad_input import sign_in
from tests.visitor import Visitor

VisitorMaker = Callable[..., Visitor]
LOOK = {"show": "fold", "sort": "oldest", "lang": "de", "theme": "dark"}
PLACE = {"site": "gazette", "url": ARTICLE}
both_ways = pytest.mark.parametrize("htmx", [False, True], ids=["form", "htmx"])


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START)
    return await make_newsroom(db, guests=True)


@pytest.fixture
def talk(room: Newsroom) -> Talk:
    return room.talk


async def somebody(db: Database, visitor: Visitor, name: str, **more: Any) -> Person:
    """Make an account and sign it in by passkey in this browser."""
    person = await make_person(db, name, **more)
    await sign_in(db, visitor, person.account_id)
    return person


@pytest.fixture
async def kestrel(db: Database, visitor: Visitor, room: Newsroom) -> Person:
    return await somebody(db, visitor, "Kestrel")


async def rows(db: Database) -> list[Any]:
    async with db.read() as query:
        table = Comment.__table__  # type: ignore[attr-defined]
        return list(await query.all(select(table).order_by(table.c.id)))


def told(answer: httpx.Response, event: str) -> dict[str, Any]:
    """Give what an answer tells the script."""
    return dict(json.loads(answer.headers["hx-trigger"])[event])


def check_back(answer: httpx.Response, comment_id: str, **look: str) -> None:
    """Check that a form without scripts is answered by the way back: same article, same filter, at the comment."""
    assert answer.status_code == 303
    parts = urlsplit(answer.headers["location"])
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.netloc, parts.path, parts.fragment, asked) == ("", "/thread", f"c-{comment_id}", {**PLACE, **look})


# Posting.


@both_ways
async def test_a_comment_is_posted_and_stands_there(
    db: Database, visitor: Visitor, kestrel: Person, htmx: bool
) -> None:
    answer = await visitor.submit("/comments", {**PLACE, **LOOK, "text": "The *quay* stays."}, htmx=htmx)
    (row,) = await rows(db)
    assert (row.state, row.account_id, row.html) == ("published", kestrel.account_id, "<p>The <em>quay</em> stays.</p>")
    if htmx:
        assert told(answer, "cb:posted") == {"id": row.id, "state": "published", "rule": None}
        assert f'id="c-{row.id}"' in answer.text and '<div hx-swap-oob="innerHTML:#cb-counts"' in answer.text
        return
    check_back(answer, row.id, **LOOK)
    page = await visitor.open(answer.headers["location"])
    assert f'id="c-{row.id}"' in page.text and 'name="show" value="fold" checked' in page.text
    assert '<html lang="de"' in page.text and 'data-theme="dark"' in page.text


@both_ways
async def test_a_reply_hangs_on_its_parent(
    db: Database, talk: Talk, visitor: Visitor, kestrel: Person, htmx: bool
) -> None:
    parent = talk.say("Close it.")
    await talk.save(db)
    page = await visitor.open("/thread", params={**PLACE, "comment": parent, "write": "reply"})
    form = fields(page, "/comments")
    assert form["parent"] == parent
    answer = await visitor.submit("/comments", {**form, "text": "Keep it."}, htmx=htmx)
    reply = next(row for row in await rows(db) if row.text == "Keep it.")
    assert (reply.parent_id, reply.depth) == (parent, 1)
    if htmx:
        assert f"afterend:#c-{parent}" in answer.text
    else:
        check_back(answer, reply.id, show="everyone", sort="newest", lang="en")


@both_ways
async def test_a_double_click_posts_once_and_both_answers_say_so(
    db: Database, visitor: Visitor, kestrel: Person, htmx: bool
) -> None:
    form = {**PLACE, "text": "Once."} | ({"key": "a-key-of-the-browser"} if htmx else {})
    answers = await asyncio.gather(*(visitor.submit("/comments", form, htmx=htmx) for _ in range(4)))
    (row,) = await rows(db)
    assert {answer.status_code for answer in answers} == {200 if htmx else 303}
    assert all(row.id in (answer.headers.get("location") or answer.headers["hx-trigger"]) for answer in answers)
    clock.advance(minutes=2)
    later = await visitor.submit("/comments", form, htmx=htmx)
    assert later.status_code == (200 if htmx else 409)
    keyed = {**PLACE, "text": "Never lost.", "key": "a-key-of-the-browser"}
    other = await visitor.submit("/comments", keyed, htmx=htmx)
    assert other.status_code == (409 if htmx else 303), "other words with a key that was used: refused, never dropped"
    assert not htmx or "Other words were posted with this key before." in words(other)
    assert await how_many(db, Comment) == (1 if htmx else 2)


@both_ways
async def test_a_comment_that_is_held_says_why_and_shows_to_its_author_alone(
    db: Database, visitor: Visitor, kestrel: Person, new_visitor: VisitorMaker, htmx: bool
) -> None:
    links = "See https://a.example and https://b.example and https://c.example"
    answer = await visitor.submit("/comments", {**PLACE, "text": links}, htmx=htmx)
    (row,) = await rows(db)
    assert row.state == "held"
    shown = answer if htmx else await visitor.open(answer.headers["location"])
    assert "Held for review." in words(shown) and "It has links" in words(shown)
    assert row.id not in (await new_visitor().open("/thread", params=PLACE)).text


REFUSED = {
    "empty": ({"text": " \n "}, 422, "comment.empty"),
    "too long": ({"text": "a" * 5001}, 413, "comment.too_long"),
    "the same again": ({"text": "Said before."}, 409, "comment.duplicate"),
    "no such parent": ({"parent": "0123456789abcdef"}, 404, "comment.unknown"),
    "out of reach": ({"parent": "{shy}"}, 403, "reach.refused"),
    "a removed parent": ({"parent": "{removed}"}, 409, "comment.parent_gone"),
}


@both_ways
async def test_a_refused_text_is_kept_with_the_reason(
    db: Database, talk: Talk, visitor: Visitor, kestrel: Person, htmx: bool
) -> None:
    shy = await make_person(db, "Shy", kind="person", reach="verified")
    ids = {"shy": talk.say(by=shy), "removed": talk.say(state="removed", hold_rule="7-law")}
    await talk.save(db)
    await visitor.submit("/comments", {**PLACE, "text": "Said before."})
    clock.advance(minutes=2)
    for what, (changes, status, code) in REFUSED.items():
        form = {**PLACE, "text": f"Kept & safe, {what}."} | {key: value.format(**ids) for key, value in changes.items()}
        answer = await visitor.submit("/comments", form, htmx=htmx)
        assert answer.status_code == status, what
        if htmx:
            assert answer.text.strip().startswith(f'<div class="cb-notice is-bad" role="alert" data-code="{code}"'), (
                what
            )
        else:
            kept = form["text"].replace("&", "&amp;")
            assert f">{kept}</textarea>" in answer.text and "Not posted." in words(answer), what
    assert len(await rows(db)) == 3


async def test_after_a_refusal_by_reach_the_text_can_be_posted_alone(
    db: Database, talk: Talk, visitor: Visitor, kestrel: Person
) -> None:
    shy = talk.say(by=await make_person(db, "Shy", kind="person", reach="verified"))
    await talk.save(db)
    page = await visitor.submit("/comments", {**PLACE, "parent": shy, "text": "To you."})
    assert "Only verified people may reply" in words(page)
    form = fields(page, "/comments")
    assert form["parent"] == ""
    assert (await visitor.submit("/comments", {**form, "text": "To you."})).status_code == 303


@both_ways
async def test_too_many_comments_in_an_hour_wait(db: Database, visitor: Visitor, kestrel: Person, htmx: bool) -> None:
    sent = [await visitor.submit("/comments", {**PLACE, "text": f"Number {n}"}, htmx=htmx) for n in range(21)]
    assert [answer.status_code for answer in sent[:20]] == [200 if htmx else 303] * 20
    assert sent[20].status_code == 429 and ("Number 20" in sent[20].text) != htmx
    clock.advance(minutes=61)
    assert (await visitor.submit("/comments", {**PLACE, "text": "Number 21"})).status_code == 303


async def measured(db: Database, person: Person, kind: str) -> None:
    async with begin(db) as work:
        standing = Standing(id="0123456789abcdef", account_id=person.account_id, site_id="", kind=kind, since=work.now)
        await work.q.add(standing)


async def test_somebody_silenced_meanwhile_neither_posts_nor_edits_and_keeps_the_text(
    db: Database, visitor: Visitor, kestrel: Person
) -> None:
    await visitor.submit("/comments", {**PLACE, "text": "Before."})
    (row,) = await rows(db)
    await measured(db, kestrel, "silenced")
    for path in ("/comments", f"/comments/{row.id}/edit"):
        answer = await visitor.submit(path, {**PLACE, "text": "After & all."})
        assert answer.status_code == 403 and ">After &amp; all.</textarea>" in answer.text
        assert "You cannot comment for now" in words(answer) and "/account" in answer.text
    assert [each.text for each in await rows(db)] == ["Before."]
    assert (await visitor.submit(f"/comments/{row.id}/withdraw", PLACE)).status_code == 303


async def test_an_edit_is_held_as_a_post_would_be(db: Database, visitor: Visitor, kestrel: Person) -> None:
    await visitor.submit("/comments", {**PLACE, "text": "Before."})
    (row,) = await rows(db)
    await measured(db, kestrel, "held_first")
    answer = await visitor.submit(f"/comments/{row.id}/edit", {**PLACE, "text": "After."}, htmx=True)
    assert told(answer, "cb:edited")["state"] == "held"


# Changing one's own.


@both_ways
async def test_an_author_edits_and_takes_back(db: Database, visitor: Visitor, kestrel: Person, htmx: bool) -> None:
    await visitor.submit("/comments", {**PLACE, "text": "A slip."})
    (row,) = await rows(db)
    edited = await visitor.submit(f"/comments/{row.id}/edit", {**PLACE, **LOOK, "text": "No slip."}, htmx=htmx)
    withdrawn = await visitor.submit(f"/comments/{row.id}/withdraw", {**PLACE, **LOOK}, htmx=htmx)
    if htmx:
        assert (edited.status_code, told(edited, "cb:edited")["state"]) == (204, "published")
        assert (withdrawn.status_code, told(withdrawn, "cb:withdrawn")["state"]) == (204, "withdrawn")
    else:
        check_back(edited, row.id, **LOOK)
        check_back(withdrawn, row.id, **LOOK)
    (row,) = await rows(db)
    assert (row.state, row.text, row.html) == ("withdrawn", "", "")
    again = await visitor.submit(f"/comments/{row.id}/withdraw", PLACE, htmx=htmx)
    assert again.status_code == 409


@both_ways
async def test_what_is_not_ones_own_is_not_found(
    db: Database, talk: Talk, visitor: Visitor, kestrel: Person, htmx: bool
) -> None:
    other = talk.say("Somebody else's.")
    await talk.save(db)
    for what in ("edit", "withdraw"):
        answer = await visitor.submit(f"/comments/{other}/{what}", {**PLACE, "text": "Mine now."}, htmx=htmx)
        assert answer.status_code == 404
    assert [row.text for row in await rows(db)] == ["Somebody else's."]


# Recommending and reporting.


@both_ways
async def test_a_recommendation_counts_once_and_can_be_taken_back(
    db: Database, talk: Talk, visitor: Visitor, kestrel: Person, htmx: bool
) -> None:
    comment = talk.say("Close it.")
    await talk.save(db)
    path = f"/comments/{comment}/recommend"
    for on, count in (("1", 1), ("1", 1), ("0", 0), ("0", 0), ("1", 1)):
        answer = await visitor.submit(path, {**PLACE, **LOOK, "on": on}, htmx=htmx)
        if htmx:
            facts = told(answer, "cb:recommended")
            assert (answer.status_code, facts["all"], facts["mine"]) == (204, count, on == "1")
        else:
            check_back(answer, comment, **LOOK)
        assert (await how_many(db, Recommendation), (await rows(db))[0].recommends_all) == (count, count)
    page = await visitor.open("/thread", params=PLACE)
    assert 'name="on" value="0" aria-pressed="true"' in page.text


@both_ways
async def test_who_may_not_recommend_is_told_why(
    db: Database, talk: Talk, visitor: Visitor, kestrel: Person, new_visitor: VisitorMaker, htmx: bool
) -> None:
    shy = await make_person(db, "Shy", kind="person", reach="verified")
    ids = {
        "own": talk.say(by=kestrel),
        "shy": talk.say(by=shy),
        "removed": talk.say(state="removed", hold_rule="7-law"),
        "held": talk.say(state="held", hold_rule="links"),
    }
    await talk.save(db)
    expected = {"own": 403, "shy": 403, "removed": 409, "held": 404}
    for what, status in expected.items():
        answer = await visitor.submit(f"/comments/{ids[what]}/recommend", {**PLACE, "on": "1"}, htmx=htmx)
        assert answer.status_code == status and 'role="alert"' in answer.text, what
    nobody = await new_visitor().submit(f"/comments/{ids['shy']}/recommend", {**PLACE, "on": "1"}, htmx=htmx)
    assert nobody.status_code == 401
    assert await how_many(db, Recommendation) == 0


@both_ways
async def test_a_report_needs_no_account_and_hides_nothing(
    db: Database, talk: Talk, visitor: Visitor, new_visitor: VisitorMaker, htmx: bool
) -> None:
    comment = talk.say("You fool.")
    await talk.save(db)
    page = await visitor.open(f"/report?comment={comment}")
    assert "You fool." in page.text and "You need no account" in words(page)
    form = {"reason": "attack", "text": "Not an argument."}
    for _ in range(2):
        answer = await visitor.submit(f"/comments/{comment}/report", form, htmx=htmx)
        assert answer.status_code == 200 and "a report alone hides nothing" in words(answer)
    assert await how_many(db, Report) == 1
    await new_visitor(address="198.51.100.9").submit(f"/comments/{comment}/report", form, htmx=htmx)
    assert await how_many(db, Report) == 2
    assert "You fool." in (await visitor.open("/thread", params=PLACE)).text


async def test_a_report_without_a_reason_comes_back_with_its_text(db: Database, talk: Talk, visitor: Visitor) -> None:
    comment = talk.say("You fool.")
    await talk.save(db)
    for reason, status in (("", 422), ("because", 422), ("attack", 413)):
        text = "Not & never." + ("x" * 2000 if status == 413 else "")
        answer = await visitor.submit(f"/comments/{comment}/report", {"reason": reason, "text": text})
        assert answer.status_code == status and text.replace("&", "&amp;") in answer.text
    assert await how_many(db, Report) == 0


async def test_an_account_that_left_its_session_open_for_long_still_has_its_text(
    db: Database, visitor: Visitor, kestrel: Person
) -> None:
    async with begin(db) as work:
        await accounts.close_all_sessions(work, kestrel.account_id)
    answer = await visitor.submit("/comments", {**PLACE, **LOOK, "text": "Kept & safe."})
    assert answer.status_code == 401 and ">Kept &amp; safe.</textarea>" in answer.text
    form = fields(answer, "/comments")
    assert {name: form[name] for name in LOOK} == LOOK

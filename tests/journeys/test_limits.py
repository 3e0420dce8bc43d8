"""Limits of sites and threads: said before anybody types, with reason and end; kept on every route; lifted when over."""

import httpx
import pytest
from sqlalchemy import select

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.sites.actions import set_policy
from commentbox.server.threads import Thread
from tests.factories import ARTICLE, START, Talk, make_person, make_site, make_thread
from tests.journeys.quarrel import PLACE
from tests.journeys.reading import words
from tests.newsroom import Newsroom, make_newsroom
from tests.promises.bad_input import sign_in
from tests.visitor import Visitor


async def posted(visitor: Visitor, text: str, **more: str) -> httpx.Response:
    return await visitor.submit("/comments", PLACE | {"text": text} | more, htmx=True)


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START)
    room = await make_newsroom(db)
    room.talk.say("The quay was there first.")
    await room.talk.save(db)
    return room


@pytest.fixture
async def desk(db: Database, room: Newsroom, new_visitor) -> Visitor:
    """Give a moderator's browser."""
    made = new_visitor(address="192.0.2.20")
    await sign_in(db, made, (await room.hire("Ruth")).account_id, kind="staff")
    return made


@pytest.fixture
async def reader(db: Database, visitor: Visitor) -> Visitor:
    """Give the browser of somebody without a badge, here since the talk began."""
    await sign_in(db, visitor, (await make_person(db, "Kestrel")).account_id)
    return visitor


async def decide(desk: Visitor, room: Newsroom, **form: str) -> httpx.Response:
    return await desk.submit(f"/desk/threads/{room.talk.thread_id}", form)


async def test_slow_mode_is_told_before_typing_and_keeps_the_pause_on_new_comments_alone(
    room: Newsroom, desk: Visitor, reader: Visitor
) -> None:
    done = await decide(desk, room, act="limit", slow_seconds="90", days="2", reason="It runs too hot.")
    assert done.status_code == 303
    told = "Slow mode: between two comments in this thread you wait 90 seconds. This holds until November 24, 2026: It runs"
    for page in (await reader.open("/thread", params=PLACE), await reader.frame("/embed/thread", params=PLACE)):
        assert told in words(page)
    first = await posted(reader, "First.")
    assert first.status_code == 200
    clock.advance(seconds=30)
    second = await posted(reader, "Second.")
    assert second.status_code == 429 and "Try again in 60 seconds." in words(second)
    assert "You may comment again in 60 seconds." in words(await reader.open("/thread", params=PLACE))
    comment_id = first.text.split('id="c-')[1].split('"')[0]
    edit = await reader.submit(f"/comments/{comment_id}/edit", PLACE | {"text": "First, put right."}, htmx=True)
    assert edit.status_code == 204, "putting a slip right is no new comment"
    clock.advance(seconds=61)
    assert (await posted(reader, "Second.")).status_code == 200


async def test_a_threads_limits_end_by_themselves_and_can_be_lifted(
    room: Newsroom, desk: Visitor, reader: Visitor
) -> None:
    form = {"act": "limit", "slow_seconds": "3600", "days": "1", "reason": "A pile-on."}
    await decide(desk, room, **form)
    await posted(reader, "First.")
    assert (await posted(reader, "Second.")).status_code == 429
    await decide(desk, room, act="lift")
    assert (await posted(reader, "Second.")).status_code == 200
    await decide(desk, room, **form)
    clock.advance(hours=24, seconds=1)
    await posted(reader, "Third.")
    assert (await posted(reader, "Fourth.")).status_code == 200


async def test_a_new_account_is_told_how_long_it_waits(room: Newsroom, desk: Visitor, reader: Visitor) -> None:
    await decide(desk, room, act="limit", min_age_minutes_unverified="120", days="1", reason="New names arrive.")
    page = words(await reader.open("/thread", params=PLACE))
    assert "once they are 2 hours old. You may comment again in 2 hours. This holds until" in page
    young = await posted(reader, "I am new.")
    assert young.status_code == 403 and "Yours may comment in 120 minutes." in words(young)
    clock.advance(minutes=121)
    assert (await posted(reader, "I am not new any more.")).status_code == 200


async def test_a_thread_takes_so_many_comments_an_hour_and_holds_those_of_unverified_people(
    db: Database, room: Newsroom, desk: Visitor, reader: Visitor
) -> None:
    form = {"act": "limit", "posts_per_hour": "1", "hold_unverified": "1", "days": "1", "reason": "It is late."}
    await decide(desk, room, **form)
    page = words(await reader.open("/thread", params=PLACE))
    assert "1 comment an hour in this thread. This paper looks at comments of unverified people" in page
    held = await posted(reader, "Held.")
    assert held.status_code == 200 and "Held for review." in words(held)
    assert (await posted(reader, "Refused.")).status_code == 429
    other = await make_thread(db, room.talk.site_id, f"{ARTICLE}-2")
    elsewhere = await reader.submit(
        "/comments", {"site": "gazette", "url": f"{ARTICLE}-2", "text": "Elsewhere."}, htmx=True
    )
    assert elsewhere.status_code == 200 and "Your comment is posted." in words(elsewhere) and other


async def test_a_site_may_set_the_same_limits_for_all_threads(db: Database, reader: Visitor) -> None:
    site_id = await make_site(db, slow_seconds_unverified=120)
    await Talk(site_id, await make_thread(db, site_id)).save(db)
    told = "between two comments in this thread you wait 2 minutes."
    assert told in words(await reader.open("/thread", params=PLACE))
    await posted(reader, "First.")
    assert (await posted(reader, "Second.")).status_code == 429


async def test_a_moderator_closes_a_thread_with_a_reason_and_opens_it_again(
    room: Newsroom, desk: Visitor, reader: Visitor
) -> None:
    refused = await decide(desk, room, act="close", reason=" ")
    assert refused.status_code == 422 and "A limit needs a reason and an end" in words(refused)
    await decide(desk, room, act="close", reason="The vote is over.")
    assert "This thread is closed. The vote is over." in words(await reader.open("/thread", params=PLACE))
    assert (await posted(reader, "Too late.")).status_code == 403
    await decide(desk, room, act="reopen")
    assert (await posted(reader, "In time.")).status_code == 200


async def test_threads_close_by_age_say_so_before_and_after_and_can_be_kept_open(
    db: Database, room: Newsroom, desk: Visitor, reader: Visitor
) -> None:
    async with begin(db) as work:
        await set_policy(work, room.talk.site_id, close_after_days=1)
        created_at = await work.q.scalar(select(Thread.created_at).where(Thread.id == room.talk.thread_id))
    clock.set(created_at)
    assert "This thread closes on" in words(await reader.open("/thread", params=PLACE))
    assert (await posted(reader, "In time.")).status_code == 200
    clock.advance(hours=24)
    told = "This thread is closed. This paper’s threads close after 1 day. You can still read"
    page = await reader.frame("/embed/thread", params=PLACE | {"lang": "en"})
    assert told in words(page) and "<textarea" not in page.text
    refused = await posted(reader, "Too late.")
    assert refused.status_code == 403 and "Threads close here after 1 days" in words(refused)
    await sign_in(db, desk, room.people["Ruth"].account_id, kind="staff")
    assert "Its age closed it on" in words(await desk.open(f"/desk/threads/{room.talk.thread_id}"))
    assert (await decide(desk, room, act="keep", days="2")).status_code == 303
    assert (await posted(reader, "In time again.")).status_code == 200
    clock.advance(hours=48)
    assert (await posted(reader, "Too late again.")).status_code == 403


async def test_a_thread_is_kept_to_verified_people_for_a_while_and_never_for_long(
    room: Newsroom, desk: Visitor, reader: Visitor
) -> None:
    long = await decide(desk, room, act="verified", reason="A pile-on.", days="31")
    assert long.status_code == 422 and 'value="A pile-on."' in long.text
    await decide(desk, room, act="verified", reason="A pile-on.", days="2")
    page = words(await reader.frame("/embed/thread", params=PLACE))
    assert "Until November 24, 2026 only verified people may comment in this thread. A pile-on." in page
    assert (await posted(reader, "Not me.")).status_code == 403
    await decide(desk, room, act="everyone")
    assert (await posted(reader, "Me too.")).status_code == 200


async def test_moderators_reach_only_their_own_papers_threads(db: Database, room: Newsroom, desk: Visitor) -> None:
    herald = await make_site(db, "herald", origins=["http://herald.localhost:8001"])
    foreign = await make_thread(db, herald, "http://herald.localhost:8001/a")
    page = words(await desk.open("/desk/threads"))
    assert page.count("Comments:") == 1, "those of its own paper"
    assert (await desk.open(f"/desk/threads/{foreign}")).status_code == 404
    assert (await desk.submit(f"/desk/threads/{foreign}", {"act": "close", "reason": "Mine now."})).status_code == 404
    found = await desk.open("/desk/threads", params={"q": "no such title"})
    assert "There is no such thread." in words(found)


async def test_a_page_that_names_two_threads_comes_before_the_desk_when_somebody_posts(
    db: Database, room: Newsroom, desk: Visitor, reader: Visitor
) -> None:
    moved = await make_thread(db, room.talk.site_id, "http://news.localhost:8001/old", article_id="a-1")
    both = {"site": "gazette", "article_id": "a-1", "url": ARTICLE}
    await reader.open("/thread", params=both)
    assert "name two threads" not in words(await desk.open("/desk/threads")), "reading writes nothing"
    for text in ("Once.", "Twice."):
        assert (await reader.submit("/comments", both | {"text": text}, htmx=True)).status_code == 200
    page = await desk.open("/desk/threads")
    assert words(page).count("The id is right: lead the address there") == 1
    settled = await desk.submit(f"/desk/threads/{moved}/settle", {"named": ARTICLE, "how": "point"})
    assert settled.status_code == 303 and "name two threads" not in words(await desk.open("/desk/threads"))
    by_url = await reader.open("/thread", params=PLACE)
    assert "Twice." in by_url.text and "The quay was there first." not in by_url.text
    again = await desk.submit(f"/desk/threads/{moved}/settle", {"named": ARTICLE, "how": "point"})
    assert again.status_code == 404


async def test_an_address_that_is_right_stays_where_it_leads(
    db: Database, room: Newsroom, desk: Visitor, reader: Visitor
) -> None:
    wrong = await make_thread(db, room.talk.site_id, "http://news.localhost:8001/old", article_id="a-1")
    both = {"site": "gazette", "article_id": "a-1", "url": ARTICLE}
    await reader.submit("/comments", both | {"text": "Once."}, htmx=True)
    await desk.submit(f"/desk/threads/{wrong}/settle", {"named": ARTICLE, "how": "leave"})
    await reader.submit("/comments", both | {"text": "Twice."}, htmx=True)
    assert "name two threads" not in words(await desk.open("/desk/threads"))
    assert "The quay was there first." in (await reader.open("/thread", params=PLACE)).text
    assert (await reader.open("/desk/threads")).status_code == 303

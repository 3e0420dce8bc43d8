"""Two threads become one, and no link is lost: whoever asks for the old one, by whatever name, gets the one that remains."""

import httpx
import pytest
from sqlalchemy import select

from commentbox.server import threads, wiring
from commentbox.server.accounts import mutes
from commentbox.server.base import clock, jobs, journal
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Conflict, Invalid
from commentbox.server.base.work import begin
from commentbox.server.comments import actions, merging
from commentbox.server.comments.drafts import Author, Draft
from commentbox.server.comments.models import Comment
from commentbox.server.live import events
from tests.factories import ARTICLE, START, Talk, make_person, make_site, make_thread
from tests.journeys.desk import AtTheDesk, hiring
from tests.journeys.reading import words
from tests.newsroom import Newsroom, make_newsroom
from tests.visitor import Visitor

OLD = f"{ARTICLE}-draft"
API = "/api/v1/threads/comments"


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START)
    return await make_newsroom(db)


@pytest.fixture
async def old(db: Database, room: Newsroom) -> Talk:
    """Give a second thread with a verified comment and an answer; the first has one comment."""
    talk = Talk(room.talk.site_id, await make_thread(db, room.talk.site_id, OLD, article_id="draft-7"))
    top = talk.say("The old quay.", by=await make_person(db, "Ines Halloran", kind="name"))
    talk.say("Older than that.", under=top)
    await talk.save(db)
    room.talk.say("The new quay.")
    await room.talk.save(db)
    return talk


@pytest.fixture
async def desk(room: Newsroom, new_visitor) -> AtTheDesk:
    return await hiring(room, new_visitor)("Ruth", "senior")


async def merged(desk: AtTheDesk, thread_id: str, into: str, sure: str = "1") -> httpx.Response:
    return await desk.visitor.submit(f"/desk/threads/{thread_id}/merge", {"into": into, "sure": sure})


async def listed(client: httpx.AsyncClient, **place: str) -> list[str]:
    body = (await client.get(API, params={"site": "gazette", "sort": "oldest"} | place)).json()
    return [each["text"] for each in body["comments"]] + [body["total"], body["verified_total"]]


async def test_every_way_to_the_old_thread_leads_to_the_one_that_remains(
    db: Database, app, room: Newsroom, old: Talk, desk: AtTheDesk, client: httpx.AsyncClient, visitor: Visitor
) -> None:
    top, answer = old.rows
    reader = await make_person(db)
    async with begin(db) as work:
        await mutes.mute_thread(work, reader.account_id, old.thread_id)
    unsure = await merged(desk, old.thread_id, ARTICLE, sure="")
    assert unsure.status_code == 422 and "Tick the box first" in words(unsure) and f'value="{ARTICLE}"' in unsure.text
    done = await merged(desk, old.thread_id, ARTICLE)
    assert done.status_code == 303 and room.talk.thread_id in done.headers["location"]
    assert await jobs.run_due(db, wiring.workers(app.app.state.instance)) == 1
    everything = ["The new quay.", "The old quay.", "Older than that."]
    for place in ({"url": ARTICLE}, {"url": OLD}, {"article_id": "draft-7"}, {"article_id": "draft-7", "url": OLD}):
        assert sorted(await listed(client, **place), key=str) == sorted([*everything, 3, 1], key=str)
        page = await visitor.frame("/embed/thread", params={"site": "gazette", **place})
        assert all(text in page.text for text in everything)
    found = await visitor.open(f"/c/{answer}")
    assert answer in (await visitor.open(found.headers["location"])).text
    counts = await client.get("/api/v1/counts", params={"site": "gazette", "article_id": "draft-7"})
    assert counts.json()["counts"][0]["total"] == 3
    assert "Older than that." in (await client.get("/feed.json", params={"site": "gazette", "url": OLD})).text
    search = await visitor.frame("/embed/thread", params={"site": "gazette", "url": ARTICLE, "q": "older"})
    assert "1 comment has these words." in words(search)
    assert (await room.comment(top)).thread_id == room.talk.thread_id
    async with db.read() as query:
        assert [row.id for row in await threads.muted_by(query, reader.account_id)] == [room.talk.thread_id]
    assert room.talk.thread_id in (await desk.visitor.open("/desk/threads")).text
    assert old.thread_id not in (await desk.visitor.open("/desk/threads")).text
    assert (await desk.visitor.open(f"/desk/threads/{old.thread_id}")).status_code == 200, "an old link at the desk"


async def test_merging_again_changes_nothing_and_what_cannot_be_is_refused(
    db: Database, room: Newsroom, old: Talk
) -> None:
    third = await make_thread(db, room.talk.site_id, f"{ARTICLE}-3")
    elsewhere = await make_thread(db, await make_site(db, "herald", origins=["http://h.localhost"]), ARTICLE)

    async def merge(one: str, other: str) -> None:
        async with begin(db) as work:
            await merging.merge(work, await threads.by_id(work.q, one), await threads.by_id(work.q, other))

    for other, refusal in ((old.thread_id, "merge.itself"), (elsewhere, "merge.elsewhere")):
        with pytest.raises(Invalid, match=refusal):
            await merge(old.thread_id, other)
    await merge(old.thread_id, room.talk.thread_id)
    await merge(old.thread_id, room.talk.thread_id)
    with pytest.raises(Conflict, match=r"merge\.done"):
        await merge(third, old.thread_id)
    with pytest.raises(Conflict, match=r"merge\.done"):
        await merge(old.thread_id, third)
    await merge(room.talk.thread_id, third)
    async with db.read() as query:
        found = await threads.find(query, "gazette", threads.ArticleRef(article_id="draft-7"))
        assert found.thread_id == third and (found.total, found.verified_total) == (3, 1), "also through two merges"


async def test_while_comments_are_on_their_way_links_replies_and_counts_hold(
    db: Database, room: Newsroom, old: Talk, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "BATCH", 1)
    top, answer = old.rows
    async with begin(db) as work:
        pair = [await threads.by_id(work.q, each) for each in (old.thread_id, room.talk.thread_id)]
        await merging.merge(work, *pair)
    assert (await room.comment(answer)).thread_id == old.thread_id, "not there yet"
    found = await visitor.open(f"/c/{answer}")
    page = await visitor.open(found.headers["location"])
    assert page.status_code == 200 and "Older than that." in page.text
    async with begin(db) as work:
        draft = Draft("Yes.", "<p>Yes.</p>", "h", parent_id=answer)
        await actions.post(work, Author("Kestrel"), draft, thread_id=room.talk.thread_id)
        await actions.withdraw(work, await row_of(work, answer))
    with pytest.raises(Conflict, match=r"thread\.merged"):
        async with begin(db) as work:
            await actions.post(work, Author("Kestrel"), Draft("Late.", "", "i"), thread_id=old.thread_id)
    while True:
        async with begin(db) as work:
            if not await merging.move(work, old.thread_id, room.talk.thread_id):
                break
    async with db.read() as query:
        row = await threads.by_id(query, room.talk.thread_id)
        left = await query.all(select(Comment.id).where(Comment.thread_id == old.thread_id))
    assert (row.total, row.verified_total, list(left)) == (3, 1, [])
    assert (await room.comment(top)).hangs_on == room.talk.thread_id


async def row_of(work, comment_id: str):
    return await work.q.first(select(Comment.__table__).where(Comment.__table__.c.id == comment_id))


async def test_open_pages_of_the_old_thread_are_let_go(db: Database, room: Newsroom, old: Talk) -> None:
    async with begin(db) as work:
        pair = [await threads.by_id(work.q, each) for each in (old.thread_id, room.talk.thread_id)]
        await merging.merge(work, *pair)
    await journal.seal(db)
    async with db.read() as query:
        assert await events.merged(query, 0, until=await events.head(query)) == [old.thread_id]


async def test_moderators_without_the_right_merge_nothing(room: Newsroom, old: Talk, new_visitor) -> None:
    tom = await hiring(room, new_visitor)("Tom")
    assert (await merged(tom, old.thread_id, ARTICLE)).status_code == 404
    assert "Merge the threads" not in words(await tom.visitor.open(f"/desk/threads/{old.thread_id}"))

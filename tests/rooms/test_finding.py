"""Looking up at the desk: all comments by their words whatever their age and state, page by page, of one's own sites."""

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.comments import actions as comments
from commentbox.server.moderation import finding
from tests.factories import START, Talk, make_person, make_site, make_thread
from tests.newsroom import make_newsroom


async def test_words_find_published_held_and_removed_comments_and_nothing_that_was_taken_back(db: Database) -> None:
    clock.set(START)
    room = await make_newsroom(db)
    author = await make_person(db, "Heron")
    texts = {state: room.talk.say(f"The harbour, {state}.", state=state) for state in finding.STATES}
    gone = room.talk.say("The harbour, taken back.", by=author)
    await room.talk.save(db)
    ruth = await room.hire("Ruth")
    async with db.read() as query:
        found = await finding.find(query, ruth, "HARB")
        assert {row.id for row in found.comments} == {gone, *texts.values()}
    async with begin(db, actor=author.account_id) as work:
        await comments.withdraw(work, await room.comment(gone))
    async with db.read() as query:
        assert {row.id for row in (await finding.find(query, ruth, "harbour")).comments} == set(texts.values())
        assert [row.id for row in (await finding.find(query, ruth, texts["held"])).comments] == [texts["held"]]
        for nothing in ("h", "🐦 🐦", "harbour AND lobster", "'; DROP TABLE comment; --"):
            assert list((await finding.find(query, ruth, nothing)).comments) == []


async def test_the_newest_come_first_page_by_page_and_another_papers_are_not_there(db: Database) -> None:
    clock.set(START)
    room = await make_newsroom(db)
    said = [room.talk.say(f"Harbour {number}.") for number in range(finding.PAGE + 3)]
    await room.talk.save(db)
    herald = await make_site(db, "herald", origins=["http://herald.localhost:8001"])
    away = Talk(herald, await make_thread(db, herald, "http://herald.localhost:8001/a"))
    away.say("Harbour elsewhere.")
    await away.save(db)
    ruth = await room.hire("Ruth")
    async with db.read() as query:
        first = await finding.find(query, ruth, "harbour")
        second = await finding.find(query, ruth, "harbour", before=first.before)
    assert [row.id for row in (*first.comments, *second.comments)] == said[::-1]
    assert second.before is None

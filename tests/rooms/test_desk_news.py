"""What the bell tells moderators: a case handed over, and a proposal for as long as it waits."""

from functools import partial

from commentbox.server.base import clock, following, journal
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.moderation import confirming, notes
from commentbox.server.notifications import bell
from commentbox.server.notifications import following as news
from commentbox.server.presenters.news import news_view, on_the_paper
from tests.factories import START
from tests.newsroom import make_newsroom


async def hear(db: Database) -> None:
    await journal.seal(db)
    await following.follow(db, news.NAME, partial(news.listen, digest_hour=7), kinds=news.KINDS)


async def test_a_hand_over_and_a_proposal_are_told_and_the_proposal_no_longer_than_it_waits(db: Database) -> None:
    clock.set(START)
    room = await make_newsroom(db)
    held, other = room.talk.say(state="held", hold_rule="links"), room.talk.say()
    await room.talk.save(db)
    ruth, jonas, tess = await room.hire("Ruth"), await room.hire("Jonas"), await room.hire("Tess", "trainee")
    async with begin(db, actor=ruth.account_id) as work:
        over = notes.Note(held, room.talk.site_id, "handover", to=jonas.account_id)
        await notes.leave(work, ruth, over)
    proposed = (await room.decide(tess, other, "remove")).id
    await hear(db)
    async with db.read() as query:
        rows = await bell.newest(query, jonas.account_id)
        assert {(row.kind, row.subject_id) for row in rows} == {("handover", held), ("proposal", proposed)}
        assert [row.kind for row in await bell.newest(query, ruth.account_id)] == ["proposal"]
        assert await bell.newest(query, tess.account_id) == []
        hrefs = {news_view(row, on_the_paper(row, "")).href for row in rows}
        assert hrefs == {f"/desk/case/{held}", "/desk/proposals"}
        assert [row.by for row in await notes.handed_to(query, jonas.account_id, now=clock.now())] == ["Ruth"]
    async with begin(db, actor=ruth.account_id) as work:
        await confirming.decline(work, ruth, proposed)
    await hear(db)
    async with db.read() as query:
        assert [row.kind for row in await bell.newest(query, jonas.account_id)] == ["handover"]
    clock.advance(minutes=16)
    async with db.read() as query:
        assert await notes.handed_to(query, jonas.account_id, now=clock.now()) == []

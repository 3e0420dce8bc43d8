"""The bell and the follower of the journal behind it, on both databases."""

import asyncio
from functools import partial

import pytest
from sqlalchemy import select

from commentbox.server.base import clock, following, journal
from commentbox.server.base.work import begin
from commentbox.server.comments import actions
from commentbox.server.notifications import bell
from commentbox.server.notifications import following as news
from commentbox.server.notifications.choices import Wish, choose_mail
from commentbox.server.notifications.models import MailChoice, Notification
from tests.factories import START, how_many, make_person
from tests.hearing import LISTEN, Square, make_square


@pytest.fixture
async def square(db) -> Square:
    clock.set(START)
    return await make_square(db)


@pytest.fixture
async def ines(db):
    return await make_person(db, "Ines", kind="name")


@pytest.fixture
async def kestrel(db):
    return await make_person(db, "Kestrel")


async def test_a_reply_is_news_for_whoever_it_answers_and_for_nobody_else(square, ines, kestrel):
    top = await square.say("The outer berth was costed twice.", kestrel)
    reply = await square.say("I have asked for both reports.", ines, under=top)
    own = await square.say("Thank you.", kestrel, under=reply)
    await square.say("And one to myself.", kestrel, under=own)
    await square.hear()
    assert await square.bell(kestrel) == [("reply", reply)]
    assert await square.bell(ines) == [("reply", own)]


async def test_a_mention_is_news_unless_it_is_in_a_reply_to_the_same_person(square, ines, kestrel):
    top = await square.say("The outer berth was costed twice.", kestrel)
    both = await square.say("I have asked, Kestrel.", ines, under=top)
    await square.mention(both, kestrel, ines)
    apart = await square.say("Kestrel has the figures.", ines)
    await square.mention(apart, kestrel)
    await square.hear()
    assert await square.bell(kestrel) == [("mention", apart), ("reply", both)]
    assert await square.bell(ines) == []


async def test_a_held_comment_is_news_when_it_is_published_with_its_mentions(square, ines, kestrel, db):
    top = await square.say("The outer berth was costed twice.", kestrel)
    held = await square.say("See these six links, Ines.", None, under=top, held=True)
    await square.mention(held, ines)
    await square.hear()
    assert await how_many(db, Notification) == 0
    await square.change(actions.publish, held)
    await square.hear()
    assert await square.bell(kestrel) == [("reply", held)] and await square.bell(ines) == [("mention", held)]


async def test_news_goes_with_its_comment_at_once_and_for_good(square, ines, kestrel, db):
    top = await square.say("The outer berth was costed twice.", kestrel)
    taken, removed = await square.say("One.", ines, under=top), await square.say("Two.", ines, under=top)
    await square.hear()
    await square.change(actions.withdraw, taken)
    await square.change(actions.remove, removed, rule="6-no-adverts")
    assert await square.bell(kestrel) == []
    await square.hear()
    assert await how_many(db, Notification) == 0
    clock.advance(minutes=1)
    await square.change(actions.publish, removed)
    await square.hear()
    assert await square.bell(kestrel) == [("reply", removed)]
    async with db.read() as query:
        assert (await query.first(select(Notification.__table__))).mailed_at is not None


async def test_every_row_is_heard_once_whatever_crashes_and_whoever_else_listens(square, ines, kestrel, db):
    top = await square.say("The outer berth was costed twice.", kestrel)
    replies = [await square.say(f"Reply {number}.", ines, under=top) for number in range(5)]
    while await journal.seal(db):
        pass

    async def crashing(work, rows):
        await LISTEN(work, rows)
        await work.flush()
        raise OSError

    follow = partial(following.follow, db, news.NAME, kinds=news.KINDS)
    with pytest.raises(OSError):
        await follow(crashing)
    assert await how_many(db, Notification) == 0
    heard = []

    async def listening(work, rows):
        heard.extend(row.id for row in rows)
        await LISTEN(work, rows)

    await asyncio.gather(*(follow(listening) for _ in range(4)))
    assert len(heard) == len(set(heard)) == 6
    assert await follow(listening) == 0
    assert await square.bell(kestrel) == [("reply", reply) for reply in reversed(replies)]


async def test_rows_heard_again_change_nothing(square, ines, kestrel, db):
    top = await square.say("The outer berth was costed twice.", kestrel)
    await square.say("I have asked for both reports.", ines, under=top)
    await square.hear()
    async with begin(db) as work:
        await bell.mark_seen(work, kestrel.account_id)
    before = await _rows(db)
    while await following.follow(db, "somebody else", LISTEN, kinds=news.KINDS):
        pass
    assert await _rows(db) == before and len(before) == 1


async def _rows(db):
    async with db.read() as query:
        return await query.all(select(Notification.__table__))


async def test_unsealed_rows_wait(square, ines, kestrel, db):
    top = await square.say("The outer berth was costed twice.", kestrel)
    await square.say("I have asked for both reports.", ines, under=top)
    assert await following.follow(db, news.NAME, LISTEN, kinds=news.KINDS) == 0


async def test_a_long_journal_is_followed_in_batches(square, db, monkeypatch):
    monkeypatch.setattr(following, "BATCH", 3)
    async with begin(db) as work:
        for number in range(8):
            work.record("account.deleted" if number % 2 else "thread.opened", subject_id="0123456789abcdef")
    await journal.seal(db)
    heard, batches = [], []

    async def listening(_work, rows):
        heard.extend(row.position for row in rows)
        batches.append(len(rows))

    # The site and the thread have made rows before these.
    while await following.follow(db, "batches", listening, kinds=("account.deleted",)):
        pass
    assert heard == sorted(heard) and len(heard) == 4 and max(batches) <= 3


async def test_seen_means_seen_up_to_what_was_shown(square, ines, kestrel, db):
    top = await square.say("The outer berth was costed twice.", kestrel)
    await square.say("One.", ines, under=top)
    await square.hear()
    async with db.read() as query:
        shown = (await bell.newest(query, kestrel.account_id))[0].id
    clock.advance(seconds=1)
    await square.say("Two.", ines, under=top)
    await square.hear()
    async with begin(db) as work:
        await bell.mark_seen(work, kestrel.account_id, until=shown)
        await bell.mark_seen(work, ines.account_id)
    async with db.read() as query:
        assert await bell.unseen(query, kestrel.account_id) == 1
        assert [row.seen_at is None for row in await bell.newest(query, kestrel.account_id)] == [True, False]


async def test_a_session_for_one_site_has_that_sites_news_only(square, ines, kestrel, db):
    top = await square.say("The outer berth was costed twice.", kestrel)
    await square.say("One.", ines, under=top)
    await square.hear()
    async with db.read() as query:
        assert await bell.unseen(query, kestrel.account_id, site_id=square.site_id) == 1
        assert await bell.unseen(query, kestrel.account_id, site_id="another") == 0
        assert await bell.newest(query, kestrel.account_id, site_id="another") == []
    async with begin(db) as work:
        await bell.mark_seen(work, kestrel.account_id, site_id="another")
    assert (await _rows(db))[0].seen_at is None


async def test_a_badge_that_ends_soon_is_news(square, ines, db):
    async with begin(db) as work:
        work.record("identity.ending", subject_id=ines.account_id, attestation_id=ines.attestation_id)
    await square.hear()
    assert await square.bell(ines) == [("expiring", ines.attestation_id)]


async def test_whoever_left_is_told_nothing_and_nothing_of_theirs_is_kept(square, ines, kestrel, db):
    top = await square.say("The outer berth was costed twice.", kestrel)
    await square.say("One.", ines, under=top)
    await square.hear()
    await square.set(kestrel, deleted_at=START, name="")
    await square.say("Two.", ines, under=top)
    assert await square.bell(kestrel) == []
    async with begin(db) as work:
        await choose_mail(work, kestrel.account_id, Wish("daily"))
        work.record("account.deleted", subject_id=kestrel.account_id)
    await square.hear()
    assert await how_many(db, Notification) == await how_many(db, MailChoice) == 0


async def test_news_is_thrown_away_after_a_season(square, ines, kestrel, db):
    top = await square.say("The outer berth was costed twice.", kestrel)
    await square.say("One.", ines, under=top)
    await square.hear()
    clock.advance(days=bell.KEPT_DAYS - 1)
    async with begin(db) as work:
        assert await bell.sweep(work) == 0
    clock.advance(days=2)
    async with begin(db) as work:
        assert await bell.sweep(work) == 1


async def test_a_bell_that_rang_a_thousand_times_costs_what_one_does(square, ines, kestrel, db):
    top = await square.say("The outer berth was costed twice.", kestrel)
    for number in range(30):
        await square.say(f"Reply {number}.", ines, under=top)
    await square.hear()
    async with begin(db) as work:
        rows = [
            {"id": f"0000000000{number:06d}", "account_id": kestrel.account_id, "site_id": None, "kind": "expiring"}
            | {"subject_id": f"s{number:06d}", "thread_id": None, "at": START, "seen_at": None, "mailed_at": None}
            for number in range(500)
        ]
        await work.q.add_all(Notification, rows)
    async with db.read() as query:
        assert await bell.unseen(query, kestrel.account_id) == bell.COUNTED
        assert len(await bell.newest(query, kestrel.account_id)) == bell.NEWEST

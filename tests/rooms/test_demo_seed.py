"""The demo's database says what the conversation's data say, and every rule of the rooms held while it was filled."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from commentbox.demo import conversation, news, seed
from commentbox.server import reports, threads
from commentbox.server.accounts.models import Account
from commentbox.server.base import clock, journal, migrate
from commentbox.server.base.db import Database
from commentbox.server.base.models import Journal
from commentbox.server.base.settings import Settings
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.comments.models import Comment, Revision
from commentbox.server.gate.instance import Instance
from commentbox.server.moderation.models import Appeal, Statement
from commentbox.server.threads import ArticleRef, Thread
from commentbox.server.verification.models import Attestation
from commentbox.server.votes import Recommendation

PAPER = "http://news.localhost:8001"
TALK = conversation.load()
LONG = TALK.threads[seed.LONG_ARTICLE]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Give the settings of an instance that has a database to itself: filling it takes too long to do for each test."""
    folder = tmp_path_factory.mktemp("demo")
    if request.param == "postgresql":
        url = request.getfixturevalue("cluster").another("demo")
    else:
        url = f"sqlite:///{folder / 'commentbox.sqlite3'}"
    settings = Settings(data_dir=folder, database_url=url, secret="a secret that only the tests know")
    asyncio.run(migrate.upgrade(settings.database))
    return settings


def instance_of(db: Database, settings: Settings) -> Instance:
    keyring = Keyring(settings.secret_bytes())
    return Instance(
        settings, db, keyring, render=None, cache=None, providers={}, mail=None, bus=None, live=None, paper_keys=None
    )


@pytest.fixture(scope="module")
def seeded(settings: Settings) -> seed.Seeded:
    async def fill() -> seed.Seeded:
        db = Database(settings.database)
        told = await seed.seed(instance_of(db, settings), paper=PAPER)
        await db.close()
        return told

    return asyncio.run(fill())


async def rows(db: Database, model, **conditions):
    table = model.__table__
    wanted = select(table).where(*(table.c[name] == value for name, value in conditions.items()))
    async with db.read() as query:
        return await query.all(wanted.order_by(*table.primary_key))


async def test_it_says_what_it_made(db, seeded):
    assert seeded.comments == len(TALK.lines()) == len(await rows(db, Comment))
    assert seeded.accounts == len(await rows(db, Account))
    async with db.read() as query:
        assert await seed.is_seeded(query)


async def test_states_tiers_and_labels_are_those_of_the_data(db, seeded):
    (thread,) = await rows(db, Thread, article_id=seed.LONG_ARTICLE)
    comments = await rows(db, Comment, thread_id=thread.id)
    assert Counter(row.state for row in comments) == Counter(line.state for line in LONG)
    assert sum(row.tier == "verified" for row in comments) == sum(TALK.verified(line) for line in LONG)
    assert {row.label for row in comments} == {None, "staff", "author", "subscriber"}
    assert {row.name for row in comments if row.label == "author"} == {"Ines Halloran"}


async def test_the_counters_of_threads_and_comments_are_true(db, seeded):
    comments = await rows(db, Comment)
    for thread in await rows(db, Thread):
        shown = [row for row in comments if row.thread_id == thread.id and row.state == "published"]
        assert (thread.total, thread.verified_total) == (len(shown), sum(row.tier == "verified" for row in shown))
    for row in comments:
        below = [one for one in comments if row.id in one.path.split("/") and one.state == "published"]
        assert (row.descendants_all, row.descendants_verified) == (
            len(below),
            sum(one.tier == "verified" for one in below),
        )


async def test_recommendations_are_real_and_their_counters_are_true(db, seeded):
    every = Counter(vote.comment_id for vote in await rows(db, Recommendation))
    verified = Counter(vote.comment_id for vote in await rows(db, Recommendation, tier="verified"))
    for row in await rows(db, Comment):
        assert (row.recommends_all, row.recommends_verified) == (every[row.id], verified[row.id])
    assert max(every.values()) == max(line.recommends[0] for line in LONG)


async def test_badges_have_all_methods_many_months_and_the_right_kind(db, seeded):
    attestations = await rows(db, Attestation)
    assert {one.method for one in attestations} == set(conversation.METHODS)
    assert len({one.month for one in attestations}) >= 8
    assert all(one.expires_at > clock.now() for one in attestations)
    names = {account.id: account.name for account in await rows(db, Account)}
    kinds = {names[one.account_id]: one.kind for one in attestations}
    assert kinds == {person.name: person.kind for person in TALK.people.values() if person.verified()}


async def test_what_was_written_before_verifying_stays_unverified(db, seeded):
    mine = await rows(db, Comment, name="Hedda Lindqvist")
    assert {row.tier for row in mine} == {"verified", "unverified"}


async def test_every_removal_has_its_statement_and_one_is_under_appeal(db, seeded):
    removed = [row.id for row in await rows(db, Comment, state="removed")]
    assert sorted(statement.comment_id for statement in await rows(db, Statement)) == sorted(removed)
    (appeal,) = await rows(db, Appeal)
    assert appeal.decided_at is None and appeal.opened_at < clock.now() < appeal.due_at


async def test_some_reports_are_still_open_and_those_about_removed_comments_are_answered(db, seeded):
    everything = await rows(db, reports.Report)
    removed = {row.id for row in await rows(db, Comment, state="removed")}
    assert {report.comment_id in removed for report in everything} == {True, False}
    assert all((report.closed_at is not None) == (report.comment_id in removed) for report in everything)


async def test_edited_comments_keep_what_they_said_before(db, seeded):
    edited = [row for row in await rows(db, Comment) if row.edited_at]
    assert len(edited) == sum(line.edited for _, line in TALK.lines())
    for row in edited:
        first, second = await rows(db, Revision, comment_id=row.id)
        assert first.text != second.text == row.text


async def test_whoever_left_took_name_and_texts_along(db, seeded):
    gone = await rows(db, Comment, state="deleted")
    assert gone and all((row.text, row.html, row.name, row.account_id) == ("", "", "", None) for row in gone)
    assert [account.name for account in await rows(db, Account) if account.deleted_at] == [""]


async def test_times_lie_in_the_past_and_the_journal_ascends(db, seeded):
    while await journal.seal(db):
        pass
    async with db.read() as query:
        moments = [row.at for row in await query.all(select(Journal.at).order_by(Journal.position))]
    assert moments == sorted(moments) and moments[-1] <= clock.now()
    async with db.read() as query:
        newest = await query.scalar(select(func.max(Comment.created_at)))
    assert newest > clock.now() - timedelta(minutes=30)


async def test_seeding_twice_is_refused_and_leaves_nothing_behind(db, settings, seeded):
    with pytest.raises(Exception, match=r"site\.exists"):
        await seed.seed(instance_of(db, settings), paper=PAPER)
    assert len(await rows(db, Account)) == seeded.accounts


async def test_the_paper_keeps_its_day_and_follows_its_port(db, seeded):
    async with db.read() as query:
        day = await seed.printed(query)
    assert timedelta() <= clock.now() - day < timedelta(minutes=10)
    async with begin(db) as work:
        again = await seed.register_articles(work, seeded.site_id, "http://news.localhost:9001")
    assert len(again) == len(news.articles()) + len(news.letters()) == len(await rows(db, Thread))
    async with db.read() as query:
        moved = await threads.find(
            query, seed.SLUG, ArticleRef(url="http://news.localhost:9001" + news.articles()[0].path)
        )
        assert moved is not None and moved.thread_id == again[seed.LONG_ARTICLE]

"""Being asked to think again before posting: the writer decides, a rule still holds, and what came of it is counted."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Conflict
from commentbox.server.comments import posting
from commentbox.server.comments.models import Comment, Nudges
from commentbox.server.comments.posting import Submission, Writer
from commentbox.server.evidence.figures import Span, figures
from commentbox.server.threads import ArticleRef
from tests.counting import statements
from tests.factories import ARTICLE, how_many, make_person, make_site, make_thread
from tests.rooms.test_posting import _writer

OURS = "http://comments.localhost:8000"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LISTS = [
    {"name": "Calm", "effect": "nudge", "entries": ["stupid*"]},
    {"name": "Look", "effect": "hold", "entries": ["crook"]},
]


class Paper:
    """A paper with two lists, and one article to comment on."""

    def __init__(self, db: Database, keyring) -> None:
        self.db, self.keyring, self.site_id = db, keyring, ""

    async def say(self, who: Writer, text: str, **more):
        """Submit a comment."""
        submission = Submission(slug="gazette", ref=ArticleRef(url=ARTICLE), text=text, **more)
        return (await posting.submit(self.db, self.keyring, who, submission, our_origin=OURS)).posted

    async def nudged(self, who: Writer, text: str, **more) -> list[str]:
        """Submit a comment that asks its writer to think again, and give the words."""
        with pytest.raises(Conflict) as refused:
            await self.say(who, text, **more)
        assert refused.value.code == "comment.nudge"
        return refused.value.data["words"]

    async def counts(self) -> list[tuple]:
        """Give what was counted."""
        table = Nudges.__table__
        async with self.db.read() as query:
            rows = await query.all(select(table).order_by(table.c.month, table.c.tier))
        return [(str(row.month), row.tier, row.shown, row.changed, row.anyway) for row in rows]


@pytest.fixture
async def paper(db: Database, keyring) -> Paper:
    clock.set(NOON)
    made = Paper(db, keyring)
    made.site_id = await make_site(db, word_lists=LISTS)
    await make_thread(db, made.site_id)
    return made


async def test_a_writer_may_change_the_words_or_post_them_as_they_are(paper: Paper) -> None:
    heron, kestrel = _writer(await make_person(paper.db)), _writer(await make_person(paper.db, kind="name"))
    assert await paper.nudged(heron, "A st0pid, STUPID plan", key="a") == ["STUPID"]
    assert await paper.nudged(heron, "A stupidly bad plan", key="b", nudged=True) == ["stupidly"]
    assert await how_many(paper.db, Comment) == 0
    assert (await paper.say(heron, "A bad plan", key="c", nudged=True)).state == "published"
    await paper.nudged(kestrel, "Stupid", key="d")
    assert (await paper.say(kestrel, "Stupid", key="d", nudged=True, anyway=True)).state == "published"
    assert await paper.counts() == [("2026-11-01", "unverified", 1, 1, 0), ("2026-11-01", "verified", 1, 0, 1)]


async def test_posting_it_as_it_is_twice_at_once_posts_and_counts_once(paper: Paper) -> None:
    heron = _writer(await make_person(paper.db))
    await paper.nudged(heron, "Stupid", key="k")
    again = [paper.say(heron, "Stupid", key="k", nudged=True, anyway=True) for _ in range(4)]
    assert len({posted.id for posted in await asyncio.gather(*again)}) == 1
    assert await paper.counts() == [("2026-11-01", "unverified", 1, 0, 1)]
    assert await how_many(paper.db, Comment) == 1


async def test_a_rule_that_holds_it_holds_it_whatever_the_writer_chooses(paper: Paper) -> None:
    heron = _writer(await make_person(paper.db))
    await paper.nudged(heron, "Stupid cr00k", key="k")
    posted = await paper.say(heron, "Stupid cr00k", key="k", nudged=True, anyway=True)
    assert (posted.state, posted.rule) == ("held", "words")
    async with paper.db.read() as query:
        caught = await query.scalar(select(Comment.__table__.c.caught))
    assert caught == [
        {"rule": "heat", "what": "Stupid", "list": "Calm", "at": [0, 6]},
        {"rule": "words", "what": "cr00k", "list": "Look", "at": [7, 12]},
    ]
    await posting.withdraw(paper.db, heron, posted.id)
    async with paper.db.read() as query:
        assert await query.scalar(select(Comment.__table__.c.caught)) is None


async def test_whoever_was_not_asked_is_not_counted_and_edits_are_not_asked(paper: Paper) -> None:
    heron = _writer(await make_person(paper.db))
    posted = await paper.say(heron, "Calm words", key="k")
    assert (await posting.revise(paper.db, heron, posted.id, "Stupid words")).state == "published"
    assert (await paper.say(heron, "Stupid again", anyway=True)).state == "published"
    assert await paper.counts() == []


async def test_lists_ask_the_database_nothing_more(paper: Paper) -> None:
    await make_thread(paper.db, await make_site(paper.db, "herald"))
    heron, asked = _writer(await make_person(paper.db)), []
    for slug in ("herald", "gazette"):
        sent = Submission(slug=slug, ref=ArticleRef(url=ARTICLE), text=f"Calm words in the {slug}")
        with statements(paper.db) as told:
            await posting.submit(paper.db, paper.keyring, heron, sent, our_origin=OURS)
        asked.append(len(told))
    assert asked[0] == asked[1]


async def test_the_figures_say_how_many_nudges_were_heeded(paper: Paper) -> None:
    heron = _writer(await make_person(paper.db))
    for number in range(6):
        await paper.nudged(heron, f"Stupid {number}", key=f"a{number}")
        await paper.say(heron, f"Calm {number}", key=f"b{number}", nudged=True)
    span = Span(frozenset({paper.site_id}), NOON - timedelta(days=7), NOON + timedelta(days=1))
    async with paper.db.read() as query:
        by_tier = {each.tier: each.heeded for each in (await figures(query, span)).tiers}
    assert (by_tier["unverified"].part, by_tier["unverified"].whole, by_tier["verified"].whole) == (6, 6, 0)


async def test_people_who_were_often_refused_here_are_held_with_the_figure(paper: Paper) -> None:
    site_id = await make_site(paper.db, "herald", hold_refused_percent=50)
    await make_thread(paper.db, site_id)
    heron = _writer(await make_person(paper.db))
    submission = {"slug": "herald", "ref": ArticleRef(url=ARTICLE)}
    ids = []
    for number in range(5):
        sent = Submission(text=f"Number {number}", **submission)
        ids.append((await posting.submit(paper.db, paper.keyring, heron, sent, our_origin=OURS)).posted.id)
    async with paper.db.write() as query:
        table = Comment.__table__
        await query.run(table.update().where(table.c.id.in_(ids[:3])).values(state="removed"))
    sent = Submission(text="Number six", **submission)
    held = (await posting.submit(paper.db, paper.keyring, heron, sent, our_origin=OURS)).posted
    assert (held.state, held.rule) == ("held", "refusals")
    assert (await paper.say(heron, "Elsewhere nobody minds")).state == "published"
    clock.advance(days=31)
    sent = Submission(text="A month later", **submission)
    assert (await posting.submit(paper.db, paper.keyring, heron, sent, our_origin=OURS)).posted.state == "published"

"""Limits hold against somebody who sends a hundred things at once, and work that is refused is counted too."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from commentbox.server.base.db import Database
from commentbox.server.base.errors import Invalid, Refusal, TooMany
from commentbox.server.base.signing import Keyring
from commentbox.server.comments import budgets, posting
from commentbox.server.comments.models import Comment, Revision
from commentbox.server.comments.posting import Submission, Writer
from commentbox.server.comments.rules import DEEPEST
from commentbox.server.threads import ArticleRef
from commentbox.server.verification.speaking import Speaker
from tests.factories import ARTICLE, Person, Talk, make_person, make_site, make_thread

OURS = "http://comments.localhost:8000"
_comments = Comment.__table__


def writer(person: Person | None = None, **changes: Any) -> Writer:
    if person is None:
        return Writer(address="a1", **changes)
    speaker = Speaker("s", "frame", None, True, None, person.account_id, person.name, "everyone", None, "none", None)
    return Writer(address="a1", speaker=speaker, **changes)


class Paper:
    """A paper, and what somebody gets who posts there: done, or the code of the refusal."""

    def __init__(self, db: Database, keyring: Keyring) -> None:
        self.db, self.keyring, self.site_id, self.thread_id = db, keyring, "", ""

    async def say(self, who: Writer, text: str, *, url: str = ARTICLE, **more: Any) -> posting.Outcome:
        submission = Submission(slug="gazette", ref=ArticleRef(url=url), text=text, **more)
        return await posting.submit(self.db, self.keyring, who, submission, our_origin=OURS)

    async def attempt(self, *args: Any, **more: Any) -> str:
        try:
            await self.say(*args, **more)
        except Refusal as refused:
            return refused.code
        return "done"

    async def rows(self, model: Any = Comment) -> int:
        async with self.db.read() as query:
            return await query.scalar(select(func.count()).select_from(model.__table__))


@pytest.fixture
async def open_paper(db: Database, keyring: Keyring):
    async def open_it(**policy: Any) -> Paper:
        paper = Paper(db, keyring)
        paper.site_id = await make_site(db, **policy)
        paper.thread_id = await make_thread(db, paper.site_id)
        return paper

    return open_it


async def test_an_account_that_posts_everything_at_once_posts_no_more_than_its_share(open_paper) -> None:
    paper, who = (
        await open_paper(posts_per_hour_unverified=3),
        writer(await make_person((await open_paper(slug="b")).db)),
    )
    await asyncio.gather(*(paper.attempt(replace(who, address=f"a{n}"), f"Buy {n}!") for n in range(12)))
    assert await paper.rows() == 3


async def test_refused_posts_are_counted_and_end_before_any_work_is_done(open_paper) -> None:
    paper = await open_paper(posts_per_hour_address=2, guests=True)
    who = writer(guest_name="Anna")
    nowhere = [await paper.attempt(who, "- a\n" * 50, url=f"http://evil.example/{n}") for n in range(6)]
    assert nowhere == ["article.foreign"] * 4 + ["limit.reached"] * 2


async def test_an_address_that_posted_its_share_is_refused_before_its_text_is_read(open_paper, monkeypatch) -> None:
    paper = await open_paper(posts_per_hour_address=1)
    who = writer(await make_person(paper.db))
    await paper.say(who, "Once.")
    assert await paper.attempt(who, "x" * 50_000) == "limit.reached"


async def test_edits_are_limited_too(open_paper, monkeypatch) -> None:
    monkeypatch.setattr(budgets, "EDITS_PER_HOUR", 3)
    paper = await open_paper()
    who = writer(await make_person(paper.db))
    posted = (await paper.say(who, "First.")).posted
    for number in range(3):
        await posting.revise(paper.db, who, posted.id, f"Again {number}.")
    with pytest.raises(TooMany):
        await posting.revise(paper.db, who, posted.id, "Once more.")
    assert await paper.rows(Revision) == 4


async def test_held_comments_do_not_make_an_account_a_known_one(open_paper) -> None:
    paper = await open_paper(hold_first_n=1)
    who = writer(await make_person(paper.db))
    states = [(await paper.say(who, f"Hello {n}.")).posted.state for n in range(3)]
    assert states == ["held"] * 3


@pytest.mark.parametrize("code", ["1", "---", "password", "aaaaa-aaaaa-aaaaa-aaaaa"])
async def test_nobody_chooses_their_own_guest_code(open_paper, code) -> None:
    paper = await open_paper(guests=True)
    with pytest.raises(Invalid) as refused:
        await paper.say(writer(guest_name="Anna", guest_code=code), "Hello.")
    assert refused.value.code == "guest.code_unknown"
    assert await paper.rows() == 0


async def test_a_guest_posts_again_under_the_code_we_gave(open_paper) -> None:
    paper = await open_paper(guests=True)
    code = (await paper.say(writer(guest_name="Anna"), "Hello.")).guest_code
    again = await paper.say(writer(guest_name="Anna", guest_code=code), "Hello again.")
    assert again.guest_code == code


async def test_a_reply_deeper_than_the_deepest_stands_beside_what_it_answers(open_paper) -> None:
    paper = await open_paper()
    talk = Talk(paper.site_id, paper.thread_id)
    last = talk.say()
    for _ in range(DEEPEST):
        last = talk.say(under=last)
    await talk.save(paper.db)
    posted = (await paper.say(writer(await make_person(paper.db)), "And on.", parent_id=last)).posted
    async with paper.db.read() as query:
        row = await query.first(select(_comments).where(_comments.c.id == posted.id))
        parent = await query.first(select(_comments).where(_comments.c.id == row.parent_id))
    assert (row.depth, parent.depth, row.hangs_on) == (DEEPEST, DEEPEST - 1, parent.id)
    assert row.path == f"{parent.path}/{parent.id}"

"""Nobody speaks as verified who is not: not in the second a badge is taken away, not by an edit, not by a name."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from commentbox.server import threads, votes, wiring
from commentbox.server.accounts import names
from commentbox.server.accounts.models import Account
from commentbox.server.base import jobs
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Conflict, Forbidden, Invalid, Refusal
from commentbox.server.base.settings import Settings
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.comments import actions, posting
from commentbox.server.comments.models import Comment
from commentbox.server.comments.posting import Submission, Writer
from commentbox.server.threads import ArticleRef
from commentbox.server.verification import actions as verification
from commentbox.server.verification.speaking import Speaker
from tests.factories import ARTICLE, Person, make_person, make_site, make_thread

OURS = "http://comments.localhost:8000"
_comments = Comment.__table__


def speaks(person: Person, *, by_passkey: bool = True) -> Writer:
    """Give somebody as a request knows them from its first moment to its last."""
    speaker = Speaker(
        session_id="s",
        session_kind="frame",
        site_id=None,
        by_passkey=by_passkey,
        fresh_at=None,
        account_id=person.account_id,
        name=person.name,
        reach="everyone",
        show=None,
        badge_kind=person.kind,
        badge_id=person.attestation_id,
    )
    return Writer(address="a1", speaker=speaker)


class Paper:
    """A paper with one thread, and the shortest way to do things there."""

    def __init__(self, db: Database, settings: Settings, keyring: Keyring) -> None:
        self.db, self.keyring = db, keyring
        self.workers = wiring.workers(replace(wiring.instance(settings), db=db))
        self.thread_id = ""

    async def say(self, writer: Writer, text: str = "Dredge first.", **more: Any) -> str:
        """Post something and give its id."""
        submission = Submission(slug="gazette", ref=ArticleRef(url=ARTICLE), text=text, **more)
        outcome = await posting.submit(self.db, self.keyring, writer, submission, our_origin=OURS)
        return outcome.posted.id

    async def revoke(self, person: Person) -> None:
        """Take a badge away, with everything that follows from it."""
        async with begin(self.db) as work:
            await verification.revoke(work, person.account_id, "fraud")
        await self.retier()

    async def retier(self) -> None:
        """Carry out the jobs that are due."""
        await jobs.run_due(self.db, self.workers)

    async def comment(self, comment_id: str) -> Any:
        """Give a comment's row."""
        async with self.db.read() as query:
            return await query.first(select(_comments).where(_comments.c.id == comment_id))

    async def totals(self) -> tuple[int, int]:
        """Give the counts of the thread: stored, and counted by hand."""
        async with self.db.read() as query:
            rows = await query.all(select(_comments).where(_comments.c.state == "published"))
            stored = (await threads.by_id(query, self.thread_id)).verified_total
        return stored, sum(row.tier == "verified" for row in rows)


@pytest.fixture
async def paper(db: Database, settings: Settings, keyring: Keyring) -> Paper:
    made = Paper(db, settings, keyring)
    made.thread_id = await make_thread(db, await make_site(db))
    return made


async def test_a_comment_under_way_while_the_badge_goes_is_not_posted_as_verified(paper: Paper) -> None:
    margaret = await make_person(paper.db, "Margaret Okafor", kind="name")
    writer = speaks(margaret)
    await paper.revoke(margaret)
    with pytest.raises(Conflict):
        await paper.say(writer)
    assert await paper.totals() == (0, 0)


async def test_an_edit_under_way_while_the_badge_goes_is_not_kept_as_verified(paper: Paper) -> None:
    margaret = await make_person(paper.db, "Margaret Okafor", kind="name")
    writer = speaks(margaret)
    comment_id = await paper.say(writer)
    await paper.revoke(margaret)
    with pytest.raises(Conflict):
        await posting.revise(paper.db, writer, comment_id, "Dredge last.")
    assert (await paper.comment(comment_id)).tier == "unverified"


async def test_a_recommendation_under_way_while_the_badge_goes_is_not_counted_as_verified(paper: Paper) -> None:
    margaret, tom = await make_person(paper.db, kind="person"), await make_person(paper.db)
    comment_id = await paper.say(speaks(tom))
    voter = votes.Voter(margaret.account_id, "verified", margaret.attestation_id)
    await paper.revoke(margaret)
    with pytest.raises(Conflict):
        async with begin(paper.db) as work:
            await votes.recommend(work, voter, comment_id, on=True)
    assert (await paper.comment(comment_id)).recommends_verified == 0


async def test_posting_while_the_badge_is_being_taken_away_leaves_nothing_verified(paper: Paper) -> None:
    for number in range(5):
        margaret = await make_person(paper.db, kind="person")
        writer = speaks(margaret)
        posts = [paper.say(writer, f"Dredge {number} {each}.") for each in range(5)]
        await asyncio.gather(paper.revoke(margaret), *posts, return_exceptions=True)
        await paper.retier()
        assert await paper.totals() == (0, 0)


async def test_a_stale_look_at_a_comment_moves_no_counter_twice(paper: Paper) -> None:
    margaret = await make_person(paper.db, "Margaret Okafor", kind="name")
    comment_id = await paper.say(speaks(margaret))
    before = await paper.comment(comment_id)
    async with begin(paper.db) as work:
        await actions.lower_tier(work, before)
    for again in (actions.lower_tier, actions.withdraw):
        with pytest.raises(Conflict):
            async with begin(paper.db) as work:
                await again(work, before)
    assert await paper.totals() == (0, 0)


async def test_a_recommendation_that_is_taken_back_meanwhile_is_lowered_once(paper: Paper) -> None:
    tom, people = await make_person(paper.db), [await make_person(paper.db, kind="person") for _ in range(4)]
    comment_id = await paper.say(speaks(tom))
    voters = [votes.Voter(each.account_id, "verified", each.attestation_id) for each in people]

    async def vote(voter: votes.Voter, *, on: bool) -> None:
        async with begin(paper.db) as work:
            await votes.recommend(work, voter, comment_id, on=on)

    async def lower(voter: votes.Voter) -> None:
        async with begin(paper.db) as work:
            await votes.lower_tier(work, voter.attestation_id or "", at_most=10)

    for _ in range(5):
        for voter in voters:
            await vote(voter, on=True)
        await asyncio.gather(*(lower(each) for each in voters), *(vote(each, on=False) for each in voters))
        row = await paper.comment(comment_id)
        assert (row.recommends_all, row.recommends_verified) == (0, 0)


async def test_a_reply_written_as_verified_is_not_rewritten_by_somebody_who_is_not(paper: Paper) -> None:
    ruth, margaret = await make_person(paper.db), await make_person(paper.db, kind="person")
    async with begin(paper.db) as work:
        table = Account.__table__
        await work.q.run(update(table).where(table.c.id == ruth.account_id).values(reach="verified"))
    top = await paper.say(speaks(ruth), "Hands off the quay.")
    reply = await paper.say(speaks(margaret), "A question.", parent_id=top)
    with pytest.raises(Forbidden) as refused:
        await posting.revise(paper.db, speaks(margaret, by_passkey=False), reply, "An insult.")
    assert refused.value.code == "reach.refused"
    await posting.revise(paper.db, speaks(margaret), reply, "A better question.")


@pytest.mark.parametrize(
    "name",
    ["Verified person", "VERIFIED NAME", "Not verified", "verifled", "Anna_Verified", "Moderator", "Staff", "admin"],
)
def test_no_name_reads_as_a_badge_or_a_label(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        names.check(name)
    assert refused.value.code == "name.reserved"


@pytest.mark.parametrize("name", ["Stafford Cripps", "Vera Fied", "Anna Moderato", "Adminka"])
def test_a_name_that_only_begins_like_one_is_a_name(name: str) -> None:
    assert names.check(name).display == name


async def test_a_conflict_is_said_in_words(paper: Paper) -> None:
    margaret = await make_person(paper.db, kind="person")
    await paper.revoke(margaret)
    with pytest.raises(Refusal) as refused:
        await paper.say(speaks(margaret))
    assert refused.value.code == "badge.gone"

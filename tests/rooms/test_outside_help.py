"""Outside help on the way of a comment, on both databases: it holds, it suggests, it learns, and it never does more."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from commentbox.server import reports
from commentbox.server.base import clock, following, jobs, journal
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Conflict, TooMuch
from commentbox.server.base.models import Job
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.comments import helping, posting
from commentbox.server.comments.drafts import Posted
from commentbox.server.comments.posting import Submission, Writer
from commentbox.server.moderation import queue, rules, suggesting, teaching
from commentbox.server.moderation.models import Statement
from commentbox.server.moderation.noticing import TELL
from commentbox.server.moderation.rulings import DELIVER
from commentbox.server.moderation.seats import Seat
from commentbox.server.screening.classifiers.asking import NO_HELP, REST_SECONDS, Help
from commentbox.server.screening.classifiers.entry import MOST_SECONDS
from commentbox.server.screening.classifiers.port import NOTHING, Answer, Question
from commentbox.server.sites import actions as sites
from commentbox.server.threads import ArticleRef
from commentbox.server.verification.speaking import Speaker
from tests import outside
from tests.counting import statements
from tests.factories import ARTICLE, Person, make_person
from tests.newsroom import Newsroom, make_newsroom
from tests.outside import INSULT, KIND, Service

SCORED = '{"score": 0.9}'
HELD = '{"hold": true}'


@pytest.fixture
def service() -> Iterator[Service]:
    with outside.running() as service:
        service.says = lambda asked: SCORED if b"idiot" in asked.body else '{"score": 0.1}'
        yield service


@pytest.fixture
async def help(service: Service, tmp_path: Path) -> AsyncIterator[Help]:
    found = outside.help_by(outside.hook(service, tmp_path / "secret", seconds=MOST_SECONDS))
    yield found
    await found.close()


class Paper:
    """A newspaper and somebody who writes on it."""

    def __init__(self, room: Newsroom, keyring: Keyring, writer: Person) -> None:
        self.room, self.db, self.keyring = room, room.db, keyring
        speaker = {"session_id": "s", "session_kind": "frame", "site_id": None, "by_passkey": True, "fresh_at": None}
        who = {"account_id": writer.account_id, "name": writer.name, "reach": "everyone", "show": None}
        self.writer = Writer("a1", Speaker(**speaker, **who, badge_kind=writer.kind, badge_id=writer.attestation_id))

    async def say(self, text: str, help: Help = NO_HELP, **more: Any) -> Posted:
        submission = Submission(slug="gazette", ref=ArticleRef(url=ARTICLE), text=text, **more)
        outcome = await posting.submit(self.db, self.keyring, self.writer, submission, our_origin="http://x", help=help)
        return outcome.posted

    async def left(self, kind: str) -> list[Any]:
        async with self.db.read() as query:
            jobs_ = Job.__table__
            return list(await query.all(select(jobs_).where(jobs_.c.kind == kind, jobs_.c.done_at.is_(None))))

    async def run(self, help: Help) -> None:
        """Do what is due, as the job loop does."""

        async def look_again(payload: dict[str, Any]) -> None:
            await suggesting.look_again(self.db, help, payload)

        async def teach(payload: dict[str, Any]) -> None:
            await teaching.teach(self.db, help, payload)

        async def nothing(_payload: dict[str, Any]) -> None:
            pass

        await jobs.run_due(
            self.db,
            {helping.LATER: look_again, teaching.TEACH: teach, DELIVER: nothing, TELL: nothing},
        )

    async def set(self, **policy: Any) -> None:
        async with begin(self.db) as work:
            await sites.set_policy(work, self.room.talk.site_id, **policy)

    async def reported(self, seat: Seat) -> list[Any]:
        async with self.db.read() as query:
            return list((await queue.page(query, seat, queue.Wanted("reported"), now=clock.now())).rows)


@pytest.fixture
async def paper(db: Database, keyring: Keyring) -> Paper:
    room = await make_newsroom(db, outside_help=["hook"], hold_score_above=0.8)
    return Paper(room, keyring, await make_person(db, "Kestrel"))


async def test_a_high_score_holds_before_publication_and_the_writer_is_told_the_rule_at_once(
    paper: Paper, help: Help
) -> None:
    posted = await paper.say(INSULT, help)
    assert (posted.state, posted.rule) == ("held", "score")
    kind = await paper.say(KIND, help)
    assert kind.state == "published"
    assert [(await paper.room.comment(each.id)).score for each in (posted, kind)] == [9, 1]


async def test_a_service_that_asks_for_a_look_gets_one_whatever_the_score(
    paper: Paper, help: Help, service: Service
) -> None:
    service.says = HELD
    assert (await paper.say(KIND, help)).rule == "outside"


async def test_a_site_that_names_nobody_asks_nobody_and_pays_nothing(
    db: Database, keyring: Keyring, help: Help
) -> None:
    paper = Paper(await make_newsroom(db), keyring, await make_person(db))
    with statements(db) as without:
        await paper.say(INSULT)
    clock.advance(minutes=2)
    with statements(db) as with_help:
        await paper.say(f"{INSULT} Again.", help)
    assert len(with_help) == len(without)


async def test_nobody_outside_sees_what_is_refused_or_held_anyway(paper: Paper, help: Help, service: Service) -> None:
    await paper.say(KIND, help)
    with pytest.raises(Conflict):
        await paper.say(KIND, help, key="another")
    with pytest.raises(TooMuch):
        await paper.say("x" * 5001, help)
    assert (await paper.say("See http://a.example http://b.example http://c.example", help)).rule == "links"
    assert len(service.asked) == 1


async def test_where_help_is_silent_the_site_chooses_open_or_hold(
    paper: Paper, help: Help, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    service.status = 500
    assert (await paper.say(INSULT, help)).state == "published"
    (left,) = await paper.left(helping.LATER)
    assert left.payload["helpers"] == ["hook"]
    assert INSULT not in str(left.payload)
    await paper.set(outside_help_fails="hold")
    posted = await paper.say(f"{INSULT} Again.", help)
    assert (posted.state, posted.rule) == ("held", "unanswered")
    assert len(await paper.left(helping.LATER)) == 1
    logged = capsys.readouterr().out
    assert "outside.no_answer" in logged and "idiot" not in logged


async def test_an_answer_that_comes_after_publication_only_suggests_and_hides_nothing(
    paper: Paper, help: Help, service: Service
) -> None:
    service.status = 500
    rude, kind = await paper.say(INSULT, help), await paper.say(KIND, help)
    service.status = 200
    await paper.run(help)
    assert await paper.left(helping.LATER) == []
    row = await paper.room.comment(rude.id)
    assert (row.state, row.risk, row.hold_rule, row.score) == ("published", 0, None, 9)
    row = await paper.room.comment(kind.id)
    assert (row.risk, row.score) == (None, 1)
    ruth = await paper.room.hire("Ruth")
    (case,) = await paper.reported(ruth)
    assert (case.case_id, case.reporters, bool(case.is_suggested)) == (rude.id, 0, True)
    await paper.room.decide(ruth, rude.id, "remove")
    (statement,) = await paper.room.statements(rude.id)
    assert (statement.found_by, statement.automated_detection, statement.automated_decision) == (
        "screening",
        True,
        False,
    )
    assert (await paper.room.comment(rude.id)).risk is None


async def test_what_people_reported_comes_first_and_counts_as_theirs(
    paper: Paper, help: Help, service: Service
) -> None:
    service.status = 500
    first, second = await paper.say(INSULT, help), await paper.say(f"{INSULT} Again.", help)
    service.status = 200
    await paper.run(help)
    await paper.room.report(second.id, "somebody")
    ruth = await paper.room.hire("Ruth")
    cases = await paper.reported(ruth)
    assert [(case.case_id, case.reporters) for case in cases] == [(second.id, 1), (first.id, 0)]
    await paper.room.decide(ruth, second.id, "remove")
    assert [each.found_by for each in await paper.room.statements(second.id)] == ["readers"]


async def test_nobody_is_asked_again_about_what_changed_meanwhile(paper: Paper, help: Help, service: Service) -> None:
    service.status = 500
    edited, withdrawn = await paper.say(INSULT, help), await paper.say(f"{INSULT} Again.", help)
    await posting.revise(paper.db, paper.writer, edited.id, KIND, help=help)
    await posting.withdraw(paper.db, paper.writer, withdrawn.id)
    clock.advance(seconds=REST_SECONDS)
    service.status, asked = 200, len(service.asked)
    await paper.run(help)
    assert [json.loads(each.body)["text"] for each in service.asked[asked:]] == [KIND]
    async with begin(paper.db) as work:
        assert not await reports.suggest(work, edited.id, revision=1)


async def test_a_helper_still_silent_is_asked_once_more_later(paper: Paper, help: Help, service: Service) -> None:
    service.status = 500
    await paper.say(INSULT, help)
    await paper.run(help)
    (left,) = await paper.left(helping.LATER)
    assert (left.attempts, left.failure) == (1, "NoAnswer")


async def test_an_edit_is_asked_about_like_a_new_text(paper: Paper, help: Help, service: Service) -> None:
    posted = await paper.say(KIND, help)
    edited = await posting.revise(paper.db, paper.writer, posted.id, INSULT, help=help)
    assert (edited.state, edited.rule) == ("held", "score")
    assert len(service.asked) == 2


class Pupil:
    """A helper that learns, in memory."""

    name, seconds, wants_address, learns = "hook", 1.0, False, True

    def __init__(self) -> None:
        self.told: list[tuple[str, bool]] = []

    async def ask(self, _question: Question) -> Answer:
        return NOTHING

    async def learn(self, question: Question, *, is_fine: bool) -> None:
        self.told.append((question.text, is_fine))

    async def check(self) -> None: ...

    async def close(self) -> None: ...


async def listen(db: Database) -> None:
    await journal.seal(db)
    await following.follow(db, teaching.NAME, teaching.listen, kinds=teaching.KINDS)


async def test_a_helper_that_learns_is_told_of_standing_decisions_and_of_adverts_only(paper: Paper) -> None:
    clock.set(clock.now())
    ruth, pupil = await paper.room.hire("Ruth"), Pupil()
    before = await paper.say("Decided before anybody was to be told.")
    await paper.room.decide(ruth, before.id, "approve")
    await journal.seal(paper.db)
    await following.start_here(paper.db, teaching.NAME)
    texts = ["Fine.", "An insult.", "Buy now.", "Buy later."]
    fine, insult, advert, undone = [(await paper.say(text)).id for text in texts]
    spam = rules.Reasons(teaching.ADVERTS, "It sells boats.")
    await paper.room.decide(ruth, fine, "approve")
    await paper.room.decide(ruth, insult, "remove")
    await paper.room.decide(ruth, advert, "remove", reasons=spam)
    await paper.room.undo(ruth, (await paper.room.decide(ruth, undone, "remove", reasons=spam)).id)
    await listen(paper.db)
    await paper.run(outside.help_by(pupil))
    assert pupil.told == []
    clock.advance(minutes=teaching.WAIT_MINUTES)
    await paper.run(outside.help_by(pupil))
    assert sorted(pupil.told) == [("Buy now.", False), ("Fine.", True)]


async def test_help_alone_restricts_nobody(paper: Paper, help: Help, service: Service) -> None:
    service.says = '{"score": 1.0, "hold": true}'
    await paper.say(INSULT, help)
    service.status = 500
    await paper.set(outside_help_fails="open")
    await paper.say(f"{INSULT} Again.", help)
    service.status = 200
    await paper.run(help)
    async with paper.db.read() as query:
        assert await query.all(select(Statement.__table__)) == []

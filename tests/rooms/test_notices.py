"""Notices on both databases: taken, answered, complained about; who sent them is nowhere else, and is erased."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, text

from commentbox.server import contacts
from commentbox.server.base import clock, jobs
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Conflict, Forbidden, Gone, NotFound, Refusal
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.moderation import confirming, noticing, queue, rulings, statements
from commentbox.server.moderation.measures import Measure
from commentbox.server.moderation.queue import Wanted
from commentbox.server.moderation.statements import Owner
from commentbox.server.moderation.waiting import Filters
from commentbox.server.notices import actions, flaggers, queries
from commentbox.server.notices.actions import ANSWER, CONTACT_AUTHOR, RECEIPT, Told
from commentbox.server.notices.models import Notice
from commentbox.server.notifications import letters
from commentbox.server.notifications.answers import Post
from commentbox.server.notifications.mail import LogMailer, Mail
from commentbox.server.presenters.desk import why_words
from tests.factories import START, how_many, make_person
from tests.newsroom import Newsroom, make_newsroom
from tests.noticeboard import EMAIL, NAME, send

KEPT = Told("It breaks no law that we know of.")


@dataclass
class Mailroom:
    """Everything that sends, as the server wires it."""

    db: Database
    post: Post

    async def run(self) -> list[Mail]:
        """Do the jobs that are due, and give the mails that went out by them."""
        before = len(self.post.mailer.sent)

        async def deliver(payload: dict[str, Any]) -> None:
            await letters.tell_author(self.db, self.post.mailer, payload["decision_id"], origin=self.post.origin)

        post = self.post
        answers = {RECEIPT: post.receipt, CONTACT_AUTHOR: post.ask_author, ANSWER: post.answer}
        await jobs.run_due(self.db, answers | {noticing.TELL: post.tell_senders, rulings.DELIVER: deliver})
        return self.post.mailer.sent[before:]


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START + timedelta(days=1))
    return await make_newsroom(db)


@pytest.fixture
async def bad(room: Newsroom) -> str:
    author = await make_person(room.db, "Gull Captain", email="gull@example.org", email_confirmed_at=START)
    said = room.talk.say("The clerk is a crook.", by=author)
    await room.talk.save(room.db)
    return said


@pytest.fixture
def mailroom(db: Database, keyring: Keyring) -> Mailroom:
    return Mailroom(db, Post(db, LogMailer(), keyring, "http://comments.localhost:8000"))


async def notice(db: Database, notice_id: str) -> Notice:
    async with db.read() as query:
        return await queries.by_id(query, notice_id)


async def complain(db: Database, notice_id: str) -> str:
    async with begin(db) as work:
        return await actions.complain(work, notice_id, text="Read it again.", until=work.now + timedelta(days=1))


async def waiting(room: Newsroom, seat) -> list[str]:
    async with room.db.read() as query:
        page = await queue.page(query, seat, Wanted("notices"), now=clock.now())
    return [row.case_id for row in page.rows]


async def dump(db: Database) -> dict[str, str]:
    """Give everything that stands in the database, table by table."""
    async with db.read() as query:
        names = await query.run_sync(lambda connection: inspect(connection).get_table_names())
        return {name: str([tuple(row) for row in await query.all(text(f'SELECT * FROM "{name}"'))]) for name in names}


async def test_a_notice_hides_nothing_and_waits_in_a_queue_of_its_own(room: Newsroom, bad: str) -> None:
    ruth = await room.hire("Ruth")
    await send(room.db, bad)
    assert (await room.comment(bad)).state == "published"
    assert await waiting(room, ruth) == [bad]
    async with room.db.read() as query:
        counts = await queue.counts(query, ruth, filters=Wanted().filters, now=clock.now())
    assert (counts["notices"], counts["reported"]) == (1, 0)


async def test_the_queue_goes_by_the_moment_an_answer_is_due_so_that_life_and_flaggers_come_first(
    room: Newsroom,
) -> None:
    plain, threat, flagged = (room.talk.say() for _ in range(3))
    await room.talk.save(room.db)
    ruth = await room.hire("Ruth")
    async with begin(room.db) as work:
        code = await flaggers.add(work, "Harbour Hotline")
    await send(room.db, plain)
    await send(room.db, flagged, by="hotline", flagger_code=code)
    clock.advance(hours=1)
    await send(room.db, threat, offence="threat")
    assert await waiting(room, ruth) == [flagged, threat, plain]
    with pytest.raises(NotFound):
        await send(room.db, plain, by="other", flagger_code="aaaaa-bbbbb-ccccc-ddddd")


async def test_the_same_notice_by_the_same_person_counts_as_one(room: Newsroom, bad: str) -> None:
    first, again, other = await send(room.db, bad), await send(room.db, bad), await send(room.db, bad, by="bea")
    assert first.code and again.code is None and other.code
    assert await how_many(room.db, Notice) == 2
    assert len(await waiting(room, await room.hire("Ruth"))) == 1


async def test_only_what_readers_see_can_be_given_notice_of(room: Newsroom) -> None:
    held = room.talk.say(state="held")
    await room.talk.save(room.db)
    for comment_id in (held, "0123456789abcdef"):
        with pytest.raises(NotFound):
            await send(room.db, comment_id)


async def test_a_removal_answers_every_notice_and_its_statement_says_how_it_came_up(room: Newsroom, bad: str) -> None:
    ruth, first, second = await room.hire("Ruth"), await send(room.db, bad), await send(room.db, bad, by="bea")
    await room.decide(ruth, bad, "remove")
    for each in (first, second):
        row = await notice(room.db, each.id)
        assert (row.outcome, row.decided_at) == ("removed", clock.now())
    assert (await room.statements(bad))[0].found_by == "notice"
    assert await waiting(room, ruth) == []


async def test_a_measure_that_a_removal_brings_says_how_the_matter_came_up_too(room: Newsroom, bad: str) -> None:
    ruth = await room.hire("Ruth")
    await send(room.db, bad)
    await room.decide(ruth, bad, "remove", measure=Measure("silence", 7))
    author = (await room.comment(bad)).account_id
    async with room.db.read() as query:
        told = await statements.of_owner(query, Owner(author))
    assert {(row.restriction, row.found_by) for row in told} == {("removed", "notice"), ("silenced", "notice")}


async def test_a_trainees_answer_to_a_notice_is_given_once_somebody_confirms_it(room: Newsroom, bad: str) -> None:
    ruth, tess, sent = await room.hire("Ruth"), await room.hire("Tess", "trainee"), await send(room.db, bad)
    proposed = await room.decide(tess, bad, "approve", told=Told(KEPT.text, is_unfounded=True))
    assert (await notice(room.db, sent.id)).outcome is None
    assert await waiting(room, ruth) == [], "it waits for confirmation, in one place"
    async with begin(room.db, actor=ruth.account_id) as work:
        await confirming.confirm(work, ruth, proposed.id)
    row = await notice(room.db, sent.id)
    assert (row.outcome, row.answer, row.is_unfounded) == ("kept", KEPT.text, True)


async def test_what_somebody_gave_notice_of_is_not_new_and_says_everything_that_waits(room: Newsroom, bad: str) -> None:
    ruth = await room.hire("Ruth")
    async with begin(room.db) as work:
        code = await flaggers.add(work, "Harbour Hotline")
    await send(room.db, bad, flagger_code=code)
    await send(room.db, bad, by="bea", offence="threat")
    await room.report(bad, "one", "two")
    async with room.db.read() as query:
        pages = {
            name: await queue.page(query, ruth, Wanted(name), now=clock.now())
            for name in ("new", "reported", "notices")
        }
        threats = await queue.page(query, ruth, Wanted("notices", Filters(reason="threat")), now=clock.now())
        others = await queue.page(query, ruth, Wanted("notices", Filters(reason="intimate")), now=clock.now())
    assert [len(page.rows) for page in (*pages.values(), threats, others)] == [0, 1, 1, 1, 0]
    assert {why_words(pages[name].rows[0]) for name in ("reported", "notices")} == {
        "2 notices · trusted flagger · Reported twice"
    }


async def test_the_queue_of_notices_pages_without_showing_a_case_twice(room: Newsroom) -> None:
    said = [room.talk.say() for _ in range(3)]
    await room.talk.save(room.db)
    ruth = await room.hire("Ruth")
    for each in said:
        await send(room.db, each)
        await send(room.db, each, by="bea")
    seen: list[str] = []
    after = None
    async with room.db.read() as query:
        for _ in said:
            page = await queue.page(query, ruth, Wanted("notices", after=after), now=clock.now(), size=1)
            seen, after = [*seen, *(row.case_id for row in page.rows)], page.after
    assert (seen, after) == (said, None)


async def test_a_notice_cannot_be_refused_without_a_word(room: Newsroom, bad: str) -> None:
    ruth, sent = await room.hire("Ruth"), await send(room.db, bad)
    with pytest.raises(Refusal) as refused:
        await room.decide(ruth, bad, "approve")
    assert refused.value.code == "notice.answer_missing"
    await room.decide(ruth, bad, "approve", told=KEPT)
    row = await notice(room.db, sent.id)
    assert (row.outcome, row.answer) == ("kept", KEPT.text)


async def test_an_undo_opens_the_notices_again_and_nobody_is_told(room: Newsroom, bad: str, mailroom: Mailroom) -> None:
    ruth, sent = await room.hire("Ruth"), await send(room.db, bad)
    assert len(await mailroom.run()) == 1
    decided = await room.decide(ruth, bad, "remove")
    await room.undo(ruth, decided.id)
    assert (await notice(room.db, sent.id)).outcome is None
    assert await waiting(room, ruth) == [bad]
    clock.advance(minutes=1)
    assert await mailroom.run() == []


async def test_a_complaint_against_a_refusal_is_heard_by_somebody_else(room: Newsroom, bad: str) -> None:
    ruth, jonas = await room.hire("Ruth"), await room.hire("Jonas")
    sent = await send(room.db, bad)
    await room.decide(ruth, bad, "approve", told=KEPT)
    complaint_id = await complain(room.db, sent.id)
    assert await waiting(room, ruth) == [bad]
    with pytest.raises(Forbidden) as refused:
        await room.decide(ruth, bad, "remove")
    assert refused.value.code == "appeal.same_person"
    async with begin(room.db, actor=ruth.account_id) as work:
        assert await queue.take_next(work, ruth, Wanted("notices")) is None
    async with begin(room.db, actor=jonas.account_id) as work:
        assert await queue.take_next(work, jonas, Wanted("notices")) == bad
    await room.decide(jonas, bad, "remove")
    assert (await notice(room.db, complaint_id)).outcome == "removed"
    assert (await notice(room.db, sent.id)).outcome == "kept"


async def test_where_a_paper_has_one_moderator_the_same_person_hears_a_complaint_after_a_day(
    room: Newsroom, bad: str
) -> None:
    ruth, sent = await room.hire("Ruth"), await send(room.db, bad)
    await room.decide(ruth, bad, "approve", told=KEPT)
    await complain(room.db, sent.id)
    with pytest.raises(Forbidden):
        await room.decide(ruth, bad, "approve", told=KEPT)
    clock.advance(hours=24)
    await room.decide(ruth, bad, "approve", told=KEPT)


async def test_one_objects_once_in_time_and_only_to_a_refusal(room: Newsroom, bad: str) -> None:
    ruth, sent = await room.hire("Ruth"), await send(room.db, bad)
    with pytest.raises(Conflict):
        await complain(room.db, sent.id)
    await room.decide(ruth, bad, "approve", told=KEPT)
    async with begin(room.db) as work:
        with pytest.raises(Gone):
            await actions.complain(work, sent.id, text="Late.", until=work.now - timedelta(seconds=1))
    await complain(room.db, sent.id)
    with pytest.raises(Conflict):
        await complain(room.db, sent.id)


async def test_who_sends_baseless_notices_again_and_again_is_refused_for_a_while(room: Newsroom) -> None:
    ruth = await room.hire("Ruth")
    said = [room.talk.say() for _ in range(4)]
    await room.talk.save(room.db)
    for each in said[:3]:
        await send(room.db, each)
        await room.decide(ruth, each, "approve", told=Told(KEPT.text, is_unfounded=True))
    with pytest.raises(Forbidden) as refused:
        await send(room.db, said[3])
    assert refused.value.code == "notice.suspended"
    await send(room.db, said[3], by="bea")


async def test_what_its_author_took_back_needs_no_decision_and_the_notifier_is_told(room: Newsroom, bad: str) -> None:
    sent, author = await send(room.db, bad, kind="about_me"), (await room.comment(bad)).account_id
    async with begin(room.db, actor=author) as work:
        await noticing.answer_as_author(work, sent.id, Owner(author), said="withdrawn", text="")
    async with begin(room.db) as work:
        assert await actions.settle_gone(work) == 1
        assert await actions.settle_gone(work) == 0
    row = await notice(room.db, sent.id)
    assert (row.outcome, row.author_said) == ("gone", "withdrawn")
    assert (await room.comment(bad)).state == "withdrawn"


async def test_the_author_alone_answers_the_person_spoken_about_and_once(room: Newsroom, bad: str) -> None:
    sent, author = await send(room.db, bad, kind="about_me"), (await room.comment(bad)).account_id
    stranger = await make_person(room.db)
    async with begin(room.db) as work:
        for owner in (Owner(stranger.account_id), Owner(guest_code_hash=None)):
            assert await noticing.asked_of(work.q, owner) == []
            with pytest.raises(NotFound):
                await noticing.answer_as_author(work, sent.id, owner, said="stands", text="x")
        with pytest.raises(Refusal):
            await noticing.answer_as_author(work, sent.id, Owner(author), said="stands", text=" ")
        await noticing.answer_as_author(work, sent.id, Owner(author), said="stands", text="I have the papers.")
        with pytest.raises(Conflict):
            await noticing.answer_as_author(work, sent.id, Owner(author), said="stands", text="More.")
    row = await notice(room.db, sent.id)
    assert (row.author_said, row.author_text) == ("stands", "I have the papers.")


async def test_receipt_question_and_answer_go_out_by_mail_and_name_nobody(
    room: Newsroom, bad: str, mailroom: Mailroom
) -> None:
    ruth = await room.hire("Ruth")
    sent = await send(room.db, bad, kind="about_me")
    first = await mailroom.run()
    assert {each.to for each in first} == {EMAIL, "gull@example.org"}
    assert any(sent.id in each.text for each in first)
    await room.decide(ruth, bad, "approve", told=KEPT)
    assert await mailroom.run() == []
    clock.advance(minutes=1)
    second = await mailroom.run()
    assert [each.to for each in second] == [EMAIL]
    said = "".join(f"{each.subject}{each.text}" for each in first + second)
    assert not [each for each in (NAME, "Gull Captain", "crook", KEPT.text) if each in said]


async def test_name_and_mail_stand_in_one_table_alone_and_are_erased_six_months_after_the_answer(
    room: Newsroom, bad: str
) -> None:
    ruth, sent = await room.hire("Ruth"), await send(room.db, bad)
    await room.report(bad, "one")
    await room.decide(ruth, bad, "approve", told=KEPT)
    holding = {name for name, rows in (await dump(room.db)).items() if NAME in rows or EMAIL in rows}
    assert holding == {"contact"}
    for days, left in ((182, 2), (2, 0)):
        clock.advance(days=days)
        async with begin(room.db) as work:
            await contacts.erase(work)
            await actions.forget_notifiers(work)
        assert await how_many(room.db, contacts.Contact) == left
    everything = "".join((await dump(room.db)).values())
    assert NAME not in everything and EMAIL not in everything and "notifier ada" not in everything
    async with room.db.read() as query:
        assert await contacts.id_by_code(query, str(sent.code)) is None

"""Posting, editing and withdrawing: the whole path below the fronts, on both databases."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from commentbox.server.accounts.models import Account, Standing
from commentbox.server.accounts.rules import Grant
from commentbox.server.base import clock
from commentbox.server.base.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, TooMuch, Unauthenticated
from commentbox.server.base.ids import new_id
from commentbox.server.base.work import begin
from commentbox.server.comments import actions, posting
from commentbox.server.comments.models import Comment, Revision
from commentbox.server.comments.posting import Submission, Writer
from commentbox.server.threads import ArticleRef, Thread
from commentbox.server.verification.speaking import Speaker
from tests.factories import ARTICLE, make_person, make_site, make_thread

_comments = Comment.__table__
OURS = "http://comments.localhost:8000"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon():
    clock.set(NOON)


def _writer(person=None, *, by_passkey: bool = True, **changes) -> Writer:
    if person is None:
        return Writer(address="a1", **changes)
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
    return Writer(address="a1", speaker=speaker, **changes)


@pytest.fixture
async def talk(db, keyring):
    """Give a function that submits to the thread of one article."""
    site_id = await make_site(db)
    await make_thread(db, site_id)

    async def say(writer: Writer, text: str, **more):
        submission = Submission(slug="gazette", ref=ArticleRef(url=ARTICLE), text=text, **more)
        return await posting.submit(db, keyring, writer, submission, our_origin=OURS)

    say.site_id = site_id
    return say


async def _row(db, comment_id):
    async with db.read() as query:
        return await query.first(select(_comments).where(_comments.c.id == comment_id))


async def _thread(db):
    async with db.read() as query:
        return await query.first(select(Thread.__table__))


async def test_a_comment_carries_name_kind_tier_and_label_of_its_moment(db, talk):
    verified = await make_person(db, "Margaret Okafor", kind="name")
    grants = (Grant(talk.site_id, "moderator"),)
    outcome = await talk(_writer(verified, grants=grants), "Dredge *first*.\n\nThen talk.")
    row = await _row(db, outcome.posted.id)
    assert (row.name, row.kind, row.tier, row.label, row.state) == (
        "Margaret Okafor",
        "name",
        "verified",
        "staff",
        "published",
    )
    assert row.attestation_id == verified.attestation_id
    assert "<em>first</em>" in row.html
    thread = await _thread(db)
    assert (thread.total, thread.verified_total, thread.version) == (1, 1, 2)


async def test_without_a_passkey_sign_in_a_verified_person_speaks_as_unverified(db, talk):
    verified = await make_person(db, kind="name")
    outcome = await talk(_writer(verified, by_passkey=False), "Hello there")
    row = await _row(db, outcome.posted.id)
    assert (row.kind, row.tier, row.attestation_id) == ("none", "unverified", None)
    assert (await _thread(db)).verified_total == 0


async def test_replies_move_the_counters_of_every_ancestor(db, talk):
    one, other = await make_person(db), await make_person(db, kind="person")
    top = (await talk(_writer(one), "top")).posted.id
    middle = (await talk(_writer(other), "middle", parent_id=top)).posted.id
    leaf = (await talk(_writer(other), "leaf", parent_id=middle)).posted.id
    rows = {each: await _row(db, each) for each in (top, middle, leaf)}
    assert [rows[each].depth for each in (top, middle, leaf)] == [0, 1, 2]
    assert rows[leaf].path == f"{top}/{middle}"
    assert (rows[top].descendants_all, rows[top].descendants_verified) == (2, 2)
    assert (rows[middle].descendants_all, rows[middle].descendants_verified) == (1, 1)
    assert rows[top].in_all and rows[top].in_verified
    await posting.withdraw(db, _writer(other), leaf)
    top_now = await _row(db, top)
    assert (top_now.descendants_all, top_now.descendants_verified) == (1, 1)
    thread = await _thread(db)
    assert (thread.total, thread.verified_total) == (2, 1)


async def test_a_double_click_posts_once(db, talk):
    person = await make_person(db)
    results = await asyncio.gather(*(talk(_writer(person), "once only", key="k1") for _ in range(5)))
    assert len({outcome.posted.id for outcome in results}) == 1
    assert sum(not outcome.posted.again for outcome in results) == 1
    assert (await _thread(db)).total == 1


async def test_other_words_with_the_key_of_an_earlier_post_are_refused_and_not_lost_unseen(db, talk):
    person = await make_person(db)
    first = (await talk(_writer(person), "The first words", key="k1")).posted
    with pytest.raises(Conflict) as refused:
        await talk(_writer(person), "Quite other words", key="k1")
    assert (refused.value.code, refused.value.data) == ("comment.key_used", {"comment": first.id})
    answer = await talk(_writer(person), "Quite other words", key="k1", parent_id=first.id)
    assert not answer.posted.again, "a key is one for one place: the reply is no second sending of the comment"
    await posting.revise(db, _writer(person), first.id, "The words after an edit")
    for _moment in ("edited", "withdrawn"):
        again = (await talk(_writer(person), "the  first words", key="k1")).posted
        assert (again.id, again.again) == (first.id, True)
        if again.state == "published":
            await posting.withdraw(db, _writer(person), first.id)
    assert (await _thread(db)).total == 1


async def test_of_two_at_once_with_one_key_and_other_words_one_is_posted_and_one_refused(db, talk):
    person = await make_person(db)
    both = (talk(_writer(person), words, key="k1") for words in ("one", "another"))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    (refused,) = (each for each in outcomes if isinstance(each, Exception))
    assert isinstance(refused, Conflict) and refused.code == "comment.key_used"
    assert (await _thread(db)).total == 1


async def test_without_a_script_the_same_words_within_a_minute_post_once(db, talk):
    person = await make_person(db)
    first = await talk(_writer(person), "once only")
    assert (await talk(_writer(person), "Once  only ")).posted.id == first.posted.id
    clock.advance(minutes=2)
    with pytest.raises(Conflict) as refused:
        await talk(_writer(person), "once only")
    assert refused.value.code == "comment.duplicate"
    clock.advance(minutes=61)
    assert (await talk(_writer(person), "once only")).posted.id != first.posted.id


async def test_a_double_click_across_the_end_of_a_minute_posts_once(db, keyring):
    await make_thread(db, await make_site(db, guests=True))
    person = await make_person(db)
    for writer in (_writer(person), _writer(guest_name="Anna", as_guest=True)):
        submission = Submission(slug="gazette", ref=ArticleRef(url=ARTICLE), text="once only")
        answers = []
        for second in (59, 60, 118):
            clock.set(NOON + timedelta(seconds=second))
            answers.append(await posting.submit(db, keyring, writer, submission, our_origin=OURS))
        assert len({(each.posted.id, each.guest_code) for each in answers}) == 1
        assert [each.posted.again for each in answers] == [False, True, True]
    clock.set(NOON + timedelta(seconds=120))
    with pytest.raises(Conflict) as refused:
        await posting.submit(db, keyring, _writer(person), submission, our_origin=OURS)
    assert refused.value.code == "comment.duplicate"


async def test_nobody_and_guests_are_refused_where_the_site_has_no_guests(db, talk):
    with pytest.raises(Unauthenticated):
        await talk(_writer(), "hello")
    with pytest.raises(Forbidden):
        await talk(_writer(guest_name="Anna"), "hello")


async def test_a_guest_is_held_and_the_code_owns_the_comment_and_the_name(db, keyring):
    site_id = await make_site(db, guests=True)
    await make_thread(db, site_id)

    async def say(writer, text):
        submission = Submission(slug="gazette", ref=ArticleRef(url=ARTICLE), text=text)
        return await posting.submit(db, keyring, writer, submission, our_origin=OURS)

    outcome = await say(_writer(guest_name="Anna"), "hello")
    assert (outcome.posted.state, outcome.posted.rule) == ("held", "guest")
    assert outcome.guest_code
    with pytest.raises(Conflict):
        await say(_writer(guest_name="ANNA"), "look-alike")
    again = await say(_writer(guest_name="Anna", guest_code=outcome.guest_code), "me again")
    assert again.posted.state == "held"
    with pytest.raises(NotFound):
        await posting.revise(db, _writer(guest_code="wrong-code"), outcome.posted.id, "mine now")
    await posting.revise(
        db, _writer(guest_code=outcome.guest_code.upper().replace("-", " ")), outcome.posted.id, "better"
    )
    assert (await _row(db, outcome.posted.id)).text == "better"
    await posting.withdraw(db, _writer(guest_code=outcome.guest_code), outcome.posted.id)
    assert (await _row(db, outcome.posted.id)).state == "withdrawn"


async def test_a_held_comment_is_counted_nowhere_and_cannot_be_answered(db, keyring):
    site_id = await make_site(db, links_before_hold_unverified=0)
    await make_thread(db, site_id)
    person = await make_person(db)
    submission = Submission(slug="gazette", ref=ArticleRef(url=ARTICLE), text="see https://harbour.example/")
    outcome = await posting.submit(db, keyring, _writer(person), submission, our_origin=OURS)
    assert (outcome.posted.state, outcome.posted.rule) == ("held", "links")
    assert (await _thread(db)).total == 0
    with pytest.raises(NotFound):
        reply = replace(submission, text="answer", parent_id=outcome.posted.id)
        await posting.submit(db, keyring, _writer(person), reply, our_origin=OURS)


async def test_reach_is_enforced_but_not_against_oneself(db, talk):
    protected = await make_person(db, kind="person", reach="verified")
    stranger, known = await make_person(db), await make_person(db, kind="name")
    top = (await talk(_writer(protected), "top")).posted.id
    with pytest.raises(Forbidden) as refused:
        await talk(_writer(stranger), "me too", parent_id=top)
    assert refused.value.code == "reach.refused"
    with pytest.raises(Forbidden):
        await talk(_writer(known, by_passkey=False), "me too", parent_id=top)
    assert (await talk(_writer(known), "me too", parent_id=top)).posted.state == "published"
    assert (await talk(_writer(protected, by_passkey=False), "and I", parent_id=top)).posted.state == "published"


async def test_the_parent_must_stand_in_the_same_thread(db, talk, keyring):
    person = await make_person(db)
    top = (await talk(_writer(person), "top")).posted.id
    await make_thread(db, talk.site_id, f"{ARTICLE}-two")
    elsewhere = Submission(slug="gazette", ref=ArticleRef(url=f"{ARTICLE}-two"), text="x y", parent_id=top)
    with pytest.raises(NotFound):
        await posting.submit(db, keyring, _writer(person), elsewhere, our_origin=OURS)
    for parent in ("nothing", "0123456789abcdef"):
        with pytest.raises(NotFound):
            await talk(_writer(person), "x", parent_id=parent)
    await posting.withdraw(db, _writer(person), top)
    with pytest.raises(Conflict):
        await talk(_writer(person), "too late", parent_id=top)


async def test_closed_threads_say_so(db, talk):
    person, verified = await make_person(db), await make_person(db, kind="person")
    async with begin(db) as work:
        until = NOON + timedelta(hours=1)
        changes = {"verified_only_until": until, "verified_only_reason": "A pile-on from elsewhere"}
        await work.q.run(update(Thread.__table__).values(changes))
    with pytest.raises(Forbidden) as refused:
        await talk(_writer(person), "hello")
    assert refused.value.code == "thread.verified_only"
    assert refused.value.data["reason"] == "A pile-on from elsewhere"
    await talk(_writer(verified), "hello")
    clock.advance(minutes=61)
    await talk(_writer(person), "hello")
    async with begin(db) as work:
        await work.q.run(update(Thread.__table__).values(state="closed"))
    with pytest.raises(Forbidden):
        await talk(_writer(verified), "hello again")


async def test_standing_keeps_from_posting_while_it_lasts(db, talk):
    person = await make_person(db)
    async with begin(db) as work:
        row = {"account_id": person.account_id, "site_id": talk.site_id, "since": NOON}
        await work.q.add(Standing(id=new_id(NOON), kind="silenced", until=NOON + timedelta(days=1), **row))
        await work.q.add(Standing(id=new_id(NOON), kind="held_first", until=NOON + timedelta(days=2), **row))
    with pytest.raises(Forbidden) as refused:
        await talk(_writer(person), "hello")
    assert refused.value.code == "standing.silenced"
    clock.advance(days=1, minutes=1)
    assert (await talk(_writer(person), "hello")).posted.rule == "held_first"
    clock.advance(days=1)
    assert (await talk(_writer(person), "hello again")).posted.state == "published"


async def test_editing_keeps_revisions_and_ends_with_the_window(db, talk):
    person = await make_person(db, kind="person")
    comment_id = (await talk(_writer(person), "first")).posted.id
    clock.advance(minutes=5)
    await posting.revise(db, _writer(person), comment_id, "second")
    row = await _row(db, comment_id)
    assert (row.text, row.revision, row.tier) == ("second", 2, "verified")
    assert row.edited_at == clock.now()
    await posting.revise(db, _writer(person, by_passkey=False), comment_id, "third")
    row = await _row(db, comment_id)
    assert (row.revision, row.tier, row.kind) == (3, "unverified", "none")
    assert (await _thread(db)).verified_total == 0
    clock.advance(minutes=11)
    with pytest.raises(Forbidden) as refused:
        await posting.revise(db, _writer(person), comment_id, "fourth")
    assert refused.value.code == "comment.window_closed"
    async with db.read() as query:
        revisions = await query.all(select(Revision.__table__).order_by(Revision.__table__.c.number))
    assert [each.text for each in revisions] == ["first", "second", "third"]


async def test_strangers_can_neither_edit_nor_withdraw_and_learn_nothing(db, talk):
    one, other = await make_person(db), await make_person(db)
    comment_id = (await talk(_writer(one), "mine")).posted.id
    for who in (_writer(other), _writer(), _writer(guest_code="x")):
        with pytest.raises(NotFound):
            await posting.revise(db, who, comment_id, "yours")
        with pytest.raises(NotFound):
            await posting.withdraw(db, who, comment_id)
    with pytest.raises(NotFound):
        await posting.withdraw(db, _writer(one), "0123456789abcdef")


async def test_withdrawing_takes_the_text_from_every_revision(db, talk):
    person = await make_person(db)
    comment_id = (await talk(_writer(person), "secret one")).posted.id
    await posting.revise(db, _writer(person), comment_id, "secret two")
    await posting.withdraw(db, _writer(person), comment_id)
    row = await _row(db, comment_id)
    assert (row.text, row.html, row.in_all) == ("", "", False)
    async with db.read() as query:
        assert all(each.text == "" for each in await query.all(select(Revision.__table__)))
    with pytest.raises(Conflict):
        await posting.withdraw(db, _writer(person), comment_id)


async def test_bad_texts_are_refused_with_a_reason(db, talk):
    person = await make_person(db)
    for text, refusal in (("", Invalid), (" \n\u200b ", Invalid), ("x" * 5001, TooMuch), ("lone \ud800", Invalid)):
        with pytest.raises(refusal):
            await talk(_writer(person), text)
    assert (await _thread(db)).total == 0


async def test_the_rate_of_an_account_and_of_an_address_ends(db, talk, keyring):
    person, many = await make_person(db), [await make_person(db) for _ in range(3)]
    for number in range(20):
        await talk(_writer(person), f"number {number}")
    with pytest.raises(TooMany) as refused:
        await talk(_writer(person), "one more")
    assert refused.value.data["seconds"] > 3000
    for number in range(40):
        await talk(_writer(many[number % 3]), f"other {number}")
    with pytest.raises(TooMany) as refused:
        await talk(_writer(many[0]), "from one address")
    assert refused.value.data["what"] == "post"


async def test_many_replies_at_once_leave_the_counters_right(db, talk):
    people = [await make_person(db, kind="person" if number % 2 else "none") for number in range(10)]
    top = (await talk(_writer(people[0]), "top")).posted.id
    await asyncio.gather(*(talk(_writer(each), f"reply of {each.name}", parent_id=top) for each in people))
    row, thread = await _row(db, top), await _thread(db)
    assert (row.descendants_all, row.descendants_verified) == (10, 5)
    assert (thread.total, thread.verified_total) == (11, 5)


async def test_two_decisions_at_once_on_one_comment_end_in_one_and_a_conflict(db, talk):
    person = await make_person(db)
    comment = await _row(db, (await talk(_writer(person), "top")).posted.id)

    async def remove():
        async with begin(db) as work:
            await actions.remove(work, comment, rule="4-no-contempt")

    results = await asyncio.gather(remove(), remove(), return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) == ["Conflict", "NoneType"]
    assert (await _thread(db)).total == 0


async def test_a_deleted_account_leaves_no_reach_behind(db, talk):
    protected, stranger = await make_person(db, reach="verified"), await make_person(db)
    top = (await talk(_writer(protected), "top")).posted.id
    async with begin(db) as work:
        await work.q.run(update(Account.__table__).where(Account.id == protected.account_id).values(reach="everyone"))
    assert (await talk(_writer(stranger), "now I may", parent_id=top)).posted.state == "published"

"""The desk and the author's side, page by page, as plain forms and links: no script takes part in any of this."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from commentbox.server.accounts import actions as accounts
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.comments.posting import guest_code_hash
from commentbox.server.moderation.models import Decision
from tests.factories import START, how_many, make_person, make_site
from tests.journeys.desk import Hire, hiring, signed_in
from tests.journeys.reading import fields, words
from tests.newsroom import FACTS, Newsroom, make_newsroom
from tests.visitor import Visitor

GUEST_CODE = "7k2mp-q9xrt-4bdhw-z8ncv"
VisitorMaker = Callable[..., Visitor]


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START + timedelta(days=1))
    return await make_newsroom(db)


@pytest.fixture
def at_the_desk(room: Newsroom, new_visitor: VisitorMaker) -> Hire:
    return hiring(room, new_visitor)


async def test_the_desk_sends_strangers_to_its_door_and_refuses_what_they_post(visitor: Visitor) -> None:
    page = await visitor.open("/desk")
    assert (page.status_code, page.headers["location"]) == (303, "/desk/signin")
    assert (await visitor.open("/desk/case/0123456789abcdef")).status_code == 303
    assert (await visitor.submit("/desk/next", {})).status_code == 401


async def test_a_readers_session_does_not_open_the_desk(room: Newsroom, visitor: Visitor) -> None:
    seat = await room.hire("Ruth")
    await signed_in(room.db, visitor, seat.account_id, kind="top")
    assert (await visitor.open("/desk")).status_code == 303


async def test_somebody_who_lost_their_role_is_told_so(room: Newsroom, at_the_desk: Any) -> None:
    ruth = await at_the_desk("Ruth")
    async with begin(room.db) as work:
        await accounts.take_role(work, ruth.account_id, "moderator", site_id=room.talk.site_id)
    page = await ruth.visitor.open("/desk")
    assert page.status_code == 403
    assert "no role" in words(page)


async def test_pages_of_the_desk_are_private_and_cannot_be_framed(at_the_desk: Any) -> None:
    ruth = await at_the_desk("Ruth")
    page = await ruth.visitor.open("/desk")
    assert page.status_code == 200
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "private, no-store"
    assert not re.search(r"<[^>]+ style=|<script>|<style", page.text)


async def test_the_desk_opens_where_something_waits_and_says_the_order(room: Newsroom, at_the_desk: Any) -> None:
    held = room.talk.say("Wait for me.", state="held", hold_rule="links")
    await room.talk.save(room.db)
    ruth = await at_the_desk("Ruth")
    page = await ruth.visitor.open("/desk")
    text = words(page)
    assert "Held, 1 case" in text and "oldest first" in text and "Wait for me." in text and "Held: Many links" in text
    assert f"/desk/case/{held}" in page.text


async def test_a_case_shows_what_a_moderator_needs(room: Newsroom, at_the_desk: Any) -> None:
    author = await make_person(room.db, "Gull Captain", kind="person")
    top = room.talk.say("The article is right.")
    bad = room.talk.say("The clerk is a crook.", under=top, by=author)
    room.talk.say("Easy now.", under=bad)
    await room.talk.save(room.db)
    await room.report(bad, "one", "two")
    ruth = await at_the_desk("Ruth")
    text = words(await ruth.visitor.open(f"/desk/case/{bad}"))
    for expected in (
        "Reported twice",
        "Close the inner quay?",
        "The article is right.",
        "The clerk is a crook.",
        "Easy now.",
        "2 people: Attacks a person",
        "Please look.",
        "2 without an account",
        "Verified person",
        "revision 1 of 1",
        "good, no open measures",
        "Nobody has this case.",
        "3 Answer the argument and leave the person alone.",
        "Statement of reasons, as Gull Captain will read it",
    ):
        assert expected in text, expected


async def test_a_removal_by_form_leads_to_the_next_free_case_which_is_then_ones_own(
    room: Newsroom, at_the_desk: Any
) -> None:
    first, second = (room.talk.say(state="held", hold_rule="links") for _ in range(2))
    await room.talk.save(room.db)
    ruth = await at_the_desk("Ruth")
    done = await ruth.decide(first, "remove", queue="held")
    assert done.status_code == 303, words(done)
    assert done.headers["location"] == f"/desk/case/{second}?queue=held"
    page = await ruth.visitor.open(done.headers["location"])
    text = words(page)
    assert "You hold this case for another 15 min." in text
    assert "Nothing is sent for 20 seconds." in text
    assert (await room.comment(first)).state == "removed"
    undo = re.search(r'action="(/desk/undo/\w+)"', page.text)
    undone = await ruth.visitor.submit(undo[1], {"queue": "held"})
    assert undone.headers["location"] == f"/desk/case/{first}?queue=held"
    assert (await room.comment(first)).state == "held"


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        ({"ground": ""}, 422, "house rule"),
        ({"facts": "  "}, 422, "facts"),
        ({"facts": "x" * 2001}, 422, "2,000"),
        ({"ground": "law:threat"}, 422, "law"),
        ({"ground": "no-such-rule"}, 422, "no such house rule"),
        ({"action": ""}, 422, "no decision is chosen"),
        ({"revision": "one"}, 422, "revision"),
        ({"note": "x" * 2001}, 422, "2,000"),
    ],
)
async def test_a_verdict_that_lacks_something_comes_back_with_everything_typed(
    room: Newsroom, at_the_desk: Any, sent: dict, status: int, said: str
) -> None:
    bad = room.talk.say(state="held", hold_rule="links")
    await room.talk.save(room.db)
    ruth = await at_the_desk("Ruth")
    page = await ruth.decide(bad, "remove", **{"facts": "Kept words.", "note": "Kept note.", **sent})
    alert = re.search(r'role="alert">(.*?)</div>', page.text, re.S)
    assert (page.status_code, bool(alert)) == (status, True), words(page)
    assert said in alert[1].lower(), alert[1]
    assert ("Kept note." in page.text) or "note" in sent
    assert ("Kept words." in page.text) or "facts" in sent
    assert await how_many(room.db, Decision) == 0


async def test_a_text_that_changed_meanwhile_is_shown_with_its_changes(room: Newsroom, at_the_desk: Any) -> None:
    bad = room.talk.say("The clerk is a crook.")
    await room.talk.save(room.db)
    await room.report(bad, "one")
    ruth = await at_the_desk("Ruth")
    page = await ruth.decide(bad, "remove", revision="0")
    assert page.status_code == 409
    assert "It is revision 1 now." in words(page)
    assert FACTS in page.text
    again = fields(page, f"/desk/case/{bad}/decide")
    assert again["revision"] == "1"


async def test_a_case_of_a_colleague_cannot_be_decided_and_says_who_has_it(room: Newsroom, at_the_desk: Any) -> None:
    bad = room.talk.say(state="held", hold_rule="links")
    await room.talk.save(room.db)
    ruth, jonas = await at_the_desk("Ruth"), await at_the_desk("Jonas")
    page = await jonas.visitor.open(f"/desk/case/{bad}")
    verdict = fields(page, f"/desk/case/{bad}/decide") | {"action": "approve"}
    assert (await ruth.visitor.submit(f"/desk/case/{bad}/claim", {})).status_code == 303
    refused = await jonas.visitor.submit(f"/desk/case/{bad}/decide", verdict)
    assert refused.status_code == 409
    assert "Ruth has this case" in words(refused)
    assert "Ruth has it" in words(await jonas.visitor.open("/desk?queue=held"))
    assert (await jonas.visitor.submit(f"/desk/case/{bad}/claim", {})).status_code == 409
    assert (await jonas.visitor.submit(f"/desk/case/{bad}/renew", {})).status_code == 409
    assert (await ruth.visitor.submit(f"/desk/case/{bad}/renew", {})).status_code == 204
    assert "Mine 1" in words(await ruth.visitor.open("/desk?queue=mine"))
    assert (await ruth.visitor.submit(f"/desk/case/{bad}/release", {})).status_code == 303
    assert (await jonas.visitor.submit(f"/desk/case/{bad}/decide", verdict)).status_code == 303


async def test_a_free_case_is_not_claimed_by_a_sign_of_life(room: Newsroom, at_the_desk: Any) -> None:
    bad = room.talk.say(state="held", hold_rule="links")
    await room.talk.save(room.db)
    ruth = await at_the_desk("Ruth")
    assert (await ruth.visitor.submit(f"/desk/case/{bad}/renew", {})).status_code == 409


async def test_taking_the_next_case_twice_gives_two_moderators_two_cases(room: Newsroom, at_the_desk: Any) -> None:
    cases = {room.talk.say(state="held", hold_rule="links") for _ in range(2)}
    await room.talk.save(room.db)
    ruth, jonas = await at_the_desk("Ruth"), await at_the_desk("Jonas")
    got = [await each.visitor.submit("/desk/next", {"queue": "held"}) for each in (ruth, jonas, ruth)]
    leads = [each.headers["location"] for each in got]
    assert {re.search(r"/case/(\w+)", each)[1] for each in leads[:2]} == cases
    assert leads[2] == "/desk?queue=held"


async def test_the_statement_can_be_read_before_it_is_sent_without_a_script(room: Newsroom, at_the_desk: Any) -> None:
    bad = room.talk.say(state="held", hold_rule="links")
    await room.talk.save(room.db)
    ruth = await at_the_desk("Ruth")
    page = await ruth.decide(bad, "remove", go="preview")
    text = words(page)
    assert page.status_code == 200
    assert f"Facts {FACTS}" in text
    assert "House rule 3: Answer the argument and leave the person alone." in text
    assert "We did not publish this comment." in text
    assert await how_many(room.db, Decision) == 0


async def test_a_moderator_of_one_site_finds_nothing_of_another(
    room: Newsroom, at_the_desk: Any, visitor: Visitor
) -> None:
    bad = room.talk.say("Secret of the Gazette.", state="held", hold_rule="links")
    await room.talk.save(room.db)
    piet = await at_the_desk("Piet", site_id=await make_site(room.db, "weekend"))
    pages = [
        await piet.visitor.open(f"/desk/case/{bad}"),
        await piet.visitor.submit(f"/desk/case/{bad}/claim", {}),
        await piet.visitor.submit(f"/desk/case/{bad}/renew", {}),
        await piet.visitor.submit(f"/desk/case/{bad}/release", {}),
        await piet.visitor.submit(f"/desk/case/{bad}/decide", {"action": "approve", "revision": "1", "state": "held"}),
    ]
    assert [page.status_code for page in pages] == [404] * 5
    for path in ("/desk?queue=held", "/desk?queue=held&site=gazette"):
        page = await piet.visitor.open(path)
        assert page.status_code == 200
        assert "Secret of the Gazette." not in page.text and "Held 0" in words(page)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/desk?queue=secret", 422),
        ("/desk?queue=held&after=nonsense", 422),
        ("/desk?tier=golden", 422),
        ("/desk?site=no-such-site", 200),
        ("/desk?reason=" + "x" * 100, 413),
        ("/desk/case/0", 404),
        ("/desk/case/0123456789abcdef", 404),
        ("/desk/case/%F0%9F%90%9F", 404),
    ],
)
async def test_bad_addresses_at_the_desk_are_answered_not_crashed(at_the_desk: Any, path: str, status: int) -> None:
    ruth = await at_the_desk("Ruth")
    assert (await ruth.visitor.open(path)).status_code == status


async def test_a_form_from_elsewhere_decides_nothing(room: Newsroom, at_the_desk: Any) -> None:
    bad = room.talk.say(state="held", hold_rule="links")
    await room.talk.save(room.db)
    ruth = await at_the_desk("Ruth")
    form = {"action": "approve", "revision": "1", "state": "held"}
    for origin in ("http://news.localhost:8001", None):
        refused = await ruth.visitor.submit(f"/desk/case/{bad}/decide", form, origin=origin)
        assert refused.status_code == 403
    assert (await room.comment(bad)).state == "held"


async def test_the_author_reads_the_reasons_appeals_and_is_restored(
    room: Newsroom, at_the_desk: Any, visitor: Visitor, new_visitor: VisitorMaker
) -> None:
    author = await make_person(room.db, "Gull Captain")
    bad = room.talk.say("The clerk is a crook.", by=author, recommends_all=3)
    await room.talk.save(room.db)
    await room.report(bad, "one")
    ruth, jonas = await at_the_desk("Ruth"), await at_the_desk("Jonas")
    assert (await ruth.decide(bad, "remove")).status_code == 303
    statement = (await room.statements(bad))[0]
    await signed_in(room.db, visitor, author.account_id, kind="top")
    page = await visitor.open(f"/decisions/{statement.id}")
    text = words(page)
    for expected in (
        "was removed",
        FACTS,
        "House rule 3",
        "Found by a reader’s report.",
        "The clerk is a crook.",
        "Courts",
    ):
        assert expected in text, expected
    assert "Ruth" not in text, "an author is told the reasons, not who decided"
    missing = await visitor.submit(f"/decisions/{statement.id}/appeal", {"text": " "})
    assert missing.status_code == 422
    sent = await visitor.submit(f"/decisions/{statement.id}/appeal", {"text": "It was about a boat."})
    assert sent.status_code == 303
    assert "It waits. A moderator who had no part in this reads it." in words(
        await visitor.open(f"/decisions/{statement.id}")
    )
    again = await visitor.submit(f"/decisions/{statement.id}/appeal", {"text": "Once more."})
    assert again.status_code == 409

    queue = await jonas.visitor.open("/desk?queue=appeals")
    appeal = re.search(r"/desk/case/(\w+)\?queue=appeals", queue.text)[1]
    own = await ruth.visitor.open(f"/desk/case/{appeal}")
    assert "somebody else hears the appeal" in words(own)
    assert f'action="/desk/case/{appeal}/decide"' not in own.text
    assert "It was about a boat." in words(await jonas.visitor.open(f"/desk/case/{appeal}"))
    done = await jonas.decide(appeal, "uphold", answer="You were right: it is about a boat.")
    assert done.status_code == 303, words(done)
    row = await room.comment(bad)
    assert (row.state, row.recommends_all) == ("published", 3)
    told = words(await visitor.open(f"/decisions/{statement.id}"))
    assert "Your appeal was upheld. Your comment is where it was" in told
    assert "You were right: it is about a boat." in told and "had no part in the decision" in told

    stranger = await make_person(room.db)
    other = new_visitor()
    await signed_in(room.db, other, stranger.account_id, kind="top")
    assert (await other.open(f"/decisions/{statement.id}")).status_code == 404


async def test_the_page_says_when_the_only_moderator_heard_the_appeal_again(
    room: Newsroom, at_the_desk: Any, visitor: Visitor
) -> None:
    author = await make_person(room.db)
    bad = room.talk.say(by=author)
    await room.talk.save(room.db)
    ruth = await at_the_desk("Ruth")
    await ruth.decide(bad, "remove")
    appeal = await room.appeal(bad)
    early = words(await ruth.visitor.open(f"/desk/case/{appeal}"))
    assert "You may hear the appeal from" in early
    clock.advance(hours=24)
    await signed_in(room.db, ruth.visitor, ruth.account_id, kind="staff")
    assert (await ruth.decide(appeal, "reject", answer="It stays, because it names a person.")).status_code == 303
    await signed_in(room.db, visitor, author.account_id, kind="top")
    told = words(await visitor.open(f"/decisions/{(await room.statements(bad))[0].id}"))
    assert "Your appeal was not upheld." in told
    assert "one moderator, so the same person looked at it again" in told


async def test_a_guest_reads_and_appeals_by_code_and_a_stranger_learns_nothing(
    room: Newsroom, at_the_desk: Any, visitor: Visitor
) -> None:
    bad = room.talk.say("Buy here.", guest_code_hash=guest_code_hash(GUEST_CODE))
    await room.talk.save(room.db)
    ruth = await at_the_desk("Ruth")
    await ruth.decide(bad, "remove")
    statement = (await room.statements(bad))[0]
    asked = await visitor.open(f"/decisions/{statement.id}")
    other = await visitor.open("/decisions/0123456789abcdef")
    assert words(asked) == words(other) and "My code".lower() in words(asked).lower()
    wrong = await visitor.submit("/decisions", {"code": "7k2mp-q9xrt-4bdhw-00000"})
    assert wrong.status_code == 404
    page = await visitor.submit("/decisions", {"code": GUEST_CODE.upper().replace("-", " ")})
    assert page.status_code == 200 and FACTS in words(page)
    form = fields(page, f"/decisions/{statement.id}/appeal")
    empty = await visitor.submit(f"/decisions/{statement.id}/appeal", form | {"text": ""})
    assert empty.status_code == 422
    sent = await visitor.submit(f"/decisions/{statement.id}/appeal", form | {"text": "It was a joke."})
    assert sent.status_code == 200 and "It waits. This paper has one moderator" in words(sent)
    assert GUEST_CODE not in str(sent.url)


async def test_guessing_codes_ends_after_some_tries(visitor: Visitor, room: Newsroom) -> None:
    answers = [(await visitor.submit("/decisions", {"code": f"guess {number}"})).status_code for number in range(31)]
    assert answers == [404] * 30 + [429]

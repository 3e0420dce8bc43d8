"""The pages beside the queue as plain forms: several cases, house rules, staff, notes, looking up, and the way from a comment."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from commentbox.server.accounts.models import Session
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.notices.models import Notice
from tests import noticeboard
from tests.factories import START, make_person
from tests.journeys.desk import Hire, hiring, signed_in
from tests.journeys.quarrel import PLACE
from tests.journeys.reading import fields, words
from tests.newsroom import FACTS, RULE, Newsroom, make_newsroom
from tests.visitor import Visitor


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START + timedelta(hours=2))
    return await make_newsroom(db)


@pytest.fixture
def hire(room: Newsroom, new_visitor: Callable[..., Visitor]) -> Hire:
    return hiring(room, new_visitor)


async def test_the_list_shows_a_text_as_it_reads(room: Newsroom, hire: Hire) -> None:
    html = "<p>The <em>council</em> sat &amp; stood.</p><details><summary>Spoiler</summary><p>It fell.</p></details>"
    room.talk.say("The *council* sat & stood.\n\n>! It fell.", html=html, state="held", hold_rule="links")
    await room.talk.save(room.db)
    queue = words(await (await hire("Ruth")).visitor.open("/desk?queue=held"))
    assert "The council sat & stood." in queue and "It fell." in queue and "*council*" not in queue


async def test_several_cases_are_selected_looked_at_and_decided_with_one_reason(room: Newsroom, hire: Hire) -> None:
    first, second = (room.talk.say(f"Best price {n}.", state="held", hold_rule="links") for n in range(2))
    await room.talk.save(room.db)
    ruth = await hire("Ruth")
    queue = await ruth.visitor.open("/desk?queue=held")
    assert f'name="case" value="{first}"' in queue.text
    looked = await ruth.visitor.submit("/desk/bulk", {"queue": "held", "action": "remove", "case": [first, second]})
    assert "2 cases" in words(looked) and "Best price 1." in words(looked)
    tokens = re.findall(r'name="case" value="([^"]+)"', looked.text)
    form: dict[str, Any] = {"queue": "held", "action": "remove", "case": tokens, "ground": RULE}
    lacking = await ruth.visitor.submit("/desk/bulk/decide", form | {"facts": " "})
    assert lacking.status_code == 422 and "Best price 1." in words(lacking)
    done = await ruth.visitor.submit("/desk/bulk/decide", form | {"facts": FACTS})
    assert words(done).count("Decided.") == 2
    assert [(await room.comment(each)).state for each in (first, second)] == ["removed", "removed"]
    again = await ruth.visitor.submit("/desk/bulk/decide", form | {"facts": FACTS})
    assert words(again).count("changed since") == 2
    assert (await ruth.visitor.submit("/desk/bulk", {"action": "approve"})).status_code == 422


async def test_several_notices_are_refused_at_once_with_one_text_for_all_who_sent_them(
    room: Newsroom, hire: Hire
) -> None:
    said = [room.talk.say(f"The clerk, {number}.") for number in range(2)]
    await room.talk.save(room.db)
    sent = [await noticeboard.send(room.db, each) for each in said]
    ruth = await hire("Ruth")
    assert 'name="case"' in (await ruth.visitor.open("/desk?queue=notices")).text
    looked = await ruth.visitor.submit("/desk/bulk", {"queue": "notices", "action": "approve", "case": said})
    tokens = re.findall(r'name="case" value="([^"]+)"', looked.text)
    assert "To everybody who sent a notice" in words(looked)
    form: dict[str, Any] = {"queue": "notices", "action": "approve", "case": tokens}
    lacking = await ruth.visitor.submit("/desk/bulk/decide", form)
    assert words(lacking).count("needs your reasons") == 2
    done = await ruth.visitor.submit("/desk/bulk/decide", form | {"to_notifier": "It breaks no law."})
    assert words(done).count("Decided.") == 2
    async with room.db.read() as query:
        rows = await query.all(select(Notice.__table__.c.id, Notice.__table__.c.answer))
    assert {row.id: row.answer for row in rows} == {each.id: "It breaks no law." for each in sent}


async def test_an_admin_changes_the_house_rules_and_nobody_else(room: Newsroom, hire: Hire) -> None:
    ada, ruth = await hire("Ada", "admin"), await hire("Ruth")
    assert "/desk/rules/gazette" not in (await ruth.visitor.open("/desk/rules")).text
    form = fields(await ada.visitor.open("/desk/rules"), "/desk/rules/gazette") | {"rules": "kind: Be kind."}
    assert (await ruth.visitor.submit("/desk/rules/gazette", form)).status_code == 404
    saved = await ada.visitor.submit("/desk/rules/gazette", form)
    page = words(await ada.visitor.open(saved.headers["location"]))
    assert "Saved." in page and "Version 2." in page and "Be kind." in page
    stale = await ada.visitor.submit("/desk/rules/gazette", form | {"rules": "kind: Be very kind."})
    assert stale.status_code == 409 and "Be very kind." in stale.text


async def test_staff_are_invited_and_removed_with_a_passkey_used_just_now(room: Newsroom, hire: Hire) -> None:
    ada, ruth = await hire("Ada", "admin"), await hire("Ruth")
    form = {"name": "Tern", "role": "trainee", "of": "gazette"}
    stale = await ada.visitor.submit("/desk/staff/invite", form)
    assert stale.status_code == 403 and "passkey" in words(stale)
    async with begin(room.db) as work:
        await work.q.run(update(Session.__table__).values(fresh_at=work.now))
    invited = await ada.visitor.submit("/desk/staff/invite", form)
    link = re.search(r"/desk/invite/[\w-]+", invited.text)[0]
    assert "trainee" in words(await ada.visitor.open(link))
    assert (await ada.visitor.submit("/desk/staff/invite", form | {"of": ""})).status_code == 404
    assert (await ruth.visitor.submit("/desk/staff/invite", form)).status_code == 404
    gone = {"account": ruth.account_id, "role": "moderator", "of": "gazette"}
    assert (await ada.visitor.submit("/desk/staff/remove", gone)).status_code == 303
    assert (await ruth.visitor.open("/desk")).headers["location"] == "/desk/signin"
    own = await ada.visitor.submit("/desk/staff/remove", gone | {"account": ada.account_id, "role": "admin"})
    assert own.status_code == 409


async def test_a_note_stays_with_the_case_and_a_hand_over_moves_it(room: Newsroom, hire: Hire) -> None:
    held = room.talk.say(state="held", hold_rule="links")
    await room.talk.save(room.db)
    ruth, jonas = await hire("Ruth"), await hire("Jonas")
    note = {"queue": "held", "kind": "note", "text": "Seen this before."}
    assert (await ruth.visitor.submit(f"/desk/case/{held}/note", note)).status_code == 303
    assert "Seen this before." in words(await jonas.visitor.open(f"/desk/case/{held}"))
    over = note | {"kind": "handover", "to": jonas.account_id}
    assert (await ruth.visitor.submit(f"/desk/case/{held}/note", over)).headers["location"] == "/desk?queue=held"
    page = words(await jonas.visitor.open(f"/desk/case/{held}"))
    assert "You hold this case" in page and "Handed to Jonas." in page
    assert "Ruth handed you a case" in words(await jonas.visitor.open("/desk/threads"))
    assert "handed you a case" not in words(await ruth.visitor.open("/desk/threads"))
    assert (await ruth.visitor.submit(f"/desk/case/{held}/note", note | {"text": " "})).status_code == 422


async def test_looking_up_and_keeping_a_view(room: Newsroom, hire: Hire) -> None:
    room.talk.say("The clerk is a crook.")
    ruth = await hire("Ruth")
    room.talk.say("A *crook* of a council.", html="<p>A <em>crook</em> of a council.</p>", state="removed")
    await room.talk.save(room.db)
    found = await ruth.visitor.open("/desk/find?q=Crook")
    assert 'The clerk is a <mark class="cb-hit">crook</mark>.' in found.text
    assert 'A <mark class="cb-hit">crook</mark> of a council.' in found.text
    assert "Nothing found." in words(await ruth.visitor.open("/desk/find?q=lobster"))
    kept = {"queue": "held", "tier": "verified", "name": "Verified, held"}
    assert (await ruth.visitor.submit("/desk/views", kept)).status_code == 303
    page = await ruth.visitor.open("/desk")
    assert 'href="/desk?queue=held&amp;tier=verified">Verified, held' in page.text
    await ruth.visitor.submit("/desk/views/drop", {"name": "Verified, held"})
    assert "Verified, held" not in (await ruth.visitor.open("/desk")).text


async def test_a_case_marks_what_caught_it_and_leads_nowhere(db: Database, hire: Any, room: Newsroom) -> None:
    html = '<p>See <a href="https://shop.example/x" rel="nofollow">https://shop.example/x</a></p>'
    held = room.talk.say("See https://shop.example/x", html=html, state="held", hold_rule="links")
    await room.talk.save(room.db)
    page = await (await hire("Ruth")).visitor.open(f"/desk/case/{held}")
    assert '<mark class="cb-hit">shop.example</mark>' in page.text and "https://shop.example" not in page.text


async def test_staff_find_the_case_behind_a_comment_in_the_frame_and_readers_do_not(
    room: Newsroom, visitor: Visitor, new_visitor: Callable[..., Visitor]
) -> None:
    room.talk.say()
    await room.talk.save(room.db)
    ruth = await room.hire("Ruth", "auditor")
    await signed_in(room.db, visitor, ruth.account_id, kind="top")
    assert "/desk/case/{id}" in (await visitor.fetch("/embed/viewer", params=PLACE)).text
    reader = new_visitor()
    await signed_in(room.db, reader, (await make_person(room.db)).account_id, kind="top")
    assert "/desk/case" not in (await reader.fetch("/embed/viewer", params=PLACE)).text
    assert "/desk/case" not in (await visitor.frame(f"/embed/thread?site=gazette&url={PLACE['url']}")).text

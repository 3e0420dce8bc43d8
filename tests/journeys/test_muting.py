"""Muting a person and a thread: on every route, for this reader alone, and said to whoever it stops."""

import json
import re
from typing import Any

import httpx
import pytest

from commentbox.server.accounts import mutes
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.notifications.choices import choices_of
from tests.factories import Person, make_person
from tests.journeys.quarrel import PLACE, quarrel
from tests.journeys.reader import Reader
from tests.journeys.reading import fields, words
from tests.promises.bad_input import sign_in
from tests.visitor import Visitor

REFUSED = "This person takes no replies or recommendations from you."


class Two:
    """Kestrel, who has muted Sandpiper, and a comment by each."""

    def __init__(self, kestrel: Visitor, sandpiper: Visitor) -> None:
        self.kestrel, self.sandpiper = kestrel, sandpiper
        self.by_kestrel = self.by_sandpiper = self.reply = ""


async def person(db: Database, visitor: Visitor, name: str) -> Person:
    made = await make_person(db, name)
    await sign_in(db, visitor, made.account_id, kind="top")
    return made


async def said(visitor: Visitor, text: str, **more: str) -> str:
    done = await visitor.submit("/comments", PLACE | {"text": text} | more)
    assert done.status_code == 303, done.text
    return done.headers["location"].split("#c-")[1]


async def mute(visitor: Visitor, comment_id: str) -> None:
    done = await visitor.submit("/comments/mute", PLACE | {"comment": comment_id})
    assert (done.status_code, done.headers["location"].split("#")[1]) == (303, f"c-{comment_id}")


async def marks(visitor: Visitor) -> dict[str, Any]:
    layer = await visitor.fetch("/embed/viewer", params=PLACE)
    found = re.search(r'<template id="cb-mine">(.*?)</template>', layer.text)
    assert found
    return dict(json.loads(found[1]))


def item(page: httpx.Response, comment_id: str) -> str:
    """Give what stands around and in one comment, up to its end."""
    before, after = page.text.split(f'id="c-{comment_id}"')
    return before[-400:] + after.split("</article>")[0]


@pytest.fixture
async def two(db: Database, new_visitor) -> Two:
    await quarrel(db)
    made = Two(new_visitor(), new_visitor(address="198.51.100.9"))
    await person(db, made.kestrel, "Kestrel")
    await person(db, made.sandpiper, "Sandpiper")
    made.by_kestrel = await said(made.kestrel, "The tide decides.")
    made.by_sandpiper = await said(made.sandpiper, "No, the pilots do.")
    made.reply = await said(made.sandpiper, "Nonsense.", parent=made.by_kestrel)
    await mute(made.kestrel, made.by_sandpiper)
    return made


async def test_a_muted_persons_comments_are_folded_for_the_muter_alone(two: Two, visitor: Visitor) -> None:
    page = await two.kestrel.open("/thread", params=PLACE)
    assert "A comment from a person you muted is hidden. Show" in words(page)
    assert "cb-fold" in item(page, two.by_sandpiper) and "No, the pilots do." in page.text, "it can be opened"
    assert (await marks(two.kestrel))["muted"] == {two.by_sandpiper: "mine", two.reply: "mine"}
    for other in (two.sandpiper, visitor):
        assert "cb-fold" not in item(await other.open("/thread", params=PLACE), two.by_sandpiper)
    public = await visitor.frame("/embed/thread", params=PLACE)
    assert "No, the pilots do." in public.text and "muted" not in public.text


async def test_a_muted_person_can_neither_answer_nor_recommend_the_muter_on_any_route(two: Two) -> None:
    target = {"text": "Let me answer.", "parent": two.by_kestrel}
    plain = await two.sandpiper.submit("/comments", PLACE | target)
    assert plain.status_code == 403 and REFUSED in words(plain) and "Let me answer." in plain.text
    scripted = await two.sandpiper.submit("/comments", PLACE | target, htmx=True)
    program = await two.sandpiper.fetch(
        "/comments", method="POST", data=PLACE | target, headers={"Accept": "application/json"}
    )
    edit = await two.sandpiper.submit(f"/comments/{two.reply}/edit", PLACE | {"text": "Worse."}, htmx=True)
    vote = await two.sandpiper.submit(f"/comments/{two.by_kestrel}/recommend", PLACE | {"on": "1"}, htmx=True)
    assert {each.status_code for each in (scripted, edit, vote)} == {403}
    assert program.json()["error"]["code"] == "reach.muted"
    assert (await two.sandpiper.submit(f"/comments/{two.reply}/withdraw", PLACE)).status_code == 303


async def test_who_cannot_answer_is_told_before_typing(two: Two) -> None:
    page = await two.sandpiper.open("/thread", params=PLACE)
    assert "This person takes no replies from you" in item(page, two.by_kestrel)
    assert "data-reply" not in item(page, two.by_kestrel)
    form = await two.sandpiper.open("/thread", params=PLACE | {"comment": two.by_kestrel, "write": "reply"})
    assert "This person takes no replies from you" in words(form) and 'name="text"' not in form.text
    assert (await marks(two.sandpiper))["muted"] == {two.by_kestrel: "theirs"}
    layer = await two.sandpiper.fetch("/embed/viewer", params=PLACE)
    assert '<template id="cb-muted-theirs">' in layer.text and "cb-fold" not in layer.text


async def test_neither_answers_the_other_and_earlier_answers_are_folded_for_both(two: Two) -> None:
    answer = await two.kestrel.submit("/comments", PLACE | {"text": "And you.", "parent": two.by_sandpiper})
    assert answer.status_code == 403 and "You muted this person, so neither of you answers" in words(answer)
    await two.kestrel.submit("/account/unmute", {"target": await muted_id(two.kestrel)})
    reply = await said(two.kestrel, "And you.", parent=two.by_sandpiper)
    await mute(two.kestrel, two.by_sandpiper)
    assert (await marks(two.sandpiper))["muted"] == {two.by_kestrel: "theirs", reply: "reply"}
    page = await two.sandpiper.open("/thread", params=PLACE)
    assert "A reply to you is hidden, because this person muted you. Show" in words(page)


async def muted_id(visitor: Visitor) -> str:
    page = await visitor.open("/account")
    found = re.search(r'name="target" value="(\w+)"', page.text)
    assert found
    return found[1]


async def test_the_account_page_lists_whom_one_muted_and_lets_them_be_heard_again(two: Two) -> None:
    page = await two.kestrel.open("/account")
    assert "Sandpiper since" in words(page)
    done = await two.kestrel.submit("/account/unmute", {"target": await muted_id(two.kestrel)})
    assert done.headers["location"].startswith("/account?saved=unmuted")
    assert (await marks(two.kestrel))["muted"] == {}
    again = await two.kestrel.submit("/account/unmute", {"target": "0123456789abcdef"})
    assert again.status_code == 404
    await said(two.sandpiper, "Thank you.", parent=two.by_kestrel)


async def test_somebody_can_be_muted_by_name(db: Database, new_visitor) -> None:
    visitor, other = new_visitor(), new_visitor(address="198.51.100.9")
    await Reader(visitor, "Dunlin").sign_up()
    await Reader(other, "Kestrel").sign_up()
    form = fields(await visitor.open("/account"), "/account/mute")
    done = await visitor.submit("/account/mute", form | {"name": "kestrel"})
    assert done.status_code == 303 and "Kestrel since" in words(await visitor.open("/account"))
    unknown = await visitor.submit("/account/mute", {"name": "No One Here"})
    assert unknown.status_code == 404 and 'value="No One Here"' in unknown.text
    oneself = await visitor.submit("/account/mute", {"name": "Dunlin"})
    assert oneself.status_code == 422 and "This is you." in words(oneself)


async def test_only_who_has_an_account_can_be_muted_and_only_by_somebody_signed_in(
    db: Database, new_visitor, visitor: Visitor
) -> None:
    _, told = await quarrel(db)
    assert (await visitor.submit("/comments/mute", PLACE | {"comment": told["port"]}, htmx=True)).status_code == 401
    await Reader(visitor).sign_up()
    assert (await visitor.submit("/comments/mute", PLACE | {"comment": told["school"]}, htmx=True)).status_code == 409
    assert (await visitor.submit("/comments/mute", PLACE | {"comment": told["insult"]}, htmx=True)).status_code == 404
    page = await visitor.frame("/embed/thread", params=PLACE)
    assert f'name="comment" value="{told["port"]}"' in page.text and f'value="{told["school"]}"' not in page.text
    done = await visitor.submit("/comments/mute", PLACE | {"comment": told["port"]}, htmx=True)
    assert done.status_code == 204 and json.loads(done.headers["hx-trigger"]) == {"cb:muted": {}}


async def test_muted_people_and_threads_are_no_news(db: Database, two: Two) -> None:
    kestrel, sandpiper = await make_person(db, "Plover"), await make_person(db, "Dunlin")
    thread = "0123456789abcdef"

    async def is_quiet(by: str | None) -> bool:
        async with db.read() as query:
            (choices,) = (await choices_of(query, [kestrel.account_id])).values()
        return not choices.muted.isdisjoint({by, thread})

    assert not await is_quiet(sandpiper.account_id) and not await is_quiet(None)
    async with begin(db, actor=kestrel.account_id) as work:
        await mutes.mute_person(work, kestrel.account_id, sandpiper.account_id)
    assert await is_quiet(sandpiper.account_id) and not await is_quiet(None)
    async with begin(db, actor=kestrel.account_id) as work:
        await mutes.mute_thread(work, kestrel.account_id, thread)
    assert await is_quiet(None)


async def test_a_reader_asks_for_no_news_from_a_thread_and_takes_it_back(two: Two) -> None:
    page = await two.kestrel.open("/thread", params=PLACE)
    assert "No news from this thread" in words(page)
    done = await two.kestrel.submit("/embed/quiet", PLACE | {"on": "1"})
    assert done.status_code == 303 and done.headers["location"].startswith("/thread?site=gazette")
    assert "You get no news from this thread. Hear from it again" in words(
        await two.kestrel.open("/thread", params=PLACE)
    )
    assert "No news from Close the inner quay?" in words(await two.kestrel.open("/account"))
    await two.kestrel.submit("/embed/quiet", PLACE | {"on": "0"})
    assert "Hear from it again" not in words(await two.kestrel.open("/thread", params=PLACE))


async def test_a_session_of_one_paper_mutes_nobody_on_another(db: Database, two: Two, new_visitor) -> None:
    guest = new_visitor(address="192.0.2.3")
    await sign_in(db, guest, (await make_person(db, "Dunlin")).account_id, kind="frame", site_id="0" * 16)
    assert (await guest.submit("/comments/mute", PLACE | {"comment": two.by_kestrel}, htmx=True)).status_code == 401
    assert (await guest.submit("/embed/quiet", PLACE | {"on": "1"}, htmx=True)).status_code == 401

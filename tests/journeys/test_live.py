"""An open page: it hears of a comment, fetches it, sees it change and go; and asks instead where no stream comes through."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from commentbox.server.app import create_app
from commentbox.server.base import journal
from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings
from commentbox.server.live import following
from tests.conftest import running_app
from tests.counting import statements
from tests.factories import ARTICLE, PAPER, Person, make_person
from tests.journeys.reading import words
from tests.newsroom import Newsroom, make_newsroom
from tests.promises.bad_input import sign_in
from tests.streams import Listener
from tests.valkey import Valkey
from tests.visitor import Visitor

PLACE = {"site": "gazette", "url": ARTICLE}


@pytest.fixture
async def room(db: Database) -> Newsroom:
    return await make_newsroom(db)


@pytest.fixture
async def kestrel(db: Database, room: Newsroom, visitor: Visitor) -> Person:
    """Somebody signed in, who writes."""
    person = await make_person(db, "Kestrel")
    await sign_in(db, visitor, person.account_id)
    return person


async def seal(app: Any) -> None:
    await journal.seal(app.instance.db)
    await app.instance.live.look()


async def write(visitor: Visitor, text: str, **more: str) -> str:
    """Post a comment and give its id."""
    answer = await visitor.submit("/comments", {**PLACE, "text": text, **more}, htmx=True)
    return str(re.search(r'"id": "(\w+)"', answer.headers["hx-trigger"])[1])  # type: ignore[index]


async def test_a_page_that_is_open_hears_of_a_comment_its_reply_its_edit_and_its_removal(
    app: Any, visitor: Visitor, room: Newsroom, kestrel: Person
) -> None:
    ruth = await room.hire("Ruth")
    first = await write(visitor, "The quay was there first.")
    await seal(app)
    async with Listener(app, **PLACE) as page:
        assert await page.next() == {"kind": "at", "total": 1, "verified": 0, "readers": None}
        answer = await write(visitor, "And the gulls before it.", parent=first)
        await seal(app)
        news = {"tier": "unverified", "verified": 0}
        assert await page.next() == {"kind": "posted", "id": answer, "total": 2, **news}
        piece = await visitor.fetch("/embed/fresh", params=PLACE | {"ids": answer})
        assert f'<li data-under="{first}">' in piece.text and "And the gulls before it." in words(piece)
        assert "2 comments · 0 from verified people" in words(piece)
        await visitor.submit(f"/comments/{answer}/edit", {**PLACE, "text": "And the herons."})
        await seal(app)
        assert await page.next() == {"kind": "edited", "id": answer, "total": 2, **news}
        assert "And the herons." in (await visitor.fetch("/embed/fresh", params=PLACE | {"ids": answer})).text
        for comment, left in ((first, "A comment was removed by a moderator."), (answer, None)):
            await room.decide(ruth, comment, "remove")
            await seal(app)
            assert (await page.next())["kind"] == "removed"
            piece = await visitor.fetch("/embed/fresh", params=PLACE | {"ids": comment})
            assert (f"c-{comment}" in piece.text) == bool(left) and (left or "0 comments") in words(piece)


async def test_a_page_comes_back_with_what_it_had_heard_by_header_or_address(
    app: Any, visitor: Visitor, room: Newsroom, kestrel: Person
) -> None:
    await write(visitor, "One.")
    await seal(app)
    async with Listener(app, **PLACE) as page:
        await page.next()
        reached = page.position
    missed = await write(visitor, "Two.")
    await seal(app)
    async with Listener(app, after=reached, **PLACE) as back, Listener(app, **PLACE, since=str(reached)) as again:
        assert (await back.next())["id"] == (await again.next())["id"] == missed
    polled = (await visitor.fetch("/embed/news", params=PLACE | {"since": str(reached)})).json()
    assert [each["id"] for each in polled["events"]] == [missed] and polled["position"] == back.position


async def test_who_asks_instead_hears_the_same_and_shares_the_answer_for_five_seconds(
    app: Any, visitor: Visitor, room: Newsroom, kestrel: Person
) -> None:
    first = await write(visitor, "One.")
    await seal(app)
    answer = await visitor.fetch("/embed/news", params=PLACE)
    assert answer.headers["cache-control"] == "public, max-age=5"
    assert answer.json()["events"] == [{"kind": "at", "total": 1, "verified": 0}]
    reached = answer.json()["position"]
    assert (await visitor.fetch("/embed/news", params=PLACE | {"since": reached})).json()["events"] == []
    await visitor.submit(f"/comments/{first}/withdraw", PLACE)
    await seal(app)
    polled = (await visitor.fetch("/embed/news", params=PLACE | {"since": reached})).json()
    assert [(each["kind"], each["id"]) for each in polled["events"]] == [("withdrawn", first)]


async def test_an_article_nobody_commented_on_has_no_stream_yet_and_is_asked_about(
    app: Any, visitor: Visitor, room: Newsroom
) -> None:
    quiet = {"site": "gazette", "url": f"{PAPER}/quiet"}
    async with Listener(app, **quiet) as page:
        await page.ended()
        assert page.status == 204
    polled = (await visitor.fetch("/embed/news", params=quiet)).json()
    assert polled == {"position": 0, "readers": None, "events": [{"kind": "at", "total": 0, "verified": 0}]}
    empty = await visitor.fetch("/embed/fresh", params=quiet | {"ids": ""})
    assert empty.status_code == 200 and 'data-total="0"' in empty.text


async def test_a_comment_of_another_thread_is_not_given_here(db: Database, visitor: Visitor, room: Newsroom) -> None:
    other = room.talk.say("Elsewhere.")
    await room.talk.save(db)
    piece = await visitor.fetch("/embed/fresh", params={"site": "gazette", "url": f"{PAPER}/quiet", "ids": other})
    assert "Elsewhere." not in piece.text


async def test_too_many_streams_are_refused_in_words_and_with_a_status(
    app: Any, visitor: Visitor, room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PER_ADDRESS", 1)
    async with Listener(app, **PLACE), Listener(app, **PLACE, address="198.51.100.1"):
        refused = await visitor.fetch("/embed/stream", params=PLACE, headers={"Accept": "application/json"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "live.too_many")
        app.instance.live._most = 2
        monkeypatch.setattr(following, "PER_ADDRESS", 9)
        refused = await visitor.fetch("/embed/stream", params=PLACE)
        assert refused.status_code == 503 and "asks every few seconds instead" in words(refused)
    assert len(app.instance.live) == 0, "a page that is closed leaves no stream behind"


async def test_a_server_that_stops_ends_its_streams(app: Any, room: Newsroom) -> None:
    async with Listener(app, **PLACE) as page:
        await page.next()
        app.instance.live.close_all()
        await page.ended()
    assert len(app.instance.live) == 0


async def test_pages_that_stream_and_pages_that_ask_are_counted_as_readers(
    app: Any, room: Newsroom, new_visitor: Callable[..., Visitor]
) -> None:
    answers: list[httpx.Response] = []
    async with Listener(app, **PLACE), Listener(app, **PLACE):
        for number in (1, 1, 2):
            asking = new_visitor(address=f"198.51.100.{number}")
            answers.append(await asking.fetch("/embed/news", params=PLACE | {"since": str(len(answers))}))
        async with Listener(app, **PLACE) as page:
            assert (await page.next())["readers"] == 5
    assert [answer.json()["readers"] for answer in answers] == [None, 3, 3]


async def test_posting_asks_the_database_no_more_while_somebody_listens(
    app: Any, visitor: Visitor, room: Newsroom, kestrel: Person
) -> None:
    await write(visitor, "To warm up.")
    with statements(app.instance.db) as alone:
        await write(visitor, "While nobody listens.")
    async with Listener(app, **PLACE) as page:
        await page.next()
        with statements(app.instance.db) as heard:
            await write(visitor, "While somebody does.")
        assert alone and len(heard) == len(alone)


async def test_the_page_says_where_to_listen_and_loads_nothing_for_it_yet(visitor: Visitor, room: Newsroom) -> None:
    page = await visitor.frame("/embed/thread", params=PLACE | {"lang": "pl", "show": "fold"})
    assert not re.search(r'(src|href)="[^"]*(live|news)\.js', page.text)
    spot = re.search(r'<div class="cb-livebar" id="cb-live"[^>]*>', page.text)
    assert spot and "show=fold" in spot[0] and "Pokaż {n} nowe komentarze" in spot[0]
    for script in re.findall(r'data-(?:live|news)="(/static/[^"]+)"', spot[0]):
        assert (await visitor.fetch(script)).status_code == 200


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("carrier", ["notify", "valkey"])
async def test_what_is_posted_in_one_process_is_heard_in_another(
    settings: Settings, db: Database, room: Newsroom, valkey: Valkey, carrier: str
) -> None:
    person = await make_person(db, "Kestrel")
    settings = settings.model_copy(update={"bus_url": valkey.url if carrier == "valkey" else ""})
    one, other = create_app(settings), create_app(settings)
    async with running_app(one), running_app(other), Listener(other, **PLACE) as page:
        await page.next()
        visitor = Visitor(one, settings.origin)
        await sign_in(db, visitor, person.account_id)
        comment = await write(visitor, "Said elsewhere.")
        assert (await page.next())["id"] == comment
        await visitor.close()

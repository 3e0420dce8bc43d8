"""Whom somebody does not hear from makes no bell ring, no number move and no mail go out; what was erased leaves nothing.

PRODUCT.md: "Notifications, digests, feeds and live updates respect the same choices."
"""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import select

from commentbox.server import wiring
from commentbox.server.base import clock, jobs
from commentbox.server.base.db import Database
from commentbox.server.base.models import Job, Journal
from commentbox.server.base.settings import Settings
from commentbox.server.base.work import begin
from commentbox.server.comments import actions
from commentbox.server.notifications import choices, mailing
from commentbox.server.notifications.choices import Wish
from commentbox.server.notifications.models import Notification
from tests.factories import START, Person, make_person
from tests.hearing import Square, make_square
from tests.journeys.quarrel import PLACE
from tests.journeys.reading import words
from tests.postoffice import PostOffice, open_office
from tests.promises.bad_input import sign_in
from tests.visitor import Visitor

HEARS = {
    "everyone": ({"verified", "plain", "guest"}, {"verified", "plain", "guest"}),
    "fold": ({"verified", "plain", "guest"}, {"verified"}),
    "verified": ({"verified"}, {"verified"}),
}
"""Choice -> whose replies ring, whose replies are mailed."""
NEVER = ("held words", "withdrawn words", "removed words", "own words")


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with open_office() as office:
        yield office


@pytest.fixture
def settings(settings: Settings, office: PostOffice) -> Settings:
    return settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{office.port}"})


@pytest.fixture
async def square(db: Database, app: Any) -> Square:
    clock.set(START)
    return await make_square(db)


async def reader_of(db: Database, show: str) -> Person:
    """Make somebody who hears from whom they chose, and wants everything by mail."""
    address = f"{show}@harbour.example"
    reader = await make_person(db, f"Reader of {show}", show=show, email=address, email_confirmed_at=START)
    async with begin(db) as work:
        await choices.choose_mail(work, reader.account_id, Wish("hourly"))
        await mailing.plan(work, [reader.account_id], digest_hour=6)
    return reader


async def everything(square: Square, reader: Person) -> None:
    """Let everybody answer a reader, in every state a comment may be in."""
    verified, plain = await make_person(square.db, kind="name"), await make_person(square.db)
    top = await square.say("The outer berth was costed twice.", reader)
    for who, person in (("verified", verified), ("plain", plain), ("guest", None)):
        await square.say(f"{who} words", person, under=top)
    await square.say("held words", verified, under=top, held=True)
    await square.say("own words", reader, under=top)
    withdrawn = await square.say("withdrawn words", verified, under=top)
    removed = await square.say("removed words", verified, under=top)
    await square.hear()
    await square.change(actions.withdraw, withdrawn)
    await square.change(actions.remove, removed, rule="6-no-adverts")


@pytest.mark.parametrize("show", HEARS)
async def test_only_who_is_heard_from_rings_counts_and_is_mailed(
    square: Square, office: PostOffice, app: Any, new_visitor: Callable[..., Visitor], show: str
) -> None:
    reader, visitor = await reader_of(square.db, show), new_visitor()
    await everything(square, reader)
    await sign_in(square.db, visitor, reader.account_id)
    ringing, mailed = HEARS[show]
    for _ in range(2):  # before the journal's follower has heard of what was taken away, and after
        layer = words(await visitor.fetch("/embed/viewer", params=PLACE))
        assert f"News for me {len(ringing)} new" in layer
        for path in ("/embed/bell", "/account"):
            page = words(await visitor.open(path) if path == "/account" else await visitor.fetch(path, params=PLACE))
            assert page.count("replied to you") == len(ringing), path
        await square.hear()
    clock.advance(hours=1)
    instance = app.app.state.instance
    await jobs.run_due(instance.db, wiring.workers(instance))
    assert len(office.letters) == 1
    for body in (office.text(), office.html()):
        assert {who for who in ("verified", "plain", "guest") if f"{who} words" in body} == mailed
        assert not [each for each in NEVER if each in body]


async def test_what_was_erased_leaves_no_news_and_no_words_of_its_own_anywhere(square: Square) -> None:
    reader = await reader_of(square.db, "everyone")
    other = await make_person(square.db, "Ines Halloran", kind="name")
    top = await square.say("The outer berth was costed twice.", reader)
    reply = await square.say("erased words", other, under=top)
    await square.hear()
    await square.change(actions.withdraw, reply)
    await square.hear()
    async with square.db.read() as query:
        tables = (Notification.__table__, Job.__table__, Journal.__table__)  # type: ignore[attr-defined]
        notifications, *kept = [str(await query.all(select(table))) for table in tables]
    assert notifications == "[]"
    assert not [each for each in ("erased words", "Ines", "@harbour") if each in str(kept)]

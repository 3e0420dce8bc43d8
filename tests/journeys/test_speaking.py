"""Languages on the way: what a paper asked for, or speaks itself, leads through the frame, its answers and our windows."""

import html
import re

import httpx
import pytest
from sqlalchemy import update

from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.notifications import letters
from commentbox.server.notifications.mail import LogMailer
from commentbox.server.sites.models import Site
from tests.factories import START, make_person
from tests.journeys.quarrel import PLACE, quarrel
from tests.journeys.reader import Reader
from tests.journeys.reading import fields, words
from tests.newsroom import make_newsroom
from tests.visitor import Visitor

ENGLISH = {"Accept-Language": "en-US,en;q=0.9"}
"""The browser's own language, which a paper's comments do not follow."""


async def speak(db: Database, lang: str) -> None:
    async with begin(db) as work:
        await work.q.run(update(Site.__table__).values(lang=lang))


def spoken(page: httpx.Response) -> tuple[str, str]:
    """Give language and direction of a page."""
    found = re.search(r'<html lang="([^"]+)" dir="([^"]+)"', page.text)
    assert found, page.text[:200]
    return found[1], found[2]


def link(page: httpx.Response, path: str) -> str:
    found = re.search(rf'(?:href|data-signin)="({re.escape(path)}\?[^"]*)"', page.text)
    assert found, path
    return html.unescape(found[1])


@pytest.mark.parametrize(("asked", "site", "said"), [("ar", "en", "ar"), ("", "ar", "ar"), ("", "de-AT", "de-AT")])
async def test_frame_and_window_speak_as_asked_else_as_the_site(
    db: Database, visitor: Visitor, asked: str, site: str, said: str
) -> None:
    await quarrel(db)
    await speak(db, site)
    place = PLACE | ({"lang": asked} if asked else {})
    for page in (
        await visitor.frame("/embed/thread", params=place, headers=ENGLISH),
        await visitor.open("/thread", params=place, headers=ENGLISH),
    ):
        assert spoken(page) == (said, "rtl" if said == "ar" else "ltr")


async def test_own_windows_keep_the_language_of_the_thread_they_were_opened_from(
    db: Database, visitor: Visitor
) -> None:
    await quarrel(db)
    await speak(db, "ar")
    thread = await visitor.open("/thread", params=PLACE, headers=ENGLISH)
    for path in ("/signin", "/signup", "/verification", "/choices", "/report"):
        assert spoken(await visitor.open(link(thread, path), headers=ENGLISH)) == ("ar", "rtl")
    await Reader(visitor).sign_up()
    page = await visitor.open(link(await visitor.open("/thread", params=PLACE), "/account"), headers=ENGLISH)
    assert spoken(page) == ("ar", "rtl")
    form = fields(page, "/account/choices") | {"reach": "verified", "show": "fold"}
    saved = await visitor.submit("/account/choices", form, headers=ENGLISH)
    assert spoken(await visitor.open(saved.headers["location"], headers=ENGLISH)) == ("ar", "rtl")


async def test_the_author_is_told_of_a_decision_in_the_language_of_the_paper(db: Database) -> None:
    room, mailer = await make_newsroom(db), LogMailer()
    await speak(db, "pl")
    author = await make_person(db, "Tidewatcher", email="tide@news.example", email_confirmed_at=START)
    comment_id = room.talk.say("You fool.", by=author)
    await room.talk.save(db)
    decided = await room.decide(await room.hire("Ruth"), comment_id, "remove")
    await letters.tell_author(db, mailer, decided.id, origin="https://comments.example")
    assert mailer.sent[0].subject == "Decyzja o Twoim komentarzu"
    assert "https://comments.example/decisions/" in mailer.sent[0].text


async def test_a_refusal_is_said_in_the_language_of_the_thread(db: Database, visitor: Visitor) -> None:
    await quarrel(db)
    await speak(db, "de")
    await Reader(visitor).sign_up()
    thread = await visitor.open("/thread", params=PLACE, headers=ENGLISH)
    form = fields(thread, "/comments") | {"text": "zu lang " * 1000}
    for htmx in (False, True):
        refused = await visitor.submit("/comments", form, htmx=htmx, headers=ENGLISH)
        assert refused.status_code == 413
        assert "Ihr Text bleibt erhalten" in words(refused) and "5.000" in words(refused)

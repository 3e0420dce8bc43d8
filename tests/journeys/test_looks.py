"""A site's look: tried on, saved, gone back to at the desk; asked for by the tag; refused where nobody could read it."""

import html
import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from commentbox.server.base.db import Database, table_of
from commentbox.server.base.models import Journal
from commentbox.server.sites import actions as sites
from tests.journeys.desk import Hire, hiring
from tests.journeys.quarrel import PLACE
from tests.journeys.reading import fields, words
from tests.newsroom import Newsroom, make_newsroom
from tests.visitor import Visitor

DESK = "/desk/look/gazette"
GREEN = {"theme": "broadsheet", "accent": "#0a5c36", "radius": "3"}


@pytest.fixture
async def room(db: Database) -> Newsroom:
    return await make_newsroom(db)


@pytest.fixture
def hire(room: Newsroom, new_visitor: Callable[..., Visitor]) -> Hire:
    return hiring(room, new_visitor)


def sheet_of(page: str) -> str:
    """Give the address of the look's style sheet on a page."""
    found = re.search(r'href="(/static/look\.css[^"]*)"', page)
    assert found
    return html.unescape(found[1])


async def test_an_admin_gives_the_site_a_look_and_goes_back(room: Newsroom, hire: Hire, visitor: Visitor) -> None:
    ada, ruth = await hire("Ada", "admin"), await hire("Ruth")
    form = fields(await ada.visitor.open(DESK), DESK) | GREEN
    assert (await ruth.visitor.submit(DESK, form)).status_code == 404
    assert (await ada.visitor.submit(DESK, form)).status_code == 303
    stale = await ada.visitor.submit(DESK, form | {"radius": "4"})
    assert stale.status_code == 409 and 'value="4"' in stale.text and "Somebody changed the look" in words(stale)
    for page in ("/embed/thread", "/thread"):
        shown = await visitor.open(page, params=PLACE)
        assert "broadsheet.theme.css" in shown.text and "style=" not in shown.text
    sheet = await visitor.fetch(sheet_of(shown.text))
    assert "--cb-accent:light-dark(#0a5c36" in sheet.text and "immutable" in sheet.headers["cache-control"]
    assert "/static/look.css" in (await visitor.open("/signin?site=gazette")).text
    told = words(await ada.visitor.open(DESK))
    assert "Earlier versions" in told and "broadsheet accent=0a5c36 radius=3" in told
    back = await ada.visitor.submit(f"{DESK}/back", {"to": "0", "version": "1"})
    assert back.status_code == 303
    assert (await ada.visitor.submit(f"{DESK}/back", {"to": "9", "version": "2"})).status_code == 404
    async with room.db.read() as query:
        assert (await sites.by_id(query, room.talk.site_id)).policy == {"look_version": 2}
        journal = table_of(Journal).c
        kinds = await query.all(select(journal.actor_id).where(journal.kind == "site.look_changed"))
    assert [row.actor_id for row in kinds] == [ada.account_id] * 2


async def test_a_look_is_tried_on_before_it_is_saved_with_or_without_a_script(hire: Hire) -> None:
    ruth = await hire("Ruth")
    page = await ruth.visitor.open(DESK, params=GREEN | {"version": "0"})
    assert 'value="#0a5c36"' in page.text and "frame-src 'self'" in page.headers["content-security-policy"]
    frame = html.unescape(re.search(r'id="look-frame" src="([^"]+)"', page.text)[1])  # type: ignore[index]
    tried = await ruth.visitor.open(frame)
    assert tried.status_code == 200 and "0a5c36" in sheet_of(tried.text)
    pale = await ruth.visitor.open(DESK, params=GREEN | {"accent": "ff5500"})
    assert pale.status_code == 200 and "accent / paper (light): the contrast is 3.02 to 1" in words(pale)
    assert (await ruth.visitor.open(DESK, params={"theme": "plain", "radius": "99"})).status_code == 200


async def test_nobody_saves_what_readers_could_not_read(hire: Hire) -> None:
    ada = await hire("Ada", "admin")
    refused = await ada.visitor.submit(DESK, GREEN | {"accent": "ff5500", "version": "0"})
    assert refused.status_code == 422 and 'value="ff5500"' in refused.text and "3.02 to 1" in words(refused)
    answer = await ada.visitor.submit(
        DESK, GREEN | {"accent": "red", "version": "0"}, headers={"Accept": "application/json"}
    )
    assert answer.json()["error"]["code"] == "look.token"


async def test_a_tag_asks_for_a_look_and_a_mistake_in_it_is_named(room: Newsroom, visitor: Visitor) -> None:
    page = await visitor.frame("/embed/thread", params=PLACE | {"theme": "radius=0 plain-dark accent-dark=#9fe"})
    assert 'data-theme="dark"' in page.text and "accent-dark=99ffee" in html.unescape(page.text)
    assert "plain.theme.css" in page.text
    assert "#99ffee" in (await visitor.fetch(sheet_of(page.text))).text
    for theme, code in (("plain accent=ddd", "look.contrast"), ("plain colour=red", "look.token")):
        refused = await visitor.frame("/embed/thread", params=PLACE | {"theme": theme})
        assert refused.status_code == 422 and f'data-code="{code}"' in refused.text
    assert (await visitor.fetch("/static/look.css?look=radius%3D99")).status_code == 422

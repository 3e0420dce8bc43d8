"""Whom a reader hears from, kept on the account: on every device, with and without scripts; a link's own choice wins."""

import json
import re

from commentbox.server.base.db import Database
from tests.journeys.quarrel import PLACE, quarrel
from tests.journeys.reader import Reader
from tests.journeys.reading import fields, words
from tests.visitor import Visitor


async def marks(visitor: Visitor) -> dict[str, object]:
    layer = await visitor.fetch("/embed/viewer", params=PLACE)
    found = re.search(r'<template id="cb-mine">(.*?)</template>', layer.text)
    assert found
    return dict(json.loads(found[1]))


async def test_the_page_without_scripts_shows_what_the_account_chose_on_another_device(
    db: Database, new_visitor
) -> None:
    _, said = await quarrel(db)
    desktop = new_visitor()
    reader = Reader(desktop)
    await reader.sign_up()
    assert (await desktop.fetch("/embed/show", method="POST", data={"show": "verified"})).status_code == 204
    page = await desktop.open("/thread", params=PLACE)
    assert "Ask the schools." not in page.text and "3 comments from unverified" not in words(page)
    assert 'data-show="verified"' in page.text and "hidden. Show" in words(page)
    linked = await desktop.open("/thread", params=PLACE | {"show": "everyone"})
    assert "Ask the schools." in linked.text, "an explicit choice in the link wins for that view"
    stranger = await new_visitor().open("/thread", params=PLACE)
    assert "Ask the schools." in stranger.text and "data-show" not in stranger.text
    assert said["school"] in stranger.text


async def test_the_private_layer_tells_the_frame_what_the_account_chose(db: Database, visitor: Visitor) -> None:
    await quarrel(db)
    assert (await marks(visitor))["show"] is None
    await Reader(visitor).sign_up()
    assert (await marks(visitor))["show"] is None, "nothing is chosen for anybody"
    await visitor.submit("/account/choices", {"show": "fold"})
    assert (await marks(visitor))["show"] == "fold"


async def test_the_choice_is_offered_once_after_sign_up_and_everyone_comes_first(
    db: Database, visitor: Visitor
) -> None:
    await quarrel(db)
    await Reader(visitor).sign_up()
    page = await visitor.open("/welcome?site=gazette&next=/thread")
    assert "Everyone can be heard until you choose otherwise." in words(page)
    form = fields(page, "/account/choices")
    assert re.search(r'value="everyone" checked', page.text) and form["next"] == "/thread"
    saved = await visitor.submit("/account/choices", form | {"show": "fold"})
    assert (saved.status_code, saved.headers["location"]) == (303, "/thread")
    assert (await marks(visitor))["show"] == "fold"


async def test_saving_one_choice_leaves_the_other_as_it_was(db: Database, visitor: Visitor) -> None:
    await quarrel(db)
    await Reader(visitor).sign_up()
    await visitor.submit("/account/choices", {"reach": "verified"})
    await visitor.submit("/account/choices", {"show": "fold"})
    page = await visitor.open("/account")
    assert re.search(r'name="reach" value="verified" checked', page.text)
    assert re.search(r'name="show" value="fold" checked', page.text)
    unknown = await visitor.submit("/account/choices", {"show": "nobody"})
    assert unknown.status_code == 422 and "no such choice" in words(unknown)


async def test_nobody_keeps_a_choice_on_an_account_they_are_not_signed_in_to(db: Database, visitor: Visitor) -> None:
    await quarrel(db)
    assert (await visitor.fetch("/embed/show", method="POST", data={"show": "fold"})).status_code == 401
    await Reader(visitor).sign_up()
    foul = await visitor.submit("/embed/show", {"show": "fold"}, origin="http://news.localhost:8001")
    assert foul.status_code == 403 and (await marks(visitor))["show"] is None

"""A nudge before posting as a reader meets it: the words, the text kept, and a second button; with a script and without."""

import re

import pytest

from commentbox.server.base.db import Database
from commentbox.server.comments.models import Comment
from tests.factories import how_many, make_person, make_talk
from tests.journeys.quarrel import PLACE
from tests.journeys.reading import fields, words
from tests.promises.bad_input import sign_in
from tests.visitor import Visitor

LISTS = [
    {"name": "Calm", "effect": "nudge", "entries": ["stupid*"]},
    {"name": "Never", "effect": "block", "entries": ["vermin"]},
]


@pytest.fixture
async def reader(db: Database, visitor: Visitor) -> Visitor:
    await (await make_talk(db, word_lists=LISTS)).save(db)
    await sign_in(db, visitor, (await make_person(db, "Kestrel")).account_id)
    return visitor


async def test_without_a_script_the_form_comes_back_with_the_text_and_a_second_button(db, reader: Visitor) -> None:
    page = await reader.submit("/comments", PLACE | {"text": "A <stupid> plan"})
    assert page.status_code == 409 and await how_many(db, Comment) == 0
    assert "“stupid” may land harder than you mean." in words(page) and "Not posted yet." in words(page)
    assert "A &lt;stupid&gt; plan</textarea>" in page.text
    assert re.search(r'<button[^>]*name="anyway" value="1">Post it as it is</button>', page.text)
    form = fields(page, "/comments")
    assert form["nudged"] == "1"
    posted = await reader.submit("/comments", form | {"text": "A <stupid> plan", "anyway": "1"})
    assert posted.status_code == 303 and await how_many(db, Comment) == 1


async def test_with_a_script_the_same_button_stands_in_the_form_that_was_sent(db, reader: Visitor) -> None:
    answer = await reader.submit("/comments", PLACE | {"text": "Stupid plan", "key": "k1", "lang": "de"}, htmx=True)
    assert answer.status_code == 409 and 'data-code="comment.nudge"' in answer.text and "<html" not in answer.text
    assert "„Stupid“" in answer.text or "Stupid" in answer.text
    assert 'name="nudged" value="1"' in answer.text and 'name="anyway" value="1"' in answer.text
    form = PLACE | {"text": "Stupid plan", "key": "k1", "nudged": "1", "anyway": "1"}
    for _ in range(2):
        assert (await reader.submit("/comments", form, htmx=True)).status_code == 200
    assert await how_many(db, Comment) == 1


async def test_a_word_that_is_never_published_is_named_and_there_is_no_second_button(db, reader: Visitor) -> None:
    page = await reader.submit("/comments", PLACE | {"text": "They are v3rmin", "anyway": "1"})
    assert page.status_code == 422 and "does not publish “v3rmin”" in words(page)
    assert 'name="anyway"' not in page.text and "They are v3rmin</textarea>" in page.text
    answer = await reader.fetch(
        "/comments", method="POST", data=PLACE | {"text": "stupid"}, headers={"Accept": "application/json"}
    )
    assert answer.json()["error"]["data"] == {"words": ["stupid"]}

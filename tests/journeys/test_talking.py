"""Finding one's way in a talk: searching in a thread, in the frame and in a window, without a script."""

import html
import re

from commentbox.server.base.db import Database
from tests.factories import make_person, make_talk
from tests.journeys.quarrel import PLACE, quarrel
from tests.journeys.reading import words
from tests.visitor import Visitor


async def test_a_search_shows_the_words_marked_and_leads_to_the_place(db: Database, visitor: Visitor) -> None:
    _, said = await quarrel(db)
    for path in ("/embed/thread", "/thread"):
        page = await visitor.open(path, params=PLACE | {"q": "PILOT boat"})
        assert "1 comment has these words." in words(page)
        assert "I ran the <mark>pilot</mark> <mark>boats</mark>." in page.text
        assert "Verified name" in words(page) and "I work at the port" not in page.text
        href = re.search(r'class="cb-more" href="([^"]+)">Show it in its place', page.text)
        assert href and f"comment={said['pilot']}" in href[1]
        assert f'id="c-{said["pilot"]}"' in (await visitor.open(html.unescape(href[1]))).text
    nothing = await visitor.frame("/embed/thread", params=PLACE | {"q": "<b>fool</b> OR 1=1"})
    assert "No comment has these words." in words(nothing) and "fool." not in nothing.text
    assert 'value="&lt;b&gt;fool&lt;/b&gt; OR 1=1"' in nothing.text


async def test_a_search_goes_on_page_by_page_and_in_the_order_chosen(db: Database, visitor: Visitor) -> None:
    talk = await make_talk(db)
    said = [talk.say(f"harbour number {number}") for number in range(45)]
    await talk.save(db)
    page, seen = await visitor.frame("/embed/thread", params=PLACE | {"q": "harbour", "sort": "oldest"}), []
    while True:
        seen += re.findall(r"comment=(\w{16})\">Show it in its place", page.text)
        more = re.search(r'class="cb-button is-wide" href="([^"]+)"', page.text)
        if not more:
            break
        page = await visitor.frame(html.unescape(more[1]))
    assert seen == said


async def test_a_search_says_how_much_the_filter_hides(db: Database, visitor: Visitor) -> None:
    talk = await make_talk(db)
    talk.say("harbour unverified words", name="Unverified Name")
    talk.say("harbour", by=await make_person(db, "Ines Halloran", kind="name"))
    await talk.save(db)
    page = await visitor.frame("/embed/thread", params=PLACE | {"q": "harbour", "show": "verified"})
    assert "1 comment has these words. 1 comment from unverified people is hidden. Show" in words(page)
    assert "unverified words" not in page.text and "Unverified Name" not in page.text
    back = re.search(r'is hidden. <a href="([^"]+)">Show', page.text)
    assert back and "<mark>harbour</mark> unverified" in (await visitor.frame(html.unescape(back[1]))).text
    folded = await visitor.frame("/embed/thread", params=PLACE | {"q": "harbour", "show": "fold"})
    summary = folded.text.split('<details class="cb-fold"><summary')[1].split("</summary>")[0]
    assert "Unverified Name" in summary and "unverified words" not in summary

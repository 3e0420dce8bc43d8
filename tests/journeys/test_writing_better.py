"""Writing: quoting, folding away, looking before posting, and what readers may see of an edit."""

import html
import re
from datetime import timedelta

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.comments import actions
from commentbox.server.comments.drafts import Author, Draft
from commentbox.server.comments.models import Comment
from tests.factories import START, Talk, how_many, make_person, make_talk
from tests.journeys.quarrel import PLACE, quarrel
from tests.journeys.reading import words
from tests.promises.bad_input import sign_in
from tests.visitor import Visitor

_c = Comment.__table__.c


def typed(page_text: str) -> str:
    """Give what stands in the first field for a comment."""
    found = re.search(r'<textarea[^>]*name="text"[^>]*>(.*?)</textarea>', page_text, re.S)
    assert found
    return html.unescape(found[1])


async def test_a_reply_begins_with_the_words_it_answers_without_a_script(db: Database, visitor: Visitor) -> None:
    talk = await make_talk(db)
    said = talk.say("First line\nSecond line", html="<p>x</p>")
    await talk.save(db)
    page = await visitor.open("/thread", params=PLACE)
    href = re.search(rf'href="([^"]+comment={said}&amp;write=quote[^"]*)" data-quote', page.text)
    assert href
    page = await visitor.open(html.unescape(href[1].split("#")[0]))
    assert typed(page.text) == "> First line\n> Second line\n\n"


async def test_no_quotation_tells_what_the_filter_hides(db: Database, visitor: Visitor) -> None:
    _, said = await quarrel(db)
    for who in ("school", "insult"):
        asked = PLACE | {"comment": said[who], "write": "quote", "show": "verified"}
        assert typed((await visitor.open("/thread", params=asked)).text) == ""


async def test_a_text_is_looked_at_before_it_is_posted_and_nothing_is_kept(db: Database, visitor: Visitor) -> None:
    _, said = await quarrel(db)
    await sign_in(db, visitor, (await make_person(db, "Kestrel")).account_id)
    before = await how_many(db, Comment)
    form = PLACE | {"text": "*Ask* the <b>harbour</b>\n>! it sinks", "parent": said["port"], "lang": "de"}
    for htmx in (True, False):
        shown = await visitor.submit("/comments/preview", form, htmx=htmx)
        assert shown.status_code == 200 and "<em>Ask</em> the &lt;b&gt;harbour" in shown.text
        assert "<details>" in shown.text and "Spoiler</summary>" in shown.text
    assert typed(shown.text) == form["text"] and f'value="{said["port"]}"' in shown.text
    for text, code, status in (("", "comment.empty", 422), ("x" * 6000, "comment.too_long", 413)):
        refused = await visitor.submit("/comments/preview", form | {"text": text}, htmx=True)
        assert refused.status_code == status and f'data-code="{code}"' in refused.text
    assert (await visitor.submit("/comments/preview", form, origin="https://evil.example")).status_code == 403
    assert await how_many(db, Comment) == before


async def test_what_is_folded_away_is_said_in_the_readers_language(db: Database, visitor: Visitor) -> None:
    talk = await make_talk(db)
    talk.say(">! the butler", html="<details>\n<summary>Spoiler</summary><p>the butler</p>\n</details>")
    await talk.save(db)
    page = await visitor.frame("/embed/thread", params=PLACE | {"lang": "ar"})
    assert "<details>" in page.text and "<summary>Spoiler</summary><p>" not in page.text
    hit = await visitor.frame("/embed/thread", params=PLACE | {"q": "butler"})
    assert "the butler" not in hit.text, "a search does not open it"


class Writer:
    """Somebody who writes and edits, past screening: `hold` names the rule that holds a text."""

    def __init__(self, db: Database, talk: Talk, author: Author) -> None:
        self.db, self.talk, self.author, self.id = db, talk, author, ""

    async def post(self, text: str, *, hold: str | None = None) -> None:
        async with begin(self.db) as work:
            draft = Draft(text, f"<p>{text}</p>", text, hold_rule=hold)
            self.id = (await actions.post(work, self.author, draft, thread_id=self.talk.thread_id)).id

    async def act(self, action, *more: object, **how: object) -> None:
        async with begin(self.db) as work:
            row = await work.q.first(Comment.__table__.select().where(_c.id == self.id))
            await action(work, row, *more, **how)

    async def edit(self, text: str, *, hold: str | None = None, by: Author | None = None) -> None:
        draft = Draft(text, f"<p>{text}</p>", text, hold_rule=hold)
        await self.act(actions.edit, by or self.author, draft, window_minutes=60)


async def writer(db: Database, **author: str) -> Writer:
    clock.set(START + timedelta(minutes=5))
    talk = await make_talk(db)
    await talk.save(db)
    return Writer(db, talk, Author("Kestrel", **author))


async def test_readers_see_what_was_changed(db: Database, visitor: Visitor) -> None:
    kestrel = await writer(db)
    await kestrel.post("The quay is old")
    await kestrel.edit("The quay is very old")
    page = await visitor.frame("/embed/thread", params=PLACE)
    link = re.search(r'href="(/history/[^"]+)"', page.text)
    assert link
    told = await visitor.open(html.unescape(link[1]))
    assert "The quay is <ins>very </ins>old" in told.text and "<p>The quay is old</p>" in told.text
    assert "Comment by Kestrel" in words(told)


async def test_a_history_tells_nothing_that_readers_never_saw(db: Database, visitor: Visitor) -> None:
    kestrel = await writer(db)
    await kestrel.post("Held insult", hold="words")
    assert (await visitor.open(f"/history/{kestrel.id}")).status_code == 404
    await kestrel.edit("Held again, secretly", hold="words")
    await kestrel.edit("Calm words")
    await kestrel.act(actions.publish)
    await kestrel.edit("Calmer words")
    told = await visitor.open(f"/history/{kestrel.id}")
    assert "Calm" in told.text and "insult" not in told.text and "secretly" not in told.text


async def test_a_removed_held_or_withdrawn_comment_has_no_history(db: Database, visitor: Visitor) -> None:
    kestrel = await writer(db)
    await kestrel.post("First words")
    await kestrel.edit("Second words")
    await kestrel.act(actions.remove, rule="7-law")
    assert (await visitor.open(f"/history/{kestrel.id}")).status_code == 404
    await kestrel.act(actions.publish)
    assert "First" in (await visitor.open(f"/history/{kestrel.id}?lang=de")).text
    await kestrel.edit("Third words", hold="links")
    assert (await visitor.open(f"/history/{kestrel.id}?lang=fr")).status_code == 404
    await kestrel.act(actions.withdraw)
    gone = await visitor.open(f"/history/{kestrel.id}?lang=pl")
    assert gone.status_code == 404 and "words" not in gone.text


async def test_a_history_hides_what_was_said_as_unverified_from_who_does_not_hear_it(
    db: Database, visitor: Visitor
) -> None:
    kestrel = await writer(db)
    await kestrel.post("Unverified words")
    await kestrel.edit("Verified words", by=Author("Kestrel", kind="person", tier="verified"))
    told = await visitor.open(f"/history/{kestrel.id}?show=verified")
    assert "Verified words" in told.text and "Unverified" not in told.text and "<del>" not in told.text
    assert "<del>Unverified</del><ins>Verified</ins> words" in (await visitor.open(f"/history/{kestrel.id}")).text

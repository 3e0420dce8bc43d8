"""What open pages are told leaks nothing: not what the filter hides, not who is held, no badge, no text, no visitor."""

import json
import random
from typing import Any

import pytest
from sqlalchemy import select

from commentbox.server.base import chain, journal
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.comments import actions, retiering
from commentbox.server.comments.drafts import Author, Draft
from commentbox.server.comments.models import Comment
from commentbox.server.live.streams import Stream
from commentbox.server.verification.models import Attestation
from tests.factories import ARTICLE, Person, Talk, make_person, make_talk
from tests.streams import Listener
from tests.visitor import Visitor

PLACE = {"site": "gazette", "url": ARTICLE}
SHOWS = ("everyone", "fold", "verified")
WORDS, NAME = "words that nobody streams", "Nobody Streamed"


class Scene:
    """A thread, somebody verified, somebody not, and the server that is listened to."""

    def __init__(self, db: Database, app: Any, talk: Talk, verified: Person) -> None:
        self.db, self.app, self.talk, self.verified = db, app, talk, verified

    def author(self, *, verified: bool) -> Author:
        if not verified:
            return Author(NAME, guest_code_hash="x")
        by = self.verified
        return Author(NAME, by.account_id, None, by.kind, by.tier, by.attestation_id)

    async def post(self, *, verified: bool = False, held: bool = False, under: str | None = None) -> str:
        rule = "links" if held else None
        draft = Draft(WORDS, f"<p>{WORDS}</p>", "", hold_rule=rule, parent_id=under)
        async with begin(self.db) as work:
            author = self.author(verified=verified)
            return (await actions.post(work, author, draft, thread_id=self.talk.thread_id)).id

    async def change(self, comment_id: str, action: Any, *more: Any, **named: Any) -> None:
        async with begin(self.db) as work:
            row = await work.q.first(select(Comment.__table__).where(Comment.__table__.c.id == comment_id))
            await action(work, row, *more, **named)

    async def revoke(self) -> None:
        """Take the verified person's badge away, as the durable job does."""
        table = Attestation.__table__
        async with begin(self.db) as work:
            await work.q.run(
                table.update().where(table.c.id == self.verified.attestation_id).values(revoked_at=work.now)
            )
            work.record("identity.revoked", subject_id=self.verified.attestation_id)
        async with begin(self.db) as work:
            await retiering.lower_comments(work, self.verified.attestation_id or "", at_most=100)

    async def begin(self, visitor: Visitor) -> str:
        """Let one comment be there, and give the position of a page that knows it."""
        await self.post()
        await self.seal()
        return str((await news(visitor))["position"])

    async def seal(self) -> None:
        await journal.seal(self.db)
        await self.app.instance.live.look()


@pytest.fixture
async def scene(db: Database, app: Any) -> Scene:
    return Scene(db, app, await make_talk(db), await make_person(db, "Ines Halloran", kind="person"))


async def news(visitor: Visitor, **asked: str) -> dict[str, Any]:
    return (await visitor.fetch("/embed/news", params=PLACE | asked)).json()


async def test_what_the_filter_hides_moves_the_numbers_and_says_nothing_else(scene: Scene, visitor: Visitor) -> None:
    began = await scene.begin(visitor)
    async with Listener(scene.app, **PLACE, show="verified") as page:
        assert (await page.next())["kind"] == "at"
        hidden = await scene.post()
        await scene.seal()
        assert await page.next() == {"kind": "counts", "total": 2, "verified": 0}
        await scene.change(hidden, actions.edit, scene.author(verified=False), Draft("a", "a", ""), window_minutes=15)
        await scene.seal()
        await scene.change(hidden, actions.withdraw)
        await scene.seal()
        assert [(await page.next())["kind"] for _ in range(2)] == ["counts", "counts"], "its end is not told either"
        shown = await scene.post(verified=True)
        await scene.seal()
        assert (await page.next())["id"] == shown
        assert hidden.encode() not in page.raw
    polled = await news(visitor, show="verified", since=began)
    assert hidden not in json.dumps(polled) and shown in json.dumps(polled)
    assert hidden in json.dumps(await news(visitor, show="everyone", since=began))


async def test_a_comment_that_the_filter_hides_is_not_given_by_its_id(scene: Scene, visitor: Visitor) -> None:
    hidden = await scene.post()
    for show, there in (("everyone", True), ("fold", True), ("verified", False)):
        piece = await visitor.fetch("/embed/fresh", params=PLACE | {"show": show, "ids": hidden})
        assert (hidden in piece.text, WORDS in piece.text) == (there, there), show
        assert 'data-total="1" data-verified="0"' in piece.text
    assert "1 comment from unverified people is hidden." in piece.text


async def test_a_held_comment_is_in_no_stream_poll_or_piece(scene: Scene, visitor: Visitor) -> None:
    began = await scene.begin(visitor)
    async with Listener(scene.app, **PLACE, show="everyone") as page:
        held, held_later = await scene.post(held=True), await scene.post()
        again = Draft("a", "a", "", hold_rule="links")
        await scene.change(held_later, actions.edit, scene.author(verified=False), again, window_minutes=15)
        await scene.change(held, actions.edit, scene.author(verified=False), again, window_minutes=15)
        await scene.seal()
        open_one = await scene.post()
        await scene.seal()
        assert [(await page.next()).get("id") for _ in range(2)] == [None, open_one]
        polled = json.dumps(await news(visitor, since=began))
        assert open_one in polled
        piece = await visitor.fetch("/embed/fresh", params=PLACE | {"ids": f"{held},{held_later}"})
        for each in (held, held_later):
            assert each.encode() not in page.raw and each not in polled and each not in piece.text
        await scene.change(held, actions.remove, rule="x")
        await scene.seal()
        assert await page.nothing_more(), "that it was refused is between the desk and its author"


@pytest.mark.parametrize("show", SHOWS)
async def test_a_change_of_badge_is_not_announced(scene: Scene, visitor: Visitor, show: str) -> None:
    comment = await scene.post(verified=True)
    await scene.seal()
    async with Listener(scene.app, **PLACE, show=show) as page:
        await page.next()
        before = await news(visitor, show=show, since=str(page.position))
        await scene.revoke()
        await scene.seal()
        assert await page.nothing_more()
        after = await news(visitor, show=show, since=str(page.position))
        assert before == after == {"position": page.position, "readers": None, "events": []}
    async with Listener(scene.app, **PLACE, show=show) as again:
        await again.next()
        assert again.position == page.position, "not even that something happened"
    assert comment


async def test_no_position_can_be_tried_out_to_see_how_far_the_journal_is(scene: Scene, visitor: Visitor) -> None:
    began = await scene.begin(visitor)
    held = await scene.post(held=True)
    await scene.change(held, actions.remove, rule="x")
    async with begin(scene.db) as work:
        work.record("identity.verified", subject_id="x")
    await scene.seal()
    async with scene.db.read() as query:
        end = await chain.length(query)
    answers = {n: await news(visitor, since=str(n)) for n in range(end + 3) if str(n) != began}
    assert len(answers) > 5 and all(each == answers[0] for each in answers.values())
    assert (await news(visitor, since=began))["events"] == []


async def test_no_text_no_name_and_no_cookie(scene: Scene, visitor: Visitor) -> None:
    async with Listener(scene.app, **PLACE, show="everyone") as page:
        await page.next()
        await scene.post(verified=True)
        await scene.seal()
        await page.next()
        for secret in (WORDS, NAME, scene.verified.name, scene.verified.account_id, "person"):
            assert secret.encode() not in page.raw
        assert "set-cookie" not in page.headers and page.headers["cache-control"].startswith("no-store")
        assert page.headers["content-type"].startswith("text/event-stream")
    assert "set-cookie" not in (await visitor.fetch("/embed/news", params=PLACE)).headers


async def _something(scene: Scene, chance: random.Random) -> None:
    """Let one thing happen that may happen to a comment."""
    async with scene.db.read() as query:
        rows = await query.all(select(Comment.__table__).where(Comment.__table__.c.state != "withdrawn"))
    verified = chance.random() < 0.5
    if not rows or chance.random() < 0.4:
        await scene.post(verified=verified, held=chance.random() < 0.3)
        return
    row = chance.choice(rows)
    ways: dict[str, list[Any]] = {
        "held": [actions.publish, actions.remove, actions.withdraw, actions.edit],
        "published": [actions.hold_again, actions.remove, actions.withdraw, actions.edit],
        "removed": [actions.publish, actions.hold_again],
    }
    way = chance.choice(ways[row.state])
    if way is actions.edit:
        draft = Draft("a", "a", "", hold_rule=chance.choice([None, "links"]))
        await scene.change(row.id, way, scene.author(verified=verified), draft, window_minutes=15)
    else:
        await scene.change(row.id, way, **({"rule": "x"} if way in (actions.remove, actions.hold_again) else {}))


def _drained(stream: Stream) -> list[dict[str, Any]]:
    pieces = []
    while not stream._queue.empty():
        blocks = stream._queue.get_nowait().split(b"data: ")[1:]
        pieces += [json.loads(each.split(b"\n")[0]) for each in blocks]
    return pieces


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_happens_no_id_is_told_that_its_page_would_not_show(scene: Scene, seed: int) -> None:
    chance = random.Random(seed)
    streams = {show: Stream(scene.talk.thread_id, show, "a") for show in SHOWS}
    async with scene.db.read() as query:
        for stream in streams.values():
            await scene.app.instance.live.open(query, stream, after=0)
    told = 0
    for _ in range(15):
        for _ in range(3):
            await _something(scene, chance)
        await scene.seal()
        async with scene.db.read() as query:
            rows = {row.id: row for row in await query.all(select(Comment.__table__))}
        heard = {show: _drained(stream) for show, stream in streams.items()}
        assert heard["everyone"] == heard["fold"]
        ids = {show: {each["id"] for each in messages if "id" in each} for show, messages in heard.items()}
        assert all(rows[each].state != "held" and rows[each].published_at for each in ids["everyone"])
        assert ids["verified"] == {each for each in ids["everyone"] if rows[each].tier == "verified"}
        told += len(ids["everyone"])
    assert told > 5

"""The follower: what readers are told of the journal, to whom, in which order, and how they come back after a gap."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from commentbox.server.base import journal
from commentbox.server.base.bus import Memory
from commentbox.server.base.cache import Cache
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Refusal
from commentbox.server.base.work import begin
from commentbox.server.comments import actions
from commentbox.server.comments.drafts import Author, Draft
from commentbox.server.live import events, following
from commentbox.server.live.following import Live
from commentbox.server.live.readers import FEWEST, Readers
from commentbox.server.live.streams import WAITING, Stream
from tests.counting import statements
from tests.factories import make_thread
from tests.newsroom import Newsroom, make_newsroom

WRITER = Author("Kestrel", guest_code_hash="x")


class Town:
    """A newsroom with a follower, and the shortest ways to make news."""

    def __init__(self, room: Newsroom, live: Live) -> None:
        self.room, self.db, self.live = room, room.db, live
        self.thread_id = room.talk.thread_id

    async def post(self, *, held: bool = False, thread_id: str = "") -> str:
        """Post a comment and give its id."""
        draft = Draft("words", "<p>words</p>", "", hold_rule="links" if held else None)
        async with begin(self.db) as work:
            return (await actions.post(work, WRITER, draft, thread_id=thread_id or self.thread_id)).id

    async def change(self, comment_id: str, action: Any, *more: Any, **named: Any) -> None:
        """Do something with a comment as it stands now."""
        async with begin(self.db) as work:
            await action(work, await self.room.comment(comment_id), *more, **named)

    async def seal(self) -> None:
        """Seal what was committed and let the follower look."""
        await journal.seal(self.db)
        await self.live.look()

    async def open(self, *, show: str = "everyone", after: int = 0, thread_id: str = "", address: str = "a") -> Stream:
        """Open a stream."""
        stream = Stream(thread_id or self.thread_id, show, address)
        async with self.db.read() as query:
            await self.live.open(query, stream, after=after)
        return stream


@pytest.fixture
async def town(db: Database) -> AsyncIterator[Town]:
    yield Town(await make_newsroom(db), Live(db, Memory(), Cache(), most=20))


def said(stream: Stream) -> list[str]:
    """Give what waits in a stream, as kind and id."""
    pieces = list(stream.first)
    stream.first.clear()
    while not stream._queue.empty():
        pieces.append(stream._queue.get_nowait())
    told = b"".join(pieces).split(b"data: ")[1:]
    found = [json.loads(each.split(b"\n")[0]) for each in told]
    return [f"{each['kind']} {each.get('id', '')}".strip() for each in found if each["kind"] != "beat"]


def position(piece: bytes) -> int:
    return int(piece.split(b"\n")[0].removeprefix(b"id: "))


async def test_every_stream_of_a_thread_is_told_in_the_journals_order(town: Town) -> None:
    streams = [await town.open(), await town.open(show="fold")]
    elsewhere = await make_thread(town.db, town.room.talk.site_id, "http://news.localhost:8001/other")
    other = await town.open(thread_id=elsewhere)
    first, second = await town.post(), await town.post()
    await town.change(first, actions.withdraw)
    away = await town.post(thread_id=elsewhere)
    await town.seal()
    for stream in streams:
        assert said(stream) == ["at", f"posted {second}", f"withdrawn {first}"], "what is gone already is not new"
    assert said(other) == ["at", f"posted {away}"]


async def test_what_is_not_sealed_is_not_told_yet(town: Town) -> None:
    stream = await town.open()
    comment = await town.post()
    await town.live.look()
    assert said(stream) == ["at"]
    await town.seal()
    assert said(stream) == [f"posted {comment}"]


async def test_only_kinds_of_the_list_are_told(town: Town) -> None:
    stream = await town.open()
    async with begin(town.db) as work:
        for kind in ("identity.verified", "identity.revoked", "decision.made", "comment.reported", "account.made"):
            work.record(kind, site_id=town.room.talk.site_id, subject_id=town.thread_id, thread=town.thread_id)
    await town.seal()
    assert said(stream) == ["at"]


async def test_nobody_hears_of_a_held_comment_until_it_is_published(town: Town) -> None:
    stream = await town.open()
    held, refused, taken_back = [await town.post(held=True) for _ in range(3)]
    again = Draft("other words", "<p>other words</p>", "", hold_rule="links")
    await town.change(held, actions.edit, WRITER, again, window_minutes=15)
    await town.change(refused, actions.remove, rule="x")
    await town.change(taken_back, actions.withdraw)
    await town.seal()
    assert said(stream) == ["at"]
    await town.change(held, actions.publish)
    await town.seal()
    assert said(stream) == [f"published {held}"]
    await town.change(held, actions.hold_again, rule="links")
    await town.seal()
    assert said(stream) == []


async def test_a_removed_comment_and_its_return_are_told(town: Town) -> None:
    comment = await town.post()
    await town.seal()
    stream = await town.open()
    await town.change(comment, actions.remove, rule="x")
    await town.seal()
    assert said(stream) == ["at", f"removed {comment}"]
    await town.change(comment, actions.publish)
    await town.seal()
    assert said(stream) == [f"published {comment}"]


async def test_who_comes_back_hears_what_came_meanwhile_once_and_in_order(town: Town) -> None:
    stream = await town.open()
    before = await town.post()
    await town.seal()
    assert said(stream) == ["at", f"posted {before}"]
    reached = town.live._threads[town.thread_id].last
    town.live.close(stream)
    missed = [await town.post() for _ in range(3)]
    await town.seal()
    back = await town.open(after=reached or 0)
    late = await town.post()
    await town.seal()
    assert said(back) == [f"posted {each}" for each in (*missed, late)]


async def test_who_was_away_too_long_is_told_how_things_stand(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    await town.open()
    await town.post()
    await town.seal()
    reached = town.live._threads[town.thread_id].last or 0
    monkeypatch.setattr(events, "FARTHEST", 2)
    for _ in range(3):
        await town.post()
    await town.seal()
    stream = await town.open(after=reached)
    assert b'"kind":"at","total":4' in stream.first[0]
    assert position(stream.first[0]) == town.live._threads[town.thread_id].last


async def test_a_position_never_says_what_happened_elsewhere(town: Town) -> None:
    await town.post()
    await town.seal()
    seen = position((await town.open()).first[0])
    assert seen
    async with begin(town.db) as work:
        work.record("identity.verified", subject_id="x")
    await town.seal()
    assert position((await town.open()).first[0]) == seen
    for stream in tuple(town.live._threads[town.thread_id].streams):
        town.live.close(stream)
    assert position((await town.open()).first[0]) == seen


async def test_a_reader_who_is_too_slow_is_let_go_and_the_others_are_not(town: Town) -> None:
    slow, quick = await town.open(), await town.open()
    gone: list[Stream] = []
    slow.when_ended(lambda: gone.append(slow))
    quick.when_ended(lambda: gone.append(quick))
    for _ in range(WAITING + 1):
        await town.post()
        await town.seal()
        assert said(quick)
    assert gone == [slow]


async def test_a_burst_is_one_piece_however_many_comments_are_in_it(town: Town) -> None:
    stream = await town.open()
    gone: list[Stream] = []
    stream.when_ended(lambda: gone.append(stream))
    for _ in range(WAITING + 5):
        await town.post()
    await town.seal()
    assert not gone and stream._queue.qsize() == 1
    assert len(said(stream)) == 1 + WAITING + 5


async def test_every_stream_shows_now_and_then_that_it_lives(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "SLOT_SECONDS", 0.001)
    streams = [await town.open() for _ in range(3)]
    beating = asyncio.create_task(town.live.beat())
    for stream in streams:
        stream.first.clear()
        assert await asyncio.wait_for(stream.next(), 5) == b'data: {"kind":"beat","readers":3}\n\n'
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)


async def test_with_nobody_listening_nothing_is_read(town: Town) -> None:
    with statements(town.db) as asked:
        await town.live.look()
    assert asked == []
    stream = await town.open()
    town.live.close(stream)
    with statements(town.db) as asked:
        await town.live.look()
    assert asked == []


async def test_a_message_of_the_bus_makes_it_look_and_without_one_it_looks_all_the_same(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = Memory()
    town.live = Live(town.db, bus, Cache(), most=10)
    stream = await town.open()
    running = asyncio.create_task(town.live.run())
    told = await town.post()
    await journal.seal(town.db)
    bus.tell(following.TOPIC)
    stream.first.clear()
    assert told.encode() in await asyncio.wait_for(stream.next(), 4)
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.05)
    running.cancel()
    running = asyncio.create_task(town.live.run())
    lost = await town.post()
    await journal.seal(town.db)
    assert lost.encode() in await asyncio.wait_for(stream.next(), 4)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_there_is_a_bound_for_the_process_and_for_an_address(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "PER_ADDRESS", 2)
    streams = [await town.open() for _ in range(2)]
    with pytest.raises(Refusal, match=r"live\.too_many"):
        await town.open()
    town.live.close(streams[0])
    await town.open()
    for number in range(18):
        await town.open(address=f"b{number}")
    assert len(town.live) == 20
    with pytest.raises(Refusal, match=r"live\.full"):
        await town.open(address="c")


async def test_when_the_server_stops_every_stream_ends_and_none_begins(town: Town) -> None:
    ended = []
    for each in [await town.open() for _ in range(3)]:
        each.when_ended(lambda each=each: ended.append(each))
    town.live.close_all()
    assert len(ended) == 3
    with pytest.raises(Refusal, match=r"live\.full"):
        await town.open()


def test_readers_are_counted_in_every_process_and_few_are_not_said() -> None:
    bus = Memory()
    one, other = Readers(bus), Readers(bus)
    for _ in range(FEWEST - 1):
        one.came("t")
    assert one.count("t") is None
    for _ in range(5):
        other.polled("t", "the same address")
    other.tell()
    assert one.count("t") == FEWEST
    assert other.count("t") is None, "nothing was told yet"
    one.tell()
    assert other.count("t") == FEWEST
    one.went("t")
    assert one.count("t") is None

"""Searching in a thread, on both databases: which comments are found, in which order, and that any input is safe."""

import pytest

from commentbox.server.base import fulltext
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.comments import actions, searching
from commentbox.server.comments.drafts import Author, Draft
from commentbox.server.comments.searching import HITS, Hits
from tests.counting import statements
from tests.factories import Talk, make_talk, make_thread

TYPED = [
    "harbour OR quay",
    '"harbour" NEAR(quay, 2)',
    "thread : x AND (harbour*",
    "'; DROP TABLE comment; --",
    "har'bour & !quay | <->",
    "🐦 🐦",
    "\\:*^- NOT",
    "ŉ ½ ㎏ ﬁ Ǆ",
    "हिन्दी 漢字 한국어",
    "harbour " * 1200,
]


async def found(db: Database, thread_id: str, typed: str, *, sort: str = "newest", verified: bool = False) -> Hits:
    async with db.read() as query:
        words = fulltext.words_in(typed)
        return await searching.search(query, thread_id, words, sort=sort, cursor=None, verified_only=verified)


async def ids(db: Database, talk: Talk, typed: str, **how: object) -> list[str]:
    return [row.id for row in (await found(db, talk.thread_id, typed, **how)).rows]


async def test_the_beginnings_of_words_find_a_comment_whatever_their_case_and_accents(db: Database) -> None:
    talk = await make_talk(db)
    harbour = talk.say("The HARBOURS of Köln-Süd (see harbour.example/quay), s'il vous plaît")
    talk.say("Nothing of the kind")
    ship = talk.say("Большой КОРАБЛЬ и Łódź", under=harbour)
    await talk.save(db)
    for typed in ("harbour", "Harb KOLN", "süd", "sud", "example quay", "plait"):
        assert await ids(db, talk, typed) == [harbour], typed
    for typed in ("корабль", "Корабль большой", "łódź", "ŁÓDŹ"):
        assert await ids(db, talk, typed) == [ship], typed
    assert await ids(db, talk, "harbour корабль") == await ids(db, talk, "arbour") == []


async def test_only_published_comments_of_this_thread_are_found_and_only_of_whom_one_hears_from(db: Database) -> None:
    talk = await make_talk(db)
    other = Talk(talk.site_id, await make_thread(db, talk.site_id, "http://news.localhost:8001/ferry"))
    for state in ("held", "removed", "withdrawn", "deleted"):
        talk.say("harbour words", state=state)
    mine, verified = talk.say("harbour words"), talk.say("harbour words", kind="person")
    other.say("harbour words")
    await talk.save(db)
    await other.save(db)
    assert await ids(db, talk, "harbour") == [verified, mine]
    assert await ids(db, talk, "harbour", verified=True) == [verified]
    hits = await found(db, talk.thread_id, "harbour", verified=True)
    assert (hits.total, hits.verified_total) == (2, 1)
    assert await ids(db, talk, other.thread_id) == await ids(db, talk, f"harbour {other.thread_id}") == []


async def test_what_is_held_edited_withdrawn_or_published_again_is_found_as_it_is_now(db: Database) -> None:
    talk = await make_talk(db)
    await talk.save(db)
    author = Author("Kestrel")

    async def change(act, *more: object, **how: object) -> None:
        async with begin(db) as work:
            row = await work.q.first(actions._comments.select().where(actions._comments.c.id == posted.id))
            await act(work, row, *more, **how)

    async with begin(db) as work:
        draft = Draft("harbour", "<p>harbour</p>", "h", hold_rule="links")
        posted = await actions.post(work, author, draft, thread_id=talk.thread_id)
    assert await ids(db, talk, "harbour") == []
    await change(actions.publish)
    assert await ids(db, talk, "harbour") == [posted.id]
    await change(actions.edit, author, Draft("quay", "<p>quay</p>", "q"), window_minutes=60)
    assert await ids(db, talk, "harbour") == [] and await ids(db, talk, "quay") == [posted.id]
    await change(actions.remove, rule="7-law")
    assert await ids(db, talk, "quay") == []
    await change(actions.publish)
    assert await ids(db, talk, "quay") == [posted.id]
    await change(actions.withdraw)
    assert await ids(db, talk, "quay") == []


@pytest.mark.parametrize("typed", TYPED, ids=range(len(TYPED)))
async def test_any_input_is_safe(db: Database, typed: str) -> None:
    talk = await make_talk(db)
    talk.say("harbour")
    await talk.save(db)
    hits = await found(db, talk.thread_id, typed)
    assert hits.total <= 1
    assert len(fulltext.words_in(typed)) <= fulltext.MOST_WORDS


async def test_ten_thousand_comments_are_searched_in_three_statements_page_by_page(db: Database) -> None:
    talk = await make_talk(db)
    said = [
        talk.say(
            f"harbour {number}",
            kind="person" if number % 4 == 0 else "none",
            recommends_all=number % 7,
            recommends_verified=number % 3,
        )
        for number in range(10_000)
    ]
    await talk.save(db)
    words = fulltext.words_in("harb")
    for sort in ("newest", "discussed"):
        async with db.read() as query:
            with statements(db) as ran:
                first = await searching.search(query, talk.thread_id, words, sort=sort, cursor=None, verified_only=True)
                assert len(ran) == 3
            second = await searching.search(
                query, talk.thread_id, words, sort=sort, cursor=first.next, verified_only=True
            )
        pages = [row.id for row in (*first.rows, *second.rows)]
        assert len(pages) == len(set(pages)) == 2 * HITS and (first.total, first.verified_total) == (10_000, 2500)
        assert set(pages) <= set(said[::4])
        if sort == "newest":
            assert pages == said[-4::-4][: 2 * HITS]


async def test_the_words_of_an_imported_book_do_not_stop_an_import(db: Database) -> None:
    talk = await make_talk(db)
    book = talk.say("harbour " + " ".join(f"word{number}" for number in range(200_000)))
    await talk.save(db)
    assert await ids(db, talk, "harbour") == [book]

"""Reading threads from real databases: bounded pages, every order, linked comments, flat lists, and five statements."""

from datetime import timedelta

import pytest

from commentbox.server.base.db import Database
from commentbox.server.base.errors import Invalid, NotFound
from commentbox.server.base.work import begin
from commentbox.server.comments import queries
from commentbox.server.comments.counting import counts
from commentbox.server.comments.cursors import SORTS, After, Cursor
from commentbox.server.comments.flat import flat
from commentbox.server.comments.tree import ROOM, Tally, reading_order, unseen
from commentbox.server.presenters import reading
from commentbox.server.presenters.places import Place
from commentbox.server.presenters.reading import Asked
from commentbox.server.threads import ArticleRef
from tests.counting import statements
from tests.factories import ARTICLE, START, Talk, make_person, make_site, make_talk, make_thread

AT_MOST = 5
"""Statements of one page, whatever the size of the thread."""


async def page(db: Database, talk: Talk, *, sort: str = "newest", cursor: Cursor | None = None, verified: bool = False):
    async with db.read() as query:
        return await queries.page(query, talk.thread_id, sort=sort, cursor=cursor, verified_only=verified)


async def every_page(db: Database, talk: Talk, *, sort: str, verified: bool = False) -> list[str]:
    """Page through the tops."""
    seen, cursor = [], None
    while True:
        found = await page(db, talk, sort=sort, cursor=cursor, verified=verified)
        seen += [root.row.id for root in found.roots]
        if found.next is None:
            return seen
        cursor = found.next


async def whole_list(db: Database, talk: Talk, *, sort: str = "newest", verified: bool = False) -> list[str]:
    """Page through the flat list."""
    seen, cursor = [], None
    while True:
        async with db.read() as query:
            found = await flat(query, talk.thread_id, sort=sort, cursor=cursor, verified_only=verified)
        seen += [row.id for row in found.rows]
        assert len(found.rows) <= ROOM
        if found.next is None:
            return seen
        cursor = found.next


def grown(talk: Talk, number: int) -> Talk:
    """Let many people talk: chains, crowds under one comment, both tiers, some removed."""
    said: list[str] = []
    for each in range(number):
        under = None if each % 3 == 0 else said[each // 2] if each % 3 == 1 else said[-1]
        tier = {"kind": "person"} if each % 5 < 2 else {}
        state = {"state": "removed"} if each % 11 == 7 else {}
        said.append(talk.say(under=under, recommends_all=each * 7 % 13, recommends_verified=each % 4, **tier, **state))
    return talk


async def test_a_page_has_twenty_tops_and_sixty_comments_at_most(db: Database) -> None:
    talk = grown(await make_talk(db), 900)
    await talk.save(db)
    found = await page(db, talk, sort="oldest")
    shown = list(reading_order(found.roots))
    assert len(found.roots) == 20
    assert len(shown) == ROOM
    assert all(len(branch.replies) <= 5 for branch in shown)


@pytest.mark.parametrize("number", [50, 10_000])
async def test_a_page_costs_five_statements_whatever_the_size_of_the_thread(db: Database, number: int) -> None:
    talk = grown(await make_talk(db), number)
    await talk.save(db)
    for show in ("everyone", "fold", "verified"):
        for sort in SORTS:
            asked = Asked(Place(site="gazette", url=ARTICLE, show=show, sort=sort))
            async with db.read() as query:
                with statements(db) as ran:
                    found = await reading.find(query, asked.place)
                    await reading.thread_view(query, found, asked, now=START)
            assert 2 <= len(ran) <= AT_MOST


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("verified", [False, True])
async def test_every_order_pages_through_every_top_once(db: Database, sort: str, verified: bool) -> None:
    talk = grown(await make_talk(db), 200)
    await talk.save(db)
    below = "descendants_verified" if verified else "descendants_all"
    column = {"recommended": "recommends_all", "verified": "recommends_verified", "discussed": below}.get(sort)
    tops = [
        row
        for row in talk.rows.values()
        if row["parent_id"] is None
        and ((row["state"] == "published" and (row["tier"] == "verified" or not verified)) or row[below])
    ]
    tops.sort(key=lambda row: (row[column] if column else 0, row["id"]), reverse=sort != "oldest")
    assert await every_page(db, talk, sort=sort, verified=verified) == [row["id"] for row in tops]


async def test_a_reply_dated_before_its_parent_is_shown_all_the_same(db: Database) -> None:
    talk = await make_talk(db)
    old = talk.say("first")
    talk.say("the answer came before the question", under=old, id="0000000000000001")
    await talk.save(db)
    assert [branch.row.id for branch in reading_order((await page(db, talk)).roots)] == [old, "0000000000000001"]


async def test_comments_with_no_published_comment_below_leave_nothing_behind(db: Database) -> None:
    talk = await make_talk(db)
    for state in ("held", "removed", "withdrawn", "deleted"):
        talk.say("gone", state=state)
    kept = talk.say("gone, with an answer", state="removed")
    talk.say("gone as well", under=kept, state="removed")
    answer = talk.say("the answer", under=kept)
    await talk.save(db)
    assert [branch.row.id for branch in reading_order((await page(db, talk)).roots)] == [kept, answer]


@pytest.mark.parametrize("state", ["held", "removed", "withdrawn", "deleted"])
async def test_what_is_not_published_does_not_leave_the_database(db: Database, state: str) -> None:
    talk = await make_talk(db)
    gone = talk.say("secret words", name="Secret Name", state=state)
    talk.say("answer", under=gone, kind="person")
    await talk.save(db)
    async with db.read() as query:
        for verified in (False, True):
            found = await queries.page(query, talk.thread_id, sort="newest", cursor=None, verified_only=verified)
            flat_page = await flat(query, talk.thread_id, sort="newest", cursor=None, verified_only=verified)
            for row in (found.roots[0].row, flat_page.rows[0]):
                assert (row.id, row.name, row.text, row.html) == (gone, "", "", "")


async def test_show_more_replies_goes_on_where_the_page_stopped_and_counts_down(db: Database) -> None:
    talk = await make_talk(db)
    top = talk.say("a question")
    answers = [talk.say(f"answer {number}", under=top) for number in range(52)]
    await talk.save(db)
    root = (await page(db, talk)).roots[0]
    assert [reply.row.id for reply in root.replies] == answers[:5]
    left, seen, after = unseen(root, Tally(False)), list(answers[:5]), After(answers[4], 5)
    assert left == 47
    async with db.read() as query:
        while left:
            found = await queries.around(query, talk.thread_id, top, after=after, verified_only=False)
            more = [reply.row.id for reply in found.focus.replies]
            seen += more
            left = unseen(found.focus, Tally(False))
            assert left == 52 - len(seen)
            after = After(more[-1], len(seen))
    assert seen == answers


async def test_a_linked_comment_comes_with_its_three_nearest_ancestors_and_its_replies(db: Database) -> None:
    talk = await make_talk(db)
    chain = [talk.say("top")]
    for number in range(6):
        chain.append(talk.say(f"level {number}", under=chain[-1]))
    await talk.save(db)
    async with db.read() as query:
        with statements(db) as ran:
            found = await queries.around(query, talk.thread_id, chain[4], after=After(), verified_only=False)
    assert [row.id for row in found.above] == chain[1:4]
    assert found.has_more_above
    assert [branch.row.id for branch in reading_order([found.focus])] == chain[4:]
    assert len(ran) <= AT_MOST - 1


async def test_a_comment_at_the_top_has_nothing_above(db: Database) -> None:
    talk = await make_talk(db)
    top = talk.say("top")
    below = talk.say("below", under=top)
    await talk.save(db)
    async with db.read() as query:
        first = await queries.around(query, talk.thread_id, top, after=After(), verified_only=False)
        second = await queries.around(query, talk.thread_id, below, after=After(), verified_only=False)
    assert (first.above, first.has_more_above) == ([], False)
    assert ([row.id for row in second.above], second.has_more_above) == ([top], False)


async def test_a_comment_that_was_never_public_or_is_elsewhere_is_unknown(db: Database) -> None:
    talk = await make_talk(db)
    held = talk.say("not yet", state="held", published_at=None)
    other = Talk(talk.site_id, await make_thread(db, talk.site_id, f"{ARTICLE}/other"))
    elsewhere = other.say("elsewhere")
    await talk.save(db)
    await other.save(db)
    async with db.read() as query:
        for comment_id in (held, elsewhere, "0000000000000000"):
            with pytest.raises(NotFound, match=r"comment\.unknown"):
                await queries.around(query, talk.thread_id, comment_id, after=After(), verified_only=False)
        with pytest.raises(NotFound, match=r"comment\.unknown"):
            await queries.place_of(query, held)


@pytest.mark.parametrize("sort", SORTS)
async def test_the_flat_list_gives_every_comment_once_in_reading_order(db: Database, sort: str) -> None:
    talk = grown(await make_talk(db), 300)
    await talk.save(db)
    rows = talk.rows
    listed = await whole_list(db, talk, sort=sort)
    visible = {each for each, row in rows.items() if row["state"] == "published" or row["descendants_all"]}
    assert len(listed) == len(set(listed)) == len(visible)
    assert set(listed) == visible
    assert [each for each in listed if rows[each]["parent_id"] is None] == await every_page(db, talk, sort=sort)
    for place, each in enumerate(listed):
        parent = rows[each]["parent_id"]
        assert parent is None or parent in listed[:place]
        before = rows[listed[place - 1]]
        family = {before["id"], *before["path"].split("/")}
        assert parent is None or parent in family, "a reply follows its parent's family without a gap"


async def test_the_flat_list_for_verified_readers_has_only_verified_people_and_stubs(db: Database) -> None:
    talk = grown(await make_talk(db), 200)
    await talk.save(db)
    listed = [talk.rows[each] for each in await whole_list(db, talk, verified=True)]
    published = [row for row in listed if row["state"] == "published" and row["tier"] == "verified"]
    every = [row for row in talk.rows.values() if row["state"] == "published" and row["tier"] == "verified"]
    assert len(published) == len(every)
    assert all(row in published or row["descendants_verified"] for row in listed)


async def test_the_flat_list_follows_a_very_deep_talk(db: Database) -> None:
    talk = await make_talk(db)
    last = None
    for _ in range(150):
        last = talk.say("deeper", under=last)
    await talk.save(db)
    assert await whole_list(db, talk) == list(talk.rows)


async def test_a_link_to_a_comment_three_hundred_replies_deep_shows_it_with_its_nearest(db: Database) -> None:
    talk = await make_talk(db)
    chain = [last := talk.say("top")]
    for _ in range(300):
        chain.append(last := talk.say("deeper", under=last))
    await talk.save(db)
    async with db.read() as query:
        with statements(db) as ran:
            found = await queries.around(query, talk.thread_id, chain[298], after=After(), verified_only=False)
    assert [row.id for row in found.above] == chain[295:298] and found.has_more_above
    assert [branch.row.id for branch in reading_order([found.focus])] == chain[298:]
    assert len(ran) < AT_MOST


async def test_a_reply_that_is_hidden_between_two_pages_loses_nobody_elses(db: Database) -> None:
    talk = await make_talk(db)
    top = talk.say("top")
    answers = [talk.say(f"answer {number}", under=top) for number in range(100)]
    second = talk.say("another top, older in the list", id="0000000000000001")
    talk.rows[answers[58]]["state"] = "removed"
    await talk.save(db)
    after = Cursor("newest", top, within=answers[58])
    async with db.read() as query:
        found = await flat(query, talk.thread_id, sort="newest", cursor=after, verified_only=False)
        last = await flat(query, talk.thread_id, sort="newest", cursor=found.next, verified_only=False)
    assert [row.id for row in (*found.rows, *last.rows)] == [*answers[59:], second]
    assert last.next is None


async def test_a_page_of_an_article_without_comments_is_empty(db: Database) -> None:
    await make_site(db)
    asked = Asked(Place(site="gazette", url=ARTICLE))
    async with db.read() as query:
        found = await reading.find(query, asked.place)
        view = await reading.thread_view(query, found, asked, now=START)
        listing = await reading.listing(query, found, asked, now=START)
    assert (view.total, view.comments, view.empty.words) == (0, (), "No comments yet")
    assert (listing.comments, listing.next, listing.total) == ([], None, 0)


async def test_a_cursor_for_another_order_is_refused(db: Database) -> None:
    await make_talk(db)
    asked = Asked(Place(site="gazette", url=ARTICLE, sort="oldest"), cursor=Cursor("newest", "0" * 16).text())
    async with db.read() as query:
        found = await reading.find(query, asked.place)
        with pytest.raises(Invalid, match=r"cursor\.invalid"):
            await reading.thread_view(query, found, asked, now=START)


async def test_an_unknown_site_is_refused(db: Database) -> None:
    async with db.read() as query:
        with pytest.raises(NotFound, match=r"site\.unknown"):
            await reading.find(query, Place(site="nowhere", url=ARTICLE))


async def test_what_a_page_and_the_button_below_it_say_adds_up_to_the_heading(db: Database) -> None:
    talk = grown(await make_talk(db), 400)
    await talk.save(db)
    for verified in (False, True):
        tally, total = Tally(verified), 0
        cursor = None
        while True:
            found = await page(db, talk, cursor=cursor, verified=verified)
            total += sum(tally.whole(root.row) for root in found.roots)
            if found.next is None:
                break
            assert found.next.seen == total
            cursor = found.next
        published = [row for row in talk.rows.values() if row["state"] == "published"]
        assert total == sum(1 for row in published if row["tier"] == "verified" or not verified)


async def test_counts_of_many_articles_come_in_the_order_they_were_asked_in(db: Database) -> None:
    talk = await make_talk(db)
    talk.say("one", kind="name")
    talk.say("two")
    await talk.save(db)
    numbered = Talk(talk.site_id, await make_thread(db, talk.site_id, f"{ARTICLE}/2", article_id="42"))
    numbered.say("three")
    await numbered.save(db)
    refs = [
        ArticleRef(url=f"{ARTICLE}/unknown"),
        ArticleRef(article_id="42"),
        ArticleRef(url=f"{ARTICLE}/?utm_source=x"),
    ]
    async with db.read() as query:
        with statements(db) as ran:
            assert await counts(query, "gazette", refs) == [(0, 0), (1, 0), (2, 1)]
    assert len(ran) <= 3


async def test_own_comments_of_a_thread_are_found_unless_they_took_them_back(db: Database) -> None:
    person = await make_person(db)
    talk = await make_talk(db)
    published = talk.say("mine", by=person)
    held = talk.say("mine, waiting", by=person, state="held", published_at=None)
    talk.say("mine, gone", by=person, state="withdrawn")
    talk.say("somebody else's")
    await talk.save(db)
    async with db.read() as query:
        rows = await queries.own_in_thread(query, talk.thread_id, person.account_id)
    assert [(row.id, row.text) for row in rows] == [(held, "mine, waiting"), (published, "mine")]


async def test_a_revoked_attestation_takes_the_badge_away_before_the_tier_is_taken_back(db: Database) -> None:
    person = await make_person(db, kind="name")
    talk = await make_talk(db)
    talk.say("verified once", by=person)
    await talk.save(db)
    async with begin(db) as work:
        await work.q.run(_revoke(START + timedelta(days=1)))
    for show, state in (("everyone", "published"), ("verified", "hidden")):
        asked = Asked(Place(site="gazette", url=ARTICLE, show=show))
        async with db.read() as query:
            found = await reading.find(query, asked.place)
            comment = (await reading.thread_view(query, found, asked, now=START)).comments[0]
        assert (comment.state, comment.tier) == (state, "unverified")
        assert comment.badge is None or comment.badge.kind == "none"


def _revoke(at):
    return queries.Attestation.__table__.update().values(revoked_at=at, revoked_why="fraud")

"""Importing into a real database: counts, trees, states, and what never gets in."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, text

from commentbox.server.base.db import Database
from commentbox.server.base.errors import Refusal
from commentbox.server.base.work import begin
from commentbox.server.sites.actions import create
from commentbox.server.threads import ArticleRef, Thread, find
from tests import exports
from tests.importing import bring, check_whole, posts, saved, stored

_threads = Thread.__table__  # type: ignore[attr-defined]


@pytest.fixture
async def site(db: Database) -> str:
    async with begin(db) as work:
        return await create(work, "paper", name="The Paper", origins=[exports.HOST])


# Every file of the shared data, with the counts its README names: imported, held, skipped


EXPECTED = {
    "disqus/comentario-disqus-ok-single.xml.gz": (1, 0, {}),
    "disqus/constructed-edges.xml": (11, 0, {"deleted": 1, "spam": 1, "thread_deleted": 1, "thread_missing": 1}),
    "disqus/isso-disqus.xml": (4, 0, {"deleted": 1, "thread_missing": 1}),
    "disqus/real-shape-half1.xml": (1274, 0, {"deleted": 2}),
    "disqus/remark42-disqus.xml": (5, 0, {"spam": 1}),
    "wordpress/comentario-wordpress-ok-long.zip": (1, 0, {}),
    "wordpress/isso-wordpress.xml": (8, 0, {}),
    "wordpress/themeunittestdata.wordpress.xml": (26, 3, {"pingback": 2, "trackback": 2}),
    "wordpress/wp-importer-crazy-cdata.xml": (0, 0, {}),
    "wordpress/wp-importer-e2e-comprehensive.xml": (1, 0, {}),
    "wordpress/wp-importer-multiple-cdata.xml": (0, 0, {}),
    "wordpress/wp-importer-slashes.xml": (1, 0, {}),
    "wordpress/wp-importer-small-export.xml": (1, 0, {}),
    "wordpress/wp-importer-valid-wxr-1.0.xml": (1, 0, {}),
    "wordpress/wp6-export-A.xml": (809, 37, {"pingback": 5, "trackback": 5, "trash": 29, "post-trashed": 1}),
}
REFUSED = (
    "disqus/comentario-disqus-bad-format.xml.gz",
    "wordpress/comentario-wordpress-bad-no-files.zip",
    "wordpress/comentario-wordpress-bad-two-files.zip",
    "wordpress/wp-importer-malformed.xml",
)


@pytest.mark.shared
@pytest.mark.parametrize("name", EXPECTED)
async def test_a_file_gives_its_expected_counts_once(db: Database, site: str, shared: Path, name: str) -> None:
    file, format = shared / "data/formats" / name, name.split("/")[0]
    imported, held, skipped = EXPECTED[name]
    first = (await bring(db, file, format)).as_json()
    facts = json.loads((shared / "data/EXPECTED.json").read_text("utf-8"))[f"formats/{name}"]
    assert first["comments"] == {"total": facts["comments"], "imported": imported, "held": held, "skipped": skipped}
    assert first["threads"]["total"] == facts["threads"]
    await check_whole(db)
    before = await stored(db)
    again = (await bring(db, file, format)).as_json()["comments"]
    known = {"already_imported": imported + held} if imported + held else {}
    assert again == {"total": facts["comments"], "imported": 0, "held": 0, "skipped": skipped | known}
    assert await stored(db) == before


@pytest.mark.shared
@pytest.mark.parametrize("name", REFUSED)
async def test_a_refused_file_leaves_nothing_behind(db: Database, site: str, shared: Path, name: str) -> None:
    with pytest.raises(Refusal, match=r"import\."):
        await bring(db, shared / "data/formats" / name, name.split("/")[0])
    async with db.read() as query:
        assert await query.scalar(select(func.count()).select_from(_threads)) == 0


@pytest.mark.shared
async def test_the_wordpress_export_agrees_with_the_database_it_came_from(
    db: Database, site: str, shared: Path
) -> None:
    await bring(db, shared / "data/formats/wordpress/wp6-export-A.xml", "wordpress")
    truth = json.loads((shared / "data/formats/wordpress/wp6-truth-A.json").read_text("utf-8"))["comments"]
    ours, theirs = await stored(db), {each["id"]: each for each in truth}
    states = {"1": "published", "0": "held"}
    for each in truth:
        row = ours.get(str(each["id"]))
        if each["type"] in ("pingback", "trackback") or each["approved"] not in states:
            assert row is None or (row.state, row.text, row.name) == ("deleted", "", "")
            continue
        assert row.state == states[each["approved"]]
        parent = theirs.get(each["parent"])
        # Spam is not in the export; a parent on another article is no parent.
        stays = parent and parent["post"] == each["post"] and parent["approved"] != "spam"
        assert row.parent_id == (ours[str(each["parent"])].id if stays else None)
        if not each["gmt"].startswith("0000"):
            assert row.created_at.replace(tzinfo=None) == datetime.fromisoformat(each["gmt"])


@pytest.mark.shared
async def test_the_edges_of_a_disqus_export(db: Database, site: str, shared: Path) -> None:
    moved = {"news.example.org": "paper.example", "old.example.org": "paper.example"}
    report = await bring(db, shared / "data/formats/disqus/constructed-edges.xml", map_hosts=moved)
    assert report.threads_skipped == {"deleted": 1, "no_address": 1, "same_article": 1}
    assert report.notes == {"parents_missing": 1, "parents_in_another_article": 1}
    assert not report.foreign_hosts
    rows = await stored(db)
    assert rows["3"].state == "deleted", "a visible reply keeps its place under a deleted comment"
    assert rows["4"].parent_id == rows["3"].id
    assert rows["10"].thread_id == rows["1"].thread_id, "two threads of one address are one article"
    assert rows["15"].parent_id is rows["6"].parent_id is None
    assert rows["9"].html == "<p>kept text</p>"
    assert rows["8"].text == "escaped instead of CDATA"
    async with db.read() as query:
        two = await find(query, "paper", ArticleRef(url="http://paper.example/a/2/?utm_medium=mail"))
    assert two is not None
    assert (two.thread_id, two.state, two.title) == (rows["9"].thread_id, "closed", "Two &")


@pytest.mark.shared
async def test_no_address_of_a_person_or_machine_reaches_the_database(db: Database, site: str, shared: Path) -> None:
    for name in ("disqus/isso-disqus.xml", "wordpress/wp6-export-A.xml", "disqus/real-shape-half1.xml"):
        await bring(db, shared / "data/formats" / name, name.split("/")[0])
    async with db.read() as query:
        tables = await query.run_sync(lambda connection: inspect(connection).get_table_names())
        for table in tables:
            for row in await query.all(text(f'SELECT * FROM "{table}"')):
                said = str(tuple(row))
                assert "@example.com" not in said
                assert "192.0.2." not in said
                assert "<script" not in said


# Trees


async def test_circles_and_replies_to_themselves_lose_no_comment(db: Database, site: str, tmp_path: Path) -> None:
    circles = {"1": "1", "2": "3", "3": "2", "4": "6", "5": "4", "6": "5", "7": "6", "8": "7"}
    file = saved(tmp_path, posts(*(exports.disqus_post(ref, parent=up) for ref, up in circles.items())))
    report = await bring(db, file)
    assert report.comments_imported == 8
    assert report.notes == {"self_parents": 1, "circles_cut": 2}
    await check_whole(db)
    rows = await stored(db)
    assert {ref for ref, row in rows.items() if row.parent_id is None} == {"1", "2", "4"}
    assert rows["8"].depth == 4


async def test_a_chain_of_four_hundred_replies_keeps_its_depth(db: Database, site: str, tmp_path: Path) -> None:
    chain = [exports.disqus_post(str(n), parent=str(n + 1)) for n in range(400)]
    await bring(db, saved(tmp_path, posts(*chain, exports.disqus_post("400"))))
    await check_whole(db)
    rows = await stored(db)
    assert rows["0"].depth == 400
    assert rows["400"].descendants_all == 400


async def test_replies_deeper_than_a_thousand_levels_hang_beside_each_other(
    db: Database, site: str, tmp_path: Path
) -> None:
    chain = [exports.disqus_post("0"), *(exports.disqus_post(str(n), parent=str(n - 1)) for n in range(1, 1005))]
    report = await bring(db, saved(tmp_path, posts(*chain)))
    assert report.notes == {"replies_lifted": 4}
    rows = await stored(db)
    assert {rows[str(n)].depth for n in range(1000, 1005)} == {1000}
    await check_whole(db)


async def test_what_is_not_shown_leaves_a_place_only_where_a_kept_reply_hangs_on_it(
    db: Database, site: str, tmp_path: Path
) -> None:
    item = exports.wordpress_item(
        "1",
        exports.wordpress_comment("1", approved="trash", content="secret", name="Bob"),
        exports.wordpress_comment("2", approved="spam", parent="1"),
        exports.wordpress_comment("3", parent="2"),
        exports.wordpress_comment("4", approved="trash"),
        exports.wordpress_comment("5", approved="trash", parent="4"),
        exports.wordpress_comment("6", kind="pingback"),
        exports.wordpress_comment("7", approved="0", parent="6"),
    )
    report = await bring(db, saved(tmp_path, exports.wordpress(item)), "wordpress")
    assert report.as_json()["comments"] == {
        "total": 7,
        "imported": 1,
        "held": 1,
        "skipped": {"pingback": 1, "spam": 1, "trash": 3},
    }
    rows = await stored(db)
    assert {ref: row.state for ref, row in rows.items()} == {
        "1": "deleted",
        "2": "deleted",
        "3": "published",
        "6": "deleted",
        "7": "held",
    }
    assert (rows["1"].text, rows["1"].html, rows["1"].name) == ("", "", "")
    assert rows["3"].path == f"{rows['1'].id}/{rows['2'].id}"
    assert (rows["1"].in_all, rows["6"].in_all) == (True, False)
    assert rows["7"].hold_rule == "imported"
    await check_whole(db)


async def test_one_id_for_two_comments_keeps_both_and_a_repeated_one_counts_once(
    db: Database, site: str, tmp_path: Path
) -> None:
    file = saved(
        tmp_path,
        posts(
            exports.disqus_post("1", message="One."),
            exports.disqus_post("1", message="Another."),
            exports.disqus_post("1", message="One."),
            exports.disqus_post("1", message="One.", thread="u"),
            exports.disqus_post("2", parent="1"),
        ),
    )
    report = await bring(db, file)
    assert (report.comments_imported, report.comments_skipped) == (4, {"duplicate": 1})
    assert report.notes == {"ids_used_twice": 2}
    assert (await bring(db, file)).comments_skipped == {"duplicate": 1, "already_imported": 4}
    rows = await stored(db)
    assert rows["2"].parent_id == rows["1"].id
    await check_whole(db)


async def test_a_date_nobody_can_read_is_lent_by_the_comment_before(db: Database, site: str, tmp_path: Path) -> None:
    file = saved(
        tmp_path,
        posts(
            exports.disqus_post("1", at="never"),
            exports.disqus_post("2", at="2019-03-04T01:02:03Z"),
            exports.disqus_post("3", at="2019-99-99T00:00:00Z"),
        ),
    )
    report = await bring(db, file)
    assert report.notes == {"dates_guessed": 2}
    rows = await stored(db)
    assert rows["1"].created_at.year == 2015, "the article's own date"
    assert rows["3"].created_at == rows["2"].created_at


async def test_ids_follow_the_dates_so_that_lists_by_time_are_right(db: Database, site: str, tmp_path: Path) -> None:
    days = [5, 3, 9, 1]
    parts = [exports.disqus_post(str(day), at=f"2019-03-0{day}T00:00:00Z") for day in days]
    await bring(db, saved(tmp_path, posts(*parts)))
    rows = await stored(db)
    assert sorted(rows, key=lambda ref: rows[ref].id) == ["1", "3", "5", "9"]

"""Importing again: larger files, killed runs, dry runs, moved hosts; and files of any size."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from commentbox.server.base.db import Database
from commentbox.server.base.errors import Refusal
from commentbox.server.base.work import begin
from commentbox.server.sites.actions import create
from commentbox.server.threads import ArticleRef, Thread, find
from commentbox.server.transfer import writing
from tests import exports
from tests.importing import bring, check_whole, posts, saved, stored

_threads = Thread.__table__  # type: ignore[attr-defined]


@pytest.fixture
async def site(db: Database) -> str:
    async with begin(db) as work:
        return await create(work, "paper", name="The Paper", origins=[exports.HOST])


async def test_a_larger_file_adds_only_what_is_new_and_its_parents_notice(
    db: Database, site: str, tmp_path: Path
) -> None:
    old = [exports.disqus_post("1"), exports.disqus_post("2", parent="1")]
    new = [exports.disqus_post("3", parent="2"), exports.disqus_post("4"), exports.disqus_post("5", thread="u")]
    await bring(db, saved(tmp_path, posts(*old)))
    before = await stored(db)
    report = await bring(db, saved(tmp_path, posts(*old, *new)))
    assert (report.comments_imported, report.comments_skipped) == (3, {"already_imported": 2})
    assert report.threads_imported == 2
    rows = await stored(db)
    assert {ref: rows[ref].id for ref in before} == {ref: row.id for ref, row in before.items()}
    assert rows["1"].descendants_all == 2
    await check_whole(db)


async def test_replies_find_their_parents_in_the_database_where_the_file_lacks_them(
    db: Database, site: str, tmp_path: Path
) -> None:
    await bring(db, saved(tmp_path, posts(exports.disqus_post("1"), exports.disqus_post("2", parent="1"))))
    report = await bring(
        db, saved(tmp_path, posts(exports.disqus_post("3", parent="2"), exports.disqus_post("4", parent="9")))
    )
    assert report.comments_imported == report.comments_total == 2
    assert report.notes == {"parents_missing": 1}
    rows = await stored(db)
    assert rows["3"].parent_id == rows["2"].id
    await check_whole(db)


async def test_two_blogs_that_both_count_from_one_do_not_hide_each_other(
    db: Database, site: str, tmp_path: Path
) -> None:
    item = exports.wordpress_item("1", exports.wordpress_comment("1"))
    await bring(db, saved(tmp_path, exports.wordpress(item, blog="https://one.example")), "wordpress")
    report = await bring(db, saved(tmp_path, exports.wordpress(item, blog="https://two.example/blog")), "wordpress")
    assert report.comments_imported == 1


class Killed(Exception):
    pass


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(writing, "COMMENTS_PER_COMMIT", 40)
    monkeypatch.setattr(writing, "ROWS_PER_INSERT", 7)
    yield


async def test_a_killed_run_leaves_whole_articles_and_the_next_one_finishes(
    db: Database, site: str, tmp_path: Path, small_portions: None
) -> None:
    file = tmp_path / "large.xml"
    exports.write_large_disqus(file, comments=500, threads=20)

    def die_halfway(stage: str, done: int, total: int) -> None:
        if stage == "writing" and done * 2 > total:
            raise Killed

    with pytest.raises(Killed):
        await bring(db, file, progress=die_halfway)
    await check_whole(db)
    halfway = len(await stored(db))
    assert 250 < halfway < 500
    assert halfway % 25 == 0, "an article has 25 comments here: all of them or none"
    report = await bring(db, file)
    assert report.as_json()["comments"]["skipped"] == {"already_imported": halfway}
    assert len(await stored(db)) == 500
    await check_whole(db)


async def test_a_dry_run_tells_the_same_and_writes_nothing(db: Database, site: str, tmp_path: Path) -> None:
    file = saved(tmp_path, posts(exports.disqus_post("1"), exports.disqus_post("2", spam=True)))
    dry = await bring(db, file, dry_run=True)
    async with db.read() as query:
        assert await query.scalar(select(func.count()).select_from(_threads)) == 0
    assert dry.as_json() == (await bring(db, file)).as_json()


# Hosts


async def test_foreign_hosts_are_listed_not_dropped_and_a_second_run_moves_them(
    db: Database, site: str, tmp_path: Path
) -> None:
    text_ = exports.disqus(exports.disqus_thread("t", link="http://old.example/a/1"), exports.disqus_post("1"))
    report = await bring(db, saved(tmp_path, text_))
    assert (report.comments_imported, report.foreign_hosts) == (1, {"old.example": 1})
    moved = await bring(db, saved(tmp_path, text_), map_hosts={"old.example": "paper.example"})
    assert (moved.comments_skipped, moved.foreign_hosts) == ({"already_imported": 1}, {})
    async with db.read() as query:
        for url in ("https://paper.example/a/1", "https://old.example/a/1"):
            thread = await find(query, "paper", ArticleRef(url=url))
            assert thread is not None
            assert (thread.url, thread.total) == ("https://paper.example/a/1", 1)


async def test_comments_join_the_thread_that_readers_opened_meanwhile(db: Database, site: str, tmp_path: Path) -> None:
    file = saved(tmp_path, posts(exports.disqus_post("1")))
    await bring(db, file)
    await bring(db, saved(tmp_path, posts(exports.disqus_post("2"))))
    rows = await stored(db)
    assert rows["1"].thread_id == rows["2"].thread_id


async def test_an_unknown_site_or_format_is_refused(db: Database, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"site\.unknown"):
        await bring(db, saved(tmp_path, posts()))
    with pytest.raises(Refusal, match=r"import\.format_unknown"):
        await bring(db, saved(tmp_path, posts()), "livejournal")


# Size


async def test_thousands_of_articles_with_one_comment_each(db: Database, site: str, tmp_path: Path) -> None:
    file = tmp_path / "large.xml"
    exports.write_large_disqus(file, comments=3000, threads=3000)
    report = await bring(db, file)
    assert (report.threads_imported, report.comments_imported) == (3000, 3000)
    await check_whole(db)


_MEASURE = """
import asyncio, resource, sys
from pathlib import Path
from commentbox.server.base.db import Database
from commentbox.server.transfer.run import import_file

async def measure(url, folder):
    for name in ("small", "large"):
        db = Database(url)
        await import_file(db, site="paper", format="disqus", path=folder / f"{name}.xml", work_dir=folder)
        await db.close()
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)

asyncio.run(measure(sys.argv[1], Path(sys.argv[2])))
"""


async def test_memory_does_not_grow_with_the_file(db: Database, site: str, tmp_path: Path) -> None:
    if not db.is_sqlite:
        pytest.skip("what the driver of the other database keeps is not ours to measure")
    exports.write_large_disqus(tmp_path / "small.xml", comments=5_000, threads=50)
    exports.write_large_disqus(tmp_path / "large.xml", comments=30_000, threads=300)
    command = [sys.executable, "-c", _MEASURE, db.url, str(tmp_path)]
    done = await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, text=True)
    small, large = map(int, done.stdout.split())
    per_kilobyte = 1 if sys.platform == "linux" else 1024
    assert (large - small) / per_kilobyte < 16 * 1024, "six times the comments, and hardly more memory"

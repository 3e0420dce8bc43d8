"""Runs imports for the tests and looks at what they left: the checks that must hold whatever was imported."""

from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from commentbox.server.base.db import Database
from commentbox.server.comments.models import Comment, Revision
from commentbox.server.threads import Thread
from commentbox.server.transfer.canonical import Report
from commentbox.server.transfer.run import import_file
from tests import exports

_comments = Comment.__table__  # type: ignore[attr-defined]
_threads = Thread.__table__  # type: ignore[attr-defined]
_revisions = Revision.__table__  # type: ignore[attr-defined]


async def bring(db: Database, file: Path, format: str = "disqus", **options: Any) -> Report:
    """Import a file into the site `paper`."""
    report = await import_file(db, site="paper", format=format, path=file, **options)
    assert report.adds_up()
    return report


def saved(folder: Path, text: str) -> Path:
    """Write an export file."""
    file = folder / "export.xml"
    file.write_text(text, "utf-8")
    return file


async def stored(db: Database) -> dict[str, Any]:
    """Every imported comment by the id it had in the old system."""
    async with db.read() as query:
        rows = await query.all(select(_comments).where(_comments.c.imported_from.is_not(None)))
    return {row.imported_from.rpartition(":")[2]: row for row in rows}


async def check_whole(db: Database) -> None:
    """Check all that must hold whatever was imported: paths, places and counters fit each other."""
    async with db.read() as query:
        comments = {row.id: row for row in await query.all(select(_comments))}
        threads = {row.id: row for row in await query.all(select(_threads))}
        revisions = await query.scalar(select(func.count()).select_from(_revisions))
    below = dict.fromkeys(comments, 0)
    totals = dict.fromkeys(threads, 0)
    for row in comments.values():
        above = row.path.split("/") if row.path else []
        parent = comments.get(row.parent_id)
        assert above == ([*filter(None, parent.path.split("/")), parent.id] if parent else [])
        assert row.depth == len(above)
        assert row.hangs_on == (row.parent_id or row.thread_id)
        assert parent is None or parent.thread_id == row.thread_id
        assert (row.tier, row.kind, row.account_id) == ("unverified", "none", None)
        for one in above if row.state == "published" else ():
            below[one] += 1
        totals[row.thread_id] += row.state == "published"
    assert {each: row.descendants_all for each, row in comments.items()} == below
    assert {each: row.total for each, row in threads.items()} == totals
    assert revisions == sum(row.state != "deleted" for row in comments.values())


def posts(*parts: str) -> str:
    """Give a Disqus export with the threads `t` and `u` and these posts."""
    return exports.disqus(exports.disqus_thread("t"), exports.disqus_thread("u"), *parts)

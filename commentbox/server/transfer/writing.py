"""Stores what was put in order: threads, comments and their first revisions, whole articles at a time.

A transaction holds one large article or several small ones, never half of one. Only dates, names, text and places are
written: no account, no address of any kind.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update

from commentbox.server.base.db import Database
from commentbox.server.base.ids import new_id
from commentbox.server.base.markup import clean_html, plain
from commentbox.server.base.work import Work, begin
from commentbox.server.comments.models import Comment, Revision
from commentbox.server.threads import Thread, ThreadUrl
from commentbox.server.transfer.known import threads_by_key
from commentbox.server.transfer.staging import Staging, from_micros

# Readers write too while an import runs; a transaction of this size keeps them waiting for a tenth of a second.
COMMENTS_PER_COMMIT = 500

HOLD_RULE = "imported"

_comments = Comment.__table__  # type: ignore[attr-defined]
_threads = Thread.__table__  # type: ignore[attr-defined]

_TO_DO = """
    SELECT home, count(*) FROM comment WHERE (kept OR stub) AND NOT known AND home NOT NULL GROUP BY home ORDER BY home
"""
_ROWS = """
    SELECT comment.id, up.id, comment.path, comment.ref, comment.at, comment.state, comment.kept, comment.below,
        coalesce(body.name, ''), coalesce(body.html, '')
    FROM comment LEFT JOIN comment AS up ON up.n = comment.parent LEFT JOIN body ON body.n = comment.n
    WHERE comment.home = ? AND (comment.kept OR comment.stub) AND NOT comment.known ORDER BY comment.level, comment.n
"""
# What hangs directly on comments of an earlier run: their counters, and all above them, have to grow.
_GROWN = """
    SELECT up.id, up.path, sum(comment.below + (comment.state = 'published'))
    FROM comment JOIN comment AS up ON up.n = comment.parent AND up.known
    WHERE comment.home = ? AND (comment.kept OR comment.stub) AND NOT comment.known GROUP BY up.n
"""


async def write(staging: Staging, db: Database, *, site_id: str) -> AsyncIterator[int]:
    """Store everything new, and give after each commit the number of comments it held."""
    for homes, comments in _portions(staging):
        async with begin(db) as work:
            threads = await _threads_of(staging, work, homes, site_id=site_id)
            for home in homes:
                await _write_article(staging, work, home, site_id=site_id, thread_id=threads[home])
        yield comments


def _portions(staging: Staging) -> Iterator[tuple[list[int], int]]:
    homes: list[int] = []
    comments = 0
    for home, size in staging.db.execute(_TO_DO):
        if homes and comments + size > COMMENTS_PER_COMMIT:
            yield homes, comments
            homes, comments = [], 0
        homes.append(home)
        comments += size
    if homes:
        yield homes, comments


async def _threads_of(staging: Staging, work: Work, homes: list[int], *, site_id: str) -> dict[int, str]:
    """Give each article's thread, opening those that are missing."""
    marks = ",".join("?" * len(homes))
    columns = "n, thread_id, url_key, url, title, closed, at"
    rows = staging.db.execute(f"SELECT {columns} FROM article WHERE n IN ({marks})", homes).fetchall()
    # A reader may have opened one of these threads since the file was compared with the database.
    bound = await threads_by_key(work.q, [row[2] for row in rows], site_id=site_id)
    opened, addresses, threads = [], [], {}
    for n, thread_id, key, url, title, closed, at in rows:
        threads[n] = thread_id or bound.get(key) or new_id(work.now)
        if not thread_id and key not in bound:
            opened.append(_thread_row(work, threads[n], site_id=site_id, url=url, title=title, closed=closed, at=at))
            work.record("thread.opened", site_id=site_id, subject_id=threads[n], source="import")
        if key not in bound:
            addresses.append({"site_id": site_id, "url_key": key, "thread_id": threads[n]})
    await work.q.add_all(Thread, opened)
    await work.q.add_all(ThreadUrl, addresses)
    return threads


def _thread_row(
    work: Work, thread_id: str, *, site_id: str, url: str, title: str, closed: int, at: int | None
) -> dict[str, Any]:
    return {
        "id": thread_id,
        "site_id": site_id,
        "url": url,
        "title": title[:300],
        "state": "closed" if closed else "open",
        "source": "import",
        "version": 1,
        "total": 0,
        "verified_total": 0,
        "created_at": work.now if at is None else from_micros(at),
    }


async def _write_article(staging: Staging, work: Work, home: int, *, site_id: str, thread_id: str) -> None:
    published = written = 0
    rows = staging.db.execute(_ROWS, (home,))
    while batch := rows.fetchmany(COMMENTS_PER_COMMIT):
        comments = [_comment_row(row, site_id=site_id, thread_id=thread_id, now=work.now) for row in batch]
        await work.q.add_all(Comment, comments)
        await work.q.add_all(Revision, [_revision_row(each) for each in comments if each["state"] != "deleted"])
        published += sum(each["state"] == "published" for each in comments)
        written += len(comments)
    await _grow(staging, work, home)
    counted = {"total": _threads.c.total + published, "version": _threads.c.version + 1}
    await work.q.run(update(_threads).where(_threads.c.id == thread_id).values(counted))
    work.record("comments.imported", site_id=site_id, subject_id=thread_id, comments=written, published=published)


def _comment_row(row: tuple[Any, ...], *, site_id: str, thread_id: str, now: datetime) -> dict[str, Any]:
    comment_id, parent_id, path, ref, at, state, kept, below, name, html = row
    created_at = now if at is None else from_micros(at)
    clean = clean_html(html) if kept and html else ""
    return {
        "id": comment_id,
        "site_id": site_id,
        "thread_id": thread_id,
        "parent_id": parent_id,
        "hangs_on": parent_id or thread_id,
        "path": path,
        "depth": path.count("/") + 1 if path else 0,
        "name": name if kept else "",
        "kind": "none",
        "tier": "unverified",
        "state": state if kept else "deleted",
        "hold_rule": HOLD_RULE if state == "held" else None,
        "revision": 1,
        "text": plain(clean) if clean else "",
        "html": clean,
        "text_hash": "",
        "imported_from": ref,
        "created_at": created_at,
        "published_at": created_at if state == "published" else None,
        "recommends_all": 0,
        "recommends_verified": 0,
        "descendants_all": below,
        "descendants_verified": 0,
    }


def _revision_row(comment: dict[str, Any]) -> dict[str, Any]:
    same = {key: comment[key] for key in ("text", "html", "tier", "kind", "created_at")}
    return {"comment_id": comment["id"], "number": 1, **same}


async def _grow(staging: Staging, work: Work, home: int) -> None:
    grown: Counter[str] = Counter()
    for comment_id, path, more in staging.db.execute(_GROWN, (home,)):
        for each in [*path.split("/"), comment_id]:
            grown[each] += more
    changes = [{"one": comment_id, "more": more} for comment_id, more in grown.items() if comment_id and more]
    if changes:
        bigger = {"descendants_all": _comments.c.descendants_all + bindparam("more")}
        await work.q.run(update(_comments).where(_comments.c.id == bindparam("one")).values(bigger), changes)

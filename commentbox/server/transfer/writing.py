"""Stores what was put in order: threads, comments and their first revisions, whole articles at a time.

A transaction holds one large article or several small ones, never half of one. Only dates, names, text and places are
written: no account, no address of any kind.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update

from commentbox.server.base.db import Database, table_of
from commentbox.server.base.ids import new_id
from commentbox.server.base.markup import imported_html, plain
from commentbox.server.base.work import Work, begin
from commentbox.server.comments.models import Comment, Revision
from commentbox.server.threads import Thread, ThreadUrl
from commentbox.server.transfer.known import threads_by_key
from commentbox.server.transfer.staging import Staging, from_micros

# Readers write too while an import runs: a transaction of this size keeps them waiting for half a second at most.
# Smaller ones would write the same index pages to disk again and again.
COMMENTS_PER_COMMIT = 2000
ROWS_PER_INSERT = 500

HOLD_RULE = "imported"

_comments = table_of(Comment)
_threads = table_of(Thread)

_TO_DO = """
    SELECT home, count(*) FROM comment WHERE (kept OR stub) AND NOT known AND home NOT NULL GROUP BY home ORDER BY home
"""
_ROWS = """
    SELECT comment.home, comment.id, up.id, comment.path, comment.ref, comment.at, comment.state, comment.kept, comment.below,
        coalesce(body.name, ''), coalesce(clean.html, ''), coalesce(clean.text, '')
    FROM comment LEFT JOIN comment AS up ON up.n = comment.parent LEFT JOIN body ON body.n = comment.n
      LEFT JOIN clean ON clean.n = comment.n
    WHERE comment.home BETWEEN ? AND ? AND (comment.kept OR comment.stub) AND NOT comment.known
    ORDER BY comment.home, comment.level, comment.n
"""
# What hangs directly on comments of an earlier run: their counters, and all above them, have to grow.
_GROWN = """
    SELECT up.id, up.path, sum(comment.below + (comment.state = 'published'))
    FROM comment JOIN comment AS up ON up.n = comment.parent AND up.known
    WHERE comment.home BETWEEN ? AND ? AND (comment.kept OR comment.stub) AND NOT comment.known GROUP BY up.n
"""
_ARTICLES = "SELECT n, thread_id, url_key, url, title, closed, at FROM article WHERE n BETWEEN ? AND ?"


@dataclass(frozen=True, slots=True)
class Portion:
    """Neighbouring articles that are stored in one transaction, by their number in the file."""

    homes: tuple[int, ...]
    comments: int

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last of them; no other article in between has anything to store."""
        return self.homes[0], self.homes[-1]


def clean_texts(staging: Staging) -> Iterator[int]:
    """Make every text safe before a transaction is opened for any; give the number done after each batch."""
    raw = """
        SELECT n, html FROM body JOIN comment USING (n) WHERE kept AND NOT known AND home NOT NULL AND html <> '' ORDER BY n
    """
    for rows in staging.batches(raw):
        made = ((n, imported_html(html)) for n, html in rows)
        staging.db.executemany("INSERT INTO clean VALUES (?, ?, ?)", ((n, html, plain(html)) for n, html in made))
        yield len(rows)


async def write(staging: Staging, db: Database, *, site_id: str) -> AsyncGenerator[int, None]:
    """Store everything new, and give after each commit the number of comments it held."""
    for portion in _portions(staging):
        async with begin(db) as work:
            threads = await _threads_of(staging, work, portion, site_id=site_id)
            await _write_comments(staging, work, portion, threads=threads, site_id=site_id)
            await _grow(staging, work, portion)
        yield portion.comments


def _portions(staging: Staging) -> Iterator[Portion]:
    homes: list[int] = []
    comments = 0
    for home, size in staging.db.execute(_TO_DO):
        if homes and comments + size > COMMENTS_PER_COMMIT:
            yield Portion(tuple(homes), comments)
            homes, comments = [], 0
        homes.append(home)
        comments += size
    if homes:
        yield Portion(tuple(homes), comments)


async def _threads_of(staging: Staging, work: Work, portion: Portion, *, site_id: str) -> dict[int, str]:
    """Give each article's thread, opening those that are missing."""
    wanted = frozenset(portion.homes)
    rows = [row for row in staging.db.execute(_ARTICLES, portion.span) if row[0] in wanted]
    # A reader may have opened one of these threads since the file was compared with the database.
    bound = await threads_by_key(work.q, [row[2] for row in rows], site_id=site_id)
    opened, addresses, threads = [], [], {}
    for n, thread_id, key, *about in rows:
        threads[n] = thread_id or bound.get(key) or new_id(work.now)
        if not thread_id and key not in bound:
            opened.append(_thread_row(work, threads[n], about, site_id=site_id))
            work.record("thread.opened", site_id=site_id, subject_id=threads[n], source="import")
        if key not in bound:
            addresses.append({"site_id": site_id, "url_key": key, "thread_id": threads[n]})
    await work.q.add_all(Thread, opened)
    await work.q.add_all(ThreadUrl, addresses)
    return threads


def _thread_row(work: Work, thread_id: str, about: list[Any], *, site_id: str) -> dict[str, Any]:
    url, title, closed, at = about
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


async def _write_comments(
    staging: Staging, work: Work, portion: Portion, *, threads: dict[int, str], site_id: str
) -> None:
    written: Counter[str] = Counter()
    published: Counter[str] = Counter()
    rows = staging.db.execute(_ROWS, portion.span)
    while batch := rows.fetchmany(ROWS_PER_INSERT):
        comments = [_comment_row(row, site_id=site_id, thread_id=threads[row[0]], now=work.now) for row in batch]
        await work.q.add_all(Comment, comments)
        await work.q.add_all(Revision, [_revision_row(each) for each in comments if each["state"] != "deleted"])
        written.update(each["thread_id"] for each in comments)
        published.update(each["thread_id"] for each in comments if each["state"] == "published")
    counted = {"total": _threads.c.total + bindparam("more"), "version": _threads.c.version + 1}
    changes = [{"one": thread_id, "more": published[thread_id]} for thread_id in written]
    await work.q.run(update(_threads).where(_threads.c.id == bindparam("one")).values(counted), changes)
    for thread_id, comments_written in written.items():
        facts = {"comments": comments_written, "published": published[thread_id]}
        work.record("comments.imported", site_id=site_id, subject_id=thread_id, **facts)


def _comment_row(row: tuple[Any, ...], *, site_id: str, thread_id: str, now: datetime) -> dict[str, Any]:
    _home, comment_id, parent_id, path, ref, at, state, kept, below, name, html, text = row
    created_at = now if at is None else from_micros(at)
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
        "text": text,
        "html": html,
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


async def _grow(staging: Staging, work: Work, portion: Portion) -> None:
    grown: Counter[str] = Counter()
    for comment_id, path, more in staging.db.execute(_GROWN, portion.span):
        for each in [*path.split("/"), comment_id]:
            grown[each] += more
    changes = [{"one": comment_id, "more": more} for comment_id, more in grown.items() if comment_id and more]
    if changes:
        bigger = {"descendants_all": _comments.c.descendants_all + bindparam("more")}
        await work.q.run(update(_comments).where(_comments.c.id == bindparam("one")).values(bigger), changes)

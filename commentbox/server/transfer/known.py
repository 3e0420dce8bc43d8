"""Compares a staged export with the database: what an earlier run brought over, and which threads there are already.

This is what makes an import repeatable: a second run, a larger file, a run after a kill all find their own traces here.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from commentbox.server.base.db import Query, table_of
from commentbox.server.comments.models import Comment
from commentbox.server.threads import ThreadUrl
from commentbox.server.transfer.staging import Staging

# Well below the number of parameters that either database takes in one statement.
_AT_ONCE = 500

_comments = table_of(Comment)
_urls = table_of(ThreadUrl)


async def mark(staging: Staging, query: Query, *, site_id: str) -> None:
    """Mark every staged comment that is in the database, with its id and place there, and every article's thread."""
    imported = (
        select(_comments.c.id).where(_comments.c.site_id == site_id, _comments.c.imported_from.is_not(None)).limit(1)
    )
    if await query.scalar(imported) is not None:
        await _mark_comments(staging, query, site_id=site_id)
        await _bring_in_parents(staging, query, site_id=site_id)
    staging.db.execute("""
        UPDATE article SET thread_id = (SELECT thread_id FROM comment WHERE comment.home = article.n AND thread_id NOT NULL
          GROUP BY thread_id ORDER BY count(*) DESC LIMIT 1) WHERE home = n
    """)
    await _mark_articles(staging, query, site_id=site_id)


async def _mark_comments(staging: Staging, query: Query, *, site_id: str) -> None:
    theirs = "SELECT n, ref FROM comment WHERE home NOT NULL AND reason <> 'duplicate'"
    for rows in staging.batches(theirs, size=_AT_ONCE):
        found = {row.imported_from: row for row in await _by_ref(query, site_id, [ref for _, ref in rows])}
        staging.db.executemany(
            "UPDATE comment SET known = 1, id = ?, path = ?, thread_id = ? WHERE n = ?",
            ((found[ref].id, found[ref].path, found[ref].thread_id, n) for n, ref in rows if ref in found),
        )


async def _bring_in_parents(staging: Staging, query: Query, *, site_id: str) -> None:
    """Stage the parents that this file lacks but an earlier one brought, so that their new replies find them."""
    lost = """
        SELECT DISTINCT parent_ref, home FROM comment WHERE parent_ref <> '' AND kept AND NOT known AND home NOT NULL
          AND NOT EXISTS (SELECT 1 FROM comment AS other WHERE other.given_ref = comment.parent_ref)
    """
    staging.db.execute(f"CREATE TEMP TABLE lost AS {lost}")
    for rows in staging.batches("SELECT parent_ref, home FROM lost", size=_AT_ONCE):
        found = {row.imported_from: row for row in await _by_ref(query, site_id, [ref for ref, _ in rows])}
        staging.db.executemany(
            "INSERT INTO comment (ref, given_ref, parent_ref, state, reason, kept, home, known, ghost, id, path, thread_id)"
            " VALUES (?1, ?1, '', 'ghost', '', 0, ?2, 1, 1, ?3, ?4, ?5)",
            ((ref, home, found[ref].id, found[ref].path, found[ref].thread_id) for ref, home in rows if ref in found),
        )


async def _by_ref(query: Query, site_id: str, refs: list[str]) -> Sequence[Row[Any]]:
    columns = (_comments.c.imported_from, _comments.c.id, _comments.c.path, _comments.c.thread_id)
    return await query.all(select(*columns).where(_comments.c.site_id == site_id, _comments.c.imported_from.in_(refs)))


async def _mark_articles(staging: Staging, query: Query, *, site_id: str) -> None:
    """Note which thread an article's address leads to; comments brought over earlier decide before the address does."""
    homes = "SELECT n, url_key FROM article WHERE home = n"
    for rows in staging.batches(homes, size=_AT_ONCE):
        found = await threads_by_key(query, [key for _, key in rows], site_id=site_id)
        staging.db.executemany(
            "UPDATE article SET thread_id = coalesce(thread_id, ?), bound = 1 WHERE n = ?",
            ((found[key], n) for n, key in rows if key in found),
        )


async def threads_by_key(query: Query, keys: list[str], *, site_id: str) -> dict[str, str]:
    """Give the threads that these addresses lead to."""
    statement = select(_urls.c.url_key, _urls.c.thread_id).where(_urls.c.site_id == site_id, _urls.c.url_key.in_(keys))
    return {row.url_key: row.thread_id for row in await query.all(statement)}

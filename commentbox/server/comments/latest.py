"""The newest published comments of a thread or of a whole site: what feeds and front pages show. Bounded, never a stub."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, TextClause, text

from commentbox.server.base.db import Query
from commentbox.server.comments.queries import HEARD, rows_by_id

MOST = 50
LOOKED_AT = 1000
"""Newest comments among which those by verified people are looked for; no index is kept for feeds alone."""


@dataclass(frozen=True)
class Late:
    """A comment's row with its article's title, address and id."""

    row: Row[Any]
    title: str
    url: str
    article_id: str | None


async def of_thread(query: Query, thread_id: str, *, verified_only: bool, limit: int = MOST) -> Sequence[Late]:
    """Give the newest published comments of one thread."""
    return await _latest(query, "thread_id", thread_id, verified_only=verified_only, limit=limit)


async def of_site(query: Query, site_id: str, *, verified_only: bool, limit: int = MOST) -> Sequence[Late]:
    """Give the newest published comments of a site."""
    return await _latest(query, "site_id", site_id, verified_only=verified_only, limit=limit)


async def _latest(query: Query, where: str, value: str, *, verified_only: bool, limit: int) -> Sequence[Late]:
    values = {"value": value, "verified": verified_only, "limit": limit, "looked_at": LOOKED_AT}
    found = await query.all(_statement(where), values)
    rows = await rows_by_id(query, [each.id for each in found], verified_only=verified_only)
    return [Late(rows[each.id], each.title, each.url, each.article_id) for each in found if each.id in rows]


@lru_cache(maxsize=2)
def _statement(where: str) -> TextClause:
    return text(
        f"""SELECT c.id, t.title, t.url, t.article_id FROM (
            SELECT id, thread_id, state, tier, attestation_id FROM comment WHERE {where} = :value AND state = 'published'
            ORDER BY id DESC LIMIT :looked_at) c
        JOIN thread t ON t.id = c.thread_id WHERE {HEARD}
        ORDER BY c.id DESC LIMIT :limit"""
    )

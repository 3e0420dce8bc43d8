"""The newest published comments of a thread or of a whole site: what feeds and front pages show. Bounded, never a stub."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, TextClause, text

from commentbox.server.base.db import Query
from commentbox.server.comments.queries import HEARD, VERIFIED, rows_by_id

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


@dataclass(frozen=True)
class By:
    """Whose comments are wanted: of one account on one site, and only those under this name."""

    account_id: str
    name: str
    site_id: str


async def of_person(
    query: Query, by: By, *, verified_only: bool, before: str = "", limit: int = MOST
) -> Sequence[Late]:
    """Give the newest published comments of somebody under their present name, on one site; `before` is the last one shown."""
    values = {"account": by.account_id, "site": by.site_id, "name": by.name, "verified": verified_only, "limit": limit}
    found = await query.all(_person_statement(bool(before)), values | ({"before": before} if before else {}))
    rows = await rows_by_id(query, [each.id for each in found], verified_only=verified_only)
    return [Late(rows[each.id], each.title, each.url, each.article_id) for each in found if each.id in rows]


async def unverified_of_person(query: Query, by: By) -> int:
    """Count those of them that are not verified: what readers of verified people do not see."""
    values = {"account": by.account_id, "site": by.site_id, "name": by.name}
    return await query.scalar(_unverified_statement(), values) or 0


async def papers_of(query: Query, account_id: str) -> Sequence[Row[Any]]:
    """Give the papers on which somebody has comments that readers see: slug, name."""
    return await query.all(_papers_statement(), {"account": account_id})


_PERSONS = "c.account_id = :account AND c.site_id = :site AND c.name = :name"


@lru_cache(maxsize=2)
def _person_statement(has_before: bool) -> TextClause:
    return text(
        f"""SELECT c.id, t.title, t.url, t.article_id FROM comment c JOIN thread t ON t.id = c.thread_id
        WHERE {_PERSONS} AND {HEARD} {"AND c.id < :before" if has_before else ""} ORDER BY c.id DESC LIMIT :limit"""
    )


@lru_cache(maxsize=1)
def _unverified_statement() -> TextClause:
    return text(f"SELECT count(*) FROM comment c WHERE {_PERSONS} AND c.state = 'published' AND NOT {VERIFIED}")


@lru_cache(maxsize=1)
def _papers_statement() -> TextClause:
    return text(
        """SELECT slug, name FROM site WHERE id IN (
        SELECT site_id FROM comment WHERE account_id = :account AND state = 'published') ORDER BY name"""
    )


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

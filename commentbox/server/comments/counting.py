"""How many comments articles have, many articles at once: what index pages show."""

from collections.abc import Sequence

from sqlalchemy import func, select

from commentbox.server.base.db import Query, table_of
from commentbox.server.sites import actions as sites
from commentbox.server.sites.addresses import url_key
from commentbox.server.threads import ArticleRef, Thread, ThreadUrl

_threads = table_of(Thread)
_urls = table_of(ThreadUrl)
NONE = (0, 0)
Counts = tuple[int, int]


async def counts(query: Query, slug: str, refs: Sequence[ArticleRef]) -> list[Counts]:
    """Give (published, published by verified people) for each article, in their order; unknown ones have none.

    Refuses `site.unknown` and `article.url_invalid`.
    """
    site = await sites.by_slug(query, slug)
    keys: dict[str | None, str] = {ref.url: url_key(ref.url) for ref in refs if ref.url and not ref.article_id}
    by_id = await _by_article(query, site.id, [ref.article_id for ref in refs if ref.article_id])
    by_key = await _by_url(query, site.id, list(keys.values()))
    return [by_id.get(ref.article_id, NONE) if ref.article_id else by_key.get(keys[ref.url], NONE) for ref in refs]


async def _by_article(query: Query, site_id: str, ids: list[str]) -> dict[str | None, Counts]:
    remaining = _threads.alias("remaining")
    joined = _threads.join(remaining, remaining.c.id == func.coalesce(_threads.c.merged_into, _threads.c.id))
    columns = (_threads.c.article_id, remaining.c.total, remaining.c.verified_total)
    wanted = select(*columns).select_from(joined)
    wanted = wanted.where(_threads.c.site_id == site_id, _threads.c.article_id.in_(ids))
    return {row.article_id: (row.total, row.verified_total) for row in await query.all(wanted)} if ids else {}


async def _by_url(query: Query, site_id: str, keys: list[str]) -> dict[str, Counts]:
    joined = _urls.join(_threads, _threads.c.id == _urls.c.thread_id)
    wanted = select(_urls.c.url_key, _threads.c.total, _threads.c.verified_total).select_from(joined)
    wanted = wanted.where(_urls.c.site_id == site_id, _urls.c.url_key.in_(keys))
    return {row.url_key: (row.total, row.verified_total) for row in await query.all(wanted)} if keys else {}

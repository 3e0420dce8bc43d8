"""Looking something up at the desk: a comment or account by its id, people by how their name begins, comments by their words.

Every way goes over an index: ids, the narrow table of names (one row an account, never one a comment), and the database's
own index of words, which has published, held and removed comments. What is erased or withdrawn is not found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, text

from commentbox.server.accounts.models import Account, NameHold
from commentbox.server.accounts.skeletons import skeleton
from commentbox.server.base import fulltext
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.ids import looks_like_id
from commentbox.server.comments.models import Comment
from commentbox.server.moderation.seats import Seat, seen_threads
from commentbox.server.sites.models import Site

PAGE = 20
STATES = ("published", "held", "removed")
_accounts = table_of(Account)
_comments = table_of(Comment)
_names = table_of(NameHold)
_sites = table_of(Site)
_SHOWN = [_comments.c[name] for name in ("id", "name", "html", "state", "created_at")]


@dataclass(frozen=True)
class Found:
    """People (`account_id`, `name`, `slug`, `site_name`: one row a site), comments (`id`, `name`, `html`, `state`), and the id
    behind which the next page of comments begins.
    """

    people: Sequence[Row[Any]] = ()
    comments: Sequence[Row[Any]] = ()
    before: str | None = None


async def find(query: Query, seat: Seat, words: str, *, before: str | None = None) -> Found:
    """Give what fits on the seat's sites, the newest comments first; nothing for fewer than two characters."""
    words = words.strip()
    if len(words) < 2 or not seat.site_ids:
        return Found()
    rows = await _found_comments(query, seat, words, before=before)
    people = () if before else await _people(query, seat, words)
    return Found(people, rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


async def _people(query: Query, seat: Seat, words: str) -> Sequence[Row[Any]]:
    beginning = _names.c.skeleton.startswith(skeleton(words), autoescape=True)
    named = select(_names.c.account_id).where(beginning, _names.c.account_id.is_not(None)).limit(PAGE * 5)
    who = _accounts.c.id == words if looks_like_id(words) else _accounts.c.id.in_(named)
    wrote = select(_comments.c.id).where(_comments.c.account_id == _accounts.c.id, _comments.c.site_id == _sites.c.id)
    columns = (_accounts.c.id.label("account_id"), _accounts.c.name, _sites.c.slug, _sites.c.name.label("site_name"))
    found = select(*columns).select_from(_accounts.join(_sites, _sites.c.id.in_(seat.whole_ids)))
    found = found.where(who, _accounts.c.deleted_at.is_(None), wrote.exists())
    return await query.all(found.order_by(_accounts.c.name, _sites.c.name).limit(PAGE))


async def _found_comments(query: Query, seat: Seat, words: str, *, before: str | None) -> Sequence[Row[Any]]:
    mine = select(*_SHOWN).where(_comments.c.site_id.in_(seat.site_ids), _comments.c.state.in_(STATES))
    mine = mine.where(seen_threads(seat, _comments.c.site_id, _comments.c.thread_id))
    if looks_like_id(words):
        return await query.all(mine.where(_comments.c.id == words))
    wanted = fulltext.words_in(words)
    if not wanted:
        return ()
    if before:
        mine = mine.where(_comments.c.id < before)
    having = mine.where(_comments.c.id.in_(text(query.fulltext.ids)))
    newest = having.order_by(_comments.c.id.desc()).limit(PAGE + 1)
    return await query.all(newest, {"words": query.fulltext.spell(None, wanted)})

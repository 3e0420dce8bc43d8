"""Looking something up at the desk: a comment or account by its id, people by how their name begins, words in recent texts.

Every way is bounded: ids and the newest texts of each site go over an index, names over the narrow table of names (one row
an account, never one a comment). It is no search over the whole archive.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, union_all

from commentbox.server.accounts.models import Account, NameHold
from commentbox.server.accounts.skeletons import skeleton
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.ids import looks_like_id
from commentbox.server.comments.models import Comment
from commentbox.server.moderation.seats import Seat
from commentbox.server.sites.models import Site

RECENT = 1000
"""So many of the newest comments of each site and state are looked through for words."""
PAGE = 20
STATES = ("published", "held", "removed")
_accounts = table_of(Account)
_comments = table_of(Comment)
_names = table_of(NameHold)
_sites = table_of(Site)


@dataclass(frozen=True)
class Found:
    """People (`account_id`, `name`, `slug`, `site_name`: one row a site) and comments (`id`, `name`, `text`, `state`)."""

    people: Sequence[Row[Any]]
    comments: Sequence[Row[Any]]


async def find(query: Query, seat: Seat, words: str) -> Found:
    """Give what fits on the seat's sites; nothing for fewer than two characters."""
    words = words.strip()
    if len(words) < 2 or not seat.site_ids:
        return Found((), ())
    return Found(await _people(query, seat, words), await _found_comments(query, seat, words))


async def _people(query: Query, seat: Seat, words: str) -> Sequence[Row[Any]]:
    beginning = _names.c.skeleton.startswith(skeleton(words), autoescape=True)
    named = select(_names.c.account_id).where(beginning, _names.c.account_id.is_not(None)).limit(PAGE * 5)
    who = _accounts.c.id == words if looks_like_id(words) else _accounts.c.id.in_(named)
    wrote = select(_comments.c.id).where(_comments.c.account_id == _accounts.c.id, _comments.c.site_id == _sites.c.id)
    columns = (_accounts.c.id.label("account_id"), _accounts.c.name, _sites.c.slug, _sites.c.name.label("site_name"))
    found = select(*columns).select_from(_accounts.join(_sites, _sites.c.id.in_(seat.site_ids)))
    found = found.where(who, _accounts.c.deleted_at.is_(None), wrote.exists())
    return await query.all(found.order_by(_accounts.c.name, _sites.c.name).limit(PAGE))


async def _found_comments(query: Query, seat: Seat, words: str) -> Sequence[Row[Any]]:
    columns = [_comments.c[name] for name in ("id", "name", "text", "state", "created_at")]
    if looks_like_id(words):
        return await query.all(select(*columns).where(_comments.c.id == words, _comments.c.site_id.in_(seat.site_ids)))
    newest = []
    for site_id in sorted(seat.site_ids):
        for state in STATES:
            here = select(*columns).where(_comments.c.site_id == site_id, _comments.c.state == state)
            sub = here.order_by(_comments.c.id.desc()).limit(RECENT).subquery()
            newest.append(select(*sub.c))
    recent = union_all(*newest).subquery()
    fitting = select(*recent.c).where(recent.c.text.icontains(words, autoescape=True))
    return await query.all(fitting.order_by(recent.c.id.desc()).limit(PAGE))

"""Orders of authorities to act against a comment (EU Digital Services Act art. 9): entered by staff, handled like a notice that
comes first, answered by the decision. What the authority is told is made from the rows.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict, Invalid, NotFound
from commentbox.server.base.ids import new_id
from commentbox.server.base.work import Work
from commentbox.server.comments.models import Comment
from commentbox.server.notices import rules
from commentbox.server.notices.models import AuthorityOrder, Notice
from commentbox.server.sites.models import Site

KIND = "order"
PAGE = 50
AUTHORITY_LENGTH, REFERENCE_LENGTH = 200, 100
_comments = table_of(Comment)
_notices = table_of(Notice)
_orders = table_of(AuthorityOrder)
_sites = table_of(Site)


@dataclass(frozen=True)
class Order:
    """What an order says, as staff type it. `law` is its legal ground, `why` what it orders and for which reasons."""

    authority: str
    reference: str
    offence: str
    law: str
    why: str
    territory: str = ""


async def enter(work: Work, comment: Row[Any], order: Order) -> str:
    """Take an order about a comment (a row) and give its id; it is due within a day. Refuses `order.…`, `input.too_long`."""
    _check(order)
    named = f"{order.authority.strip().casefold()}|{order.reference.strip().casefold()}"
    notice = Notice(
        id=new_id(work.now),
        site_id=comment.site_id,
        comment_id=comment.id,
        revision=comment.revision,
        kind=KIND,
        offence=order.offence,
        law=order.law.strip(),
        location=comment.id,
        why=order.why.strip(),
        is_urgent=True,
        by=hashlib.sha256(named.encode()).hexdigest(),
        created_at=work.now,
        due_at=work.now + timedelta(hours=rules.URGENT_HOURS),
    )
    if not await work.q.add_if_new(notice):
        raise Conflict("order.exists")
    kept = AuthorityOrder(
        notice_id=notice.id,
        site_id=comment.site_id,
        authority=order.authority.strip(),
        reference=order.reference.strip(),
        territory=" ".join(order.territory.upper().replace(",", " ").split()),
        entered_by=work.actor,
    )
    await work.q.add(kept)
    facts = {"comment": comment.id, "about": KIND, "offence": order.offence}
    work.record("notice.received", site_id=comment.site_id, subject_id=notice.id, **facts)
    return notice.id


def _check(order: Order) -> None:
    lengths = (
        ("authority", order.authority, AUTHORITY_LENGTH),
        ("reference", order.reference, REFERENCE_LENGTH),
        ("law", order.law, rules.LAW_LENGTH),
        ("why", order.why, rules.WHY_LENGTH),
        ("territory", order.territory, rules.LAW_LENGTH),
    )
    for name, text, limit in lengths:
        rules.check_length(name, text, limit)
        if not text.strip() and name != "territory":
            raise Invalid("order.incomplete")
    if order.offence not in rules.OFFENCES:
        raise Invalid("notice.offence_unknown", offence=order.offence[:20])


async def about(query: Query, comment_id: str) -> Row[Any]:
    """Give the comment an order is about, whatever its state. Refuses `comment.unknown`."""
    row = await query.first(select(_comments).where(_comments.c.id == comment_id))
    if row is None:
        raise NotFound("comment.unknown", comment=comment_id[:40])
    return row


async def of(query: Query, site_ids: Collection[str]) -> Sequence[Row[Any]]:
    """Give the orders of sites, the newest first, each with what became of it and the site's name."""
    joined = _orders.join(_notices, _notices.c.id == _orders.c.notice_id)
    joined = joined.join(_sites, _sites.c.id == _orders.c.site_id)
    names = ("id", "comment_id", "offence", "law", "created_at", "due_at", "decided_at", "outcome", "answer")
    columns = (*_orders.c, *(_notices.c[name] for name in names), _sites.c.name.label("site_name"))
    found = select(*columns).select_from(joined).where(_orders.c.site_id.in_(site_ids))
    return await query.all(found.order_by(_orders.c.notice_id.desc()).limit(PAGE))

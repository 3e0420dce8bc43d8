"""What moderators decided, as examples for the local classifier: the text as it was judged, and what came of it."""

from typing import Any

from sqlalchemy import select

from commentbox.server.base.db import Query, table_of
from commentbox.server.comments.models import Revision
from commentbox.server.moderation.models import Decision
from commentbox.server.screening.classifiers.training import Example
from commentbox.server.sites.models import Site

MOST = 50_000
"""The newest; more would take minutes to learn from and teach little."""
_decisions = table_of(Decision)
_revisions = table_of(Revision)
_sites = table_of(Site)


async def examples(query: Query, *, site_id: str | None = None, rules: tuple[str, ...] = ()) -> list[Example]:
    """Give standing decisions about comments, of one site or all. With `rules`, removals under others are left out: what breaks
    them says nothing about what is to be learned. Erased texts are no examples."""
    rows = await query.all(_newest(site_id))
    seen = set[str]()
    found = []
    for row in rows:
        fits = row.action == "approve" or not rules or row.rule in rules
        if fits and row.comment_id not in seen:  # the newest decision about a comment is the one that counts
            found.append(Example(row.text, row.action == "remove", row.lang))
        seen.add(row.comment_id)
    return found


def _newest(site_id: str | None) -> Any:
    undone = _decisions.alias("undone")
    judged = (_revisions.c.comment_id == _decisions.c.comment_id) & (_revisions.c.number == _decisions.c.revision)
    joined = _decisions.join(_revisions, judged).join(_sites, _sites.c.id == _decisions.c.site_id)
    columns = (_decisions.c.comment_id, _decisions.c.action, _decisions.c.rule, _revisions.c.text, _sites.c.lang)
    stands = ~select(undone.c.id).where(undone.c.undoes == _decisions.c.id).exists()
    wanted = _decisions.c.action.in_(("approve", "remove")) & stands & (_revisions.c.text != "")
    wanted = wanted & (_decisions.c.site_id == site_id) if site_id else wanted
    return select(*columns).select_from(joined).where(wanted).order_by(_decisions.c.id.desc()).limit(MOST)

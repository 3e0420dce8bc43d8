"""What screening is told about a draft and its writer, and what it says, before the transaction. Called by `posting.py`, and by
whoever asks how other rules would have judged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select

from commentbox.server.base import clock, markup
from commentbox.server.base.db import Query, table_of
from commentbox.server.comments.drafts import Author, Draft
from commentbox.server.comments.models import Comment
from commentbox.server.screening import drafts, pipeline
from commentbox.server.screening.drafts import Caught, Facts
from commentbox.server.sites.rules import Policy
from commentbox.server.verification.speaking import Speaker

HOUR = timedelta(hours=1)
RECENT = 60
"""How many of the writer's comments screening looks back on; no budget allows more in an hour that matters."""
MOST_KEPT = 40
"""So much of what screening caught is kept; nobody at the desk reads more."""
_comments = table_of(Comment)
TELLING = ("id", "site_id", "thread_id", "account_id", "state", "text_hash", "created_at", "published_at")
"""The columns of a comment that say something about its author."""
_LATELY = (
    select(*(_comments.c[name] for name in TELLING))
    .where(_comments.c.account_id == bindparam("account"))
    .order_by(_comments.c.id.desc())
    .limit(RECENT)
)


@dataclass(frozen=True)
class Here:
    """Where a comment is to stand, and how many days back refusals on this site are looked for."""

    site_id: str
    thread_id: str | None
    refused_days: int


async def facts_of(query: Query, speaker: Speaker | None, here: Here, *, without: str | None = None) -> Facts:
    """Gather what screening wants to know about a writer, in one query; of a guest we know nothing.

    For an edit, `without` is the comment itself, and no pause or age counts: it was posted already.
    """
    if speaker is None:
        return Facts()
    rows = [row for row in await query.all(_LATELY, {"account": speaker.account_id}) if row.id != without]
    since = speaker.account_since if without is None else None
    return facts_from(rows, here, since=since, now=clock.now())


def facts_from(rows: Sequence[Any], here: Here, *, since: datetime | None, now: datetime) -> Facts:
    """Give what an author's last comments say, the newest first, and since when there is the account."""
    lately = [row for row in rows if row.created_at > now - HOUR]
    in_thread = [row for row in lately if row.thread_id == here.thread_id]
    long_ago = now - timedelta(days=here.refused_days)
    judged = [row.state for row in rows if row.site_id == here.site_id and row.created_at > long_ago]
    refused = judged.count("removed")
    return Facts(
        recent_hashes=frozenset(row.text_hash for row in lately),
        posts_last_hour=len(lately),
        hour_opens_in=_opens_in(lately, now),
        posts_before=sum(row.published_at is not None for row in rows),
        posts_last_hour_here=len(in_thread),
        hour_opens_in_here=_opens_in(in_thread, now),
        seconds_since_here=int((now - in_thread[0].created_at).total_seconds()) if in_thread else None,
        account_age_seconds=int((now - since).total_seconds()) if since else None,
        refused_lately=refused,
        judged_lately=refused + judged.count("published"),
    )


def _opens_in(lately: list[Row[Any]], now: datetime) -> int:
    return int((lately[-1].created_at - (now - HOUR)).total_seconds()) + 1 if lately else 0


def judged(text: str, author: Author, facts: Facts, *, policy: Policy) -> Draft:
    """Screen and render; a refusal is raised, a hold is noted in the draft."""
    text = pipeline.cleaned(text)
    text_hash = pipeline.text_hash(text)
    html = markup.render(text[: policy.max_length])
    screened = drafts.Draft(
        text=text,
        text_hash=text_hash,
        links=tuple(markup.links_in(html)),
        tier=author.tier,
        is_guest=author.account_id is None,
        shown=markup.plain(html),
    )
    verdict = pipeline.judge(screened, facts, policy)
    caught = tuple(_kept(each) for each in verdict.caught[:MOST_KEPT])
    return Draft(text=text, html=html, text_hash=text_hash, hold_rule=verdict.rule, caught=caught)


def _kept(caught: Caught) -> dict[str, Any]:
    """Give what screening caught as it is kept with the comment, what is empty left out."""
    kept = {"rule": caught.rule, "what": caught.what, "list": caught.listed, "at": list(caught.at or ())}
    return {name: value for name, value in kept.items() if value}

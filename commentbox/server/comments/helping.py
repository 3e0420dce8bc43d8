"""Outside help on a comment's way: asked about a text that nothing else holds, before the transaction; and left for later where
nobody answered in time and the site publishes all the same.

Called by `posting.py`. What is asked again later is up to `moderation/suggesting.py`.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Row, select, update

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.work import Work
from commentbox.server.comments.models import Comment
from commentbox.server.screening.classifiers.asking import NO_HELP, Heard, Help
from commentbox.server.screening.classifiers.port import Question
from commentbox.server.screening.drafts import Facts
from commentbox.server.sites.models import Site
from commentbox.server.sites.rules import Policy
from commentbox.server.threads import Thread

LATER = "outside.later"
"""The job that asks again about a comment that is up already."""
UNANSWERED = "unanswered"
"""The rule a comment is held under where the site looks at whatever help said nothing about."""
_comments = table_of(Comment)
_threads = table_of(Thread)
_sites = table_of(Site)


@dataclass(frozen=True)
class Place:
    """Who may be asked about a text, and what they are told of where it stands. `address` is the writer's, or ''."""

    help: Help = NO_HELP
    lang: str = "en"
    site: str = ""
    article: str = ""
    is_reply: bool = False
    address: str = field(default="", repr=False)

    def question(self, text: str, tier: str) -> Question:
        """Give what is asked about a text."""
        return Question(text, self.lang, tier, self.site, self.article, self.is_reply, self.address)


async def hear(place: Place, text: str, facts: Facts, *, tier: str, policy: Policy) -> tuple[Facts, tuple[str, ...]]:
    """Ask the site's helpers about a text; give the facts with what they said, and who is to be asked again later."""
    heard = await place.help.ask(policy.outside_help, place.question(text, tier))
    return replace(facts, score=heard.score, outside=_rule(heard, policy)), _later(heard, policy)


def tenths(score: float | None) -> int | None:
    """Give what is kept of a score: too coarse to say anything of a text, fine enough to compare how equals fared."""
    return None if score is None else round(score * 10)


def _rule(heard: Heard, policy: Policy) -> str | None:
    fails_held = heard.unheard and policy.outside_help_fails == "hold"
    return heard.outside or (UNANSWERED if fails_held else None)


def _later(heard: Heard, policy: Policy) -> tuple[str, ...]:
    return heard.unheard if policy.outside_help_fails == "open" else ()


def ask_later(work: Work, comment_id: str, revision: int, names: tuple[str, ...]) -> None:
    """Leave a text that is up for those who did not answer in time."""
    if names:
        work.job(LATER, {"comment_id": comment_id, "revision": revision, "helpers": list(names)})


async def comment_in_place(query: Query, comment_id: str) -> Row[Any] | None:
    """Give what helpers may know of a comment (text, tier, and where it stands), with its state, revision and policy."""
    joined = _comments.join(_threads, _threads.c.id == _comments.c.thread_id).join(
        _sites, _sites.c.id == _comments.c.site_id
    )
    own = ("id", "site_id", "text", "html", "tier", "state", "revision", "parent_id")
    columns = (*(_comments.c[name] for name in own), _threads.c.url, _sites.c.slug, _sites.c.lang, _sites.c.policy)
    return await query.first(select(*columns).select_from(joined).where(_comments.c.id == comment_id))


async def note_score(work: Work, comment_id: str, revision: int, score: float | None) -> None:
    """Keep the score that came after publication, if the text is still the one that was scored."""
    same = update(_comments).where(_comments.c.id == comment_id, _comments.c.revision == revision)
    await work.q.run(same.values(score=tenths(score)))


def place_of(help: Help, row: Row[Any], *, address: str = "") -> Place:
    """Give the place of a comment that is there already."""
    return Place(help, row.lang, row.slug, row.url or "", row.parent_id is not None, address)

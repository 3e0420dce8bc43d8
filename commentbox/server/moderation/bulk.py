"""Several cases, one decision, one reason: looked at once more before it is carried out, each by itself.

Every case has its own transaction, decision and statement; what cannot be decided says why and stays as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from commentbox.server.base import markup
from commentbox.server.base.db import Database, Query
from commentbox.server.base.errors import Invalid, NotFound, Refusal
from commentbox.server.base.ids import looks_like_id
from commentbox.server.base.work import begin
from commentbox.server.moderation import decisions, rules, rulings
from commentbox.server.moderation.seats import Seat, comment_for_desk
from commentbox.server.notices import queries as notices
from commentbox.server.notices.actions import Told

NOTHING_TOLD = Told()
AT_MOST = 25
"""A page of the queue: what one pair of eyes can look at before one reason is given for all of it."""


@dataclass(frozen=True)
class Selected:
    """A case as it was looked at: `token` brings that back with the decision. `text` is as it reads, `notices` wait for an
    answer.
    """

    comment_id: str
    name: str
    kind: str
    text: str
    state: str
    token: str
    notices: int = 0


@dataclass(frozen=True)
class Outcome:
    """What became of one case: `refusal` is None where it was decided."""

    selected: Selected
    refusal: Refusal | None


async def look(query: Query, seat: Seat, comment_ids: Sequence[str]) -> list[Selected]:
    """Give the selected comments as they stand. What is not there for this seat is left out. Refuses `bulk.none`."""
    found = []
    for comment_id in filter(looks_like_id, comment_ids[:AT_MOST]):
        try:
            row = await comment_for_desk(query, seat, comment_id)
        except NotFound:
            continue
        last = await rulings.latest_id(query, comment_id)
        token = f"{row.id}.{row.revision}.{row.state}.{last or ''}"
        waiting = len(await notices.open_about(query, comment_id))
        found.append(Selected(row.id, row.name, row.kind, markup.plain(row.html), row.state, token, waiting))
    if not found:
        raise Invalid("bulk.none")
    return found


async def decide(
    db: Database,
    seat: Seat,
    tokens: Sequence[str],
    *,
    action: str,
    reasons: rules.Reasons | None,
    note: str = "",
    told: Told = NOTHING_TOLD,
) -> list[Outcome]:
    """Decide about every case as it was looked at, one after the other. Refuses what is wrong with the reasons alone."""
    if action == "remove":
        reasons = rules.check_reasons(reasons)
    seen = {comment_id: rest for comment_id, _, rest in (token.partition(".") for token in tokens[:AT_MOST])}
    async with db.read() as query:
        selected = await look(query, seat, list(seen))
    verdicts = [replace(_verdict(each, seen, action, reasons, note), told=told) for each in selected]
    return [await _one(db, seat, each, verdict) for each, verdict in zip(selected, verdicts, strict=True)]


def _verdict(
    each: Selected, seen: dict[str, str], action: str, reasons: rules.Reasons | None, note: str
) -> decisions.Verdict:
    revision, _, rest = seen[each.comment_id].partition(".")
    state, _, last = rest.partition(".")
    looked = rules.Seen(int(revision) if revision.isascii() and revision.isdigit() else 0, state, last or None)
    return decisions.Verdict(each.comment_id, action, looked, reasons if action == "remove" else None, note)


async def _one(db: Database, seat: Seat, each: Selected, verdict: decisions.Verdict) -> Outcome:
    try:
        async with begin(db, actor=seat.account_id) as work:
            await decisions.decide(work, seat, verdict)
    except Refusal as refusal:
        return Outcome(each, refusal)
    return Outcome(each, None)

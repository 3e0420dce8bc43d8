"""Dry runs: what a draft of the screening rules would have done with a site's last comments, before it is switched on.

Each comment is judged twice, by the rules that hold and by the draft, with the same facts about its author as of then; what
differs is counted by kind, rule and tier. Asked for at the desk, carried out by a job, in a thread beside the event loop, in
bounded time. Limits of single threads are left out, and so is what outside services and the classifier said: it is not kept.
"""

import asyncio
import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Row, func, select, union_all, update

from commentbox.server.accounts.models import Account
from commentbox.server.base import clock, markup
from commentbox.server.base.db import Database, Query, table_of
from commentbox.server.base.errors import Conflict, NotFound, Refusal
from commentbox.server.base.ids import first_id, new_id
from commentbox.server.base.work import Work, begin
from commentbox.server.comments.judging import RECENT, TELLING, Here, facts_from
from commentbox.server.comments.models import Comment
from commentbox.server.moderation.models import DryRun
from commentbox.server.moderation.seats import Seat
from commentbox.server.screening import pipeline
from commentbox.server.screening.drafts import Draft, Facts
from commentbox.server.sites import screening_drafts
from commentbox.server.sites.models import Site
from commentbox.server.sites.rules import Policy
from commentbox.server.sites.screening_rules import checked, settings_of

TRY = "screening.try"
"""The job's kind."""
COMMENTS = 1000
SLICE = 25
"""So many are judged before the clock is looked at."""
MOST_SECONDS = 20
"""Whatever is not judged by then is left out, and the result says so."""
MOST_EARLIER = 20_000
"""So many earlier comments of the same authors are looked at, the newest first."""
EXAMPLES = 5
KINDS = ("freed", "held", "blocked", "nudged", "unnudged")
"""Held or refused by now's rules and not by the draft; the other way round; refused; asked to think again; no more asked."""
_accounts = table_of(Account)
_comments = table_of(Comment)
_runs = table_of(DryRun)
_sites = table_of(Site)


@dataclass(frozen=True)
class Outcome:
    """What rules do with a comment: publish, hold or refuse, under which rule, and whether they ask to think again."""

    action: str
    rule: str
    has_heat: bool


@dataclass
class Tally:
    """What is counted: comments looked at by tier, and changes by kind, rule and tier, with the newest as examples."""

    looked: dict[str, int] = field(default_factory=lambda: {"verified": 0, "unverified": 0})
    changed: dict[str, int] = field(default_factory=lambda: {"verified": 0, "unverified": 0})
    rows: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def add(self, comment: Row[Any], changes: Sequence[tuple[str, str]]) -> None:
        """Count a comment and what would become of it."""
        self.looked[comment.tier] += 1
        self.changed[comment.tier] += bool(changes)
        for kind, rule in changes:
            empty = {"kind": kind, "rule": rule, "verified": 0, "unverified": 0, "examples": []}
            row = self.rows.setdefault((kind, rule), empty)
            row[comment.tier] += 1
            if len(row["examples"]) < EXAMPLES:
                row["examples"].append(comment.id)

    def result(self, *, of: int) -> dict[str, Any]:
        """Give what is kept."""
        rows = sorted(self.rows.values(), key=lambda row: (KINDS.index(row["kind"]), row["rule"]))
        return {"of": of, "looked": self.looked, "changed": self.changed, "rows": rows}


async def ask(work: Work, site_id: str) -> str:
    """Ask for a dry run of the draft, and give its id. Refuses `screening.no_draft`, and `screening.trying` while one runs."""
    if await screening_drafts.draft_of(work.q, site_id) is None:
        raise NotFound("screening.no_draft")
    latest = await latest_of(work.q, site_id)
    if latest and latest.done_at is None and latest.asked_at > work.now - timedelta(minutes=2):
        raise Conflict("screening.trying")
    now, then = await screening_drafts.drafted(work.q, site_id)
    run = DryRun(
        id=new_id(work.now),
        site_id=site_id,
        settings=settings_of(then),
        based_on=now.screening_version,
        account_id=work.actor,
        asked_at=work.now,
    )
    await work.q.add(run)
    work.job(TRY, {"dry_run_id": run.id})
    work.record("site.screening_tried", site_id=site_id, subject_id=site_id, dry_run=run.id)
    return run.id


async def latest_of(query: Query, site_id: str) -> Row[Any] | None:
    """Give the last dry run that was asked for, or None."""
    theirs = select(_runs).where(_runs.c.site_id == site_id).order_by(_runs.c.id.desc())
    return await query.first(theirs.limit(1))


async def by_id(query: Query, seat: Seat, dry_run_id: str) -> Row[Any]:
    """Give a dry run of the seat's sites. Refuses `case.unknown`."""
    row = await query.first(select(_runs).where(_runs.c.id == dry_run_id, _runs.c.site_id.in_(seat.site_ids)))
    if row is None:
        raise NotFound("case.unknown")
    return row


async def examples(query: Query, run: Row[Any]) -> dict[str, Row[Any]]:
    """Give the comments that a dry run names, as far as they are still there."""
    ids = {each for row in (run.result or {}).get("rows", ()) for each in row["examples"]}
    columns = (_comments.c[name] for name in ("id", "name", "html", "state", "tier"))
    found = select(*columns).where(_comments.c.id.in_(ids), _comments.c.site_id == run.site_id)
    return {row.id: row for row in await query.all(found)}


async def carry_out(db: Database, dry_run_id: str) -> None:
    """Judge the last comments by both rules and keep the result. Done again after a crash, it begins anew."""
    async with db.read(heavy=True) as query:
        run = await query.first(select(_runs).where(_runs.c.id == dry_run_id, _runs.c.done_at.is_(None)))
        if run is None:
            return
        kept = await query.scalar(select(_sites.c.policy).where(_sites.c.id == run.site_id))
        now = Policy.model_validate(kept or {})
        then = checked(now, run.settings)
        comments = await _last(query, run.site_id)
        authors = await _authors(query, run.site_id, comments, days=max(now.refused_days, then.refused_days))
    tally = await _judge(comments, authors, now, then)
    done = {"result": tally.result(of=len(comments)), "done_at": clock.now()}
    async with begin(db) as work:
        await work.q.run(update(_runs).where(_runs.c.id == dry_run_id).values(done))


async def _judge(comments: Sequence[Row[Any]], authors: "Authors", now: Policy, then: Policy) -> Tally:
    tally, until = Tally(), time.monotonic() + MOST_SECONDS
    left = iter(comments)
    while (some := list(islice(left, SLICE))) and time.monotonic() < until:
        await asyncio.to_thread(_judge_some, some, authors, (now, then), tally)
    return tally


def _judge_some(comments: Iterable[Row[Any]], authors: "Authors", rules: tuple[Policy, Policy], tally: Tally) -> None:
    for comment in comments:
        draft = Draft(
            text=comment.text,
            text_hash=comment.text_hash,
            links=tuple(markup.links_in(comment.html)),
            tier=comment.tier,
            is_guest=comment.account_id is None,
            shown=markup.plain(comment.html),
        )
        now, then = (outcome(draft, authors.facts(comment, policy), policy) for policy in rules)
        tally.add(comment, changes(now, then))


def outcome(draft: Draft, facts: Facts, policy: Policy) -> Outcome:
    """Say what rules do with a draft."""
    try:
        verdict = pipeline.judge(draft, facts, policy)
    except Refusal as refusal:
        return Outcome("refuse", refusal.code, False)
    return Outcome(verdict.action, verdict.rule or "", bool(verdict.heat))


def changes(now: Outcome, then: Outcome) -> list[tuple[str, str]]:
    """Give kind and rule of everything that would change. Another rule for the same hold is no change."""
    found = []
    if now.action != then.action:
        kind = {"publish": "freed", "hold": "held", "refuse": "blocked"}[then.action]
        found.append((kind, now.rule if kind == "freed" else then.rule))
    if then.action != "refuse" and now.has_heat != then.has_heat:
        found.append(("nudged" if then.has_heat else "unnudged", "heat"))
    return found


async def _last(query: Query, site_id: str) -> list[Row[Any]]:
    """Give the last comments that have their words, the newest first; imported ones were judged elsewhere."""
    columns = [_comments.c[name] for name in (*TELLING, "text", "html", "tier")]
    own = (_comments.c.site_id == site_id) & _comments.c.imported_from.is_(None)
    arms = [
        # Each state by itself, so that the index gives the newest without looking at all the others.
        select(
            select(*columns)
            .where(own, _comments.c.state == each)
            .order_by(_comments.c.id.desc())
            .limit(COMMENTS)
            .subquery()
        )
        for each in ("published", "held", "removed")
    ]
    together = union_all(*arms).subquery()
    return list(await query.all(select(together).order_by(together.c.id.desc()).limit(COMMENTS)))


@dataclass(frozen=True)
class Authors:
    """What is known of the authors of comments: their comments in the order of ids, how many there were before, since when."""

    site_id: str
    said: dict[str, list[Row[Any]]]
    before: dict[str, int]
    since: dict[str, Any]

    def facts(self, comment: Row[Any], policy: Policy) -> Facts:
        """Give what screening would have been told when a comment was posted; states are those of now."""
        if comment.account_id is None:
            return Facts()
        said = self.said.get(comment.account_id, [])
        place = bisect_left(said, comment.id, key=lambda row: row.id)
        here = Here(self.site_id, comment.thread_id, policy.refused_days)
        rows = said[max(0, place - RECENT) : place][::-1]
        facts = facts_from(rows, here, since=self.since.get(comment.account_id), now=comment.created_at)
        return replace(facts, posts_before=facts.posts_before + self.before.get(comment.account_id, 0))


async def _authors(query: Query, site_id: str, comments: Sequence[Row[Any]], *, days: int) -> Authors:
    """Read what the authors had said before, as far back as any rule looks."""
    ids = {row.account_id for row in comments if row.account_id}
    if not ids:
        return Authors(site_id, {}, {}, {})
    oldest = min(row.created_at for row in comments) - timedelta(days=days)
    theirs, cut = _comments.c.account_id.in_(ids), first_id(oldest)
    lately = select(*(_comments.c[name] for name in TELLING)).where(theirs, _comments.c.id >= cut)
    said: dict[str, list[Row[Any]]] = {}
    for row in reversed(await query.all(lately.order_by(_comments.c.id.desc()).limit(MOST_EARLIER))):
        said.setdefault(row.account_id, []).append(row)
    published = select(_comments.c.account_id, func.count().label("number")).where(theirs, _comments.c.id < cut)
    published = published.where(_comments.c.published_at.is_not(None)).group_by(_comments.c.account_id)
    before = {row.account_id: row.number for row in await query.all(published)}
    since = await query.all(select(_accounts.c.id, _accounts.c.created_at).where(_accounts.c.id.in_(ids)))
    return Authors(site_id, said, before, {row.id: row.created_at for row in since})

"""What the people of the conversation do with one comment: post, edit, approve, report, remove, appeal, withdraw, leave.

Each deed goes through the room it belongs to, at the moment that `seed.py` has set in `stage.work`.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from commentbox.demo.conversation import Conversation, Line, Person
from commentbox.server import reports, votes
from commentbox.server.accounts.actions import hold_name
from commentbox.server.accounts.models import Account, NameHold
from commentbox.server.accounts.names import check
from commentbox.server.accounts.queries import grants_of
from commentbox.server.accounts.rules import label_of
from commentbox.server.base import markup
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.work import Work
from commentbox.server.comments import actions as comments
from commentbox.server.comments.drafts import Author, Draft
from commentbox.server.comments.models import Comment
from commentbox.server.moderation import appeals, decisions, rulings, statements
from commentbox.server.moderation import rules as moderation
from commentbox.server.moderation.seats import take_seat
from commentbox.server.screening import pipeline

EDIT_AFTER, APPROVE_AFTER, REPORT_AFTER, SETTLE_AFTER = 3, 9, 5, 12
"""Minutes from the comment to what became of it; what ends a comment waits for its last answer."""
APPEAL_AFTER = 90
EDIT_WINDOW_MINUTES = 15
_comments = table_of(Comment)
_accounts = table_of(Account)
_names = table_of(NameHold)

Deed = tuple[float, Callable[[], Awaitable[None]]]


@dataclass
class Stage:
    """Where it is played: the unit of work, the data, and the ids of what has been made so far."""

    work: Work
    talk: Conversation
    site_id: str
    moderator_id: str = ""
    accounts: dict[str, str] = field(default_factory=dict)
    attestations: dict[str, str] = field(default_factory=dict)
    threads: dict[str, str] = field(default_factory=dict)
    comments: dict[tuple[str, int], str] = field(default_factory=dict)

    def person(self, line: Line) -> Person:
        """Give who wrote a line."""
        return self.talk.people[line.by]


def steps_of(stage: Stage, article: str, line: Line) -> Iterator[Deed]:
    """Give what happens to one line, as (minutes ago, deed)."""
    yield line.minutes_ago, lambda: _post(stage, article, line)
    if line.edited:
        yield line.minutes_ago - EDIT_AFTER, lambda: _edit(stage, article, line)
    if stage.person(line).guest and line.state == "published":
        yield line.minutes_ago - APPROVE_AFTER, lambda: _decide(stage, article, line, "approve")
    if line.reports:
        yield line.minutes_ago - REPORT_AFTER, lambda: _report(stage, article, line)
    settled = _last_answer(stage.talk.threads[article], line) - SETTLE_AFTER
    if line.state == "removed":
        yield settled, lambda: _decide(stage, article, line, "remove")
    if line.appeal:
        yield settled - APPEAL_AFTER, lambda: _appeal(stage, article, line)
    if line.state in ("withdrawn", "deleted"):
        yield settled, lambda: _withdraw(stage, article, line)


def _last_answer(lines: tuple[Line, ...], line: Line) -> int:
    return min([line.minutes_ago, *(each.minutes_ago for each in lines if each.parent == line.n)])


async def _post(stage: Stage, article: str, line: Line) -> None:
    author = await _author(stage, line)
    draft = _draft(line.before or line.text, _hold_rule(stage, line), stage.comments.get((article, line.parent or 0)))
    stage.work.actor = author.account_id
    posted = await comments.post(stage.work, author, draft, thread_id=stage.threads[article])
    stage.comments[article, line.n] = posted.id


def _draft(text: str, hold_rule: str | None = None, parent_id: str | None = None) -> Draft:
    # Whom the parent's author hears from was checked when the data were loaded.
    return Draft(text, markup.render(text), pipeline.text_hash(text), hold_rule=hold_rule, parent_id=parent_id)


def _hold_rule(stage: Stage, line: Line) -> str | None:
    """Say why a comment waits at first: a guest's always does."""
    if stage.person(line).guest:
        return "guest"
    return line.rule if line.state == "held" else None


async def _author(stage: Stage, line: Line) -> Author:
    person = stage.person(line)
    if person.guest:
        code = hashlib.sha256(f"guest:{person.key}".encode()).hexdigest()
        await hold_name(stage.work, check(person.name), guest_code_hash=code)
        return Author(name=person.name, guest_code_hash=code)
    account_id = stage.accounts[person.key]
    verified = person.verified(line.minutes_ago)
    return Author(
        name=person.name,
        account_id=account_id,
        kind=person.kind if verified else "none",
        tier="verified" if verified else "unverified",
        attestation_id=stage.attestations[person.key] if verified else None,
        label=label_of(await grants_of(stage.work.q, account_id), stage.site_id),
    )


async def attestation_of(query: Query, account_id: str) -> str:
    """Give the attestation an account has now."""
    return str(await query.scalar(select(_accounts.c.attestation_id).where(_accounts.c.id == account_id)))


async def _comment(stage: Stage, article: str, line: Line) -> Row[Any]:
    row = await stage.work.q.first(select(_comments).where(_comments.c.id == stage.comments[article, line.n]))
    if row is None:
        raise LookupError(f"{article}, line {line.n} was never posted")
    return row


async def _edit(stage: Stage, article: str, line: Line) -> None:
    author = await _author(stage, line)
    stage.work.actor = author.account_id
    comment = await _comment(stage, article, line)
    draft = _draft(line.text)
    await comments.edit(stage.work, comment, author, draft, window_minutes=EDIT_WINDOW_MINUTES)


async def _report(stage: Stage, article: str, line: Line) -> None:
    for number, complaint in enumerate(line.reports):
        by = hashlib.sha256(f"{article}/{line.n}/{number}".encode()).hexdigest()
        given = reports.Complaint(complaint.reason, complaint.text, by=by)
        await reports.report(stage.work, stage.comments[article, line.n], given)


async def _decide(stage: Stage, article: str, line: Line, action: str) -> None:
    """Let the Gazette's moderator look at the comment as it stands, and approve or remove it."""
    stage.work.actor = stage.moderator_id
    comment = await _comment(stage, article, line)
    seat = await take_seat(stage.work.q, stage.moderator_id, await grants_of(stage.work.q, stage.moderator_id))
    seen = moderation.Seen(comment.revision, comment.state, await rulings.latest_id(stage.work.q, comment.id))
    reasons = moderation.Reasons(line.rule, line.note) if action == "remove" else None
    await decisions.decide(stage.work, seat, decisions.Verdict(comment.id, action, seen, reasons))


async def _appeal(stage: Stage, article: str, line: Line) -> None:
    owner = statements.Owner(stage.accounts[line.by])
    stage.work.actor = owner.account_id
    statement = await statements.in_force(stage.work.q, stage.comments[article, line.n])
    if statement is None:
        raise LookupError(f"{article}, line {line.n} has no statement to appeal against")
    await appeals.open_appeal(stage.work, statement.id, owner=owner, text=line.appeal)


async def _withdraw(stage: Stage, article: str, line: Line) -> None:
    """Take a comment back; who left for good leaves no name under it either."""
    person = stage.person(line)
    stage.work.actor = stage.accounts[person.key]
    await comments.withdraw(stage.work, await _comment(stage, article, line))
    if line.state != "deleted":
        return
    gone = {"state": "deleted", "name": "", "account_id": None}
    await stage.work.q.run(update(_comments).where(_comments.c.id == stage.comments[article, line.n]).values(gone))
    last = max(each.n for each in stage.talk.threads[article] if each.by == line.by)
    if line.n == last:
        await _leave(stage, stage.accounts[person.key])


async def _leave(stage: Stage, account_id: str) -> None:
    changes = {"name": "", "deleted_at": stage.work.now}
    await stage.work.q.run(update(_accounts).where(_accounts.c.id == account_id).values(changes))
    await stage.work.q.run(delete(_names).where(_names.c.account_id == account_id))
    stage.work.record("account.deleted", subject_id=account_id)


async def recommend(stage: Stage, voters: dict[str, list[str]]) -> None:
    """Let people recommend comments, as they stand now; `voters` are keys of people by comment id.

    In bulk: one by one, as `votes.recommend` does it for readers, these thousands would take longer than all the rest.
    """
    rows = [_vote(stage, key, comment_id) for comment_id, keys in voters.items() for key in keys]
    await stage.work.q.add_all(votes.Recommendation, rows)
    tallies = [
        {"comment": comment_id, "every": len(keys), "verified": sum(key in stage.attestations for key in keys)}
        for comment_id, keys in voters.items()
    ]
    counted: dict[str, Any] = {"recommends_all": bindparam("every"), "recommends_verified": bindparam("verified")}
    await stage.work.q.run(update(_comments).where(_comments.c.id == bindparam("comment")).values(counted), tallies)
    for thread_id in stage.threads.values():
        await comments.touch(stage.work, thread_id)


def _vote(stage: Stage, key: str, comment_id: str) -> dict[str, Any]:
    attestation_id = stage.attestations.get(key)
    return {
        "comment_id": comment_id,
        "account_id": stage.accounts[key],
        "tier": "verified" if attestation_id else "unverified",
        "attestation_id": attestation_id,
        "at": stage.work.now,
    }

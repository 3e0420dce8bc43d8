"""Writing comments: post, edit, withdraw, and the changes of state that decisions ask for.

Text is screened and rendered before the transaction (HOUSE: nothing slow inside); parent, thread and standing are looked
at again inside it. Counters of thread and ancestors move with every change, in the same transaction.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from commentbox.server import legal_holds
from commentbox.server.accounts.rules import may_reach
from commentbox.server.base.db import table_of
from commentbox.server.base.errors import Conflict, Forbidden, NotFound
from commentbox.server.base.ids import new_id
from commentbox.server.base.work import Work
from commentbox.server.comments import mentions
from commentbox.server.comments.again import Posted, Twin, posted_before
from commentbox.server.comments.models import Comment, Revision
from commentbox.server.comments.rules import DEEPEST, check_edit, check_transition, counts
from commentbox.server.threads import Thread
from commentbox.server.verification.queries import check_holds

_comments = table_of(Comment)
_revisions = table_of(Revision)
_threads = table_of(Thread)

_OPEN_THREAD = (
    select(
        *(_threads.c[name] for name in ("site_id", "state", "closed_reason", "author_id")),
        _threads.c.verified_only_until,
        _threads.c.verified_only_reason,
    )
    .where(_threads.c.id == bindparam("thread"))
    .with_for_update(key_share=True)
)
_LOCK_THREAD = select(_threads.c.id).where(_threads.c.id == bindparam("thread")).with_for_update(key_share=True)
_COUNT = (
    update(_threads)
    .where(_threads.c.id == bindparam("thread"))
    .values(
        total=_threads.c.total + bindparam("every"),
        verified_total=_threads.c.verified_total + bindparam("verified"),
        version=_threads.c.version + 1,
    )
)
_SHOW_REVISION = (
    update(_revisions)
    .where(_revisions.c.comment_id == bindparam("comment"), _revisions.c.number == bindparam("revision"))
    .values(shown_at=func.coalesce(_revisions.c.shown_at, bindparam("now", type_=_revisions.c.shown_at.type)))
)
_ADD_COMMENT, _ADD_REVISION = insert(_comments), insert(_revisions)


@dataclass(frozen=True)
class Author:
    """Who speaks, as they stand at this moment. `account_id` is None for a guest, who has a code instead."""

    name: str
    account_id: str | None = None
    guest_code_hash: str | None = None
    kind: str = "none"
    tier: str = "unverified"
    attestation_id: str | None = None
    label: str | None = None


@dataclass(frozen=True)
class Draft:
    """A text that was screened and rendered. `hold_rule` says why it waits for review; None publishes it.

    `parent_muted` is the refusal's code where its author and whom it answers do not hear each other.
    """

    text: str
    html: str
    text_hash: str
    hold_rule: str | None = None
    parent_id: str | None = None
    parent_reach: str = "everyone"
    parent_muted: str | None = None
    post_key: str | None = None
    mentions: tuple[str, ...] = ()


async def post(work: Work, author: Author, draft: Draft, *, thread_id: str) -> Posted:
    """Post a comment or reply. Refuses `thread.closed`, `thread.verified_only`, `comment.parent_gone`, `reach.refused`,
    `reach.muted`, `reach.you_muted`, `badge.gone`.

    A second submission with the same `post_key` gives the first one's result; with other words it is refused.
    """
    await check_holds(work.q, author.attestation_id)
    thread = await _open_thread(work, thread_id, author)
    parent = await _parent(work, draft, thread_id=thread_id, author=author)
    row = _new_row(work, author, draft, thread_id=thread_id, thread=thread, parent=parent)
    if not await _insert(work, row):
        before = await posted_before(work.q, Twin(draft.post_key, draft.text_hash))
        if before is None:
            raise Conflict("comment.posted_before")
        return before[0]
    await _add_revision(work, row["id"], 1, draft=draft, author=author, state=row["state"])
    if draft.mentions:
        spoken = mentions.Spoken(row["id"], row["site_id"], thread_id)
        await mentions.put(work, spoken, draft.mentions, shown=row["state"] == "published")
    if row["state"] == "published":
        await _count(work, row["thread_id"], row["path"], by=counts("published", author.tier))
    kind = "comment.posted" if row["state"] == "published" else "comment.held"
    facts = {"rule": draft.hold_rule} if draft.hold_rule else {}
    work.record(kind, site_id=thread.site_id, subject_id=row["id"], thread=thread_id, tier=author.tier, **facts)
    return Posted(row["id"], thread_id, row["state"], draft.hold_rule)


async def _open_thread(work: Work, thread_id: str, author: Author) -> Row[Any]:
    thread = await work.q.first(_OPEN_THREAD, {"thread": thread_id})
    if thread is None:
        raise NotFound("thread.unknown", thread=thread_id)
    if thread.state != "open":
        raise Forbidden("thread.closed", reason=thread.closed_reason)
    limited = thread.verified_only_until is not None and thread.verified_only_until > work.now
    if limited and author.tier != "verified":
        until = thread.verified_only_until.isoformat()
        raise Forbidden("thread.verified_only", reason=thread.verified_only_reason, until=until)
    return thread


async def _parent(work: Work, draft: Draft, *, thread_id: str, author: Author) -> Row[Any] | None:
    if draft.parent_id is None:
        return None
    columns = (_comments.c[name] for name in ("id", "parent_id", "path", "depth", "state", "account_id"))
    statement = select(*columns).where(_comments.c.id == draft.parent_id, _comments.c.thread_id == thread_id)
    parent = await work.q.first(statement)
    if parent is None or parent.state == "held":
        raise NotFound("comment.unknown", comment=draft.parent_id)
    if parent.state != "published":
        raise Conflict("comment.parent_gone", state=parent.state)
    if draft.parent_muted:
        raise Forbidden(draft.parent_muted)
    is_self = author.account_id is not None and parent.account_id == author.account_id
    if not may_reach(draft.parent_reach, speaks_verified=author.tier == "verified", is_self=is_self):
        raise Forbidden("reach.refused")
    return parent


def _new_row(
    work: Work, author: Author, draft: Draft, *, thread_id: str, thread: Row[Any], parent: Row[Any] | None
) -> dict[str, Any]:
    is_article_author = author.account_id is not None and thread.author_id == author.account_id
    held = draft.hold_rule is not None
    above = _above(parent) if parent else None
    return {
        "id": new_id(work.now),
        "site_id": thread.site_id,
        "thread_id": thread_id,
        "parent_id": above,
        "hangs_on": above or thread_id,
        "path": _path_below(parent) if parent else "",
        "depth": min(parent.depth + 1, DEEPEST) if parent else 0,
        "account_id": author.account_id,
        "name": author.name,
        "kind": author.kind,
        "tier": author.tier,
        "label": "author" if is_article_author else author.label,
        "attestation_id": author.attestation_id,
        "state": "held" if held else "published",
        "hold_rule": draft.hold_rule,
        "revision": 1,
        "text": draft.text,
        "html": draft.html,
        "text_hash": draft.text_hash,
        "post_key": draft.post_key,
        "guest_code_hash": author.guest_code_hash,
        "created_at": work.now,
        "published_at": None if held else work.now,
        **_ZERO,
    }


_ZERO = dict.fromkeys(("recommends_all", "recommends_verified", "descendants_all", "descendants_verified"), 0)


def _above(parent: Any) -> str:
    """Give what a reply hangs on: what it answers, or at the deepest level what that hangs on."""
    return str(parent.parent_id if parent.depth >= DEEPEST else parent.id)


def _path_below(parent: Any) -> str:
    if parent.depth >= DEEPEST:
        return str(parent.path)
    return f"{parent.path}/{parent.id}" if parent.path else parent.id


async def _insert(work: Work, row: dict[str, Any]) -> bool:
    """Insert unless the same submission is there already."""
    if row["post_key"] is None:
        await work.q.run(_ADD_COMMENT, row)
        return True
    return await work.q.run(_add_once(work.q.upsert), row) == 1


@lru_cache(maxsize=2)
def _add_once(upsert: Any) -> Any:
    return upsert(Comment).on_conflict_do_nothing(index_elements=["post_key"])


async def _add_revision(work: Work, comment_id: str, number: int, *, draft: Draft, author: Author, state: str) -> None:
    row = {"comment_id": comment_id, "number": number, "text": draft.text, "html": draft.html}
    row |= {"tier": author.tier, "kind": author.kind, "created_at": work.now}
    row["shown_at"] = work.now if state == "published" else None
    await work.q.run(_ADD_REVISION, row)


async def _count(work: Work, thread_id: str, path: str, *, by: tuple[int, int]) -> None:
    """Move the counters of the thread and of every ancestor; the thread's public version moves with them."""
    every, verified = by
    await work.q.run(_COUNT, {"thread": thread_id, "every": every, "verified": verified})
    if path and (every or verified):
        columns = _comments.c
        below = {
            "descendants_all": columns.descendants_all + every,
            "descendants_verified": columns.descendants_verified + verified,
        }
        await work.q.run(update(_comments).where(columns.id.in_(path.split("/"))).values(below))


async def lock_thread(work: Work, thread_id: str) -> None:
    """Wait for the thread's turn. Whatever changes comments that counters hang on takes their thread first and comments
    after it: two transactions that took them in different orders would wait for each other in a ring.
    """
    if work.q.locks_rows:
        await work.q.first(_LOCK_THREAD, {"thread": thread_id})


async def touch(work: Work, thread_id: str) -> None:
    """Say that readers see something new in a thread, though no count moved."""
    await _count(work, thread_id, "", by=(0, 0))


async def edit(work: Work, comment: Row[Any], author: Author, draft: Draft, *, window_minutes: int) -> str:
    """Replace the text by a new revision, which carries the tier of its own moment; give the state it ends in.

    Refuses `comment.window_closed`, `comment.state`, `badge.gone`, `reach.refused`, `reach.muted`, and what only verified
    people may say to somebody who does not speak as one any more. A text that screening holds goes to the queue.
    """
    check_edit(comment, now=work.now, window_minutes=window_minutes)
    if draft.parent_muted:
        raise Forbidden(draft.parent_muted)
    await check_holds(work.q, author.attestation_id)
    if comment.tier == "verified" and author.tier != "verified":
        await _open_thread(work, comment.thread_id, author)
    if not may_reach(draft.parent_reach, speaks_verified=author.tier == "verified"):
        raise Forbidden("reach.refused")
    state = "held" if draft.hold_rule or comment.state == "held" else "published"
    changes = {
        "text": draft.text,
        "html": draft.html,
        "text_hash": draft.text_hash,
        "revision": comment.revision + 1,
        "edited_at": work.now,
        "tier": author.tier,
        "kind": author.kind,
        "name": author.name,
        "attestation_id": author.attestation_id,
        "state": state,
        "hold_rule": draft.hold_rule or (comment.hold_rule if state == "held" else None),
    }
    await _change(work, comment, changes, still=comment.revision)
    await _add_revision(work, comment.id, comment.revision + 1, draft=draft, author=author, state=state)
    await mentions.renew(work, comment, draft.mentions, shown=state == "published")
    work.record("comment.edited", site_id=comment.site_id, subject_id=comment.id, thread=comment.thread_id, state=state)
    return state


async def _change(work: Work, comment: Row[Any], changes: dict[str, Any], *, still: int | None = None) -> None:
    """Write changes if state and tier (and revision) are still what was read, and move the counters by the difference."""
    await lock_thread(work, comment.thread_id)
    same = update(_comments).where(_comments.c.id == comment.id, _comments.c.state == comment.state)
    same = same.where(_comments.c.tier == comment.tier)
    if still is not None:
        same = same.where(_comments.c.revision == still)
    if not await work.q.run(same.values(changes)):
        raise Conflict("comment.changed", comment=comment.id)
    before = counts(comment.state, comment.tier)
    after = counts(changes.get("state", comment.state), changes.get("tier", comment.tier))
    was_public, is_public = before[0], after[0]
    if was_public or is_public:
        await _count(work, comment.thread_id, comment.path, by=(after[0] - before[0], after[1] - before[1]))


async def withdraw(work: Work, comment: Row[Any]) -> None:
    """Take back one's own comment: the text goes, a stub stays where replies hang on it. Refuses `comment.state`."""
    check_transition(comment.state, "withdrawn")
    await _change(work, comment, {"state": "withdrawn", "text": "", "html": "", "text_hash": ""})
    if not await legal_holds.covers(work.q, comment.id, comment.account_id, now=work.now):
        await _empty_revisions(work, comment.id)
    await mentions.forget(work, comment.id)
    work.record("comment.withdrawn", site_id=comment.site_id, subject_id=comment.id, thread=comment.thread_id)


async def _empty_revisions(work: Work, comment_id: str) -> None:
    emptied = update(_revisions).where(_revisions.c.comment_id == comment_id).values(text="", html="")
    await work.q.run(emptied)


async def erase_withdrawn(work: Work, subject_id: str) -> None:
    """Erase what was taken back while a hold on a comment, or on its author, kept it, unless another hold still does."""
    theirs = (_comments.c.id == subject_id) | (_comments.c.account_id == subject_id)
    gone = select(_comments.c.id, _comments.c.account_id).where(theirs, _comments.c.state.in_(("withdrawn", "deleted")))
    for row in await work.q.all(gone):
        if not await legal_holds.covers(work.q, row.id, row.account_id, now=work.now):
            await _empty_revisions(work, row.id)


async def publish(work: Work, comment: Row[Any]) -> None:
    """Let readers see a held or removed comment, with its place and votes as they were. For decisions only."""
    check_transition(comment.state, "published")
    first = comment.published_at or work.now
    await _change(
        work, comment, {"state": "published", "hold_rule": None, "published_at": first}, still=comment.revision
    )
    await work.q.run(_SHOW_REVISION, {"comment": comment.id, "revision": comment.revision, "now": work.now})
    await mentions.tell(work, comment)
    work.record("comment.published", site_id=comment.site_id, subject_id=comment.id, thread=comment.thread_id)


async def remove(work: Work, comment: Row[Any], *, rule: str) -> None:
    """Take a comment out of sight under a house rule. For decisions only, which write the statement of reasons."""
    check_transition(comment.state, "removed")
    await _change(work, comment, {"state": "removed", "hold_rule": rule}, still=comment.revision)
    work.record("comment.removed", site_id=comment.site_id, subject_id=comment.id, thread=comment.thread_id, rule=rule)


async def hold_again(work: Work, comment: Row[Any], *, rule: str | None) -> None:
    """Put a comment back in the queue: the undo of a decision about a held one."""
    check_transition(comment.state, "held")
    await _change(work, comment, {"state": "held", "hold_rule": rule}, still=comment.revision)
    work.record("comment.held", site_id=comment.site_id, subject_id=comment.id, thread=comment.thread_id, rule=rule)


async def forget(work: Work, comment: Row[Any], *, keep: bool) -> None:
    """Part a comment from its author, who leaves. One that readers see may `keep` its words, under nobody's name; of any
    other the words go, unless the law holds them: then they are only out of sight, until the hold ends."""
    if await legal_holds.covers(work.q, comment.id, now=work.now):
        await _change(work, comment, {"state": "deleted"})
        return
    stays = keep and comment.state == "published"
    changes: dict[str, Any] = dict.fromkeys(
        ("account_id", "attestation_id", "guest_code_hash", "post_key", "hold_rule")
    )
    changes |= {"name": "", "label": "left", "kind": "person" if comment.kind == "name" else comment.kind}
    changes |= {"text_hash": ""} if stays else {"state": "deleted", "text": "", "html": "", "text_hash": ""}
    await _change(work, comment, changes)
    mine = _revisions.c.comment_id == comment.id
    await work.q.run(delete(_revisions).where(mine & (_revisions.c.number < comment.revision) if stays else mine))
    if stays:
        await work.q.run(update(_revisions).where(mine).values(kind=changes["kind"]))
    work.record(
        "comment.forgotten", site_id=comment.site_id, subject_id=comment.id, thread=comment.thread_id, kept=stays
    )


async def lower_tier(work: Work, comment: Row[Any]) -> None:
    """Show a comment as not verified from now on, because its attestation was revoked."""
    await _change(work, comment, {"tier": "unverified", "kind": "none"})

"""Writing comments: post, edit, withdraw, and the changes of state that decisions ask for.

Text is screened and rendered before the transaction (HOUSE: nothing slow inside); parent, thread and standing are looked
at again inside it. Counters of thread and ancestors move with every change, in the same transaction.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from commentbox.server import legal_holds
from commentbox.server.accounts.rules import may_reach
from commentbox.server.base.db import table_of
from commentbox.server.base.errors import Conflict, Forbidden, TooMany
from commentbox.server.base.ids import new_id
from commentbox.server.base.work import Work
from commentbox.server.comments import admission, guest_names, mentions, picks
from commentbox.server.comments.again import Twin, posted_before
from commentbox.server.comments.drafts import Author, Draft, Posted
from commentbox.server.comments.models import Comment, Revision
from commentbox.server.comments.rules import DEEPEST, check_edit, check_transition, counts
from commentbox.server.threads import Thread
from commentbox.server.verification.queries import check_holds

_comments = table_of(Comment)
_revisions = table_of(Revision)
_threads = table_of(Thread)

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


async def post(work: Work, author: Author, draft: Draft, *, thread_id: str) -> Posted:
    """Post a comment or reply. Refuses what `admission` refuses, and `badge.gone`.

    A second submission with the same `post_key` gives the first one's result; with other words it is refused.
    """
    await check_holds(work.q, author.attestation_id)
    try:
        thread = await admission.open_thread(work, thread_id, author, draft.pace)
        parent = await admission.parent_of(work, draft, thread=thread, author=author)
    except TooMany:  # a double click is no second comment, even where a pause is kept
        if before := await posted_before(work.q, Twin(draft.post_key, draft.text_hash)):
            return before[0]
        raise
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
        await _answer(work, row["label"], row["path"], by=1)
    kind = "comment.posted" if row["state"] == "published" else "comment.held"
    facts = {"rule": draft.hold_rule} if draft.hold_rule else {}
    work.record(kind, site_id=thread.site_id, subject_id=row["id"], thread=thread_id, tier=author.tier, **facts)
    return Posted(row["id"], thread_id, row["state"], draft.hold_rule)


def _new_row(
    work: Work, author: Author, draft: Draft, *, thread_id: str, thread: Row[Any], parent: Row[Any] | None
) -> dict[str, Any]:
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
        "label": admission.label_in(thread, author, now=work.now),
        "attestation_id": author.attestation_id,
        "state": "held" if held else "published",
        "hold_rule": draft.hold_rule,
        "caught": list(draft.caught) or None,
        "score": draft.score,
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


async def _answer(work: Work, label: str | None, path: str, *, by: int) -> None:
    """Count an answer of a guest of honour at the question, more or less."""
    if label == "honour" and path and by:
        question = update(_comments).where(_comments.c.id == path.partition("/")[0])
        await work.q.run(question.values(answers=_comments.c.answers + by))


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
        await admission.open_thread(work, comment.thread_id, author)
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
        "caught": list(draft.caught) or None,
        "score": draft.score,
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
    same = same.where(_comments.c.tier == comment.tier, picks.is_as(comment))
    if still is not None:
        same = same.where(_comments.c.revision == still)
    unpicked = picks.ends(comment, changes)
    if not await work.q.run(same.values(changes | ({"picked_at": None} if unpicked else {}))):
        raise Conflict("comment.changed", comment=comment.id)
    if unpicked:
        await picks.count(work, comment, by=-1)
    before = counts(comment.state, comment.tier)
    after = counts(changes.get("state", comment.state), changes.get("tier", comment.tier))
    was_public, is_public = before[0], after[0]
    if was_public or is_public:
        await _count(work, comment.thread_id, comment.path, by=(after[0] - before[0], after[1] - before[1]))
        await _answer(work, comment.label, comment.path, by=after[0] - before[0])


async def withdraw(work: Work, comment: Row[Any]) -> None:
    """Take back one's own comment: the text goes, a stub stays where replies hang on it. Refuses `comment.state`."""
    check_transition(comment.state, "withdrawn")
    await _change(work, comment, {"state": "withdrawn", "text": "", "html": "", "text_hash": "", "caught": None})
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
    shown = {"state": "published", "hold_rule": None, "published_at": first}
    shown["name"] = await guest_names.readmitted(work, comment)
    await _change(work, comment, shown, still=comment.revision)
    await work.q.run(_SHOW_REVISION, {"comment": comment.id, "revision": comment.revision, "now": work.now})
    await mentions.tell(work, comment)
    work.record("comment.published", site_id=comment.site_id, subject_id=comment.id, thread=comment.thread_id)


async def remove(work: Work, comment: Row[Any], *, rule: str) -> None:
    """Take a comment out of sight under a house rule. For decisions only, which write the statement of reasons."""
    check_transition(comment.state, "removed")
    await _change(work, comment, {"state": "removed", "hold_rule": rule}, still=comment.revision)
    await guest_names.refused(work, comment)
    work.record("comment.removed", site_id=comment.site_id, subject_id=comment.id, thread=comment.thread_id, rule=rule)


async def hold_again(work: Work, comment: Row[Any], *, rule: str | None) -> None:
    """Put a comment back in the queue: the undo of a decision about a held one."""
    check_transition(comment.state, "held")
    again = {"state": "held", "hold_rule": rule, "name": await guest_names.readmitted(work, comment)}
    await _change(work, comment, again, still=comment.revision)
    work.record("comment.held", site_id=comment.site_id, subject_id=comment.id, thread=comment.thread_id, rule=rule)


async def forget(work: Work, comment: Row[Any], *, keep: bool) -> None:
    """Part a comment from its author, who leaves. One that readers see may `keep` its words, under nobody's name; of any
    other the words go, unless the law holds them: then they are only out of sight, until the hold ends."""
    if await legal_holds.covers(work.q, comment.id, now=work.now):
        await _change(work, comment, {"state": "deleted", "caught": None})
        return
    stays = keep and comment.state == "published"
    changes: dict[str, Any] = dict.fromkeys(
        ("account_id", "attestation_id", "guest_code_hash", "post_key", "hold_rule", "caught")
    )
    changes |= {"name": "", "label": "left", "kind": "person" if comment.kind == "name" else comment.kind}
    changes |= {"text_hash": ""} if stays else {"state": "deleted", "text": "", "html": "", "text_hash": ""}
    await _change(work, comment, changes)
    mine = _revisions.c.comment_id == comment.id
    await work.q.run(delete(_revisions).where(mine & (_revisions.c.number < comment.revision) if stays else mine))
    if stays:
        await work.q.run(update(_revisions).where(mine).values(kind=changes["kind"]))
    else:
        await mentions.forget(work, comment.id)
    work.record(
        "comment.forgotten", site_id=comment.site_id, subject_id=comment.id, thread=comment.thread_id, kept=stays
    )


async def lower_tier(work: Work, comment: Row[Any]) -> None:
    """Show a comment as not verified from now on, because its attestation was revoked."""
    await _change(work, comment, {"tier": "unverified", "kind": "none"})

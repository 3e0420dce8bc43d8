"""Writing down notices: sending one, complaining about its answer, the author's words, the answer, the undo of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select, update

from commentbox.server import contacts
from commentbox.server.base.db import table_of
from commentbox.server.base.errors import Conflict, Gone, Invalid, NotFound
from commentbox.server.base.ids import new_id
from commentbox.server.base.work import Work
from commentbox.server.comments.models import Comment
from commentbox.server.notices import flaggers, queries, rules
from commentbox.server.notices.models import Notice
from commentbox.server.notices.rules import Claims
from commentbox.server.threads import Thread

RECEIPT = "notice.receipt"
CONTACT_AUTHOR = "notice.author"
ANSWER = "notice.answer"
"""Jobs; the payload of each is the notice's id."""
_notices = table_of(Notice)
_comments = table_of(Comment)
_threads = table_of(Thread)


@dataclass(frozen=True)
class Sender:
    """Who sends a notice, as far as we know them: a keyed address hash, a keyed hash of their mail address, a code."""

    address: str
    notifier: str | None = None
    flagger_code: str = ""
    lang: str = "en"


@dataclass(frozen=True)
class Sent:
    """A notice that was received: its id, the code for its outcome (None where we had it already), the due moment."""

    id: str
    code: str | None
    due_at: Any


async def send(
    work: Work, comment_id: str, claims: Claims, *, sender: Sender, related: list[str] | None = None
) -> Sent:
    """Take a notice. It hides nothing by itself. The same one by the same person counts as one.

    Refuses `comment.unknown`, `notice.…`, `email.invalid`, `flagger.unknown`.
    """
    rules.check(claims)
    name, email = contacts.check(claims.name, claims.email)
    comment = await _comment(work, comment_id)
    if sender.notifier:
        rules.check_not_suspended(await queries.unfounded_by(work.q, sender.notifier), work.now)
    flagger_id = await flaggers.by_code(work.q, sender.flagger_code) if sender.flagger_code else None
    notice = Notice(
        id=new_id(work.now),
        site_id=comment.site_id,
        comment_id=comment_id,
        revision=comment.revision,
        kind=claims.kind,
        offence=claims.offence,
        law=claims.law.strip(),
        location=f"{comment.url}#cb-comment-{comment_id}",
        why=claims.why.strip(),
        untrue=claims.untrue.strip(),
        related=related or [],
        is_urgent=claims.is_urgent or claims.offence in rules.URGENT,
        by=sender.notifier or sender.address,
        notifier=sender.notifier,
        flagger_id=flagger_id,
        created_at=work.now,
        due_at=rules.due(claims, work.now, by_flagger=flagger_id is not None),
    )
    if not await work.q.add_if_new(notice):
        return Sent(notice.id, None, notice.due_at)
    code = await contacts.keep(work, notice.id, name=name, email=email, lang=sender.lang)
    facts = {"comment": comment_id, "about": notice.kind, "offence": notice.offence}
    work.record("notice.received", site_id=comment.site_id, subject_id=notice.id, **facts)
    if email:
        work.job(RECEIPT, {"notice_id": notice.id})
    if claims.kind == "about_me":
        work.job(CONTACT_AUTHOR, {"notice_id": notice.id})
    return Sent(notice.id, code, notice.due_at)


async def _comment(work: Work, comment_id: str) -> Row[Any]:
    joined = _comments.join(_threads, _threads.c.id == _comments.c.thread_id)
    columns = (_comments.c.site_id, _comments.c.revision, _comments.c.state, _threads.c.url)
    row = await work.q.first(select(*columns).select_from(joined).where(_comments.c.id == comment_id))
    if row is None or row.state != "published":
        raise NotFound("comment.unknown", comment=comment_id[:40])
    return row


async def complain(work: Work, notice_id: str, *, text: str, until: Any) -> str:
    """Object to a refusal, once and until `until`, and give the complaint's id: somebody else hears it.

    Refuses `notice.not_refused`, `notice.complained`, `appeal.too_late`, `notice.why_missing`, `input.too_long`.
    """
    first = await queries.by_id(work.q, notice_id)
    if first.outcome != "kept" or first.kind == "complaint":
        raise Conflict("notice.not_refused")
    if work.now > until:
        raise Gone("appeal.too_late", until=until.isoformat())
    if not text.strip():
        raise Invalid("notice.why_missing")
    rules.check_length("text", text, rules.WHY_LENGTH)
    kept = ("site_id", "comment_id", "revision", "offence", "law", "location", "untrue", "is_urgent", "flagger_id")
    complaint = Notice(
        **{name: getattr(first, name) for name in kept},
        id=new_id(work.now),
        kind="complaint",
        why=text.strip(),
        related=list(first.related),
        by=first.id,
        against=first.id,
        created_at=work.now,
        due_at=work.now + timedelta(days=rules.COMPLAINT_DAYS),
    )
    if not await work.q.add_if_new(complaint):
        raise Conflict("notice.complained")
    work.record("notice.complained", site_id=first.site_id, subject_id=complaint.id, notice=first.id)
    return complaint.id


async def answer_as_author(work: Work, notice_id: str, *, said: str, text: str) -> None:
    """Keep what the author says to the person spoken about; it is passed on, without a name.

    said: `stands` or `withdrawn`. Refuses `notice.answered`, `notice.why_missing`, `input.too_long`.
    """
    if said == "stands" and not text.strip():
        raise Invalid("notice.why_missing")
    rules.check_length("text", text, rules.ANSWER_LENGTH)
    waits = (_notices.c.id == notice_id) & _notices.c.author_said.is_(None) & _notices.c.decided_at.is_(None)
    words = {"author_said": said, "author_text": text.strip(), "author_at": work.now}
    if not await work.q.run(update(_notices).where(waits).values(words)):
        raise Conflict("notice.answered")
    work.record("notice.author_answered", subject_id=notice_id, said=said)


@dataclass(frozen=True)
class Told:
    """What those who sent notices about a comment are told with a decision."""

    text: str = ""
    is_unfounded: bool = False


async def close(work: Work, comment_id: str, *, outcome: str, decision_id: str | None, told: Told) -> list[str]:
    """Mark the open notices about a comment as answered, and give their ids."""
    still = (_notices.c.comment_id == comment_id) & _notices.c.decided_at.is_(None)
    ids = [row.id for row in await work.q.all(select(_notices.c.id).where(still))]
    values = {"decided_at": work.now, "outcome": outcome, "decision_id": decision_id, "answer": told.text}
    if ids:
        values |= {"is_unfounded": told.is_unfounded and outcome == "kept"}
        await work.q.run(update(_notices).where(_notices.c.id.in_(ids)).values(values))
        await contacts.answered(work, await _roots(work, ids))
    return ids


async def _roots(work: Work, ids: list[str]) -> list[str]:
    """Give these notices and those they complain about: the address stands under the first one."""
    rows = await work.q.all(select(_notices.c.against).where(_notices.c.id.in_(ids), _notices.c.against.is_not(None)))
    return [*ids, *(row.against for row in rows)]


async def reopen(work: Work, decision_id: str) -> None:
    """Open again what a decision had answered, because the decision was undone."""
    waiting = {"decided_at": None, "outcome": None, "decision_id": None, "answer": "", "is_unfounded": False}
    await work.q.run(update(_notices).where(_notices.c.decision_id == decision_id).values(waiting))


async def settle_gone(work: Work) -> int:
    """Answer notices about comments that their authors took back, and say how many comments it was."""
    joined = _notices.join(_comments, _comments.c.id == _notices.c.comment_id)
    gone = _comments.c.state.in_(("withdrawn", "deleted")) & _notices.c.decided_at.is_(None)
    rows = await work.q.all(select(_notices.c.comment_id).select_from(joined).where(gone).distinct())
    for row in rows:
        for notice_id in await close(work, row.comment_id, outcome="gone", decision_id=None, told=Told()):
            work.job(ANSWER, {"notice_id": notice_id})
    return len(rows)


async def forget_notifiers(work: Work) -> int:
    """Take the hash of the address off notices whose address is gone: without it, nothing joins them any more."""
    kept = select(table_of(contacts.Contact).c.id)
    without = _notices.c.notifier.is_not(None) & _notices.c.id.not_in(kept)
    return await work.q.run(update(_notices).where(without).values(notifier=None, by=_notices.c.id))

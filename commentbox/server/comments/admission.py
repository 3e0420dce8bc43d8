"""Whether a thread lets somebody write: asked inside the transaction, where nothing can come in between any more.

Two statements, whatever there is to ask: the thread, which is held until the end, and the parent. What a thread keeps of its
writers' pace is looked at in the first of them: the budget of the account, spent before, lets its comments through one by one.
Only where upheld reports have heated a thread is there a third.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, bindparam, func, select

from commentbox.server import threads
from commentbox.server.accounts.rules import may_reach
from commentbox.server.base.db import table_of
from commentbox.server.base.errors import Conflict, Forbidden, NotFound, TooMany
from commentbox.server.base.ids import first_id
from commentbox.server.base.work import Work
from commentbox.server.comments import heat
from commentbox.server.comments.drafts import Author, Draft, Pace
from commentbox.server.comments.models import Comment
from commentbox.server.threads import Thread

HOUR = timedelta(hours=1)
_comments = table_of(Comment)
_threads = table_of(Thread)
_COLUMNS = "id site_id state merged_into closed_reason author_id verified_only_until verified_only_reason questions heated_until"
_PARENT = select(*(_comments.c[name] for name in ("id", "parent_id", "path", "depth", "state", "account_id"))).where(
    _comments.c.id == bindparam("parent"),
    (_comments.c.thread_id == bindparam("thread"))
    | _comments.c.thread_id.in_(select(_threads.c.id).where(_threads.c.merged_into == bindparam("thread"))),
)


@lru_cache(maxsize=2)
def _thread_statement(watched: bool) -> Any:
    columns: list[Any] = [_threads.c[name] for name in _COLUMNS.split()]
    if watched:
        here = (_comments.c.account_id == bindparam("account")) & (_comments.c.thread_id == _threads.c.id)
        lately = here & (_comments.c.id >= bindparam("hour_ago"))
        made = _comments.c.created_at
        asked = {"first_at": func.min(made), "last_at": func.max(made), "number": func.count()}
        columns += [select(each).where(lately).scalar_subquery().label(name) for name, each in asked.items()]
    return select(*columns).where(_threads.c.id == bindparam("thread")).with_for_update(key_share=True, of=_threads)


async def open_thread(work: Work, thread_id: str, author: Author, pace: Pace | None = None) -> Row[Any]:
    """Give a thread that takes comments, held until the end of the transaction. Refuses `thread.unknown`,
    `thread.merged`, `thread.closed`, `thread.verified_only`, `comment.too_soon`, `comment.too_many_here`.
    """
    watched = bool(pace) and author.account_id is not None
    values: dict[str, Any] = {"thread": thread_id}
    values |= {"account": author.account_id, "hour_ago": first_id(work.now - HOUR)} if watched else {}
    thread = await work.q.first(_thread_statement(watched), values)
    if thread is None:
        raise NotFound("thread.unknown", thread=thread_id)
    if thread.merged_into:
        raise Conflict("thread.merged")
    if thread.state != "open":
        raise Forbidden("thread.closed", reason=thread.closed_reason)
    limited = thread.verified_only_until is not None and thread.verified_only_until > work.now
    if limited and author.tier != "verified":
        until = thread.verified_only_until.isoformat()
        raise Forbidden("thread.verified_only", reason=thread.verified_only_reason, until=until)
    if pace and watched:
        _check_pace(thread, pace, now=work.now)
    return thread


def _check_pace(thread: Row[Any], pace: Pace, *, now: datetime) -> None:
    since = (now - thread.last_at).total_seconds() if thread.last_at else pace.slow_seconds
    if pace.slow_seconds and since < pace.slow_seconds:
        raise TooMany("comment.too_soon", limit=pace.slow_seconds, seconds=int(pace.slow_seconds - since) + 1)
    if pace.posts_per_hour and thread.number >= pace.posts_per_hour:
        seconds = int((thread.first_at + HOUR - now).total_seconds()) + 1
        raise TooMany("comment.too_many_here", limit=pace.posts_per_hour, seconds=seconds)


async def parent_of(work: Work, draft: Draft, *, thread: Row[Any], author: Author) -> Row[Any] | None:
    """Give what a draft answers, None for a comment at the top. Refuses `thread.answers_only`, `comment.unknown`,
    `comment.parent_gone`, `reach.refused`, `reach.muted`, `reach.you_muted`, `thread.heated`.
    """
    if draft.parent_id is None:
        return None
    _check_answers(thread, author, now=work.now)
    parent = await work.q.first(_PARENT, {"parent": draft.parent_id, "thread": thread.id})
    if parent is None or parent.state == "held":
        raise NotFound("comment.unknown", comment=draft.parent_id)
    if parent.state != "published":
        raise Conflict("comment.parent_gone", state=parent.state)
    if draft.parent_muted:
        raise Forbidden(draft.parent_muted)
    is_self = author.account_id is not None and parent.account_id == author.account_id
    if not may_reach(draft.parent_reach, speaks_verified=author.tier == "verified", is_self=is_self):
        raise Forbidden("reach.refused")
    is_hot = draft.pace.heat_seconds and thread.heated_until is not None and thread.heated_until > work.now
    if is_hot and author.account_id is not None:
        await heat.check(work, parent, author.account_id, each=draft.pace.heat_seconds)
    return parent


def _check_answers(thread: Row[Any], author: Author, *, now: datetime) -> None:
    questions = threads.questions_of(thread, now=now)
    if questions and questions.since <= now and label_in(thread, author, now=now) not in ANSWERING:
        raise Forbidden("thread.answers_only", until=questions.until.isoformat())


ANSWERING = ("honour", "author", "staff")
"""Labels of those who answer while a thread takes questions."""


def label_in(thread: Any, author: Author, *, now: datetime) -> str | None:
    """Give the label of a comment by somebody in a thread: what they are there comes before what they are on the site."""
    questions = threads.questions_of(thread, now=now)
    if questions and questions.honours(author.account_id):
        return "honour"
    is_article_author = author.account_id is not None and thread.author_id == author.account_id
    return "author" if is_article_author else author.label

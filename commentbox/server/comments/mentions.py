"""Mentions: "@Name" in a text means somebody who has commented in the same thread, and nobody else is ever looked up.

Kept by account, shown by the name they comment under. Whom they hear from holds here as it does for replies. A text
without "@" costs no statement.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Row, TextClause, bindparam, delete, select, text, update
from sqlmodel import Field, SQLModel

from commentbox.server.accounts.rules import may_reach
from commentbox.server.base.db import Moment, Query, table_of
from commentbox.server.base.errors import Forbidden, Invalid
from commentbox.server.base.work import Work
from commentbox.server.comments.queries import HEARD

MOST = 10
"""People mentioned in one comment; whoever addresses more addresses everybody."""
PEOPLE = 200
"""People of a thread that one may pick from: those who spoke last."""
LOOKED_AT = 2000
"""Newest comments of a thread whose authors are its people."""
WORDS_OF_A_NAME = 6
_AT = re.compile(r"(?<![\w@.])@([^\W_][\w.'’ -]{0,60})")


class Mention(SQLModel, table=True):
    """A comment speaks to somebody. `told_at` says since when the journal knows it: once readers saw the comment."""

    __tablename__ = "mention"

    comment_id: str = Field(primary_key=True, foreign_key="comment.id", max_length=16)
    account_id: str = Field(primary_key=True, max_length=16, index=True)
    told_at: datetime | None = Field(default=None, sa_type=Moment)


_mentions = table_of(Mention)


class Spoken(NamedTuple):
    """A comment, as far as its mentions need it."""

    id: str
    site_id: str
    thread_id: str


@dataclass(frozen=True)
class Named:
    """Somebody of the thread: the name of their newest comment there, its tier and kind, and whom they hear from."""

    account_id: str
    name: str
    tier: str
    kind: str
    reach: str


def names_in(said: str) -> list[list[str]]:
    """Give for each "@" the names that could be meant, the longest first. Pure."""
    return [_beginnings(found[1]) for found in _AT.finditer(said)]


def _beginnings(after: str) -> list[str]:
    words = after.split(" ")[:WORDS_OF_A_NAME]
    whole = [" ".join(words[:number]) for number in range(len(words), 0, -1)]
    both = [each for name in whole for each in (name, name.rstrip(".'’- "))]
    return [each for each in dict.fromkeys(both) if each]


async def meant(query: Query, thread_id: str | None, said: str) -> list[Named]:
    """Give the people of a thread whom a text mentions, each once. Refuses `mention.too_many`."""
    spellings = names_in(said) if "@" in said and thread_id else []
    if not spellings:
        return []
    names = sorted({name for each in spellings for name in each})[: MOST * 2 * WORDS_OF_A_NAME * 2]
    rows = await query.all(_named_statement(), {"thread": thread_id, "looked_at": LOOKED_AT, "names": names})
    by_name: dict[str, Named] = {}
    for row in rows:
        by_name.setdefault(row.name, _named(row))
    found = [next((by_name[name] for name in each if name in by_name), None) for each in spellings]
    people = list(dict.fromkeys(each for each in found if each))
    if len(people) > MOST:
        raise Invalid("mention.too_many", limit=MOST)
    return people


def check(people: Iterable[Named], *, account_id: str | None, speaks_verified: bool) -> tuple[str, ...]:
    """Give the accounts that may be mentioned, without one's own. Refuses `mention.refused`."""
    others = [each for each in people if each.account_id != account_id]
    for each in others:
        if not may_reach(each.reach, speaks_verified=speaks_verified):
            raise Forbidden("mention.refused", name=each.name)
    return tuple(each.account_id for each in others)


async def people(query: Query, thread_id: str, *, verified_only: bool) -> list[Named]:
    """Give the people of a thread whom a reader hears from, whoever spoke last first."""
    values = {"thread": thread_id, "looked_at": LOOKED_AT, "verified": verified_only}
    found: dict[str, Named] = {}
    for row in await query.all(_people_statement(), values):
        found.setdefault(row.account_id, _named(row))
    return list(found.values())[:PEOPLE]


def _named(row: Row[Any]) -> Named:
    return Named(row.account_id, row.name, row.tier, row.kind, row.reach)


_NAMED = """SELECT c.account_id, c.name, c.tier, c.kind, a.reach FROM (
    SELECT id, account_id, name, tier, kind, state, attestation_id FROM comment WHERE thread_id = :thread ORDER BY id DESC
    LIMIT :looked_at) c JOIN account a ON a.id = c.account_id WHERE"""


@lru_cache(maxsize=1)
def _named_statement() -> TextClause:
    statement: TextClause = text(f"{_NAMED} c.state = 'published' AND c.name IN :names ORDER BY c.id DESC")
    return statement.bindparams(bindparam("names", expanding=True))


@lru_cache(maxsize=1)
def _people_statement() -> TextClause:
    return text(f"{_NAMED} {HEARD} ORDER BY c.id DESC")


async def put(work: Work, comment: Any, accounts: Sequence[str], *, shown: bool) -> None:
    """Write whom a comment mentions; where readers see it (`shown`), the journal is told."""
    told_at = work.now if shown else None
    rows = [{"comment_id": comment.id, "account_id": each, "told_at": told_at} for each in accounts]
    await work.q.add_all(Mention, rows)
    for each in accounts if shown else ():
        _record(work, comment, each)


async def renew(work: Work, comment: Any, accounts: Sequence[str], *, shown: bool) -> None:
    """Write whom an edited comment mentions now; whoever was mentioned before is not told again."""
    before = {row.account_id for row in await work.q.all(_of(comment.id))}
    if gone := before - set(accounts):
        await work.q.run(
            delete(_mentions).where(_mentions.c.comment_id == comment.id, _mentions.c.account_id.in_(gone))
        )
    await put(work, comment, [each for each in accounts if each not in before], shown=shown)


async def tell(work: Work, comment: Any) -> None:
    """Tell the journal whom a comment mentions that readers see only now."""
    waiting = [row.account_id for row in await work.q.all(_of(comment.id)) if row.told_at is None]
    if waiting:
        await work.q.run(update(_mentions).where(_mentions.c.comment_id == comment.id).values(told_at=work.now))
    for each in waiting:
        _record(work, comment, each)


async def forget(work: Work, comment_id: str) -> None:
    """Take a comment's mentions away with its text."""
    await work.q.run(delete(_mentions).where(_mentions.c.comment_id == comment_id))


def _of(comment_id: str) -> Any:
    return select(_mentions).where(_mentions.c.comment_id == comment_id)


def _record(work: Work, comment: Any, account_id: str) -> None:
    facts = {"thread": comment.thread_id, "account": account_id}
    work.record("comment.mentioned", site_id=comment.site_id, subject_id=comment.id, **facts)


async def forget_person(work: Work, account_id: str) -> None:
    """Forget that somebody who leaves was ever spoken to."""
    await work.q.run(delete(_mentions).where(_mentions.c.account_id == account_id))

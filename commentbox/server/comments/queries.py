"""Reading a thread in bounded pages: a few indexed statements, whatever the size of the thread.

Only what the reader may see is fetched: of a comment that is not published, or that the filter hides, neither name nor
text leaves the database. Statements are text because the reply levels are unions of as many arms as there are parents,
which the expression language builds and compares at ten times the cost. They run alike on SQLite and PostgreSQL.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, TextClause, bindparam, select, text
from sqlalchemy.sql.selectable import TextualSelect

from commentbox.server.accounts.models import Account
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import NotFound
from commentbox.server.comments.cursors import BY_TIME, After, Cursor
from commentbox.server.comments.models import Comment
from commentbox.server.comments.tree import ROOM, Branch, Opening, Tally, assemble, grow, keep, openings
from commentbox.server.verification.models import Attestation

TOP = 20
"""Comments at the top of one page."""
LEVELS = 3
"""Levels of replies below the top, before "Continue this thread"."""
ABOVE = 3
"""Nearest ancestors shown above a linked comment."""

_c, _a, _p = table_of(Comment).c, table_of(Attestation).c, table_of(Account).c
OWN = 200
"""Newest own comments that are marked as such."""
_OWN = (_c.id, _c.state, _c.name, _c.kind, _c.tier, _c.hold_rule, _c.created_at, _c.text, _c.html)
_PLAIN = (
    "id parent_id hangs_on path depth account_id kind tier label state hold_rule created_at edited_at published_at "
    "recommends_all recommends_verified descendants_all descendants_verified picked_at answers heat heated_until"
)
_TYPES = [*(_c[name] for name in _PLAIN.split()), _c.name, _c.text, _c.html]
_TYPES += [_a.method, _a.month, _a.expires_at, _a.revoked_at, _p.reach, _p.profile_id]
_OPEN = "c.state = 'published' AND (c.tier = 'verified' OR NOT :verified)"
VERIFIED = """(c.tier = 'verified' AND NOT EXISTS (
    SELECT 1 FROM attestation WHERE attestation.id = c.attestation_id AND attestation.revoked_at IS NOT NULL))"""
"""A comment `c` counts as verified, also in the moment before a revocation has reached its row."""
HEARD = f"c.state = 'published' AND (NOT :verified OR {VERIFIED})"
"""A comment `c` is one that these readers hear, for whatever shows no stubs: searches, feeds, people to pick from."""
_COLUMNS = ", ".join(f"c.{name}" for name in _PLAIN.split()) + "".join(
    f", CASE WHEN {_OPEN} THEN c.{name} ELSE '' END AS {name}" for name in ("name", "text", "html")
)
_JOINED = f"""SELECT {_COLUMNS}, a.method, a.month, a.expires_at, a.revoked_at,
CASE WHEN c.label = 'author' THEN COALESCE(p.article_reach, p.reach) ELSE p.reach END AS reach,
CASE WHEN p.leaves_at IS NULL AND c.name = p.name || CASE WHEN p.name_number > 0 THEN ' (' || p.name_number || ')'
ELSE '' END THEN p.profile_id END AS profile_id
FROM ({{inner}}) x JOIN comment c ON c.id = x.id
LEFT JOIN attestation a ON a.id = c.attestation_id LEFT JOIN account p ON p.id = c.account_id"""
_BY_NUMBER = {
    "recommended": ("recommends_all", "recommends_all"),
    "verified": ("recommends_verified", "recommends_verified"),
    "discussed": ("discussed", "discussed_verified"),
}
"""Sort -> the column it goes by, for readers of everyone and of verified people; one index serves each."""
PARTS = {"": "", "answered": "AND answers > 0", "unanswered": "AND answers = 0"}
"""Which comments at the top a part of a thread has: all, or questions that a guest of honour has answered, or has not."""
_THREAD = "COALESCE((SELECT merged_into FROM thread WHERE thread.id = c.thread_id), c.thread_id)"
"""The thread a comment is in, also while a merged one's comments are on their way."""
_REPLIES = ("descendants_all", "descendants_verified")


@dataclass(frozen=True)
class Page:
    """Top comments with the replies that are shown, and the cursor of the next page."""

    roots: list[Branch]
    next: Cursor | None


@dataclass(frozen=True)
class Around:
    """One comment with its nearest ancestors (topmost first), its replies, and the comment at the top of it all."""

    root: Row[Any]
    above: list[Row[Any]]
    has_more_above: bool
    focus: Branch


async def page(
    query: Query, thread_id: str, *, sort: str, cursor: Cursor | None, verified_only: bool, part: str = ""
) -> Page:
    """Give one page of a thread, or of a `part` of it: at most 20 comments at the top, 60 in all, in four statements."""
    tally = Tally(verified_only)
    rows = await _tops(query, thread_id, sort=sort, cursor=cursor, tally=tally, part=part)
    roots = [Branch(row) for row in rows[:TOP]]
    await _fill(query, roots, tally=tally, room=ROOM - len(roots))
    return Page(roots, _next(roots, sort, cursor, tally) if len(rows) > TOP else None)


async def _tops(
    query: Query, thread_id: str, *, sort: str, cursor: Cursor | None, tally: Tally, part: str
) -> Sequence[Row[Any]]:
    values: dict[str, Any] = {"thread": thread_id, "limit": TOP + 1, "verified": tally.verified_only}
    if cursor:
        values["id"] = cursor.id
        values |= {} if sort in BY_TIME else {"likes": cursor.likes}
    return await query.all(_top_statement(sort, cursor is not None, tally.verified_only, part), values)


def _next(roots: list[Branch], sort: str, cursor: Cursor | None, tally: Tally) -> Cursor:
    last = roots[-1].row
    seen = (cursor.seen if cursor else 0) + sum(tally.whole(root.row) for root in roots)
    return Cursor(sort, last.id, number_of(last, sort, tally.verified_only), seen)


def number_of(row: Any, sort: str, verified_only: bool) -> int:
    """Give the number a comment at the top is sorted by, 0 for the sorts by time."""
    replies = row.descendants_verified if verified_only else row.descendants_all
    numbers = {"recommended": row.recommends_all, "verified": row.recommends_verified, "discussed": replies}
    return int(numbers.get(sort, 0))


async def around(query: Query, thread_id: str, comment_id: str, *, after: After, verified_only: bool) -> Around:
    """Give a linked comment in its place; `after` is the reply after which its replies go on.

    Refuses `comment.unknown`, also for one that was never published.
    """
    tally = Tally(verified_only)
    values = {"id": comment_id, "above": ABOVE + 1, "verified": verified_only}
    rows = sorted(await query.all(_above_statement(), values), key=lambda row: row.depth)
    if not rows or rows[-1].thread_id != thread_id or not _was_public(rows[-1]):
        raise NotFound("comment.unknown", comment=comment_id[:40])
    focus = Branch(rows[-1], before=after.seen)
    await _fill(query, [focus], tally=tally, room=ROOM - 1, first=Opening(focus.row.id, TOP, after.id))
    return Around(root=rows[0], above=list(rows[-1 - ABOVE : -1]), has_more_above=len(rows) > ABOVE + 1, focus=focus)


def _was_public(row: Row[Any]) -> bool:
    return row.published_at is not None or row.descendants_all > 0 or row.state == "published"


async def _fill(query: Query, roots: list[Branch], *, tally: Tally, room: int, first: Opening | None = None) -> None:
    """Fetch replies level by level and hang the ones that find room on their parents."""
    kept: list[Branch] = []
    parents: Sequence[Branch] = roots
    for _ in range(LEVELS):
        wanted = openings(parents, kept, room=room, tally=tally)
        if first and wanted:
            wanted, first = [first], None
        if not wanted:
            break
        grown = grow(parents, await _replies(query, wanted, tally.verified_only))
        kept = keep(kept, grown, room=room)
        staying = {branch.row.id for branch in kept}
        parents = [branch for branch in grown if branch.row.id in staying]
    assemble(roots, kept)


async def _replies(query: Query, wanted: list[Opening], verified_only: bool) -> Sequence[Row[Any]]:
    values: dict[str, Any] = {"verified": verified_only}
    for number, (parent_id, limit, after) in enumerate(wanted):
        values |= {f"p{number}": parent_id, f"n{number}": limit, f"a{number}": after}
    return await query.all(_reply_statement(len(wanted), verified_only), values)


def seen_by(verified_only: bool) -> str:
    """Give the column that says whether these readers see anything of a comment."""
    return "in_verified" if verified_only else "in_all"


def orders(sort: str, verified_only: bool, *, tops: bool = True) -> tuple[str, str]:
    """Give a sort's ORDER BY and its condition for what comes after a cursor; `tops` says that all are at the top."""
    if sort in BY_TIME:
        return ("id", "id > :id") if sort == "oldest" else ("id DESC", "id < :id")
    of_any = sort == "discussed" and not tops
    number = (_REPLIES if of_any else _BY_NUMBER[sort])[verified_only]
    return f"{number} DESC, id DESC", f"({number}, id) < (:likes, :id)"


@lru_cache(maxsize=64)
def _top_statement(sort: str, has_cursor: bool, verified_only: bool, part: str) -> TextualSelect:
    order, beyond = orders(sort, verified_only)
    keyset = (f"AND {beyond} " if has_cursor else "") + PARTS[part]
    inner = f"""SELECT id FROM comment WHERE hangs_on = :thread AND {seen_by(verified_only)} = true {keyset}
        ORDER BY {order} LIMIT :limit"""
    outer = ", ".join(f"c.{part.strip()}" for part in order.split(","))
    return _typed(f"{_JOINED.format(inner=inner)} ORDER BY {outer}")


@lru_cache(maxsize=2 * ROOM)
def _reply_statement(arms: int, verified_only: bool) -> TextualSelect:
    arm = """SELECT id FROM (SELECT id FROM comment WHERE hangs_on = :p{n} AND {seen} = true AND id > :a{n}
        ORDER BY id LIMIT :n{n}) y{n}"""
    inner = " UNION ALL ".join(arm.format(n=number, seen=seen_by(verified_only)) for number in range(arms))
    return _typed(_JOINED.format(inner=inner))


@lru_cache(maxsize=1)
def _above_statement() -> TextualSelect:
    climbing = """WITH RECURSIVE up (id, parent_id, steps) AS (
        SELECT id, parent_id, 0 FROM comment WHERE id = :id
        UNION ALL SELECT d.id, d.parent_id, steps + 1 FROM comment d JOIN up ON d.id = up.parent_id WHERE steps < :above
        ) """
    top = "SELECT substr(path, 1, 16) FROM comment WHERE id = :id AND path <> ''"
    joined = _JOINED.format(inner=f"SELECT id FROM up UNION {top}").replace(
        "SELECT ", f"SELECT {_THREAD} AS thread_id, ", 1
    )
    return text(climbing + joined).columns(_c.thread_id, *_TYPES)


def _typed(statement: str) -> TextualSelect:
    return text(statement).columns(*_TYPES)


async def rows_by_id(query: Query, ids: Sequence[str], *, verified_only: bool) -> dict[str, Row[Any]]:
    """Give the rows of up to a page of known comments, by id."""
    rows = await query.all(_by_id_statement(), {"ids": list(ids), "verified": verified_only}) if ids else []
    return {row.id: row for row in rows}


@lru_cache(maxsize=1)
def _by_id_statement() -> TextualSelect:
    wanted: TextClause = text(_JOINED.format(inner="SELECT id FROM comment WHERE id IN :ids"))
    return wanted.bindparams(bindparam("ids", expanding=True)).columns(*_TYPES)


async def some(query: Query, thread_id: str, ids: Sequence[str], *, verified_only: bool) -> Sequence[Row[Any]]:
    """Give those of a page of comments that these readers see anything of in this thread, oldest first."""
    values = {"ids": list(ids), "thread": thread_id, "verified": verified_only}
    return await query.all(_some_statement(verified_only), values) if ids else []


@lru_cache(maxsize=2)
def _some_statement(verified_only: bool) -> TextualSelect:
    inner = f"SELECT id FROM comment WHERE id IN :ids AND thread_id = :thread AND {seen_by(verified_only)} = true"
    wanted: TextClause = text(f"{_JOINED.format(inner=inner)} ORDER BY c.id")
    return wanted.bindparams(bindparam("ids", expanding=True)).columns(*_TYPES)


async def own_in_thread(query: Query, thread_id: str, account_id: str) -> Sequence[Row[Any]]:
    """Give somebody's newest comments in a thread that are published, held or removed, their texts included."""
    statement = select(*_OWN).where(_c.account_id == account_id, _c.thread_id == thread_id)
    return await query.all(
        statement.where(_c.state.in_(("published", "held", "removed"))).order_by(_c.id.desc()).limit(OWN)
    )


_MUTED = text(
    """SELECT c.id, 'mine' AS how FROM mute m JOIN comment c ON c.account_id = m.target_id
    WHERE m.account_id = :me AND c.thread_id = :thread AND c.state = 'published'
    UNION ALL
    SELECT c.id, CASE WHEN p.account_id = :me THEN 'reply' ELSE 'theirs' END
    FROM mute m JOIN comment c ON c.account_id = m.account_id LEFT JOIN comment p ON p.id = c.parent_id
    WHERE m.target_id = :me AND c.thread_id = :thread AND c.state = 'published'
    UNION ALL
    SELECT m.target_id, 'thread' FROM mute m WHERE m.account_id = :me AND m.target_id = :thread LIMIT 1000"""
)


async def muted_in_thread(query: Query, thread_id: str, account_id: str) -> dict[str, str]:
    """Give what muting means to one reader of a thread, by id: a comment is `mine` (by somebody they muted), `theirs` (by
    somebody who muted them), `reply` (theirs, and an answer to them); the thread's own id is there if it is quiet."""
    rows = await query.all(_MUTED, {"me": account_id, "thread": thread_id})
    return {row.id: row.how for row in reversed(rows)}


async def author_of(query: Query, comment_id: str) -> Row[Any]:
    """Say whose a comment is that readers see: account_id (None for a guest), site_id. Refuses `comment.unknown`."""
    statement = select(_c.account_id, _c.site_id).where(_c.id == comment_id, _c.state == "published")
    row = await query.first(statement)
    if row is None:
        raise NotFound("comment.unknown", comment=comment_id[:40])
    return row


async def place_of(query: Query, comment_id: str) -> Row[Any]:
    """Say where a comment is: its thread, and its site's slug. Refuses `comment.unknown`, also for one never public."""
    found = await query.first(_place_statement(), {"id": comment_id})
    if found is None or not _was_public(found):
        raise NotFound("comment.unknown", comment=comment_id[:40])
    return found


@lru_cache(maxsize=1)
def _place_statement() -> TextualSelect:
    statement = text(
        """SELECT c.state, c.published_at, c.descendants_all, COALESCE(t.merged_into, t.id) AS thread_id, t.url,
        t.article_id, s.slug
        FROM comment c JOIN thread t ON t.id = c.thread_id JOIN site s ON s.id = c.site_id WHERE c.id = :id"""
    )
    return statement.columns(_c.state, _c.published_at, _c.descendants_all)

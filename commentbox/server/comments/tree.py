"""Which replies a bounded page shows, and how they hang together. Pure: rows come in, branches go out.

`queries` fetches level by level and asks here what to fetch next; presenters read the finished branches.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

PER_PARENT = 5
"""Replies a parent shows before "Show 47 more"."""
ROOM = 60
"""Comments on one page, whatever the size of the thread."""


@dataclass(slots=True)
class Branch:
    """A comment on the page with the replies that are shown under it.

    `turn` is the highest rank among its siblings that it or one of its ancestors has: 0 for a first reply to a first
    reply. Lower turns are served first, so that every parent gets its first reply before anybody's second. `before` counts
    the comments in replies that an earlier page showed.
    """

    row: Any
    turn: int = 0
    before: int = 0
    replies: list["Branch"] = field(default_factory=list)


class Opening(NamedTuple):
    """A parent whose first `limit` replies (older than none, newer than `after`) are worth fetching."""

    parent_id: str
    limit: int
    after: str = ""


class Tally(NamedTuple):
    """Which two columns say how much a kind of reader sees: a comment itself, and what is below it."""

    verified_only: bool

    def itself(self, row: Any) -> int:
        """Count the comment, if these readers read it."""
        return int(row.state == "published" and (not self.verified_only or row.tier == "verified"))

    def below(self, row: Any) -> int:
        """Count what these readers could read under the comment."""
        return int(row.descendants_verified if self.verified_only else row.descendants_all)

    def whole(self, row: Any) -> int:
        """Count both."""
        return self.itself(row) + self.below(row)


def openings(parents: Sequence[Branch], kept: Sequence[Branch], *, room: int, tally: Tally) -> list[Opening]:
    """Say of which parents to fetch replies, and how many could still find a place among `kept`."""
    full = len(kept) >= room
    last_turn = max((branch.turn for branch in kept), default=0)
    limit = min(PER_PARENT, last_turn) if full else PER_PARENT
    willing = [branch for branch in parents if not full or branch.turn < last_turn]
    return [Opening(branch.row.id, limit) for branch in willing if tally.below(branch.row)] if limit and room else []


def grow(parents: Sequence[Branch], rows: Sequence[Any]) -> list[Branch]:
    """Turn fetched replies into branches of the next level, with their turns. Rows may come in any order."""
    by_parent: dict[str, list[Any]] = {}
    for row in sorted(rows, key=lambda row: row.id):
        by_parent.setdefault(row.hangs_on, []).append(row)
    return [
        Branch(row, max(parent.turn, rank))
        for parent in parents
        for rank, row in enumerate(by_parent.get(parent.row.id, ()))
    ]


def keep(kept: Sequence[Branch], grown: Sequence[Branch], *, room: int) -> list[Branch]:
    """Give the `room` branches that are served first; a level above goes before a level below at the same turn."""
    return sorted([*kept, *grown], key=lambda branch: branch.turn)[:room]


def assemble(roots: Sequence[Branch], kept: Sequence[Branch]) -> None:
    """Hang every kept branch on its parent, oldest first."""
    known = {branch.row.id: branch for branch in (*roots, *kept)}
    for branch in sorted(kept, key=lambda branch: branch.row.id):
        known[branch.row.hangs_on].replies.append(branch)


def unseen(branch: Branch, tally: Tally) -> int:
    """Count what hangs under a branch beyond the replies that are shown, with all that is below it."""
    return max(0, tally.below(branch.row) - seen(branch, tally))


def seen(branch: Branch, tally: Tally) -> int:
    """Count what hangs in a branch's replies up to the last that is shown, with all that is below them."""
    return branch.before + sum(tally.whole(reply.row) for reply in branch.replies)


def reading_order(roots: Sequence[Branch]) -> Iterator[Branch]:
    """Walk the branches as they are read: each comment, then what hangs on it."""
    for branch in roots:
        yield branch
        yield from reading_order(branch.replies)

"""What may become of a comment, and who may do it. Pure."""

from datetime import datetime, timedelta
from typing import Any

from commentbox.server.base.errors import Conflict, Forbidden, NotFound

DEEPEST = 1000
"""Replies deeper than this hang beside what they answer instead of under it: every comment carries its whole path."""
TRANSITIONS: dict[str, frozenset[str]] = {
    "held": frozenset({"published", "removed", "withdrawn", "deleted"}),
    "published": frozenset({"held", "removed", "withdrawn", "deleted"}),
    "removed": frozenset({"published", "held", "deleted"}),
    "withdrawn": frozenset({"deleted"}),
    "deleted": frozenset(),
}
"""State -> states it may become. `removed` goes back only by a decision (undo, appeal)."""


def check_transition(before: str, after: str) -> None:
    """Refuse `comment.state` where a comment cannot go from one state to the other."""
    if after not in TRANSITIONS[before]:
        raise Conflict("comment.state", before=before, after=after)


def check_edit(comment: Any, *, now: datetime, window_minutes: int) -> None:
    """Refuse `comment.window_closed` or `comment.state` where an author may not edit any more."""
    if comment.state not in ("published", "held"):
        raise Conflict("comment.state", before=comment.state, after="edited")
    if now > edit_until(comment, window_minutes=window_minutes):
        raise Forbidden("comment.window_closed", minutes=window_minutes)


def edit_until(comment: Any, *, window_minutes: int) -> datetime:
    """Say until when its author may edit a comment."""
    until: datetime = comment.created_at + timedelta(minutes=window_minutes)
    return until


def check_owner(comment: Any, *, account_id: str | None, guest_code_hash: str | None) -> None:
    """Refuse `comment.unknown` unless the comment is this account's, or this guest code's: strangers learn nothing."""
    by_account = account_id is not None and comment.account_id == account_id
    by_code = guest_code_hash is not None and comment.guest_code_hash == guest_code_hash
    if not (by_account or by_code):
        raise NotFound("comment.unknown", comment=comment.id)


def counts(state: str, tier: str) -> tuple[int, int]:
    """Give what a comment adds to the two counters: all, and from verified people."""
    published = int(state == "published")
    return published, published * int(tier == "verified")

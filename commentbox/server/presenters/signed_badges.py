"""What a signed badge says of a comment, and what a checked one says to people. Signing is in `verification`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from commentbox.server.base.db import Query
from commentbox.server.base.errors import NotFound
from commentbox.server.presenters import reading
from commentbox.server.presenters.badges import BadgeView, badge_of, badge_of_row
from commentbox.server.verification.signed_badges import text_hash

_SAID = ("tier", "kind", "method", "month", "until", "author", "text_sha256")


async def claims_of(query: Query, comment_id: str) -> dict[str, Any]:
    """Give what is signed about a comment that readers see, as it is now. Refuses `comment.unknown`."""
    row = await reading.public_comment(query, comment_id)
    place = await reading.place_of(query, comment_id)
    badge = badge_of_row(row)
    return {
        "sub": row.id,
        "site": place.slug,
        "author": row.name,
        "tier": "verified" if badge.is_verified else "unverified",
        "kind": badge.kind,
        "method": badge.method,
        "month": badge.month,
        "until": badge.until,
        "text_sha256": text_hash(row.text),
    }


@dataclass(frozen=True, slots=True)
class SignedBadgeView:
    """A badge whose signature holds. `now` compares it with the comment today: same, changed, or gone."""

    badge: BadgeView
    author: str
    comment_id: str
    signed_at: datetime
    ends_at: datetime
    now: str


async def checked(query: Query, claims: Mapping[str, Any]) -> SignedBadgeView:
    """Give what a badge that was read says, beside how its comment stands now."""
    try:
        today = await claims_of(query, str(claims["sub"])[:16])
    except NotFound:
        now = "gone"
    else:
        now = "same" if all(claims.get(name) == today[name] for name in _SAID) else "changed"
    month, until = (_first_day(claims.get(name)) for name in ("month", "until"))
    return SignedBadgeView(
        badge=badge_of(str(claims["kind"]), method=claims.get("method"), month=month, until=until),
        author=str(claims.get("author", "")),
        comment_id=str(claims["sub"]),
        signed_at=datetime.fromtimestamp(claims["iat"], UTC),
        ends_at=datetime.fromtimestamp(claims["exp"], UTC),
        now=now,
    )


def _first_day(month: Any) -> Any:
    return datetime.strptime(month, "%Y-%m").date() if isinstance(month, str) else None

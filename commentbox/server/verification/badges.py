"""How an attestation is shown: words first, by method class, month and end, never by provider."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from commentbox.server.verification.rules import Kind, Tier, tier_of

LABELS: dict[Kind, str] = {"name": "Verified name", "person": "Verified person", "none": "Not verified"}
"""English words of the kinds; whoever shows them passes them through gettext."""


@dataclass(frozen=True)
class Badge:
    """What readers see of one comment's or account's verification. Months are `YYYY-MM`: a day would say too much."""

    kind: Kind
    tier: Tier
    method: str | None = None
    month: str | None = None
    until: str | None = None

    @property
    def label(self) -> str:
        """The English words of the kind."""
        return LABELS[self.kind]

    def as_json(self, translate: Callable[[str], str] = str) -> dict[str, Any]:
        """Give the API's `badge`; `translate` is gettext."""
        shown = {"kind": self.kind, "label": translate(self.label)}
        return shown | {"method": self.method, "month": self.month, "until": self.until}


NOT_VERIFIED = Badge(kind="none", tier="unverified")


def badge(
    kind: str, tier: str, *, method: str | None = None, month: date | None = None, expires_at: datetime | None = None
) -> Badge:
    """Build the badge from columns: kind and tier of the comment, the rest of its attestation.

    Both must agree: a comment whose tier was taken back shows no badge, whatever kind it was written with.
    """
    if tier != "verified" or tier_of(kind) != "verified":
        return NOT_VERIFIED
    return Badge(
        kind="name" if kind == "name" else "person",
        tier="verified",
        method=method,
        month=_month(month),
        # The end is the first moment after the last good month.
        until=_month((expires_at - timedelta(days=1)).date()) if expires_at else None,
    )


def _month(day: date | None) -> str | None:
    return f"{day.year:04}-{day.month:02}" if day else None

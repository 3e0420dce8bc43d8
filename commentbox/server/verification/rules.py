"""Pure questions of verification: what a provider's answer earns, and what an attestation is worth today."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from commentbox.server.accounts import names
from commentbox.server.base.errors import Forbidden, Invalid
from commentbox.server.verification.providers.port import Result

Kind = Literal["name", "person", "none"]
Tier = Literal["verified", "unverified"]
RevokedWhy = Literal["provider", "fraud", "person", "operator"]
"""Who took an attestation back: the provider, the person's own wish, whoever runs the server; or that it was fraud."""

ATTEMPT_MINUTES = (
    30  # A bank's log-in with a card reader takes its time; a video call takes longer and comes back late.
)
ENDING_DAYS = 30  # How long before its end a badge is spoken of: time to renew it without a gap.
FORGET_DAYS = 30  # PRODUCT, Defaults: verification attempts are forgotten after 30 days.


@dataclass(frozen=True)
class Attested:
    """An attestation, as far as its worth today goes; a row of it will do."""

    kind: str
    name_version: int
    expires_at: datetime
    revoked_at: datetime | None
    asleep: str | None = None


@dataclass(frozen=True)
class Grant:
    """What an answer earns: the columns of an attestation, without the person key."""

    kind: Kind
    name_version: int
    method: str
    assurance: str
    month: date
    expires_at: datetime


def attest(result: Result, *, display_name: str, name_version: int, now: datetime, badge_months: int) -> Grant:
    """Give what `result` earns an account that shows `display_name`; compares the stated name and forgets it.

    Refuses `provider.declined`, `provider.not_unique` and `provider.bad_answer`.
    """
    if result.outcome != "verified":
        raise Forbidden("provider.declined")
    if result.uniqueness not in ("person", "document"):
        raise Forbidden("provider.not_unique")
    if not result.subject or not result.issuer:
        raise Invalid("provider.bad_answer", reason="subject")
    checked = min(result.time, now).astimezone(UTC)
    stated = filter(None, (result.stated_name, *result.spellings))
    is_own_name = any(names.matches(each, display_name) for each in stated)
    return Grant(
        kind="name" if is_own_name else "person",
        name_version=name_version,
        method=result.method,
        assurance=result.assurance,
        month=date(checked.year, checked.month, 1),
        expires_at=min(filter(None, (end_of_badge(checked, badge_months), result.until))),
    )


def end_of_badge(checked: datetime, badge_months: int) -> datetime:
    """Give the last second of the month `badge_months` after the check: a whole month says nothing about the day."""
    months = checked.year * 12 + checked.month - 1 + badge_months + 1
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC) - timedelta(seconds=1)


def kind_now(attestation: Attested | None, *, present_name_version: int, now: datetime) -> Kind:
    """Say what an account may speak as today. A rename turns Verified name into Verified person at once."""
    if attestation is None or attestation.asleep or not is_good(attestation, now=now):
        return "none"
    if attestation.kind == "name" and attestation.name_version == present_name_version:
        return "name"
    return "person"


def is_good(attestation: Attested, *, now: datetime) -> bool:
    """Say whether an attestation stands, awake or asleep: such an account is not recovered at once."""
    return attestation.revoked_at is None and attestation.expires_at > now


def tier_of(kind: str) -> Tier:
    """Give the tier of a kind: the one rule behind badge, filter, counts, sort, feeds and API."""
    return "verified" if kind in ("name", "person") else "unverified"


def require_fresh(fresh: bool) -> None:
    """Refuse `verification.passkey_needed`: a passkey used a while ago may have been used by another."""
    if not fresh:
        raise Forbidden("verification.passkey_needed")

"""Reads of the verification room: what an account may speak as, and where its verification stands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select

from commentbox.server.accounts.models import Account, Standing
from commentbox.server.base.db import Query
from commentbox.server.verification import badges, rules
from commentbox.server.verification.models import Attempt, Attestation

_account = Account.__table__  # type: ignore[attr-defined]
_attestation = Attestation.__table__  # type: ignore[attr-defined]
_attempt = Attempt.__table__  # type: ignore[attr-defined]
_standing = Standing.__table__  # type: ignore[attr-defined]

RESTRICTIONS = ("banned", "silenced", "held_first")
"""Measures that a new account must not shake off."""


@dataclass(frozen=True)
class Identity:
    """What an account has: kind, tier and the badge for its own page. How a session speaks is `speaking.py`'s."""

    kind: rules.Kind
    tier: rules.Tier
    attestation_id: str | None
    badge: badges.Badge


UNVERIFIED = Identity(kind="none", tier="unverified", attestation_id=None, badge=badges.NOT_VERIFIED)


async def identity(query: Query, account_id: str, *, now: datetime) -> Identity:
    """Give what an account's attestation is worth at the moment."""
    row = await query.first(
        select(_attestation, _account.c.name_version.label("present_name_version"))
        .join(_attestation, _attestation.c.id == _account.c.attestation_id)
        .where(_account.c.id == account_id, _account.c.deleted_at.is_(None))
    )
    return _identity(row, now)


def _identity(row: Row[Any] | None, now: datetime) -> Identity:
    if row is None:
        return UNVERIFIED
    kind = rules.kind_now(row, _Version(row.present_name_version), now=now)
    if kind == "none":
        return UNVERIFIED
    shown = badges.badge(kind, "verified", method=row.method, month=row.month, expires_at=row.expires_at)
    return Identity(kind=kind, tier="verified", attestation_id=row.id, badge=shown)


@dataclass(frozen=True)
class _Version:
    name_version: int


async def state_of(query: Query, account_id: str, *, now: datetime) -> str:
    """Say where an account's verification stands: `verified`, `pending` (an attempt is under way) or `none`."""
    if (await identity(query, account_id, now=now)).tier == "verified":
        return "verified"
    open_ones = select(_attempt.c.id).where(_attempt.c.account_id == account_id, _attempt.c.outcome == "pending")
    return "pending" if await query.first(open_ones.where(_attempt.c.expires_at > now)) else "none"


async def is_restricted(query: Query, account_id: str, *, now: datetime) -> bool:
    """Say whether a measure that outlives a re-registration is in force for an account, on any site."""
    statement = select(_standing.c.id).where(_standing.c.account_id == account_id)
    in_force = or_(_standing.c.until.is_(None), _standing.c.until > now)
    return await query.first(statement.where(_standing.c.kind.in_(RESTRICTIONS), in_force)) is not None

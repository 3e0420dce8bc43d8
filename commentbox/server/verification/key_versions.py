"""How many person keys hang on each version of their secret: what a rotation drill counts, and what `doctor` compares."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from commentbox.server.accounts.models import Standing
from commentbox.server.base.db import Query, table_of
from commentbox.server.verification import queries
from commentbox.server.verification.models import Attestation, PersonBan

_attestations = table_of(Attestation)
_bans = table_of(PersonBan)
_standings = table_of(Standing)


@dataclass(frozen=True)
class Hanging:
    """What hangs on one version: badges that stand, measures a person must not shake off, and badges that are over."""

    version: str
    standing: int
    measures: int
    over: int

    @property
    def is_needed(self) -> bool:
        """Say whether somebody would get a second badge, or shake off a measure, without this version."""
        return self.standing + self.measures > 0


async def hanging_on(query: Query, version: str, *, now: datetime) -> Hanging:
    """Count what hangs on a version."""
    ours = _attestations.c.person_key.startswith(f"{version}:")
    stands = ours & _attestations.c.revoked_at.is_(None) & (_attestations.c.expires_at > now)
    in_force = or_(_standings.c.until.is_(None), _standings.c.until > now)
    restricted = select(_standings.c.account_id).where(_standings.c.kind.in_(queries.RESTRICTIONS), in_force)
    kept = ours & or_(_attestations.c.revoked_why == "fraud", _attestations.c.account_id.in_(restricted))
    bans = _bans.c.person_key.startswith(f"{version}:")
    every, standing = await _count(query, ours), await _count(query, stands)
    measures = await _count(query, kept & ~stands)
    banned = await query.scalar(select(func.count()).select_from(_bans).where(bans)) or 0
    return Hanging(version, standing, measures + banned, every - standing - measures)


async def unknown(query: Query, live: Iterable[str]) -> int:
    """Count the keys under versions whose secret is not there: nobody can be matched with them."""
    found = 0
    for column in (_attestations.c.person_key, _bans.c.person_key):
        ours = or_(*(column.startswith(f"{version}:") for version in live))
        found += await query.scalar(select(func.count()).where(column.is_not(None), ~ours)) or 0
    return found


async def _count(query: Query, which: ColumnElement[bool]) -> int:
    return await query.scalar(select(func.count()).select_from(_attestations).where(which)) or 0

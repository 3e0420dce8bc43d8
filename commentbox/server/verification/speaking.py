"""How somebody speaks at this moment: who a session token is, and whether they may speak as verified in this browser."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from commentbox.server.accounts import names
from commentbox.server.accounts.actions import FRESH_MINUTES
from commentbox.server.accounts.models import Account, Session
from commentbox.server.base.db import Moment, Query, table_of
from commentbox.server.base.errors import Forbidden
from commentbox.server.base.signing import token_hash
from commentbox.server.verification import rules
from commentbox.server.verification.models import Attestation

CODE_MINUTES = 60
"""How long a session by printed code may ask for the account: time to read what that means, not to leave it open for others."""
_sessions = table_of(Session)
_accounts = table_of(Account)
_attestations = table_of(Attestation)


@dataclass(frozen=True)
class Speaker:
    """A signed-in person. `badge_kind` is what the account has; `kind` and `tier` are how it speaks in this session.

    `is_protected` says that the account has an attestation, though it may be asleep (`badge_asleep` says why): its ways in
    are changed by passkey only. `by_code`: a printed code opened this session.
    """

    session_id: str
    session_kind: str
    site_id: str | None
    by_passkey: bool
    fresh_at: datetime | None
    account_id: str
    name: str
    reach: str
    show: str | None
    badge_kind: str
    badge_id: str | None
    account_since: datetime | None = None
    badge_asleep: str | None = None
    is_protected: bool = False
    by_code: bool = False
    credential_id: str | None = None

    @property
    def speaks_verified(self) -> bool:
        """A passkey sign-in in this browser and a live attestation: both, or neither counts."""
        return self.by_passkey and self.badge_kind != "none"

    def counts_on(self, site_id: str) -> bool:
        """Say whether this session is one on that site: a hand-over to a frame is for one site, our own windows for all."""
        return self.site_id in (None, site_id)

    @property
    def kind(self) -> str:
        """Give the kind a comment of this session gets: name, person or none."""
        return self.badge_kind if self.speaks_verified else "none"

    @property
    def tier(self) -> str:
        """Give the tier a comment of this session gets."""
        return "verified" if self.speaks_verified else "unverified"

    @property
    def attestation_id(self) -> str | None:
        """Give the attestation a comment of this session rests on."""
        return self.badge_id if self.speaks_verified else None


_COLUMNS = (
    _sessions.c.id.label("session_id"),
    _sessions.c.kind.label("session_kind"),
    _sessions.c.site_id,
    _sessions.c.by_passkey,
    _sessions.c.by_code,
    _sessions.c.credential_id,
    _sessions.c.fresh_at,
    _accounts.c.id.label("account_id"),
    _accounts.c.name,
    _accounts.c.name_number,
    _accounts.c.name_version,
    _accounts.c.reach,
    _accounts.c.show,
    _accounts.c.created_at.label("account_since"),
    _attestations.c.id.label("badge_id"),
    _attestations.c.kind.label("badge_kind"),
    _attestations.c.name_version.label("badge_name_version"),
    _attestations.c.expires_at.label("badge_expires_at"),
    _attestations.c.revoked_at.label("badge_revoked_at"),
    _attestations.c.asleep.label("badge_asleep"),
)
_JOINED = _sessions.join(_accounts, _accounts.c.id == _sessions.c.account_id).outerjoin(
    _attestations, _attestations.c.id == _accounts.c.attestation_id
)

_SPEAKER = (  # made once: building a statement costs more than SQLite takes to answer it
    select(*_COLUMNS)
    .select_from(_JOINED)
    .where(_sessions.c.token_hash == bindparam("token"), _sessions.c.expires_at > bindparam("now", type_=Moment))
    .where(_accounts.c.deleted_at.is_(None))
)


async def speaker_of(query: Query, token: str, *, kinds: tuple[str, ...], now: datetime) -> Speaker | None:
    """Give who a session token stands for, or None where it is unknown, over, or of another kind."""
    row = await query.first(_SPEAKER, {"token": token_hash(token), "now": now})
    return None if row is None or row.session_kind not in kinds else _speaker(row, now)


def _speaker(row: Any, now: datetime) -> Speaker:
    return Speaker(
        session_id=row.session_id,
        session_kind=row.session_kind,
        site_id=row.site_id,
        by_passkey=row.by_passkey,
        fresh_at=row.fresh_at,
        account_id=row.account_id,
        name=names.shown(row.name, row.name_number),
        reach=row.reach,
        show=row.show,
        badge_kind=badge_kind_now(row, now),
        badge_id=row.badge_id,
        account_since=row.account_since,
        badge_asleep=row.badge_asleep,
        is_protected=row.badge_id is not None and rules.is_good(_attested(row), now=now),
        by_code=row.by_code,
        credential_id=row.credential_id,
    )


def badge_kind_now(row: Any, now: datetime) -> str:
    """Give the kind an account's badge has now: none if over, revoked or asleep, person once the name changed."""
    if row.badge_id is None:
        return "none"
    return rules.kind_now(_attested(row), present_name_version=row.name_version, now=now)


def _attested(row: Any) -> rules.Attested:
    columns = (row.badge_kind, row.badge_name_version, row.badge_expires_at, row.badge_revoked_at, row.badge_asleep)
    return rules.Attested(*columns)


def came_by_code(speaker: Speaker, *, now: datetime) -> bool:
    """Say whether a printed code opened this session a while ago, on an account that only a passkey may change."""
    lately = speaker.fresh_at is not None and now - speaker.fresh_at <= timedelta(minutes=CODE_MINUTES)
    return speaker.by_code and lately and not speaker.by_passkey and speaker.is_protected


def is_fresh(speaker: Speaker | None, *, now: datetime) -> bool:
    """Say whether the passkey was used within the last minutes; on an unverified account a printed code or a link will do."""
    if speaker is None or speaker.fresh_at is None or now - speaker.fresh_at > timedelta(minutes=FRESH_MINUTES):
        return False
    return speaker.by_passkey or not speaker.is_protected


def require_fresh(speaker: Speaker | None, *, now: datetime) -> None:
    """Refuse `session.not_fresh`: a session left open, or a code found in a drawer, changes no way in."""
    if not is_fresh(speaker, now=now):
        raise Forbidden("session.not_fresh", minutes=FRESH_MINUTES)

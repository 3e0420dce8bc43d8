"""Confirming somebody in person: two different members of staff, each with what they saw, must come to one person key.

What they type stays in memory; between the two only the first one's one-way key is kept, as a one-time thing. Called by
`web/in_person.py`, which has asked each for a fresh passkey.
"""

import hmac
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row, select

from commentbox.server.accounts.models import Account
from commentbox.server.base import clock, once
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict, Forbidden, NotFound
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.verification import session_states, sessions
from commentbox.server.verification.models import ProviderSession
from commentbox.server.verification.person_key import person_keys
from commentbox.server.verification.providers.in_person import InPersonProvider, Seen
from commentbox.server.verification.sessions import Setting
from commentbox.server.verification.settling import Looked

_FIRST = "in-person"
_account = table_of(Account)
_session = table_of(ProviderSession)


@dataclass(frozen=True)
class Waiting:
    """Who waits to be confirmed, and whether a first confirmation is there."""

    account_id: str
    name: str
    is_half: bool


async def waiting(setting: Setting, provider: InPersonProvider, code: str) -> Waiting:
    """Give who told this code. Refuses `in_person.unknown`."""
    mac = _handle(setting.keyring, provider, code).mac
    async with setting.db.read() as query:
        row = await _open_row(query, mac)
        return Waiting(row.account_id, row.name, await once.peek(query, _FIRST, mac) is not None)


async def confirm(
    setting: Setting, provider: InPersonProvider, seen: Seen, *, code: str, staff_id: str
) -> Literal["first", "second"]:
    """Take one confirmation in. The second, by somebody else and to the same key, gives what it earns.

    Whether it earned a badge is told to the person alone: another account of theirs is nobody else's business. The same
    member of staff again corrects the first. Refuses `in_person.unknown`, `.incomplete`, `.own` and `.differs`.
    """
    handle, result = _handle(setting.keyring, provider, code), provider.confirmed(seen)
    keys = person_keys(setting.keyring, result.provider_class, issuer=result.issuer, subject=result.subject)
    async with begin(setting.db, actor=staff_id) as work:
        row = await _open_row(work.q, handle.mac)
        if row.account_id == staff_id:
            raise Forbidden("in_person.own")
        first = await once.peek(work.q, _FIRST, handle.mac)
        if first is None or first["by"] == staff_id:
            minutes = session_states.OPEN_DAYS * 24 * 60
            await once.put(work, _FIRST, handle.mac, data={"by": staff_id, "key": keys[0]}, minutes=minutes)
            work.record("person.confirmed", subject_id=row.account_id, step=1)
            return "first"
        if not any(hmac.compare_digest(first["key"], key) for key in keys):
            raise Conflict("in_person.differs")
        await once.take(work, _FIRST, handle.mac)
        work.record("person.confirmed", subject_id=row.account_id, step=2)
    await sessions.bring_to_pass(setting, Looked(handle, result, clock.now(), away=True))
    return "second"


def _handle(keyring: Keyring, provider: InPersonProvider, typed: str) -> sessions.Handle:
    """Give the session of a code, however it was typed: case, spaces, O for 0 and I or L for 1 do not matter."""
    plain = "".join(letter for letter in typed.lower() if letter.isalnum())[:40]
    plain = plain.replace("o", "0").replace("i", "1").replace("l", "1")
    written = "-".join(plain[start : start + 5] for start in range(0, len(plain), 5))
    return sessions.handle_of(keyring, provider.name, written)


async def _open_row(query: Query, mac: str) -> Row[Any]:
    statement = select(_session.c.account_id, _account.c.name).join(_account, _account.c.id == _session.c.account_id)
    statement = statement.where(_session.c.mac == mac, _session.c.state == "pending")
    row = await query.first(statement.where(_session.c.expires_at > clock.now(), _account.c.deleted_at.is_(None)))
    if row is None:
        raise NotFound("in_person.unknown")
    return row

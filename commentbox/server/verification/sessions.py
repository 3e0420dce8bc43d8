"""Sessions held at a provider, across the network: hear a webhook, look how one stands, come back to it, have it forgotten.

A webhook is only a hint: it plans a look, and only what a look finds is believed. Ids are in the clear in memory alone.
Called by `web/verify.py`, `web/provider_hooks.py` and the workers of `wiring.py`.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Row

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Gone, Refusal
from commentbox.server.base.sealing import seal, unseal
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.verification import queries, session_states, settling
from commentbox.server.verification.providers.port import Hosted
from commentbox.server.verification.settling import Handle, Looked

_SESSION, _EVENT = "provider-session", "provider-event"
log = structlog.get_logger()


@dataclass(frozen=True)
class Setting:
    """What every look needs of the instance."""

    db: Database
    keyring: Keyring
    badge_months: int
    recovery_hours: int

    @property
    def terms(self) -> settling.Terms:
        """Give what an answer is brought to pass with."""
        return settling.Terms(self.keyring, self.badge_months, self.recovery_hours)


@dataclass(frozen=True)
class Settled:
    """How a session stands after a look; `refused` is why a verified answer earned nothing."""

    state: str
    refused: Refusal | None = None


def handle_of(keyring: Keyring, provider: str, session: str) -> Handle:
    """Give a session as the database may know it."""
    mac = keyring.mac(_SESSION, f"{provider}\0{session}")
    return Handle(provider, mac, seal(keyring, _SESSION, session, about=provider))


def event_mac(keyring: Keyring, provider: str, event: str) -> str:
    """Give what is kept of an event's id, or of an assertion's."""
    return keyring.mac(_EVENT, f"{provider}\0{event}")


async def hear(setting: Setting, provider: Hosted, headers: Mapping[str, str], body: bytes) -> None:
    """Take in a webhook: authentic and new, it plans a look. Refuses `webhook.not_authentic`, `.stale`, `.unreadable`."""
    hint = provider.hear(headers, body, now=clock.now())
    if hint is None:
        return
    handle = handle_of(setting.keyring, provider.name, hint.session)
    heard = event_mac(setting.keyring, provider.name, hint.event)
    async with begin(setting.db) as work:
        await settling.take_hint(work, handle, event_mac=heard)


async def look(setting: Setting, provider: Hosted, session: str, *, away: bool = False) -> Settled:
    """Ask the provider, and bring its answer to pass; `away` says that nobody waits for it at a page.

    Refuses `provider.unreachable` and `provider.bad_answer`.
    """
    began_at = clock.now()
    result = await provider.fetch(session)
    handle = handle_of(setting.keyring, provider.name, session)
    return await bring_to_pass(setting, Looked(handle, result, began_at, redacts=provider.redacts, away=away))


async def bring_to_pass(setting: Setting, looked: Looked) -> Settled:
    """Bring to pass what was found, or note why it earned nothing."""
    try:
        async with begin(setting.db) as work:
            state = await settling.settle(work, looked, setting.terms)
    except Refusal as refusal:
        async with begin(setting.db) as work:
            await settling.refuse(work, looked, refusal.code)
        return Settled("refused", refusal)
    return Settled(state)


async def come_back(setting: Setting, provider: Hosted, row: Row[Any]) -> Settled:
    """Look at the session of a person who is back; its state as it is where nothing more is to be asked."""
    if row.sealed is None:
        return Settled(row.state)
    return await look(setting, provider, opened(setting, row))


def opened(setting: Setting, row: Row[Any]) -> str:
    """Give the id of an open session: for asking about it, or the code that its owner tells at the desk."""
    return unseal(setting.keyring, _SESSION, row.sealed or "", about=row.provider)


async def look_by_job(setting: Setting, providers: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
    """Carry out a planned look, and plan the next where there is no last word yet; a provider that is away is asked again.

    The pauses grow with the time since the first look, and after a week nobody asks any more.
    """
    provider, session = _opened(setting, providers, payload)
    if provider is None:
        return
    try:
        settled = await look(setting, provider, session, away=True)
    except Refusal as refusal:
        log.warning("provider.no_answer", provider=provider.name, code=refusal.code)
        settled = Settled("pending")
    await _plan_next(setting, payload, provider.name, session, settled.state)


async def _plan_next(setting: Setting, payload: Mapping[str, Any], name: str, session: str, state: str) -> None:
    if state not in ("pending", settling.OVERTAKEN):
        return
    since = datetime.fromisoformat(payload["since"])
    async with begin(setting.db) as work:
        at = work.now if state == settling.OVERTAKEN else session_states.next_look(since, work.now)
        if at is not None:
            settling.plan_look(work, handle_of(setting.keyring, name, session), since=since, at=at)


async def redact_by_job(setting: Setting, providers: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
    """Have a session forgotten. A provider that is away raises, and the job comes back."""
    provider, session = _opened(setting, providers, payload)
    if provider is not None:
        await provider.redact(session)


def _opened(setting: Setting, providers: Mapping[str, Any], payload: Mapping[str, Any]) -> tuple[Hosted | None, str]:
    """Give provider and session of a job; None where the contract ended, or the seal is of another secret."""
    provider = providers.get(payload["provider"])
    if isinstance(provider, Hosted):
        with contextlib.suppress(Gone):
            return provider, unseal(setting.keyring, _SESSION, payload["sealed"], about=provider.name)
    log.warning("provider.session_lost", provider=payload["provider"])
    return None, ""


async def row_of_return(
    setting: Setting, account_id: str | None, *, provider: str, state: str, browser: str, purpose: str = "badge"
) -> Row[Any]:
    """Give the session that a browser came back from. Refuses as `queries.attempt_of` does."""
    came = {"provider": provider, "state": state, "browser": browser, "purpose": purpose}
    async with setting.db.read() as query:
        attempt = await queries.attempt_of(query, account_id, **came)
        return await queries.session_of(query, attempt.id)


async def waiting_of(setting: Setting, account_id: str) -> Row[Any]:
    """Give the latest session of an account. Refuses `verification.attempt_gone` where there is none."""
    async with setting.db.read() as query:
        last = await queries.last_session(query, account_id)
        return await queries.session_of(query, last.attempt_id if last else "")

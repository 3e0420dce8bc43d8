"""The two walks that cross the network: out to a provider, and back with its answer.

Each is made of units of work with the provider's calls between them, so that no transaction ever waits for a stranger.
Called by `web/verify.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from commentbox.server.base.db import Database
from commentbox.server.base.errors import Refusal, Unavailable
from commentbox.server.base.signing import Keyring, new_token
from commentbox.server.base.work import begin
from commentbox.server.verification import actions, rules, session_states, sessions, settling
from commentbox.server.verification.providers.port import Begin, Hosted, Provider


@dataclass(frozen=True)
class Leaver:
    """Who wants to verify, and where the provider sends them back to.

    `browser` is the token that this browser has from an attempt in another tab, so that both can come back.
    """

    account_id: str
    return_url: str
    lang: str = "en"
    browser: str = field(default="", repr=False)


@dataclass(frozen=True)
class Leaving:
    """Where to send the browser, and the token that binds the attempt to it (an HttpOnly cookie)."""

    url: str = field(repr=False)
    browser: str = field(repr=False)


@dataclass(frozen=True)
class Returning:
    """Who is back, in which browser, with which parameters."""

    account_id: str
    browser: str = field(repr=False)
    params: Mapping[str, str] = field(repr=False)


async def leave(
    db: Database, provider: Provider, *, leaver: Leaver, fresh: bool, keyring: Keyring | None = None
) -> Leaving:
    """Begin an attempt and give the way out. Refuses `verification.passkey_needed` and what `begin` refuses.

    `keyring` seals the id of a session that a provider began; providers without sessions need none.
    """
    rules.require_fresh(fresh)  # Before the provider hears of it; `start` asks again with the row at hand.
    state, browser = new_token(), leaver.browser or new_token()
    redirect = await provider.begin(Begin(state=state, return_url=leaver.return_url, lang=leaver.lang))
    prepared = actions.Prepared(provider=provider.name, state=state, browser=browser, keep=redirect.keep)
    async with begin(db, actor=leaver.account_id) as work:
        attempt_id = await actions.start(work, leaver.account_id, prepared, fresh=fresh)
        if redirect.session and keyring is not None:
            handle = sessions.handle_of(keyring, provider.name, redirect.session)
            await settling.open_session(work, leaver.account_id, attempt_id=attempt_id, handle=handle)
            if isinstance(provider, Hosted):  # in case no webhook ever comes
                settling.plan_look(work, handle, since=work.now, at=work.now + session_states.FIRST_LOOK)
    return Leaving(url=redirect.url, browser=browser)


async def come_back(
    db: Database, provider: Provider, returning: Returning, *, keyring: Keyring, badge_months: int
) -> rules.Grant:
    """Use up the attempt, read the provider's answer, and give what it earned. Refuses what its parts refuse."""
    async with begin(db, actor=returning.account_id) as work:
        claimed = await actions.claim(
            work,
            returning.account_id,
            provider=provider.name,
            state=returning.params.get("state", ""),
            browser=returning.browser,
        )
    try:
        result = await provider.complete(claimed.keep, returning.params)
        if result.once:
            async with begin(db) as work:
                await settling.take_once(work, sessions.event_mac(keyring, provider.name, result.once))
        async with begin(db, actor=returning.account_id) as work:
            return await actions.complete(work, claimed, result, keyring=keyring, badge_months=badge_months)
    except Refusal as refusal:
        async with begin(db, actor=returning.account_id) as work:
            await actions.close(work, claimed.id, _outcome(refusal))
        raise


def _outcome(refusal: Refusal) -> str:
    if isinstance(refusal, Unavailable):
        return "failed"
    return "declined" if refusal.code == "provider.declined" else "refused"

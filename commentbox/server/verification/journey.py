"""The two walks that cross the network: out to a provider, and back with its answer.

Each is made of units of work with the provider's calls between them, so that no transaction ever waits for a stranger.
Called by `web/verify.py`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from commentbox.server.base.db import Database
from commentbox.server.base.errors import Refusal, Unavailable
from commentbox.server.base.signing import Keyring, new_token
from commentbox.server.base.work import Work, begin
from commentbox.server.verification import actions, moving, people, rules, session_states, sessions, settling
from commentbox.server.verification.providers.port import Begin, Hosted, Provider, Result

Given = TypeVar("Given")


@dataclass(frozen=True)
class Leaver:
    """Who wants to verify, and where the provider sends them back to.

    `browser` is the token that this browser has from an attempt in another tab, so that both can come back. `wanted` is
    the name they want to show if it proves to be theirs.
    """

    account_id: str
    return_url: str
    lang: str = "en"
    browser: str = field(default="", repr=False)
    wanted: str = ""


@dataclass(frozen=True)
class Leaving:
    """Where to send the browser, and the token that binds the attempt to it (an HttpOnly cookie).

    `ends_here`: the browser brings the answer; else a session was begun, whose answer may come days later.
    """

    url: str = field(repr=False)
    browser: str = field(repr=False)
    attempt_id: str = ""
    ends_here: bool = True


@dataclass(frozen=True)
class Returning:
    """Who is back, in which browser, with which parameters. Without an account it is somebody who recovers one."""

    account_id: str | None
    browser: str = field(repr=False)
    params: Mapping[str, str] = field(repr=False)


async def leave(
    db: Database,
    provider: Provider,
    *,
    leaver: Leaver,
    fresh: bool,
    purpose: actions.Purpose = "badge",
    keyring: Keyring | None = None,
) -> Leaving:
    """Begin an attempt and give the way out. Refuses `verification.passkey_needed` and what `begin` refuses.

    `keyring` seals the id of a session that a provider began; providers without sessions need none.
    """
    rules.require_fresh(fresh)  # Before the provider hears of it; `start` asks again with the row at hand.
    state, browser = new_token(), leaver.browser or new_token()
    redirect = await provider.begin(Begin(state=state, return_url=leaver.return_url, lang=leaver.lang))
    prepared = actions.Prepared(provider.name, state, browser, redirect.keep, leaver.wanted)
    async with begin(db, actor=leaver.account_id) as work:
        attempt_id = await actions.start(work, leaver.account_id, prepared, fresh=fresh, purpose=purpose)
        if redirect.session and keyring is not None:
            handle = sessions.handle_of(keyring, provider.name, redirect.session)
            await settling.open_session(work, leaver.account_id, attempt_id=attempt_id, handle=handle)
            if isinstance(provider, Hosted):  # in case no webhook ever comes
                settling.plan_look(work, handle, since=work.now, at=work.now + session_states.FIRST_LOOK)
    return Leaving(redirect.url, browser, attempt_id, ends_here=not redirect.session)


async def come_back(
    db: Database, provider: Provider, returning: Returning, *, keyring: Keyring, badge_months: int
) -> rules.Grant:
    """Use up the attempt, read the provider's answer, and give what it earned. Refuses what its parts refuse.

    Where another account of the same person has the badge, an offer to move it is kept for a while (`moving.py`).
    """

    async def take(work: Work, claimed: actions.Claimed, result: Result) -> rules.Grant:
        return await actions.complete(work, claimed, result, keyring=keyring, badge_months=badge_months)

    async def offer(work: Work, claimed: actions.Claimed, result: Result) -> None:
        held = moving.Offer(claimed.account_id, people.keys_of(result, keyring), returning.params.get("state", ""))
        await moving.offer(work, held, result, badge_months=badge_months)

    return await answered(db, provider, returning, keyring=keyring, take=take, elsewhere=offer)


Take = Callable[[Work, actions.Claimed, Result], Awaitable[Given]]


async def answered(
    db: Database,
    provider: Provider,
    returning: Returning,
    *,
    keyring: Keyring,
    take: Take[Given],
    elsewhere: Take[None] | None = None,
    purpose: actions.Purpose = "badge",
) -> Given:
    """Use up the attempt, ask the provider, and give what `take` makes of the answer; note how the attempt ended."""
    async with begin(db, actor=returning.account_id) as work:
        claimed = await actions.claim(
            work,
            returning.account_id,
            provider=provider.name,
            state=returning.params.get("state", ""),
            browser=returning.browser,
            purpose=purpose,
        )
    result = None
    try:
        result = await provider.complete(claimed.keep, returning.params)
        if result.once:
            async with begin(db) as work:
                await settling.take_once(work, sessions.event_mac(keyring, provider.name, result.once))
        async with begin(db, actor=returning.account_id) as work:
            return await take(work, claimed, result)
    except Refusal as refusal:
        async with begin(db, actor=returning.account_id) as work:
            await actions.close(work, claimed.id, _outcome(refusal))
            await people.note_stopped(work, refusal.code)
            if result and elsewhere and refusal.code == "verification.already_elsewhere":
                await elsewhere(work, claimed, result)
        raise


def _outcome(refusal: Refusal) -> str:
    if isinstance(refusal, Unavailable):
        return "failed"
    return "declined" if refusal.code == "provider.declined" else "refused"

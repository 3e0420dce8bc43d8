"""The hand-over of a sign-in from our own window to the frame on the paper's page, bound to the browser that began it.

The frame makes a verifier and keeps it; the window knows only its SHA-256, the challenge. After an explicit "Continue"
the window gives the frame a one-time code that is worth nothing without the verifier. Where the window lost its opener,
the frame shows six characters that the reader types in the window; asking again and again yields nothing by itself.
"""

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256

from commentbox.server.accounts import actions
from commentbox.server.accounts.actions import NewSession
from commentbox.server.base import once
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Forbidden, Gone, Invalid
from commentbox.server.base.signing import b64url, new_token, token_hash
from commentbox.server.base.work import Work, begin

MINUTES = 2
MOST_TRIES = 5
CHARACTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""No 0, O, 1, I or L, which people mistake for one another."""
_BY_CODE, _BY_TYPING = "handover", "handover-typed"


@dataclass(frozen=True)
class Giver:
    """Whose sign-in is handed over, for which site, and whether it may speak as verified there."""

    account_id: str
    site_id: str
    by_passkey: bool
    credential_id: str | None = None


def challenge_of(verifier: str) -> str:
    """Give what the window may know of a verifier."""
    return b64url(sha256(verifier.encode("utf-8", "replace")).digest())


def check_challenge(challenge: str) -> str:
    """Give the challenge if it can be one. Refuses `handover.invalid`."""
    if len(challenge) != 43 or not challenge.replace("-", "").replace("_", "").isalnum():
        raise Invalid("handover.invalid")
    return challenge


async def approve(work: Work, giver: Giver, challenge: str) -> str:
    """The reader said "Continue": give the one-time code that the window hands to its opener."""
    await actions.take_change(work, giver.account_id, "handover")
    code = new_token()
    data = {**_as_data(giver), "challenge": check_challenge(challenge)}
    await once.put(work, _BY_CODE, code, data=data, minutes=MINUTES)
    work.record("handover.approved", site_id=giver.site_id, subject_id=giver.account_id)
    return code


async def begin_typing(work: Work, site_id: str, challenge: str) -> str:
    """The frame lost its window: give the six characters it shows."""
    typed = "".join(secrets.choice(CHARACTERS) for _ in range(6))
    data = {"site_id": site_id, "characters": token_hash(typed), "tries": 0}
    await once.put(work, _BY_TYPING, check_challenge(challenge), data=data, minutes=MINUTES)
    return typed


async def approve_typed(db: Database, giver: Giver, challenge: str, typed: str) -> None:
    """The reader typed the characters in the window. Refuses `handover.wrong_characters`, five times at most."""
    async with begin(db, actor=giver.account_id) as work:
        kept = await once.peek(work.q, _BY_TYPING, challenge)
        if kept is None or kept["site_id"] != giver.site_id or kept["tries"] >= MOST_TRIES or "account_id" in kept:
            raise Gone("once.gone", kind=_BY_TYPING)
        plain = "".join(letter for letter in typed.upper() if letter in CHARACTERS)
        right = hmac.compare_digest(kept["characters"], token_hash(plain))
        changed = {**kept, **_as_data(giver)} if right else {**kept, "tries": kept["tries"] + 1}
        await once.change(work, _BY_TYPING, challenge, data=changed)
        if right:
            work.record("handover.approved", site_id=giver.site_id, subject_id=giver.account_id)
    if not right:
        raise Forbidden("handover.wrong_characters", left=MOST_TRIES - changed["tries"])


async def redeem(db: Database, *, site_id: str, verifier: str, code: str | None, kind: str) -> NewSession | None:
    """Give the frame its session: for a code and its verifier, or once the characters were typed (None until then).

    A code tried with the wrong verifier or for another site is used up by the attempt. Refuses `once.gone`.
    """
    challenge = challenge_of(verifier)
    async with begin(db) as work:
        if code is None and not await _was_typed(work, challenge):
            return None
        kept = await once.take(work, _BY_TYPING if code is None else _BY_CODE, challenge if code is None else code)
        fits = kept["site_id"] == site_id and hmac.compare_digest(kept.get("challenge", challenge), challenge)
        if fits:
            speaks = {"by_passkey": kept["by_passkey"], "credential_id": kept.get("credential_id")}
            return await actions.open_session(work, kept["account_id"], kind=kind, site_id=site_id, **speaks)
    raise Gone("once.gone", kind=_BY_CODE)


async def _was_typed(work: Work, challenge: str) -> bool:
    kept = await once.peek(work.q, _BY_TYPING, challenge)
    if kept is None:
        raise Gone("once.gone", kind=_BY_TYPING)
    return "account_id" in kept


def _as_data(giver: Giver) -> dict[str, object]:
    given = {"account_id": giver.account_id, "site_id": giver.site_id}
    return {**given, "by_passkey": giver.by_passkey, "credential_id": giver.credential_id}

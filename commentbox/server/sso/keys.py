"""What a paper signs with: keys it publishes at an address, remembered for an hour, or secrets in a file of ours, two at most.

The address is the operator's, yet looked at with every guard of `base/fetch`: no token can name another.
"""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from joserfc.jwk import Key, OctKey

from commentbox.server.base import clock, fetch
from commentbox.server.base.errors import Refusal, Unavailable
from commentbox.server.base.jose import usable
from commentbox.server.sites.rules import Policy, is_private_host
from commentbox.server.sso.rules import PUBLISHED, SHARED, refused

REMEMBER = timedelta(hours=1)
PAUSE = timedelta(seconds=30)
"""Between two looks, whatever ids tokens name: made-up ones must not send us to the paper again and again."""
STALE = timedelta(hours=24)
"""How long known keys count where the paper's address does not answer."""
SHORTEST_SECRET = 32
MOST_SECRETS = 2
SMALLEST_RSA = 2048
"""In bits. The library only warns."""


@dataclass
class _Kept:
    keys: list[Key] = field(default_factory=list)
    seen_at: datetime | None = None
    asked_at: datetime | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class PaperKeys:
    """The keys of all sites of this process."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    async def fitting(self, policy: Policy, kid: str | None) -> list[Key]:
        """Give the keys that a site's token may be signed with. Refuses `sso.refused` (`key`) and `sso.keys_unreachable`."""
        if policy.sso_secret_file:
            return secrets_of(policy.sso_secret_file)
        kept = self._kept.setdefault(policy.sso_jwks_url, _Kept())
        async with kept.turn:
            if _is_due(kept, kid):
                await _look(kept, policy.sso_jwks_url)
        if kept.seen_at is None:  # somebody has just looked in vain
            raise Unavailable("sso.keys_unreachable", reason="pause")
        fitting = [key for key in kept.keys if kid in (None, key.kid)]
        if len(fitting) != 1:  # a token without an id is believed only where there is no choice
            raise refused("key")
        return fitting


def algorithms_of(policy: Policy) -> tuple[str, ...]:
    """Give the algorithms a site's tokens may have. Refuses `sso.off` where it has no log-in of its own."""
    if not policy.has_sso:
        raise Unavailable("sso.off")
    return SHARED if policy.sso_secret_file else PUBLISHED


def secrets_of(path: str) -> list[Key]:
    """Read the live secrets, one a line: to change one, add the new one below, and take the old one out a day later.

    Refuses `sso.keys_unreachable`, with the reason `secrets` where they are too short, none or too many.
    """
    try:
        lines = [line.strip() for line in Path(path).read_text("utf-8").splitlines() if line.strip()]
    except (OSError, ValueError):
        raise Unavailable("sso.keys_unreachable", reason="file") from None
    if not 1 <= len(lines) <= MOST_SECRETS or any(len(line.encode()) < SHORTEST_SECRET for line in lines):
        raise Unavailable("sso.keys_unreachable", reason="secrets")
    return [OctKey.import_key(line) for line in lines]


def _is_due(kept: _Kept, kid: str | None) -> bool:
    now = clock.now()
    if kept.asked_at is not None and now - kept.asked_at < PAUSE:
        return False
    is_known = any(kid in (None, key.kid) for key in kept.keys)
    return kept.seen_at is None or now - kept.seen_at >= REMEMBER or not is_known


async def _look(kept: _Kept, url: str) -> None:
    kept.asked_at = clock.now()
    try:
        kept.keys, kept.seen_at = await published(url), kept.asked_at
    except Refusal:
        if kept.seen_at is None or kept.asked_at - kept.seen_at >= STALE:
            kept.keys = []
            raise


async def published(url: str) -> list[Key]:
    """Give the signing keys at an address. Refuses `sso.keys_unreachable`; the reason is in the data."""
    try:
        body = await fetch.document(url, may_be_private=is_private_host(urlsplit(url).hostname or ""))
    except Refusal as refusal:
        raise Unavailable("sso.keys_unreachable", reason=refusal.data.get("reason", "")) from None
    try:
        entries = json.loads(body)["keys"]
        keys = [key for entry in list(entries) if _is_strong(entry) and (key := usable(entry)) is not None]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Unavailable("sso.keys_unreachable", reason="json") from None
    if not keys:
        raise Unavailable("sso.keys_unreachable", reason="no_key")
    return keys


def _is_strong(entry: Any) -> bool:
    return entry.get("kty") != "RSA" or len(str(entry.get("n"))) >= SMALLEST_RSA / 6

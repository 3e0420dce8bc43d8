"""Signed JSON of others: published keys, remembered for an hour, and tokens that hold under one of them.

Shared by `oidc` and `assertion`. Asymmetric algorithms only, keys only from where the operator says they are.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import Key

from commentbox.server.base import clock
from commentbox.server.base.jose import BROKEN, Registry, header_of, usable
from commentbox.server.verification.providers.http import bad_answer

REMEMBER = timedelta(hours=1)
# Asymmetric and not deprecated. `none` and the HMAC family are not here, so no token can talk us into them.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
_MAX_TOKEN_CHARS = 32_000
_registry = Registry(ALGORITHMS)


class Keys:
    """A published set of keys, asked for when first needed, and once more when a token names one we do not know."""

    def __init__(self, publish: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        self._publish = publish
        self._keys: list[Key] = []
        self._until = datetime.min.replace(tzinfo=clock.now().tzinfo)

    async def key(self, kid: str | None) -> Key:
        """Give the signing key called `kid`. Refuses `provider.bad_answer` and what asking refuses."""
        if clock.now() >= self._until or not any(key.kid == kid for key in self._keys):
            await self._fetch()
        return _pick(self._keys, kid)

    async def count(self) -> int:
        """Ask anew, and give how many keys can be used."""
        await self._fetch()
        return len(self._keys)

    async def _fetch(self) -> None:
        published = (await self._publish()).get("keys")
        if not isinstance(published, list):
            raise bad_answer("keys")
        self._keys = [key for entry in published if (key := usable(entry)) is not None]
        self._until = clock.now() + REMEMBER


async def read_signed(token: object, keys: Keys, *, typ: str | None = None) -> dict[str, Any]:
    """Give the claims of a token whose signature holds. Refuses `provider.bad_answer`, and never quotes it."""
    if not isinstance(token, str) or not token.isascii() or len(token) > _MAX_TOKEN_CHARS:
        raise bad_answer("token")
    header = _header(token)
    if typ is not None and header.get("typ") != typ:
        raise bad_answer("token")
    key = await keys.key(header.get("kid"))
    try:
        return dict(jwt.decode(token, key, registry=_registry).claims)
    except BROKEN:
        raise bad_answer("signature") from None


def _header(token: str) -> dict[str, Any]:
    try:
        header = header_of(token, _registry)
    except BROKEN:
        raise bad_answer("token") from None
    if header.get("alg") not in ALGORITHMS:
        raise bad_answer("algorithm")
    if not isinstance(header.get("kid"), str | None):
        raise bad_answer("token")
    return header


def _pick(keys: list[Key], kid: str | None) -> Key:
    """Give the key called `kid`. A token without one is believed only where there is no choice."""
    fitting = [key for key in keys if key.kid == kid] if kid is not None else keys
    if len(fitting) != 1:
        raise bad_answer("key")
    return fitting[0]

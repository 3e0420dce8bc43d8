"""What a provider publishes about itself: its endpoints and its signing keys, remembered for an hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from commentbox.server.base import clock
from commentbox.server.verification.providers.entry import is_safe_address
from commentbox.server.verification.providers.http import ask, bad_answer

REMEMBER = timedelta(hours=1)
_KEY_TYPES = {"RSA", "EC", "OKP"}  # Never `oct`: a public key must not become an HMAC secret.


@dataclass(frozen=True)
class Metadata:
    """The parts of a discovery document that we use."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    states_iss: bool
    """Whether its redirects carry `iss` (RFC 9207), so that one without is not its own."""


class Discovery:
    """One issuer's document and keys, fetched when first needed."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self._metadata: Metadata | None = None
        self._keys: list[Key] = []
        self._metadata_until = self._keys_until = datetime.min.replace(tzinfo=clock.now().tzinfo)

    async def metadata(self) -> Metadata:
        """Give the endpoints. Refuses `provider.unreachable` and `provider.bad_answer`."""
        if self._metadata is None or clock.now() >= self._metadata_until:
            address = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
            self._metadata = _metadata(self.issuer, await _get(address))
            self._metadata_until = clock.now() + REMEMBER
        return self._metadata

    async def key(self, kid: str | None) -> Key:
        """Give the signing key called `kid`; looks again once where it is new. Refuses `provider.bad_answer`."""
        if clock.now() >= self._keys_until:
            await self._fetch_keys()
            return _pick(self._keys, kid)
        if not any(key.kid == kid for key in self._keys):
            await self._fetch_keys()
        return _pick(self._keys, kid)

    async def _fetch_keys(self) -> None:
        published = (await _get((await self.metadata()).jwks_uri)).get("keys")
        if not isinstance(published, list):
            raise bad_answer("keys")
        self._keys = [key for entry in published if (key := _usable(entry)) is not None]
        self._keys_until = clock.now() + REMEMBER


async def _get(address: str) -> dict[str, Any]:
    status, content = await ask("GET", address)
    if status != 200:
        raise bad_answer("status")
    return content


def _metadata(issuer: str, document: dict[str, Any]) -> Metadata:
    if document.get("issuer") != issuer:
        raise bad_answer("issuer")
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    userinfo = document.get("userinfo_endpoint")
    if not all(is_safe_address(document.get(name)) for name in names):
        raise bad_answer("address")
    return Metadata(
        authorization_endpoint=document["authorization_endpoint"],
        token_endpoint=document["token_endpoint"],
        jwks_uri=document["jwks_uri"],
        userinfo_endpoint=userinfo if is_safe_address(userinfo) else None,
        states_iss=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _usable(entry: object) -> Key | None:
    """Give a public signing key, or None for one that is for something else or not understood."""
    if not isinstance(entry, dict) or entry.get("kty") not in _KEY_TYPES or entry.get("use", "sig") != "sig":
        return None
    try:
        return JWKRegistry.import_key(entry)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _pick(keys: list[Key], kid: str | None) -> Key:
    """Give the key called `kid`. A token without one is believed only where there is no choice."""
    fitting = [key for key in keys if key.kid == kid] if kid is not None else keys
    if len(fitting) != 1:
        raise bad_answer("key")
    return fitting[0]

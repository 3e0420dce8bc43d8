"""What a provider publishes about itself: its endpoints and its signing keys, remembered for an hour."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commentbox.server.base import clock
from commentbox.server.base.entries import is_safe_address
from commentbox.server.verification.providers.http import ask, bad_answer
from commentbox.server.verification.providers.jose import REMEMBER, Keys


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
        self.keys = Keys(self._published_keys)
        self._metadata_until = datetime.min.replace(tzinfo=clock.now().tzinfo)

    async def metadata(self) -> Metadata:
        """Give the endpoints. Refuses `provider.unreachable` and `provider.bad_answer`."""
        if self._metadata is None or clock.now() >= self._metadata_until:
            address = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
            self._metadata = _metadata(self.issuer, await _get(address))
            self._metadata_until = clock.now() + REMEMBER
        return self._metadata

    async def _published_keys(self) -> dict[str, Any]:
        return await _get((await self.metadata()).jwks_uri)


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

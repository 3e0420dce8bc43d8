"""Whether an ID token is what it says: signature, issuer, audience, time and nonce (OpenID Connect Core 3.1.3.7)."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwt import JWTClaimsRegistry

from commentbox.server.verification.providers.http import bad_answer
from commentbox.server.verification.providers.jose import read_signed
from commentbox.server.verification.providers.oidc_discovery import Discovery

SKEW = timedelta(seconds=60)
OLDEST = timedelta(minutes=10)  # A fresh log-in gives a fresh token; an old one was kept by somebody.
_MAX_SUBJECT_CHARS = 255  # OpenID Connect Core 2.


@dataclass(frozen=True)
class Expected:
    """What the token must say."""

    issuer: str
    client_id: str
    nonce: str


async def read_id_token(token: object, discovery: Discovery, expected: Expected, *, now: datetime) -> dict[str, Any]:
    """Give the claims of a token that holds. Refuses `provider.bad_answer`, and never quotes it."""
    claims = await read_signed(token, discovery.keys)
    _check_claims(claims, expected, now)
    return claims


def _check_claims(claims: dict[str, Any], expected: Expected, now: datetime) -> None:
    rules = JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=int(SKEW.total_seconds()),
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        rules.validate(claims)
    except ExpiredTokenError:
        raise bad_answer("expired") from None
    except (JoseError, ValueError, TypeError):
        raise bad_answer("claims") from None
    if claims["iat"] < (now - OLDEST - SKEW).timestamp():
        raise bad_answer("expired")
    _check_party(claims, expected.client_id)
    _check_nonce(claims.get("nonce"), expected.nonce)
    if not 0 < len(claims["sub"]) <= _MAX_SUBJECT_CHARS:
        raise bad_answer("claims")


def _check_party(claims: dict[str, Any], client_id: str) -> None:
    """A token for several audiences must name us as the one it was issued to."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if ("azp" in claims or several) and claims.get("azp") != client_id:
        raise bad_answer("party")


def _check_nonce(nonce: object, expected: str) -> None:
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.encode()):
        raise bad_answer("nonce")

"""Signed badges: what a comment's badge says, signed, for whoever meets the comment away from our pages.

A compact JWS (RFC 7515) with an Ed25519 key (RFC 8037) that changes every month and is derived from the secret of the
instance. It is bound to one comment and its very words and holds for a day, so a revoked badge is gone from it within
one. Neither the person key nor anything else that leads to a person is in it. The API signs; the page /badge, the
command line and anybody else check.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry

from commentbox.server.base.errors import Gone, Invalid
from commentbox.server.base.signing import Keyring, b64url

HOURS = 24
"""How long one holds. A revocation shows when it ends at the latest; shorter would make every reader ask all day."""
SKEW = timedelta(seconds=60)
MOST_CHARACTERS = 4000
_TYPE, _ALGORITHM = "badge+jwt", "Ed25519"
_registry = JWSRegistry(algorithms=[_ALGORITHM])
_CLAIMS = {"iss": str, "sub": str, "iat": int, "exp": int, "tier": str, "kind": str, "text_sha256": str}


def sign(keyring: Keyring, claims: Mapping[str, Any], *, issuer: str, now: datetime) -> str:
    """Give the token for one comment. `claims`: sub (its id), site, author, tier, kind, method, month, until, text_sha256.

    Equal within the hour, so that everybody gets the same bytes and no date is finer than that.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    dated = {"iat": int(hour.timestamp()), "exp": int((hour + timedelta(hours=HOURS)).timestamp())}
    payload = json.dumps({"iss": issuer, **dated, **claims}, ensure_ascii=False, separators=(",", ":"))
    key = _key(keyring, hour.date())
    return jws.serialize_compact({"alg": _ALGORITHM, "kid": key.kid, "typ": _TYPE}, payload, key, registry=_registry)


def text_hash(text: str) -> str:
    """Give what binds a badge to the words of its comment: SHA-256 over UTF-8, base64url."""
    return b64url(hashlib.sha256(text.encode()).digest())


def published_keys(keyring: Keyring, now: datetime) -> list[dict[str, Any]]:
    """Give the public keys of last month, this one and the next: what was signed late in a month outlives it, and
    whoever keeps a copy of the list for some days is never without the key of the moment."""
    this = now.date().replace(day=1)
    months = (this - timedelta(days=1), this, this + timedelta(days=32))
    return [{**_key(keyring, month).as_dict(private=False), "use": "sig", "alg": _ALGORITHM} for month in months]


def read(token: str, keys: Iterable[Mapping[str, Any]], *, now: datetime) -> dict[str, Any]:
    """Give what a badge says if one of the keys signed it. Refuses `badge.unreadable`, `badge.forged`, `badge.expired`."""
    if len(token) > MOST_CHARACTERS or not token.isascii():
        raise Invalid("badge.unreadable")
    kid = _header(token).get("kid")
    key = next((each for each in keys if each.get("kid") == kid), None)
    if key is None:
        raise Invalid("badge.forged")
    try:
        claims = json.loads(jws.deserialize_compact(token, OKPKey.import_key(dict(key)), registry=_registry).payload)
    except (JoseError, ValueError, TypeError):
        raise Invalid("badge.forged") from None
    return _in_time(claims, now)


def issuer_of(token: str) -> str:
    """Give who says to have signed it, unchecked: where to ask for keys. Refuses `badge.unreadable`."""
    try:
        return str(json.loads(jws.extract_compact(token.encode(), registry=_registry).payload)["iss"])
    except (JoseError, ValueError, TypeError, KeyError):
        raise Invalid("badge.unreadable") from None


def _header(token: str) -> dict[str, Any]:
    try:
        header = jws.extract_compact(token.encode(), registry=_registry).headers()
    except (JoseError, ValueError, TypeError):
        raise Invalid("badge.unreadable") from None
    if header.get("alg") != _ALGORITHM or header.get("typ") != _TYPE:
        raise Invalid("badge.unreadable")  # a token of ours for something else is no badge
    return dict(header)


def _in_time(claims: Any, now: datetime) -> dict[str, Any]:
    if not isinstance(claims, dict) or not all(isinstance(claims.get(name), kind) for name, kind in _CLAIMS.items()):
        raise Invalid("badge.unreadable")
    try:
        signed_at, ends_at = (datetime.fromtimestamp(claims[name], UTC) for name in ("iat", "exp"))
    except (OverflowError, ValueError, OSError):  # a number that is no moment
        raise Invalid("badge.unreadable") from None
    if signed_at - SKEW > now or ends_at - signed_at > timedelta(hours=HOURS):
        raise Invalid("badge.unreadable")
    if ends_at <= now:
        raise Gone("badge.expired")
    return claims


def _key(keyring: Keyring, day: date) -> OKPKey:
    month = day.strftime("%Y-%m")
    seed = keyring.key(f"signed-badge:{month}")
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "d": b64url(seed), "x": b64url(public), "kid": month})

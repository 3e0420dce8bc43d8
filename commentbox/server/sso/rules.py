"""What the paper's token must say, step by step. Pure; whether its id was seen before is asked in `actions.py`.

Every fault is `sso.refused` with a reason: token, header, algorithm, key, signature, claims, audience, lifetime, early,
expired, nonce, replayed.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from commentbox.server.base.errors import Invalid

LIFETIME = timedelta(minutes=5)
"""From the paper's signature to our door is a second; who shows an older one kept it."""
SKEW = timedelta(seconds=60)
LONGEST_CLAIM = 255
LONGEST_TOKEN = 8_000
HEADER = frozenset({"alg", "typ", "kid", "x5t", "x5t#S256"})
"""What a header may have. Not `jwk`, `jku`, `x5c`, `x5u`: a token does not say where its key is. Not `crit` or `b64`."""
PUBLISHED = ("RS256", "ES256")
SHARED = ("HS256",)
"""A site has keys of one sort, so no token can choose: a public key never becomes an HMAC secret, and `none` is in neither."""
_LAST_SECOND = 10**11


@dataclass(frozen=True)
class Expected:
    """What a token must fit: this installation's site, now, and (in a window of ours) the attempt we began."""

    audience: str
    now: datetime
    nonce: str | None = None


@dataclass(frozen=True)
class Login:
    """What a token says: `subject` is the paper's id of the reader, `once` the token's own. A mail address is not read."""

    subject: str = field(repr=False)
    once: str = field(repr=False)
    name: str = field(default="", repr=False)
    is_subscriber: bool = False


def audience_of(origin: str, slug: str) -> str:
    """Give what `aud` must be: this installation and one site of it."""
    return f"{origin}/{slug}"


def refused(reason: str) -> Invalid:
    """Give the refusal of a token. `reason` is one of our own words and never quotes the token."""
    return Invalid("sso.refused", reason=reason)


def check_header(header: dict[str, Any], algorithms: tuple[str, ...]) -> str | None:
    """Give the `kid`. Refuses `header` and `algorithm`."""
    if header.get("alg") not in algorithms:
        raise refused("algorithm")
    kid = header.get("kid")
    if not HEADER.issuperset(header) or not isinstance(kid, str | None):
        raise refused("header")
    return kid


def login_of(claims: dict[str, Any], expected: Expected) -> Login:
    """Give what a token says whose signature holds. Refuses what does not fit."""
    subject, once = _text(claims, "sub"), _text(claims, "jti")
    name, subscriber = claims.get("name") or "", claims.get("subscriber", False)
    if not (isinstance(name, str) and _is_whole(name) and isinstance(subscriber, bool)):
        raise refused("claims")
    if claims.get("aud") not in (expected.audience, [expected.audience]):
        raise refused("audience")
    _check_times(claims, expected.now.timestamp())
    if expected.nonce is not None and claims.get("nonce") != expected.nonce:
        raise refused("nonce")
    return Login(subject, once, name=name, is_subscriber=subscriber)


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_CLAIM or not value.isprintable():
        raise refused("claims")
    return value


def _is_whole(text: str) -> bool:
    """Say whether a text can be written at all: JSON may bring half a letter."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _check_times(claims: dict[str, Any], now: float) -> None:
    made, ends = _second(claims, "iat"), _second(claims, "exp")
    begins = _second(claims, "nbf") if "nbf" in claims else made
    skew = SKEW.total_seconds()
    if not 0 < ends - made <= LIFETIME.total_seconds():
        raise refused("lifetime")
    if max(made, begins) > now + skew:
        raise refused("early")
    if ends <= now - skew:
        raise refused("expired")


def _second(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _LAST_SECOND:
        raise refused("claims")
    return float(value)

"""Signed JSON of others (JOSE): which keys we take from a published set, and how a token's header is read.

Shared by the rooms that believe such tokens, each with algorithms of its own choice.
"""

from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key
from joserfc.jws import JWSRegistry

BROKEN = (JoseError, ValueError, TypeError, KeyError, RecursionError)
"""What the library raises for input that is none."""
_KEY_TYPES = {"RSA", "EC", "OKP"}  # Never `oct`: a public key must not become an HMAC secret.


class Registry(JWSRegistry):
    """The library's header rules, but for senders that add parameters of their own or a certificate chain."""

    max_header_length = 16_384

    def __init__(self, algorithms: tuple[str, ...]) -> None:
        super().__init__(algorithms=list(algorithms), strict_check_header=False)


def header_of(token: str, registry: Registry) -> dict[str, Any]:
    """Give the header of a compact token, of which nothing is proven yet. Raises one of `BROKEN`."""
    return dict(jws.extract_compact(token.encode(), registry=registry).headers())


def usable(entry: object) -> Key | None:
    """Give a public signing key, or None for one that is for something else or not understood."""
    if not isinstance(entry, dict) or entry.get("kty") not in _KEY_TYPES or entry.get("use", "sig") != "sig":
        return None
    try:
        return JWKRegistry.import_key(entry)
    except BROKEN:
        return None

"""How webhooks are signed: three schemes that between them cover every dialect, and the one comparison of MACs.

A scheme reads headers and raw bytes and gives the signatures that are claimed; `check` compares each with each secret.
Called by `webhook.py` only.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from commentbox.server.base import signing
from commentbox.server.base.errors import Forbidden

SKEW_SECONDS = 300  # What the schemes recommend; in both directions, since one published library forgets the future.
MOST_CLAIMS = 10  # A rotation needs two; a header with thousands would only cost us time.
_DIGESTS = {"HMAC_SHA256_HEX": "sha256", "HMAC_SHA512_HEX": "sha512"}  # Never SHA-1: a header must not weaken us.


@dataclass(frozen=True)
class Claim:
    """One signature that a webhook carries: the bytes it covers, the MAC, and the second it says it was made in."""

    covers: bytes = field(repr=False)
    mac: bytes = field(repr=False)
    at: int | None = None
    digest: str = "sha256"


Scheme = Callable[[Mapping[str, str], bytes], Sequence[Claim]]


def check(claims: Sequence[Claim], keys: Sequence[bytes], *, now: datetime) -> None:
    """Refuse `webhook.not_authentic` unless a claim holds under a key, and `webhook.stale` where its time is off."""
    held = [claim for claim in claims[:MOST_CLAIMS] for key in keys if is_mac(key, claim)]
    if not held:
        raise Forbidden("webhook.not_authentic")
    if all(claim.at is not None and abs(now.timestamp() - claim.at) > SKEW_SECONDS for claim in held):
        raise Forbidden("webhook.stale")


def is_mac(key: bytes, claim: Claim) -> bool:
    """Say whether a claim holds under a key, in a time that does not depend on where the two differ."""
    return hmac.compare_digest(hmac.new(key, claim.covers, claim.digest).digest(), claim.mac)


def stamped(header: str) -> Scheme:
    """`t=SECONDS,v1=HEX`, over `SECONDS.BODY`; several groups, or several v1, while secrets are rotated."""

    def read(headers: Mapping[str, str], body: bytes) -> list[Claim]:
        return [claim for group in headers.get(header, "").split() for claim in _group(group, body)]

    return read


def _group(text: str, body: bytes) -> list[Claim]:
    pairs = [part.partition("=")[::2] for part in text.split(",")]
    times = [value for name, value in pairs if name == "t"]
    at = _seconds(times[0]) if len(times) == 1 else None
    if at is None:
        return []
    covers = f"{times[0]}.".encode() + body
    macs = [_hex(value) for name, value in pairs if name == "v1"]
    return [Claim(covers, mac, at) for mac in macs if mac]


def plain(header: str, *, digest_header: str = "") -> Scheme:
    """A hexadecimal MAC over the body alone; `digest_header` may choose SHA-512."""

    def read(headers: Mapping[str, str], body: bytes) -> list[Claim]:
        digest = _DIGESTS.get(headers.get(digest_header, "HMAC_SHA256_HEX")) if digest_header else "sha256"
        mac = _hex(headers.get(header, ""))
        return [Claim(body, mac, digest=digest)] if mac and digest else []

    return read


def standard(headers: Mapping[str, str], body: bytes) -> list[Claim]:
    """Standard Webhooks: `v1,BASE64` over `ID.SECONDS.BODY`, several with spaces between."""
    name, at = headers.get("webhook-id", ""), _seconds(headers.get("webhook-timestamp", ""))
    if not name or at is None:
        return []
    covers = f"{name}.{headers['webhook-timestamp']}.".encode() + body
    tagged = [part.partition(",")[::2] for part in headers.get("webhook-signature", "").split()]
    macs = [signing.b64_bytes(value) for version, value in tagged if version == "v1"]
    return [Claim(covers, mac, at) for mac in macs if mac]


def event_hash(body: bytes) -> str:
    """Name an event by its bytes, where a scheme has no id for it."""
    return hashlib.sha256(body).hexdigest()


def _seconds(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else None


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text) if text.isascii() and text.isalnum() else b""
    except ValueError:
        return b""

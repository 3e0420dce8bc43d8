"""Signed badges: how many one core checks in a second, with keys that are at hand."""

import time
from datetime import UTC, datetime

from bench.results import Figure
from commentbox.server.base.signing import Keyring
from commentbox.server.verification import signed_badges

HOW_MANY = 5000
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


def measure() -> dict[str, Figure]:
    """Check as many badges of different comments, in processor time, so that a busy machine does not count."""
    keyring = Keyring(b"a secret that only the bench knows")
    keys = signed_badges.published_keys(keyring, NOW)
    tokens = [
        signed_badges.sign(keyring, _claims(number), issuer="https://comments.example", now=NOW) for number in range(50)
    ]
    began = time.process_time()
    for number in range(HOW_MANY):
        signed_badges.read(tokens[number % len(tokens)], keys, now=NOW)
    rate = HOW_MANY / (time.process_time() - began)
    return {"badges_checked": Figure(rate, "badges/s of one core", "the bound of 5,000", at_least=5000)}


def _claims(number: int) -> dict[str, str]:
    return {
        "sub": f"{number:016x}",
        "tier": "verified",
        "kind": "person",
        "text_sha256": signed_badges.text_hash(str(number)),
    }

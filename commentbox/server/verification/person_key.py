"""The person key: the one-way key that stops one person having two verified accounts.

Keyed with a secret that lives outside the database, so that neither a stolen copy nor a court order for the database
leads from a key to a person; and with provider class and issuer, so that two issuers' keys cannot be joined.

The secret has versions. v1 comes from the master secret; `commentbox person-key rotate` adds others, each with a secret of
its own. A key cannot be made anew without the subject, which nobody keeps: so every version stays live for matching until
the last key under it has run out or its person has verified again. New keys are made under the newest.
"""

import json

from commentbox.server.base.signing import Keyring

PURPOSE = "person-key"
FIRST = f"{PURPOSE}:v1"


def person_keys(keyring: Keyring, provider_class: str, *, issuer: str, subject: str) -> tuple[str, ...]:
    """Give a person's key under every live version (`v2:` and 64 hex digits), the newest first."""
    # A JSON list keeps the parts apart: ("a", "bc") and ("ab", "c") must not meet.
    parts = json.dumps([provider_class, issuer, subject], ensure_ascii=True, separators=(",", ":"))
    made = (f"{purpose.removeprefix(PURPOSE + ':')}:{keyring.mac(purpose, parts)}" for purpose in versions(keyring))
    return tuple(made)


def versions(keyring: Keyring) -> list[str]:
    """Give the live versions as key purposes, the newest first."""
    return [*sorted(keyring.extra, key=_number, reverse=True), FIRST]


def version_name(number: int) -> str:
    """Give a version's name in keys and in the file: v2."""
    return f"v{number}"


def _number(purpose: str) -> int:
    return int(purpose.rpartition("v")[2])

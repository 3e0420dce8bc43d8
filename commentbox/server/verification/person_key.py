"""The person key: the one-way key that stops one person having two verified accounts.

Keyed with a secret that lives outside the database, so that neither a stolen copy nor a court order for the database
leads from a key to a person; and with provider class and issuer, so that two issuers' keys cannot be joined.
"""

import json

from commentbox.server.base.signing import Keyring

VERSION = "v1"


def person_key(keyring: Keyring, provider_class: str, *, issuer: str, subject: str) -> str:
    """Give `v1:` and 64 hex digits: always the same for one person at one issuer, useless without the secret."""
    # A JSON list keeps the parts apart: ("a", "bc") and ("ab", "c") must not meet.
    parts = json.dumps([provider_class, issuer, subject], ensure_ascii=True, separators=(",", ":"))
    return f"{VERSION}:{keyring.mac(f'person-key:{VERSION}', parts)}"

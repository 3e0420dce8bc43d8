"""Short-lived secrets that must lie in the database for a while: encrypted with a key that never does.

For what a job needs to go on after a restart, such as a provider's session id. Whoever has the database alone has noise.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from commentbox.server.base.errors import Gone
from commentbox.server.base.signing import Keyring, b64url, b64url_bytes

_NONCE_BYTES = 12


def seal(keyring: Keyring, purpose: str, text: str, *, about: str) -> str:
    """Encrypt `text` for one purpose. What it is `about` must be said again to open it, so none passes for another."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return b64url(nonce + AESGCM(keyring.key(f"seal:{purpose}")).encrypt(nonce, text.encode(), about.encode()))


def unseal(keyring: Keyring, purpose: str, sealed: str, *, about: str) -> str:
    """Give back what was sealed. Refuses `link.invalid` where the master secret is another one, or anything was changed."""
    raw = b64url_bytes(sealed)
    try:
        opened = AESGCM(keyring.key(f"seal:{purpose}")).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], about.encode())
    except (InvalidTag, ValueError):
        raise Gone("link.invalid") from None
    return opened.decode()

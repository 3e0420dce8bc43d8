"""Secrets, derived keys, tokens and signed values. The master secret lives outside the database."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import date

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from commentbox.server.base.errors import Gone, Invalid
from commentbox.server.base.ids import encode


class Keyring:
    """Derives every key of the instance from one master secret, one purpose each (RFC 5869).

    `extra` are purposes with a secret of their own, which can be changed without changing every other key.
    """

    def __init__(self, secret: bytes, extra: Mapping[str, bytes] | None = None) -> None:
        self._secret = secret
        self.extra = dict(extra or {})
        self._derived: dict[str, bytes] = {}

    def key(self, purpose: str) -> bytes:
        """Give the 32-byte key for one purpose; the same purpose always gives the same key."""
        if purpose not in self._derived:
            hkdf = HKDF(algorithm=SHA256(), length=32, salt=b"commentbox", info=purpose.encode())
            self._derived[purpose] = hkdf.derive(self.extra.get(purpose, self._secret))
        return self._derived[purpose]

    def mac(self, purpose: str, text: str) -> str:
        """Give a keyed one-way hash of `text` in hex, useless without the master secret."""
        return hmac.new(self.key(purpose), text.encode(), hashlib.sha256).hexdigest()

    def address_mac(self, address: str, day: date) -> str:
        """Hash a network address with the key of one day, so that days cannot be joined (PRODUCT: addresses)."""
        return self.mac(f"address:{day.isoformat()}", address)[:32]

    def sign(self, purpose: str, value: object) -> str:
        """Give a URL-safe signed and dated text for `value` (JSON)."""
        return URLSafeTimedSerializer(self.key(purpose), salt=purpose).dumps(value)

    def unsign(self, purpose: str, text: str, *, max_age_seconds: int | None = None) -> object:
        """Give back what `sign` took. Refuses `link.expired` and `link.invalid`."""
        try:
            return URLSafeTimedSerializer(self.key(purpose), salt=purpose).loads(text, max_age=max_age_seconds)
        except SignatureExpired:
            raise Gone("link.expired") from None
        except BadSignature:
            raise Invalid("link.invalid") from None


def new_token() -> str:
    """Give 256 bits of chance, URL-safe. Only its hash is ever stored."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Give what is stored of a token: SHA-256 in hex. Enough, because tokens are chance and not passwords."""
    return hashlib.sha256(token.encode()).hexdigest()


def written_code(chance: bytes) -> str:
    """Write 13 bytes of chance as a code of 20 letters and digits (100 bits) that a person can copy by hand."""
    letters = encode(int.from_bytes(chance[:10])) + encode(int.from_bytes(chance[10:13]))[-4:]
    return "-".join(letters[start : start + 5] for start in range(0, 20, 5))


def written_code_hash(purpose: str, typed: str) -> str:
    """Give what is stored of a written code; case, spaces, dashes, and O for 0 or I and L for 1 do not matter."""
    plain = "".join(letter for letter in typed.lower() if letter.isalnum())
    return token_hash(purpose + plain.replace("o", "0").replace("i", "1").replace("l", "1"))


def b64url(raw: bytes) -> str:
    """Encode without padding, as WebAuthn and JOSE do."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def b64url_bytes(text: str) -> bytes:
    """Decode what `b64url` made. Refuses anything else."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise Invalid("input.not_base64") from None


def b64_bytes(text: str) -> bytes:
    """Decode plain base64, with or without its padding; nothing where it is none."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return b""


def standard_key(secret: str) -> bytes:
    """Give the key of a Standard Webhooks secret: base64, with or without its prefix and padding."""
    key = b64_bytes(secret.removeprefix("whsec_"))
    if not key:
        raise ValueError("a Standard Webhooks secret is base64, with or without whsec_ before it")
    return key


def standard_headers(key: bytes, message_id: str, body: bytes, *, at: int) -> dict[str, str]:
    """Give the headers of Standard Webhooks for a body that we send, signed in the second `at`."""
    mac = hmac.new(key, f"{message_id}.{at}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(mac).decode()}"
    return {"webhook-id": message_id, "webhook-timestamp": str(at), "webhook-signature": signature}

"""A soft authenticator: answers WebAuthn options as a browser with a platform passkey would (ES256, user verified)."""

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

from commentbox.server.base.signing import b64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class SoftPasskey:
    """One passkey of one reader. `extra` goes into clientDataJSON: `crossOrigin=True, topOrigin=…` in a frame."""

    def __init__(self, rp_id: str, origin: str, *, verifies_user: bool = True, counts: bool = False) -> None:
        self.rp_id, self.origin, self.counts, self.sign_count = rp_id, origin, counts, 0
        self.flags = PRESENT | (VERIFIED if verifies_user else 0)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.user_handle = ""

    def create(self, options: dict[str, Any], **extra: Any) -> dict[str, Any]:
        """Give the JSON of `navigator.credentials.create()` for `options`."""
        self.user_handle = options["user"]["id"]
        point = self.key.public_key().public_numbers()
        public = encode_cbor({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
        attested = bytes(16) + len(self.id).to_bytes(2) + self.id + public
        made = {"fmt": "none", "attStmt": {}, "authData": self._about(ATTESTED) + attested}
        client = self._client("webauthn.create", options, extra)
        return self._answer({"clientDataJSON": b64url(client), "attestationObject": b64url(encode_cbor(made))})

    def get(self, options: dict[str, Any], **extra: Any) -> dict[str, Any]:
        """Give the JSON of `navigator.credentials.get()` for `options`."""
        self.sign_count += self.counts
        about, client = self._about(0), self._client("webauthn.get", options, extra)
        signature = self.key.sign(about + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {"clientDataJSON": client, "authenticatorData": about, "signature": signature}
        return self._answer({name: b64url(raw) for name, raw in response.items()} | {"userHandle": self.user_handle})

    def _client(self, kind: str, options: dict[str, Any], extra: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | extra).encode()

    def _about(self, flag: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([self.flags | flag]) + self.sign_count.to_bytes(4)

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        handle = b64url(self.id)
        return {"id": handle, "rawId": handle, "type": "public-key", "response": response, "clientExtensionResults": {}}

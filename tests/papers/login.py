"""A paper with a log-in of its own, for tests: it signs who its readers are, honestly or not.

Its tokens are put together by hand (RFC 7515), not by the library that reads them: so they can be wrong in any way.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from commentbox.server.base import clock
from commentbox.server.base.signing import b64url

AUDIENCE = "http://comments.localhost:8000/gazette"
_ids = count(1)
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
"""Made once: nothing here is slower."""


def published(key: Any, kid: str) -> dict[str, Any]:
    """Give the public half as the paper publishes it (RFC 7517)."""
    numbers, about = key.public_key().public_numbers(), {"kid": kid, "use": "sig"}
    if isinstance(key, rsa.RSAPrivateKey):
        return about | {"kty": "RSA", "n": _number(numbers.n, key.key_size // 8), "e": _number(numbers.e, 3)}
    return about | {"kty": "EC", "crv": "P-256", "x": _number(numbers.x, 32), "y": _number(numbers.y, 32)}


def _number(value: int, size: int) -> str:
    return b64url(value.to_bytes(size, "big"))


def signed(header: dict[str, Any], said: object, key: Any) -> str:
    """Give a compact token; `key` is a private key, a secret, or None for no signature. The header may say otherwise."""
    content = ".".join(b64url(json.dumps(each).encode()) for each in (header, said))
    return f"{content}.{b64url(_signature(content.encode(), key))}"


def _signature(content: bytes, key: Any) -> bytes:
    if key is None:
        return b""
    if isinstance(key, str | bytes):
        secret = key if isinstance(key, bytes) else key.encode()
        return hmac.new(secret, content, hashlib.sha256).digest()
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(content, padding.PKCS1v15(), SHA256())
    return b"".join(each.to_bytes(32, "big") for each in decode_dss_signature(key.sign(content, ec.ECDSA(SHA256()))))


def claims(**changes: Any) -> dict[str, Any]:
    """Give what an honest token says about the reader `41207`; a claim of None is left out."""
    now = int(clock.now().timestamp())
    usual = {"aud": AUDIENCE, "sub": "41207", "jti": f"id-{next(_ids)}", "iat": now, "exp": now + 120}
    return {name: value for name, value in (usual | changes).items() if value is not None}


class Paper:
    """A paper that shares a secret with us, in a file of `folder`."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "paper.secret"
        self.secrets = ["the first secret of a paper, long enough"]
        self.write()

    def write(self) -> None:
        """Write the live secrets where the comment server reads them."""
        self.file.write_text("\n".join(self.secrets) + "\n")

    def token(self, *, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """Say who a reader is."""
        return signed({"alg": "HS256", "typ": "JWT"} | (header or {}), claims(**changes), self.secrets[-1])

    def policy(self, **more: Any) -> dict[str, Any]:
        """Give what the site is set to."""
        return {"sso_secret_file": str(self.file), "sso_login_url": "https://paper.example/log-in"} | more


class KeyPaper(Paper):
    """A paper that publishes keys. `keys` are the private ones by their ids; `server` gives them to whoever asks."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {"ec": ec.generate_private_key(ec.SECP256R1()), "rsa": RSA_KEY}
        self.asked = 0

    def answer(self) -> bytes:
        """Give the set of public keys."""
        self.asked += 1
        return json.dumps({"keys": [published(key, kid) for kid, key in self.keys.items()]}).encode()

    def token(self, *, kid: str = "ec", header: dict[str, Any] | None = None, **changes: Any) -> str:
        """Say who a reader is, signed with one of the keys."""
        key = self.keys[kid]
        algorithm = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
        return signed({"alg": algorithm, "kid": kid} | (header or {}), claims(**changes), key)


@contextmanager
def serving(answers: dict[str, Callable[[], tuple[int, bytes]]]) -> Iterator[str]:
    """Answer GET requests of a few paths, in a thread; gives the origin."""

    class Desk(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers[self.path]()
            self.send_response(status)
            self.send_header("Location", "/keys")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    running = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    running.start()
    try:
        yield f"http://news.localhost:{server.server_port}"
    finally:
        server.shutdown()
        running.join()
        server.server_close()

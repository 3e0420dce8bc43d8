"""An OpenID provider that can be told to lie: in its tokens, its keys, its discovery document and its manners."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.oidc.configured import CLIENT_ID


@dataclass
class Crooked:
    """What it will say. Tests change the fields; `claims` is what an honest provider would put into the ID token."""

    issuer: str = ""
    key: Any = field(default_factory=lambda: RSAKey.generate_key(2048, auto_kid=True))
    algorithm: str = "RS256"
    published: list[Any] = field(default_factory=list)
    document: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    token: Callable[[], object] | None = None
    userinfo: dict[str, Any] = field(default_factory=dict)
    status: dict[str, int] = field(default_factory=dict)
    body: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    hang: threading.Event = field(default_factory=threading.Event)

    def honest_claims(self, nonce: str) -> dict[str, Any]:
        """Give claims that hold."""
        now = int(time.time())
        said = {"iss": self.issuer, "aud": CLIENT_ID, "sub": "subject-1", "nonce": nonce, "iat": now, "exp": now + 300}
        return said | {"name": "Ada Lovelace"}

    def id_token(self) -> object:
        """Give the ID token it answers with."""
        if self.token is not None:
            return self.token()
        return jwt.encode({"alg": self.algorithm, "kid": self.key.kid}, self.claims, self.key, [self.algorithm])

    def answer(self, path: str) -> dict[str, Any]:
        """Give the JSON of one of its addresses."""
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return self._discovery() | self.document
        if path == "/jwks":
            return {"keys": [key.as_dict(private=False) for key in (self.published or [self.key])]}
        if path == "/token":
            return {"id_token": self.id_token(), "access_token": "an-access-token", "token_type": "Bearer"}
        return self.userinfo

    def _discovery(self) -> dict[str, Any]:
        paths = {"authorization_endpoint": "/auth", "token_endpoint": "/token", "jwks_uri": "/jwks"}
        return {name: self.issuer + path for name, path in paths.items()} | {
            "issuer": self.issuer,
            "userinfo_endpoint": f"{self.issuer}/me",
        }


@contextmanager
def crooked() -> Iterator[Crooked]:
    """Run one on a free port until the block ends."""
    state = Crooked()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path in state.body and state.body[path] == b"hang":
                state.hang.wait(30)
                return
            said = state.body.get(path) or json.dumps(state.answer(path)).encode()
            self.send_response(state.status.get(path, 200))
            self.send_header("Content-Length", str(len(said)))
            if 300 <= state.status.get(path, 200) < 400:
                self.send_header("Location", f"{state.issuer}/elsewhere")
            self.end_headers()
            self.wfile.write(said)

        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            state.forms.append(dict(parse_qsl(form)) | {"authorization": self.headers.get("Authorization", "")})
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    state.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.hang.set()
        server.shutdown()
        server.server_close()
        thread.join()


def other_key() -> ECKey:
    """Give a fresh key of another family."""
    return ECKey.generate_key("P-256", auto_kid=True)

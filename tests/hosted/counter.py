"""A paper's own counter, for tests: it signs who somebody is, honestly or not. It checks NOBODY."""

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

from commentbox.server.verification.providers.assertion import TYP, AssertionProvider, AssertionSettings

ISSUER = "https://counter.paper.example"


class Counter:
    """It holds a key and publishes it in a file of `folder`."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "jwks.json"
        self.number = 0
        self.turn_key()

    def turn_key(self) -> None:
        """Sign with another key from now on, and publish only that."""
        self.key = ECKey.generate_key("P-256", auto_kid=True)
        self.file.write_text(json.dumps({"keys": [self.key.as_dict(private=False)]}))

    def entry(self, **more: Any) -> dict[str, Any]:
        """Give what an operator would write."""
        said = {"name": "counter", "kind": "assertion", "start": f"{ISSUER}/who?site=1", "issuer": ISSUER}
        said |= {"audience": "comments", "method": "in_person", "uniqueness": "person"}
        return said | ({} if "jwks_uri" in more else {"jwks_file": str(self.file)}) | more

    def provider(self, **more: Any) -> AssertionProvider:
        """Give the adapter."""
        return AssertionProvider(AssertionSettings.model_validate(self.entry(**more)))

    def answer(self, url: str, *, header: dict[str, Any] | None = None, **claims: Any) -> dict[str, str]:
        """Say yes to a person who came to `url`; give what its form brings to ours. A claim of None is left out."""
        asked = dict(parse_qsl(urlsplit(url).query))
        self.number += 1
        now = int(time.time())
        said = {
            "iss": ISSUER,
            "aud": "comments",
            "sub": "member 7",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
        }
        said |= {"jti": f"statement-{self.number}", "name": "Ada Lovelace"}
        said = {name: value for name, value in (said | claims).items() if value is not None}
        head = {"alg": "ES256", "kid": self.key.kid, "typ": TYP} | (header or {})
        return {"state": asked["state"], "assertion": jwt.encode(head, said, self.key, algorithms=["ES256"])}

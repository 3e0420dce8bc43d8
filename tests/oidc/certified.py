"""Runs npm's certified `oidc-provider` on this machine and walks a browserless person through its log-in page."""

import json
import os
import select
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
import pytest
from joserfc.jwk import ECKey

HERE = Path(__file__).parent
NPM = HERE.parent / "npm"
RETURN_URL = "http://comments.localhost:8000/verify/back/certified"
SECRET = "a-secret-of-the-tests"
START_SECONDS = 20


@dataclass(frozen=True)
class Certified:
    """The running provider. Clients `basic`, `post` and `key` differ in how they authenticate and in the signing algorithm.

    `client_key` is the private key of the client `key`, as PEM.
    """

    issuer: str
    client_key: str = ""

    def log_in(self, url: str, *, account: str, name: str, acr: str = "urn:test:substantial") -> dict[str, str]:
        """Follow `url` as a person's browser would, say yes, and give the parameters of the way back."""
        return self._walk(url, {"account": account, "name": name, "acr": acr})

    def refuse(self, url: str) -> dict[str, str]:
        """Follow `url` and say no on its page."""
        return self._walk(url, {"refuse": "yes"})

    def _walk(self, url: str, answers: dict[str, str]) -> dict[str, str]:
        with httpx.Client(follow_redirects=False) as browser:
            response = browser.get(url)
            while True:
                address = urljoin(str(response.url), response.headers.get("location", ""))
                if not address.startswith(self.issuer):
                    return dict(parse_qsl(urlsplit(address).query))
                response = browser.post(address, data=answers) if "/interaction/" in address else browser.get(address)


@contextmanager
def certified(*return_urls: str) -> Iterator[Certified]:
    """Run the provider on a free port until the block ends."""
    require_packages()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["node", str(HERE / "provider.mjs"), str(port), *(return_urls or (RETURN_URL,))]
    key = ECKey.generate_key("P-256", {"use": "sig", "kid": "of-the-tests"})
    environment = os.environ | {"CLIENT_KEY": json.dumps(key.as_dict(private=False))}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
    try:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], START_SECONDS)
        assert ready and process.stdout.readline() == b"ready\n", "the provider did not start"
        yield Certified(issuer=f"http://127.0.0.1:{port}", client_key=key.as_pem(private=True).decode())
    finally:
        process.terminate()
        process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()


def require_packages() -> None:
    """Skip a test that needs node and its packages where they are missing; fail it in CI."""
    if shutil.which("node") and (NPM / "node_modules" / "oidc-provider").is_dir():
        return
    if os.environ.get("CI") == "true":
        pytest.fail("node or tests/npm/node_modules is missing: run `npm ci` in tests/npm")
    pytest.skip("needs node and `npm ci` in tests/npm")

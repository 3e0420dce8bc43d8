"""The canary against the server as it is run: its own process, uvicorn, access lines and DEBUG on, over real HTTP."""

import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from commentbox.server.base.db import Database
from tests.journeys.reader import Reader
from tests.journeys.reading import refresh_of, words
from tests.oidc.certified import SECRET, Certified, certified
from tests.promises.searching import database_places, hits
from tests.visitor import Visitor

PROGRAM = Path(sys.executable).parent / "commentbox"
STATED, ACCOUNT = "Zsófia Kanári-Hölgy", "account-of-the-canary"
READY_SECONDS = 60


class ThisMachine(httpx.AsyncHTTPTransport):
    """Leads every name to this machine: Python does not resolve `*.localhost`, as browsers do."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_with(host="127.0.0.1")
        return await super().handle_async_request(
            httpx.Request(request.method, url, headers=request.headers, stream=request.stream)
        )


class NetworkVisitor(Visitor):
    """A visitor of a server in another process."""

    def __init__(self, port: int) -> None:
        super().__init__(nobody, f"http://comments.localhost:{port}")
        hooks = self.client.event_hooks
        self.client = httpx.AsyncClient(transport=ThisMachine(), base_url=self.origin, event_hooks=hooks)


async def nobody(scope: Scope, receive: Receive, send: Send) -> None:
    """Stand where a server of this process would."""


@contextmanager
def serving(folder: Path, port: int) -> Iterator[Path]:
    """Run `commentbox serve` until the block ends; gives the file with everything it said."""
    said = folder / "said.log"
    origin = f"http://comments.localhost:{port}"
    settings = {
        "DATA_DIR": str(folder),
        "BASE_URL": origin,
        "ACCESS_LOG": "true",
        "LOG_LEVEL": "DEBUG",
        "PROVIDERS": str(folder / "providers.toml"),
        "SECRET": "a secret that only the tests know",
    }
    surroundings = os.environ | {f"COMMENTBOX_{name}": value for name, value in settings.items()}
    with said.open("wb") as file:
        command = [PROGRAM, "serve", "--port", str(port)]
        process = subprocess.Popen(command, env=surroundings, stdout=file, stderr=subprocess.STDOUT)
        try:
            wait_until_ready(port, process, said)
            yield said
        finally:
            process.terminate()
            process.wait(timeout=15)


def wait_until_ready(port: int, process: subprocess.Popen[bytes], said: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, said.read_text()
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            continue
    pytest.fail(f"the server did not start: {said.read_text()}")


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def real(port: int) -> Iterator[Certified]:
    with certified(f"http://comments.localhost:{port}/verify/callback/certified") as running:
        yield running


async def test_the_running_server_says_and_keeps_nothing(tmp_path: Path, port: int, real: Certified):
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "providers.toml").write_text(
        f'[[provider]]\nname = "certified"\nissuer = "{real.issuer}"\nclient_id = "basic"\nmethod = "bank"\n'
        f'client_secret_file = "{tmp_path / "secret"}"\nuniqueness = "person"\n'
    )
    reader = Reader(NetworkVisitor(port))
    with serving(tmp_path, port) as said:
        await reader.sign_up()
        leaving = await reader.leave("certified")
        params = real.log_in(refresh_of(leaving), account=ACCOUNT, name=STATED)
        reader.visitor.client.headers["Referer"] = f"{real.issuer}/auth?code={params['code']}"
        assert "Verified person" in words(await reader.come_back("certified", params))
        again = await reader.come_back("certified", params)
        assert again.status_code == 410
        await reader.visitor.open("/verify/callback/nobody", params=params)
        await reader.visitor.open(f"/nowhere/{params['code']}")
        metrics = (await reader.visitor.open("/metrics")).content
        await reader.visitor.close()
    log = said.read_bytes()
    assert b"/verify/callback/{provider}" in log, "the access lines are searched"
    secrets = {"first name": "Zsófia", "last name": "Kanári", "account": ACCOUNT, "birthdate": "1971-02-03"}
    secrets |= {"code": params["code"], "state": params["state"], "client secret": SECRET}
    secrets |= {"subject": hashlib.sha256(f"basic {ACCOUNT} salt".encode()).hexdigest()}
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'commentbox.sqlite3'}")
    places = await database_places(db) | {"metrics": metrics, "log": log}
    await db.close()
    assert b"Kestrel" in places["account.name"]
    assert hits(secrets, places) == []

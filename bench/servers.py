"""Starting and stopping the servers under test, each a process of its own on a free port."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).parents[1]
START_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    pid: int

    def resident_mb(self) -> float:
        """Give the memory it holds, with its children, in megabytes."""
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True
        ).stdout
        rows = [tuple(map(int, line.split())) for line in listed.splitlines()]
        return sum(rss for pid, parent, rss in rows if self.pid in (pid, parent)) / 1024


@contextmanager
def plain() -> Iterator[Server]:
    """The bare Starlette route, served as ours is."""
    options = ["--log-level", "warning", "--no-access-log", "--loop", "uvloop", "--http", "httptools"]
    with started(
        [sys.executable, "-m", "uvicorn", "bench.plain:app", *options, "--port", "{port}"], path="/"
    ) as server:
        yield server


@contextmanager
def commentbox(environment: dict[str, str]) -> Iterator[Server]:
    """Our own server; `environment` names its database and secret."""
    with started([str(program()), "serve"], path="/readyz", environment=environment) as server:
        yield server


def program() -> Path:
    """Give the command as it is installed beside this Python."""
    return Path(sys.executable).parent / "commentbox"


@contextmanager
def started(command: list[str], *, path: str, environment: dict[str, str] | None = None) -> Iterator[Server]:
    """Run a server until the block is left. `{port}` in the command, or COMMENTBOX_PORT, says where it listens."""
    port = free_port()
    process = subprocess.Popen(
        [part.replace("{port}", str(port)) for part in command],
        cwd=ROOT,
        env=os.environ | (environment or {}) | {"COMMENTBOX_PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_until_it_answers(process, f"http://127.0.0.1:{port}{path}")
        yield Server(port, process.pid)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(START_SECONDS)


def _wait_until_it_answers(process: subprocess.Popen, url: str) -> None:
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            urlopen(url, timeout=1).close()
            return
        except (URLError, OSError):
            if process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"{process.args} did not start") from None
            time.sleep(0.05)


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

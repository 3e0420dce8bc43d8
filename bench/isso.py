"""Isso 0.14 under gunicorn, beside us in the same run: the same load, on the same disk, its own limits switched off."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from bench.load import encode
from bench.servers import ROOT, Server, started

HOME = ROOT / ".cache/isso"
LOCK = ROOT / "requirements/isso.txt"
WORKERS = 2
"""As many as this project's figures for Isso were measured with."""

CONFIG = """[general]
dbpath = {folder}/isso.sqlite3
host = http://127.0.0.1
[moderation]
enabled = false
[guard]
enabled = false
[server]
listen = http://127.0.0.1
[rss]
base =
"""


def install() -> None:
    """Put Isso into an environment of its own, once."""
    done = HOME / ".done"
    if done.exists() and done.read_text() == LOCK.read_text():
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(HOME)], check=True)
    pip = [str(HOME / "bin/python"), "-m", "pip", "--disable-pip-version-check", "-qq"]
    subprocess.run([*pip, "install", "--no-compile", "--require-hashes", "-r", str(LOCK)], check=True)
    done.write_text(LOCK.read_text())


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Run it on an empty database in `folder`."""
    install()
    folder.mkdir(parents=True)
    config = folder / "isso.cfg"
    config.write_text(CONFIG.format(folder=folder), "utf-8")
    options = ["-b", "127.0.0.1:{port}", "-w", str(WORKERS), "--log-level", "error"]
    command = [str(HOME / "bin/python"), "-W", "ignore", "-m", "gunicorn", *options, "isso.run"]
    with started(command, path="/info", environment={"ISSO_SETTINGS": str(config)}) as server:
        yield server


def posts(port: int, writer: int, articles: int) -> Iterator[bytes]:
    """Give one writer's posts, each different, turn about on all articles."""
    for number in count():
        body = json.dumps(
            {"author": f"Writer {writer}", "text": f"Point {number} of writer {writer}.", "title": "Quay"}
        )
        headers = {"Host": f"127.0.0.1:{port}", "Content-Type": "application/json"}
        path = f"/new?uri=%2Fquay-{(writer + number) % articles}"
        yield encode("POST", path, headers=headers, body=body.encode())

"""`commentbox demo` as one types it: both origins answer, Ctrl-C stops them, the same command resumes."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from commentbox.demo import conversation, run, seed

START = "from commentbox.demo.run import run; run()"


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@contextmanager
def running(environment: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Start the demo, give what demo.json says once it is ready, and stop it as Ctrl-C does."""
    process = subprocess.Popen(
        [sys.executable, "-c", START],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if line == "ready\n":
                break
        assert said[-1] == "ready\n", "".join(said)
        yield json.loads((Path(environment["DEMO_DIR"]) / "demo.json").read_text())
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == ""
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def get(address: str, **params: str) -> httpx.Response:
    """Ask as a program does that cannot resolve names below localhost."""
    asked = httpx.URL(address)
    host = f"{asked.host}:{asked.port}"
    return httpx.get(asked.copy_with(host="127.0.0.1"), params=params, headers={"Host": host}, timeout=30)


def test_it_starts_answers_stops_and_resumes(tmp_path):
    environment = {"COMMENTS_PORT": free_port(), "NEWS_PORT": free_port(), "DEMO_DIR": str(tmp_path / "demo")}
    with running(environment) as first:
        assert set(first) == {"comments", "paper", "article", "desk", "staff_link", "site"}
        assert first["comments"] == f"http://comments.localhost:{environment['COMMENTS_PORT']}"
        assert first["comments"] + "/loader.js" in get(first["article"]).text
        assert get(first["staff_link"]).status_code == 200
        frame = get(first["comments"] + "/embed/thread", site=first["site"], url=first["article"])
        assert frame.status_code == 200
        assert first["paper"] in frame.headers["content-security-policy"]
    environment["NEWS_PORT"] = free_port()
    with running(environment) as second:
        counts = get(second["comments"] + "/api/v1/counts", site=second["site"], url=second["article"]).json()
        shown = [line for line in conversation.load().threads[seed.LONG_ARTICLE] if line.state == "published"]
        assert counts["counts"][0]["total"] == len(shown)
        assert second["staff_link"] != first["staff_link"]


def test_a_busy_port_is_a_sentence_with_what_to_type():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit, match=f"Port {port} cannot be had .*NEWS_PORT={port + 100} make demo"):
            run.listen(port, "NEWS_PORT")


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"NEWS_PORT": "http"}, "NEWS_PORT=http is not a port"),
        ({"COMMENTS_PORT": "65536"}, "COMMENTS_PORT=65536 is not a port"),
        ({"COMMENTS_PORT": "9000", "NEWS_PORT": "9000"}, "are both 9000"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_a_sentence(environment, sentence):
    with pytest.raises(SystemExit, match=sentence):
        run.plan_of(environment)


def test_nothing_said_means_the_usual_ports_and_folder():
    assert run.plan_of({}) == run.Plan(Path(".demo"), 8000, 8001)

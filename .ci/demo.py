"""A stranger's first minute: clone, `make demo`, look at a page, Ctrl-C, and again.

Standard library only: it runs before anything is installed.
"""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[1]
FACTS = {"comments", "paper", "article", "desk", "staff_link", "site"}
READY_SECONDS = 120
STOP_SECONDS = 10


def main() -> None:
    """Play the first minute; leave with an error where it does not go as the README says."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder, "commentbox")
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)], check=True)
        first, second = free_ports()
        environment = os.environ | {"COMMENTS_PORT": str(first), "NEWS_PORT": str(second)}
        environment.pop("DEMO_DIR", None)
        one = play(clone, environment)
        again = play(clone, environment)
        assert one == again, f"make demo again must resume: {one} comments, then {again}"


def play(clone: Path, environment: dict[str, str]) -> int:
    """Start the demo, look at it, press Ctrl-C; give the number of comments seen."""
    began = time.monotonic()
    log = clone.parent / "log"
    with log.open("wb") as output:
        # A session of its own, as a terminal would give: Ctrl-C reaches make and everything below it.
        demo = subprocess.Popen(
            ["make", "demo"], cwd=clone, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_until_ready(demo, log)
        print(f"ready after {time.monotonic() - began:.0f} s")
        seen = look(json.loads((clone / ".demo/demo.json").read_text("utf-8")))
        os.killpg(demo.pid, signal.SIGINT)
        demo.wait(STOP_SECONDS)
        wait_until_stopped(demo.pid)
        return seen
    except BaseException:
        print(log.read_text("utf-8"))
        raise
    finally:
        stop_what_is_left(demo.pid)


def wait_until_ready(demo: subprocess.Popen, log: Path) -> None:
    """Wait for the line `ready`."""
    give_up = time.monotonic() + READY_SECONDS
    while "ready" not in log.read_text("utf-8").splitlines():
        assert demo.poll() is None, "the demo ended by itself"
        assert time.monotonic() < give_up, f"not ready after {READY_SECONDS} s"
        time.sleep(0.1)


def look(facts: dict[str, str]) -> int:
    """Read the article and its comments; give how many there are."""
    assert facts.keys() >= FACTS, f"demo.json lacks {FACTS - facts.keys()}"
    assert "loader.js" in page(facts["article"]), "the article has no comments tag"
    query = urlencode({"site": facts["site"], "url": facts["article"]})
    assert "<html" in page(f"{facts['comments']}/thread?{query}")
    thread = json.loads(page(f"{facts['comments']}/api/v1/threads/comments?{query}"))
    print(f"{thread['total']} comments, {thread['verified_total']} of them verified")
    assert thread["total"] >= 250, "the long argument is missing"
    return thread["total"]


def page(url: str) -> str:
    """Fetch a page of a `*.localhost` host. Python does not resolve those: go to the address, name it in the header."""
    parts = urlsplit(url)
    request = Request(urlunsplit(parts._replace(netloc=f"127.0.0.1:{parts.port}")), headers={"Host": parts.netloc})
    with urlopen(request, timeout=10) as answer:
        return answer.read().decode()


def wait_until_stopped(group: int) -> None:
    """Wait until no process of the demo is left."""
    give_up = time.monotonic() + STOP_SECONDS
    while is_alive(group):
        assert time.monotonic() < give_up, "Ctrl-C did not stop everything"
        time.sleep(0.1)


def is_alive(group: int) -> bool:
    """Say whether the process group still has a member."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def stop_what_is_left(group: int) -> None:
    """Leave nothing running, however the look went."""
    if is_alive(group):
        os.killpg(group, signal.SIGKILL)


def free_ports() -> tuple[int, int]:
    """Give two ports that nobody listens on."""
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


if __name__ == "__main__":
    main()

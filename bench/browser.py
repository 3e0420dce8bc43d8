"""In a real browser: what Lighthouse says of the frame on a telephone, and what the loader takes of the paper's main thread."""

import json
import os
import shutil
import statistics
import subprocess
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, sync_playwright

from bench import reading, servers, town
from bench.results import Figure

LIGHTHOUSE = Path(__file__).parent / "npm/node_modules/lighthouse/cli/index.js"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic")
SAME_MACHINE = "--disable-features=LocalNetworkAccessChecks"
"""The paper of this bench is on no network at all, and Chromium would keep it from our server on this machine."""
ROUNDS = 3
VISITS = 9
PAPER = "http://paper.localhost/quay"
STORY = "<p>The ferry was late again, and the gulls were not.</p>" * 400
WORK = ("EvaluateScript", "FunctionCall", "v8.compile")
"""What a trace calls the work of a script; running contains compiling, so this is rather too much than too little."""


def measure(folder: Path) -> dict[str, Figure]:
    """Measure on the imported town. Says so and measures less where Lighthouse is not installed (`make bench` does it)."""
    with servers.commentbox(town.environment(folder)) as server:
        figures = _loader(server.port)
        if LIGHTHOUSE.exists():
            figures |= _lighthouse(server.port)
        else:
            print("   lighthouse is not installed: cd bench/npm && npm ci")
    return figures


def _lighthouse(port: int) -> dict[str, Figure]:
    runs = [_report(f"http://127.0.0.1:{port}{reading.page(town.TWENTY)}") for _ in range(ROUNDS)]
    scores = {name: statistics.median(run["categories"][name]["score"] * 100 for run in runs) for name in _KINDS}
    painted = statistics.median(run["audits"]["first-contentful-paint"]["numericValue"] for run in runs) / 1000
    against = f"Lighthouse, its telephone on its slow network, median of {ROUNDS}"
    return {
        "frame_accessibility": Figure(scores["accessibility"], "of 100", against, at_least=100),
        "frame_performance": Figure(scores["performance"], "of 100", against, at_least=95),
        "frame_first_paint": Figure(painted, "s", against, at_most=1.0),
    }


_KINDS = ("accessibility", "performance")


def _report(address: str) -> dict[str, Any]:
    chromium = " ".join(["--headless=new", *FLAGS])
    command = ["node", str(LIGHTHOUSE), address, "--quiet", "--output=json", f"--chrome-flags={chromium}"]
    command += [f"--only-categories={','.join(_KINDS)}"]
    environment = os.environ | {"CHROME_PATH": shutil.which("chromium") or ""}
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    report: dict[str, Any] = json.loads(told.stdout)
    return report


def _loader(port: int) -> dict[str, Figure]:
    """Open a long article with the tag at its end; nobody scrolls."""
    body = STORY + f'<script src="http://127.0.0.1:{port}/loader.js" data-site="{town.SITE}" async></script>'
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*FLAGS, SAME_MACHINE])
        times = [_work(browser, body) for _ in range(VISITS)]
        browser.close()
    against = f"compiling and running the loader on a long article, of which nobody has read a line; median of {VISITS}"
    return {"loader_main_thread": Figure(statistics.median(times), "ms", against, at_most=10)}


def _work(browser: Browser, body: str) -> float:
    """Give the milliseconds of the main thread that the loader takes until the page is idle."""
    page: Page = browser.new_page()

    def print_it(route: Route) -> None:
        route.fulfill(content_type="text/html", body=f"<!doctype html><title>Quay</title>{body}")

    page.route(PAPER, print_it)
    browser.start_tracing(page=page, categories=["devtools.timeline", "v8"])
    page.goto(PAPER)
    page.wait_for_load_state("networkidle")
    events = json.loads(browser.stop_tracing())["traceEvents"]
    page.close()
    ours = [each for each in events if each["name"] in WORK and "loader.js" in json.dumps(each.get("args", {}))]
    assert ours, "the loader ran"
    return sum(each.get("dur", 0) for each in ours) / 1000

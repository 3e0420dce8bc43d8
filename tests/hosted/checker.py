"""Plays identity services on this machine: their interfaces, and the page a person is sent to. It checks NOBODY.

One server speaks all dialects, each below a path of its own. Its page says loudly that it is a test. The tests hold the
truth in `sessions` and may change it at any time, as a service does that looks again months later.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

PAGE = """<!doctype html><html lang="en"><title>TEST: checks nobody</title><h1>TEST. This service checks nobody.</h1>
<form method="post"><label>Name <input name="name"></label> <label>Document number <input name="number"></label>
<button name="outcome" value="verified">Yes</button> <button name="outcome" value="declined">No</button></form>"""


@dataclass
class Held:
    """A session: whose it is, and how it stands. `number` is the document's."""

    id: str
    voice: str
    return_url: str
    outcome: str = "pending"
    name: str = ""
    number: str = ""
    country: str = "NLD"
    applicant: str = ""


@dataclass(frozen=True)
class Asked:
    """A request to one of its interfaces, the path below the dialect's own."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> dict[str, Any]:
        """Give the body as JSON or as a form."""
        if "json" in self.headers.get("content-type", ""):
            return dict(json.loads(self.body))
        return dict(parse_qsl(self.body.decode()))


@dataclass
class Checker:
    """The running services. `down` makes them answer with that status; `asked` is every request."""

    origin: str = ""
    voices: dict[str, Any] = field(default_factory=dict)
    sessions: dict[str, Held] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    down: int = 0
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def open(self, voice: str, prefix: str, return_url: str, *, session: str = "") -> Held:
        """Begin a session."""
        number = next(self.numbers)
        held = Held(session or f"{prefix}{number:08d}", voice, return_url, applicant=f"applicant{number}")
        self.sessions[held.id] = held
        return held

    def page(self, held: Held) -> str:
        """Give the address a person is sent to."""
        return f"{self.origin}/page/{held.id}"

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """Give status and JSON of one of the interfaces."""
        self.asked.append(asked)
        name, _, path = asked.path.lstrip("/").partition("/")
        if self.down:
            return self.down, {}
        voice = self.voices.get(name)
        asked = Asked(asked.method, f"/{path}", asked.headers, asked.body)
        if voice is None or not voice.lets_in(asked):
            return 401, {}
        return voice.answer(self, asked)

    def visit(self, url: str, **form: str) -> dict[str, str]:
        """Walk through the page as a person does, and give the parameters of the way back."""
        with httpx.Client(follow_redirects=False) as browser:
            assert "checks nobody" in browser.get(url).text
            back = browser.post(url, data={"outcome": "verified"} | form)
        assert back.status_code == 303, back.text
        return dict(parse_qsl(urlsplit(back.headers["location"]).query))

    def sent(self, url: str, form: dict[str, str]) -> str:
        """Take in what a person said on the page, and give where their browser goes back to."""
        asked = dict(parse_qsl(urlsplit(url).query))
        held = self.sessions[asked.get("inquiry-id", urlsplit(url).path.rpartition("/")[2])]
        held.outcome, held.name, held.number = form["outcome"], form.get("name", ""), form.get("number", "")
        return held.return_url


@contextmanager
def checker(voices: dict[str, Any]) -> Iterator[Checker]:
    """Run them on a free port until the block ends."""
    state = Checker(voices=voices)

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/page"):
                return self._say(200, PAGE.encode(), kind="text/html")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, content = state.answer(Asked(self.command, self.path, headers, body))
            return self._say(status, b"" if status == 204 else json.dumps(content).encode())

        def do_POST(self) -> None:
            if not self.path.startswith("/page"):
                return self.do_GET()
            form = dict(parse_qsl(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()))
            self.send_response(303)
            self.send_header("Location", state.sent(self.path, form))
            self.send_header("Content-Length", "0")
            return self.end_headers()

        do_PATCH = do_DELETE = do_GET

        def _say(self, status: int, said: bytes, *, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: Any) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    state.origin = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""Plays outside help on this machine: a real HTTP server that a hook or the Akismet dialect talks to, and a small model.

`says` is what it answers; `hangs` lets every request wait until the test is over; `drips` sends an answer without an end.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

from commentbox.server.screening.classifiers import model
from commentbox.server.screening.classifiers.asking import Help
from commentbox.server.screening.classifiers.hook import Hook, HookSettings
from commentbox.server.screening.classifiers.port import Question
from commentbox.server.screening.classifiers.training import Example, train

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLw=="
SOONEST = 0.05
INSULT = "You are a stupid idiot, shut up."
KIND = "The harbour needs dredging before winter."


@dataclass(frozen=True)
class Asked:
    """A request that came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """Give the body as a form."""
        return dict(parse_qsl(self.body.decode()))


@dataclass
class Service:
    """The running server. `says` may be a function of the request."""

    origin: str = ""
    says: str | Callable[[Asked], str] = "{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    drips: bool = False
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


class _Server(ThreadingHTTPServer):
    request_queue_size = 64


@contextmanager
def running() -> Iterator[Service]:
    """Run one."""
    service = Service()
    server = _Server(("127.0.0.1", 0), _speaking_for(service))
    service.origin = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield service
    service.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def _speaking_for(service: Service) -> type[BaseHTTPRequestHandler]:
    class Speaking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            service.asked.append(asked)
            if service.hangs:
                service.over.wait(10)
                return
            said = service.says(asked) if callable(service.says) else service.says
            self.send_response(service.status)
            for name, value in service.headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                while service.drips and not service.over.is_set():
                    self.wfile.write(b" " * 1024)
                self.wfile.write(said.encode())
            except OSError:
                pass  # whoever asked had enough

        def log_message(self, *_arguments: object) -> None:
            pass

    return Speaking


def hook(service: Service, secret_file: Path, **more: object) -> Hook:
    """Give a hook that asks the service."""
    secret_file.write_text(SECRET)
    entry = {"name": "hook", "kind": "hook", "url": f"{service.origin}/check", "secret_file": secret_file}
    return Hook(HookSettings.model_validate(entry | {"may_be_private": True} | more))


def help_by(*helpers: object) -> Help:
    """Give what posting asks."""
    return Help({each.name: each for each in helpers})  # type: ignore[attr-defined]


def small_model(file: Path) -> Path:
    """Train a model on a few dozen invented lines."""
    people = ("mayor", "council", "editor", "keeper", "clerk", "captain", "cook", "pilot", "guard", "driver", "judge")
    rude = [f"{INSULT} The {each} is a stupid idiot too." for each in people * 2]
    calm = [f"{KIND} I think the {each} should come and see it." for each in people * 2]
    examples = [Example(text, True, "en") for text in rude] + [Example(text, False, "en") for text in calm]
    model.save(train(examples, day="2026-11-22"), file)
    return file


def about(text: str = KIND, **more: object) -> Question:
    """Give a question about a text."""
    return Question(text, "en", "unverified", "gazette", "https://paper.example/harbour", **more)  # type: ignore[arg-type]

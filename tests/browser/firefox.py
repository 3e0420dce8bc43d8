"""A Firefox spoken to in its own protocol (Marionette), which needs no driver beside the browser and has passkeys.

Its settings are those of a fresh profile: Total Cookie Protection is on. Synchronous, and so are the tests that use it.
"""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

START_SECONDS = 60
STEP_SECONDS = 20
PAUSE_SECONDS = 0.05
PROGRAMS = ("firefox-esr", "firefox")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""Under which name WebDriver hands elements over (W3C WebDriver, section 12)."""
FIND = """const [selector, text] = arguments;
return [...document.querySelectorAll(selector)].find((each) => each.checkVisibility() && each.textContent.includes(text));"""
PREFERENCES = {
    "dom.disable_open_during_load": False,  # clicks of this protocol are the reader's
    "security.webauth.webauthn_enable_softtoken": True,
    "security.webauth.webauthn_enable_usbtoken": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.disabledForTesting": True,
    "network.proxy.type": 0,
}


class NotThere(RuntimeError):
    """The browser could not do what it was asked for."""


def program() -> str | None:
    """Say which Firefox there is."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@contextmanager
def firefox(folder: Path) -> Iterator["Firefox"]:
    """Start a Firefox with an empty profile and an authenticator that says yes; end it when done."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    wanted = PREFERENCES | {"marionette.port": port}
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in wanted.items())
    (folder / "user.js").write_text("".join(lines), "utf-8")
    command = [program() or "firefox", "--headless", "--marionette", "--no-remote", "--profile", str(folder)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with _connected(port) as connection:
            yield Firefox(connection)
    finally:
        running.terminate()
        running.wait(START_SECONDS)


def _connected(port: int) -> socket.socket:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(PAUSE_SECONDS)


class Firefox:
    """A reader's browser. `find` waits for what it looks for, like a reader."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self._answers, self._number = connection, connection.makefile("rb"), 0
        self._hear()
        self.tell("WebDriver:NewSession", acceptInsecureCerts=True)  # the servers of the tests vouch for themselves
        able = ("hasResidentKey", "hasUserVerification", "isUserConsenting", "isUserVerified")
        kind = {"protocol": "ctap2", "transport": "internal"}
        self.tell("WebAuthn:AddVirtualAuthenticator", **kind, **dict.fromkeys(able, True))
        self.paper: str = self.tell("WebDriver:GetWindowHandle")["value"]

    def tell(self, command: str, **parameters: Any) -> Any:
        """Have a command carried out, and give its answer."""
        self._number += 1
        message = json.dumps([0, self._number, command, parameters]).encode()
        self._connection.sendall(f"{len(message)}:".encode() + message)
        _, _, failure, answer = self._hear()
        if failure is not None:
            raise NotThere(f"{command}: {failure['error']}: {failure['message']}")
        return answer

    def _hear(self) -> Any:
        digits = b""
        while (byte := self._answers.read(1)) != b":":
            digits += byte
        return json.loads(self._answers.read(int(digits)))

    def get(self, address: str) -> None:
        """Open an address."""
        self.tell("WebDriver:Navigate", url=address)

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page or frame that is looked at."""
        return self.tell("WebDriver:ExecuteScript", script=script, args=list(arguments))["value"]

    def wait_for(self, question: str, *arguments: Any) -> Any:
        """Give what a script gives, once it gives something; a page that is going away gives nothing."""
        until, last = time.monotonic() + STEP_SECONDS, ""
        while time.monotonic() < until:
            try:
                if found := self.run(question, *arguments):
                    return found
            except NotThere as going:
                last = str(going)
            time.sleep(PAUSE_SECONDS)
        raise AssertionError(f"not there: {arguments or question} {last}\n{self.run('return document.body.innerText')}")

    def find(self, selector: str, text: str = "") -> dict[str, str]:
        """Give the first thing to be seen of these that says this."""
        found: dict[str, str] = self.wait_for(FIND, selector, text)
        return found

    def press(self, selector: str, text: str = "") -> None:
        """Press something once its page is all there: what needs a script must not be pressed before it runs."""
        self.wait_for("return document.readyState === 'complete'")
        self.tell("WebDriver:ElementClick", id=self.find(selector, text)[ELEMENT])

    def fill(self, selector: str, text: str) -> None:
        """Type into a field."""
        self.tell("WebDriver:ElementSendKeys", id=self.find(selector)[ELEMENT], text=text)

    def into_frame(self) -> None:
        """Go to the paper's window and into the frame with the comments, once the reader's own layer is there."""
        self.tell("WebDriver:SwitchToWindow", handle=self.paper)
        self.run("scrollTo(0, document.body.scrollHeight)")
        self.tell("WebDriver:SwitchToFrame", element=self.find("iframe")[ELEMENT])
        self.find("html[data-viewer]")

    def into_window(self) -> None:
        """Go to the window that has opened, once it is there."""
        until = time.monotonic() + STEP_SECONDS
        while len(handles := self.tell("WebDriver:GetWindowHandles")) < 2 and time.monotonic() < until:
            time.sleep(PAUSE_SECONDS)
        self.tell("WebDriver:SwitchToWindow", handle=next(each for each in handles if each != self.paper))

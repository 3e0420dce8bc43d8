"""WebKitGTK on a screen of its own: the browser whose cross-site frames get no cookie at all, and no passkeys.

`webkit()` gives a selenium driver. It is synchronous, and so are the tests that use it.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from selenium.webdriver import Remote, WebKitGTKOptions
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.webkitgtk.service import Service

START_SECONDS = 20


def missing() -> str:
    """Say in a sentence what has to be installed, or nothing."""
    lacking = [program for program in ("WebKitWebDriver", "Xvfb") if not shutil.which(program)]
    return f"no {' and no '.join(lacking)}: apt-get install webkit2gtk-driver xvfb" if lacking else ""


@contextmanager
def webkit() -> Iterator[Remote]:
    """Start a WebKitGTK with an empty profile on a screen of its own; end both when done."""
    with _screen() as display:
        environment = os.environ | {"DISPLAY": display, "WEBKIT_DISABLE_COMPOSITING_MODE": "1", "NO_AT_BRIDGE": "1"}
        service = Service(env=environment)
        service.start()
        try:
            # Not selenium's own WebKitGTK class: that one warns about itself, and our warnings are errors.
            connection = RemoteConnection(client_config=ClientConfig(remote_server_addr=service.service_url))
            options = WebKitGTKOptions()
            options.accept_insecure_certs = True  # the tests' servers vouch for themselves
            driver = Remote(command_executor=connection, options=options)
            yield driver
            driver.quit()
        finally:
            service.stop()


@contextmanager
def _screen() -> Iterator[str]:
    """Run an Xvfb that chooses its own number, and give it as DISPLAY wants it."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x1600x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as answer:
            yield f":{answer.readline().strip()}"
    finally:
        server.terminate()
        server.wait(START_SECONDS)

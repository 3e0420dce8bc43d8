"""Verifying: how long from the provider's answer at our door until the badge can be seen, with a provider on this machine."""

import asyncio
import re
import statistics
import time
from pathlib import Path
from typing import Any

from bench.results import Figure
from commentbox.server.app import create_app
from commentbox.server.base import migrate
from commentbox.server.base.settings import Settings
from tests.journeys.reader import Reader
from tests.journeys.reading import refresh_of
from tests.oidc.certified import SECRET, Certified, certified
from tests.visitor import Visitor

LETTERS = ("Alpha", "Bravo", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "Kilo", "Mike", "Oscar", "Papa")
PEOPLE = len(LETTERS)
ORIGIN = "http://comments.localhost:8000"
TOML = """[[provider]]
name = "certified"
issuer = "{issuer}"
client_id = "basic"
client_secret_file = "{secret}"
method = "bank"
uniqueness = "person"
"""


def measure(folder: Path) -> dict[str, Figure]:
    """Send people through a certified OpenID provider in a process of its own, one after the other.

    The clock runs from the callback to the page with the badge: its form, the code for the token, the keys, the checks of
    the answer, the person key, the attestation, and the page.
    """
    with certified(f"{ORIGIN}/verify/callback/certified") as provider:
        seconds = asyncio.run(_walk(folder, provider))
    against = f"the bound of a second, oidc-provider on this machine, {PEOPLE} people"
    return {
        "badge_visible": Figure(statistics.median(seconds), "s from callback to badge", against, at_most=1),
        "badge_visible_worst": Figure(max(seconds), "s", against),
    }


async def _walk(folder: Path, provider: Certified) -> list[float]:
    (folder / "secret").write_text(SECRET, "utf-8")
    file = folder / "providers.toml"
    file.write_text(TOML.format(issuer=provider.issuer, secret=folder / "secret"), "utf-8")
    known = {"data_dir": folder, "base_url": ORIGIN, "secret": "a secret that only the bench knows"}
    settings = Settings(**known, providers=str(file))
    await migrate.upgrade(settings.database)
    app: Any = create_app(settings, background=False)
    try:
        return [await _one(app, provider, number) for number in range(PEOPLE)]
    finally:
        await app.app.state.instance.db.close()


async def _one(app: Any, provider: Certified, number: int) -> float:
    visitor = Visitor(app, ORIGIN, address=f"203.0.113.{number + 1}")
    reader = Reader(visitor, f"Bench {LETTERS[number]}")
    await reader.sign_up()
    away = refresh_of(await reader.leave("certified"))
    brought = await asyncio.to_thread(provider.log_in, away, account=f"person-{number}", name="Somebody Else")
    began = time.perf_counter()
    done = await reader.come_back("certified", brought)
    seconds = time.perf_counter() - began
    assert re.search("Verified person", done.text), done.text
    return seconds

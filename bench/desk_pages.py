"""Two keys and the next case: a decision posted as the desk's form posts it, and the next case's page, on a full queue.

`a` and Enter send the form; what a moderator waits for is that answer and the page it leads to. The browser's own share is
not in it.
"""

import re
import statistics
import time
from pathlib import Path
from typing import Any

import httpx

from bench.results import Figure
from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts import names
from commentbox.server.app import create_app
from commentbox.server.base.settings import Settings
from commentbox.server.base.work import begin

ROUNDS = 40
SHOWN_WITHIN_MS = 100
_NEXT = re.compile(r"/desk/case/(\w+)")
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


async def measure(url: str, folder: Path, site_id: str) -> dict[str, Figure]:
    """Decide about held comments one after the other, as somebody at the keyboard does."""
    app: Any = create_app(_settings(url, folder), background=False)
    instance = app.app.state.instance
    async with begin(instance.db) as work:
        account_id = await accounts.sign_up(work, names.check("Ruth Bench"))
        await accounts.grant(work, account_id, "moderator", site_id=site_id)
        session = await accounts.open_session(work, account_id, kind="staff", by_passkey=True, fresh=True)
    origin = instance.settings.origin
    headers = {
        "origin": origin,
        "sec-fetch-site": "same-origin",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
        "cookie": f"__Host-cb-staff={session.token}",
    }
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=origin, headers=headers) as client:
        spans = await _decide_on(client)
    await instance.db.close()
    about = f"decision posted and the next case shown, {ROUNDS} times, the browser's share aside"
    return {"desk_two_keys_p90": Figure(_p90(spans), "ms", about, at_most=SHOWN_WITHIN_MS)}


async def _decide_on(client: httpx.AsyncClient) -> list[float]:
    taken = await client.post("/desk/next", data={"queue": "held"})
    page = await client.get(taken.headers["location"])
    spans = []
    for _ in range(ROUNDS):
        case_id = _NEXT.search(str(page.url))[1]  # type: ignore[index]
        form = dict(_HIDDEN.findall(page.text.split('id="decide"')[1].split("</form>")[0]))
        began = time.perf_counter()
        decided = await client.post(f"/desk/case/{case_id}/decide", data=form | {"action": "approve", "go": "decide"})
        page = await client.get(decided.headers["location"])
        spans.append((time.perf_counter() - began) * 1000)
        assert page.status_code == 200 and case_id not in str(page.url)
    return spans


def _settings(url: str, folder: Path) -> Settings:
    return Settings(database_url=url, data_dir=folder, secret="a secret of the bench and of nobody else")


def _p90(spans: list[float]) -> float:
    return statistics.quantiles(spans, n=10)[-1]

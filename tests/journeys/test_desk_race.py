"""Twenty moderators on one queue, each with a browser of their own: no case is decided twice, none is lost.

Real requests over real sockets to one server, on SQLite and on PostgreSQL.
"""

import asyncio
import re
import socket
from collections import Counter
from datetime import timedelta

import httpx
import uvicorn
from sqlalchemy import select

from commentbox.server.accounts import actions as accounts
from commentbox.server.app import create_app
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings
from commentbox.server.base.work import begin
from commentbox.server.moderation.models import Claim, Decision
from tests.factories import START
from tests.newsroom import FACTS, RULE, Newsroom, make_newsroom

MODERATORS, CASES = 20, 30
WINDOW = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "same-origin"}
_CASE = re.compile(r"/desk/case/(\w+)\?")
_SEEN = re.compile(r'name="(revision|state|seen)" value="([^"]*)"')


class Moderator:
    """One moderator with a signed-in browser, who works until nothing is free any more."""

    def __init__(self, port: int, origin: str, token: str) -> None:
        headers = {**WINDOW, "Origin": origin, "Cookie": f"__Host-cb-staff={token}"}
        self.client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60)
        self.decided: list[str] = []

    async def work(self, number: int) -> None:
        """Take the next case, look at it, decide it; every decision leads to the next."""
        lead = (await self.client.post("/desk/next", data={"queue": "held"})).headers["location"]
        while found := _CASE.search(lead):
            page = await self.client.get(lead)
            form = dict(_SEEN.findall(page.text)) | {"queue": "held", "go": "decide"}
            reasons = {"action": "remove", "ground": RULE, "facts": FACTS} if number % 2 else {"action": "approve"}
            answer = await self.client.post(f"/desk/case/{found[1]}/decide", data=form | reasons)
            assert answer.status_code == 303, answer.text
            self.decided.append(found[1])
            lead = answer.headers["location"]
        await self.client.aclose()


async def crew(room: Newsroom, port: int, origin: str) -> list[Moderator]:
    """Hire everybody and sign them in."""
    seats = [await room.hire(f"Moderator {chr(65 + number)}") for number in range(MODERATORS)]
    async with begin(room.db) as work:
        sessions = [await accounts.open_session(work, each.account_id, kind="staff", by_passkey=True) for each in seats]
    return [Moderator(port, origin, session.token) for session in sessions]


async def test_twenty_moderators_racing_on_one_queue_decide_every_case_once(db: Database, settings: Settings) -> None:
    clock.set(START + timedelta(hours=1))
    room = await make_newsroom(db)
    cases = [room.talk.say(state="held", hold_rule="links") for _ in range(CASES)]
    await room.talk.save(db)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(settings, background=False), log_level="error", access_log=False))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    moderators = await crew(room, listening.getsockname()[1], settings.origin)
    await asyncio.gather(*(each.work(number) for number, each in enumerate(moderators)))
    server.should_exit = True
    await serving
    decided = Counter(case for each in moderators for case in each.decided)
    assert decided == Counter(cases), "each case once, by one of them"
    async with db.read() as query:
        made = await query.all(select(Decision.__table__.c.comment_id))
        assert Counter(row.comment_id for row in made) == Counter(cases)
        assert await query.first(select(Claim.__table__)) is None, "nothing is held any more"

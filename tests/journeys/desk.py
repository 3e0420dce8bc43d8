"""Moderators with a browser at the desk, for journeys that send its forms."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from commentbox.server.accounts import actions as accounts
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from tests.journeys.reading import fields, words
from tests.newsroom import FACTS, RULE, Newsroom
from tests.visitor import Visitor


@dataclass
class AtTheDesk:
    """A moderator with a browser signed in at the desk."""

    visitor: Visitor
    account_id: str

    async def decide(self, case_id: str, action: str, /, **more: str) -> httpx.Response:
        """Open a case, choose, and send the form that the page offers."""
        page = await self.visitor.open(f"/desk/case/{case_id}")
        assert page.status_code == 200, words(page)
        form = fields(page, f"/desk/case/{case_id}/decide") | {"action": action, "go": "decide"}
        if action == "remove":
            form |= {"ground": RULE, "facts": FACTS}
        return await self.visitor.submit(f"/desk/case/{case_id}/decide", form | more)


async def signed_in(db: Database, visitor: Visitor, account_id: str, *, kind: str) -> None:
    """Open a session and put its cookie into the browser."""
    async with begin(db) as work:
        session = await accounts.open_session(work, account_id, kind=kind, by_passkey=True)
    name = {"staff": "__Host-cb-staff", "top": "__Host-cb"}[kind]
    visitor.cookies.set(name, session.token, domain="comments.localhost", path="/")


Hire = Callable[..., Awaitable[AtTheDesk]]


def hiring(room: Newsroom, new_visitor: Callable[..., Visitor]) -> Hire:
    """Give what seats a moderator, each in a browser of their own."""

    async def hire(name: str, role: str = "moderator", **more: Any) -> AtTheDesk:
        seat = await room.hire(name, role, **more)
        visitor = new_visitor()
        await signed_in(room.db, visitor, seat.account_id, kind="staff")
        return AtTheDesk(visitor, seat.account_id)

    return hire

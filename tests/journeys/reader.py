"""A reader with a browser and a passkey, who walks through our own windows by their forms."""

import json
from typing import Any

import httpx

from tests.journeys.reading import fields, refresh_of
from tests.softpasskey import SoftPasskey
from tests.visitor import Visitor


class Reader:
    """One person. Every step is the form that the page before offers."""

    def __init__(self, visitor: Visitor, name: str = "Kestrel") -> None:
        self.visitor, self.name = visitor, name
        self.passkey = SoftPasskey("comments.localhost", visitor.origin)

    async def sign_up(self) -> None:
        """Make an account with a passkey."""
        options = (await self.visitor.fetch("/signup/options", method="POST", data={"name": self.name})).json()
        answer = json.dumps(self.passkey.create(options))
        done = await self.visitor.submit("/signup", {"name": self.name, "credential": answer})
        assert done.status_code == 303, done.text

    async def prove(self) -> str:
        """Answer with the passkey and give what the browser would put into the form."""
        options = (await self.visitor.fetch("/verify/options", method="POST")).json()
        return json.dumps(self.passkey.get(options))

    async def leave(self, way: str, **more: str) -> httpx.Response:
        """Choose a way, agree, and go: gives the page that leads to the provider, or says why not."""
        page = await self.visitor.open(f"/verify?way={way}&next=/account")
        return await self.visitor.submit("/verify", fields(page, "/verify") | {"agree": "yes"} | more)

    async def come_back(self, way: str, params: dict[str, str]) -> httpx.Response:
        """Return from the provider and finish; gives the last page."""
        page = await self.visitor.open(f"/verify/callback/{way}", came_from="cross-site", params=params)
        return await self.finish(way, fields(page, f"/verify/finish/{way}"))

    async def finish(self, way: str, form: dict[str, Any]) -> httpx.Response:
        """Send the form that finishes, and follow it."""
        answer = await self.visitor.submit(f"/verify/finish/{way}", form)
        return await self.visitor.open(answer.headers["location"]) if answer.status_code == 303 else answer

    async def verify_by_demo(self, subject: str, name: str = "", **more: str) -> httpx.Response:
        """Play the demo provider's page through."""
        leaving = await self.leave("demo")
        page = await self.visitor.open(refresh_of(leaving))
        assert page.status_code == 200, page.text
        form = fields(page, "/verify/finish/demo") | {"subject": subject, "name": name, "method": "bank"} | more
        return await self.finish("demo", form)

"""A reader's passkeys: one virtual authenticator that serves every window of a profile.

Chromium ties a virtual authenticator to one window. A passkey made in the sign-up window must be there in the next one,
as on a real device, so each new window gets an authenticator that knows all passkeys made so far.
"""

import asyncio
from typing import Any

from playwright.async_api import BrowserContext, CDPSession, Page

_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Passkeys:
    """The device of one person. `credentials` are its passkeys, as the DevTools protocol describes them."""

    def __init__(self) -> None:
        self.credentials: dict[str, dict[str, Any]] = {}
        self._windows: dict[Page, asyncio.Task[tuple[CDPSession, str]]] = {}

    @classmethod
    async def of(cls, context: BrowserContext) -> "Passkeys":
        """Give the device of a profile, present in its windows now and in all to come."""
        device = cls()
        context.on("page", device._follow)
        for page in context.pages:
            device._follow(page)
        await device.ready()
        return device

    async def ready(self) -> None:
        """Wait until every window of the profile has the device. Call it after a window has opened."""
        await asyncio.gather(*self._windows.values())

    async def lose(self) -> None:
        """Lose the device: every passkey is gone."""
        self.credentials.clear()
        for window in list(self._windows.values()):
            session, authenticator = await window
            await session.send("WebAuthn.clearCredentials", {"authenticatorId": authenticator})

    def _follow(self, page: Page) -> None:
        self._windows[page] = asyncio.create_task(self._attach(page))
        page.on("close", lambda _: self._windows.pop(page, None))

    async def _attach(self, page: Page) -> tuple[CDPSession, str]:
        session = await page.context.new_cdp_session(page)
        session.on("WebAuthn.credentialAdded", lambda event: self._keep(event, but=page))
        session.on("WebAuthn.credentialAsserted", lambda event: self._keep(event, but=page))
        await session.send("WebAuthn.enable", {"enableUI": False})
        added = await session.send("WebAuthn.addVirtualAuthenticator", {"options": _DEVICE})
        authenticator = added["authenticatorId"]
        for credential in list(self.credentials.values()):
            await session.send("WebAuthn.addCredential", {"authenticatorId": authenticator, "credential": credential})
        return session, authenticator

    def _keep(self, event: dict[str, Any], *, but: Page) -> None:
        """Remember a new passkey, or an old one's new count, and bring it to the other windows."""
        credential = event["credential"]
        is_new = credential["credentialId"] not in self.credentials
        self.credentials[credential["credentialId"]] = credential
        for page, window in self._windows.items():
            if is_new and page is not but and window.done():
                self._windows[page] = asyncio.create_task(self._bring(window, credential))

    async def _bring(
        self, window: asyncio.Task[tuple[CDPSession, str]], credential: dict[str, Any]
    ) -> tuple[CDPSession, str]:
        session, authenticator = await window
        await session.send("WebAuthn.addCredential", {"authenticatorId": authenticator, "credential": credential})
        return session, authenticator

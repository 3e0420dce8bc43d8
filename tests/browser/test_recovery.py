"""A lost device in a real browser: the account comes back by verifying again, three days later, while its owner is told."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Page, expect

from commentbox.server.app import create_app
from commentbox.server.base import clock, migrate
from commentbox.server.base.settings import Settings
from tests.browser.passkeys import Passkeys
from tests.browser.people import be_verified, make_account, push


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def origin(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Give a comment server of this process, whose clock the tests can move, with the demo provider."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("recovery"),
        base_url=f"http://comments.localhost:{listener.getsockname()[1]}",
        secret="a secret that only the tests know",
        demo=True,
    )
    await migrate.upgrade(settings.database)
    running = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="warning", access_log=False))
    task = asyncio.create_task(running.serve(sockets=[listener]))
    yield settings.origin
    running.should_exit = True
    await task
    listener.close()


async def verified(page: Page, origin: str, name: str, subject: str) -> None:
    """Make an account and verify it."""
    await page.goto(f"{origin}/signup?next=/verify")
    await make_account(page, name)
    await be_verified(page, subject)


async def ask(page: Page, origin: str, name: str, subject: str) -> None:
    """Walk from the sign-in page to the passkey that waits."""
    await page.goto(f"{origin}/signin")
    await page.get_by_role("link", name="I lost the passkeys of a verified account").click()
    await page.get_by_label("Name of the account").fill(name)
    await page.get_by_role("checkbox").check()
    await push(page, "button", "Make a passkey and go on")
    await page.get_by_label("Number of the person").fill(subject)
    await push(page, "button", "Yes, this is me", exact=False)


async def test_a_lost_account_comes_back_by_verifying_again(
    page: Page, passkeys: Any, new_context: Any, origin: str, axe: Any
) -> None:
    await passkeys.ready()
    await verified(page, origin, "Kestrel", "ada")
    context = await new_context()
    device = await Passkeys.of(context)
    elsewhere = await context.new_page()
    await device.ready()
    await elsewhere.goto(f"{origin}/recover")
    assert await axe(elsewhere) == []
    await ask(elsewhere, origin, "Kestrel", "ada")
    await expect(elsewhere.get_by_role("heading", name="Your passkey waits")).to_be_visible()
    assert await axe(elsewhere) == []

    await page.goto(f"{origin}/account")
    await expect(page.get_by_role("heading", name="Somebody asks to recover your account.")).to_be_visible()
    assert await axe(page) == []
    await push(page, "button", "It is not me: stop it")
    await expect(page.locator("#asked")).to_contain_text("unless you verify again before")

    clock.advance(hours=72)
    await signed_out(page, origin)
    await elsewhere.goto(f"{origin}/signin?next=/account")
    # The browser offers the passkey by itself (autofill), and the virtual authenticator takes up every offer.
    await expect(elsewhere.locator("#badge")).to_contain_text("Verified person")
    await expect(elsewhere.get_by_text("This account was recovered on")).to_be_visible()


async def test_an_owner_with_a_passkey_stops_somebody_with_the_printed_code(
    page: Page, passkeys: Any, new_context: Any, origin: str, axe: Any
) -> None:
    await passkeys.ready()
    await page.goto(f"{origin}/signup?next=/verify")
    code = await make_account(page, "Heron", prints=True)
    await be_verified(page, "grace")
    context = await new_context()
    device = await Passkeys.of(context)
    thief = await context.new_page()
    await device.ready()
    await thief.goto(f"{origin}/recover")
    await thief.get_by_role("textbox", name="Printed code").fill(code)
    await push(thief, "button", "Sign in with the code")
    assert await axe(thief) == []
    await push(thief, "button", "I lost my passkeys: make a new one")
    await expect(thief.locator("#asked")).to_be_visible()

    await page.goto(f"{origin}/account")
    await push(page, "button", "It is not me: stop it")
    await expect(page.locator("#badge")).to_contain_text("Verified person")
    await expect(page.get_by_text(re.compile("was stopped on"))).to_be_visible()


async def signed_out(page: Page, origin: str) -> None:
    """Wait until the job has let the new passkey in, which ends every session."""
    for _ in range(100):
        await page.goto(f"{origin}/account")
        if "/signin" in page.url:
            return
        await expect(page.locator("#badge")).to_be_visible()
    raise AssertionError("nobody was signed out")

"""Verifying in a real browser: passkey, certified provider on another site, the way back, axe on every page."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import BrowserContext, Page, expect

from commentbox.server.app import create_app
from commentbox.server.base import migrate
from commentbox.server.base.settings import Settings
from tests.oidc.certified import SECRET, Certified, certified


@dataclass(frozen=True)
class Server:
    """A comment server of this process, and the provider it sends people to."""

    origin: str
    provider: Certified


@pytest.fixture(scope="module")
def listener() -> Iterator[socket.socket]:
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    made.listen()
    yield made
    made.close()


@pytest.fixture(scope="module")
def real(listener: socket.socket) -> Iterator[Certified]:
    port = listener.getsockname()[1]
    with certified(f"http://comments.localhost:{port}/verify/callback/certified") as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server(
    listener: socket.socket, real: Certified, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    folder = tmp_path_factory.mktemp("verify")
    settings = await settings_in(folder, real.issuer, f"http://comments.localhost:{listener.getsockname()[1]}")
    app = create_app(settings)
    running = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    task = asyncio.create_task(running.serve(sockets=[listener]))
    yield Server(settings.origin, real)
    running.should_exit = True
    await task


async def settings_in(folder: Path, issuer: str, origin: str) -> Settings:
    (folder / "secret").write_text(SECRET)
    (folder / "providers.toml").write_text(
        f'[[provider]]\nname = "certified"\nissuer = "{issuer}"\nclient_id = "basic"\nmethod = "bank"\n'
        f'client_secret_file = "{folder / "secret"}"\nuniqueness = "person"\n'
    )
    settings = Settings(
        data_dir=folder,
        base_url=origin,
        secret="a secret that only the tests know",
        providers=str(folder / "providers.toml"),
        demo=True,
    )
    await migrate.upgrade(settings.database)
    return settings


async def sign_up(page: Page, server: Server, name: str) -> None:
    await page.goto(f"{server.origin}/signup?next=/verify")
    await page.get_by_label("Name to show").fill(name)
    await page.get_by_role("button", name=re.compile("passkey", re.I)).click()
    await page.wait_for_url(re.compile("/welcome"))
    await page.get_by_role("link", name="Go on").click()
    await expect(page.get_by_role("heading", name="Verify, if you like")).to_be_visible()


async def test_a_reader_verifies_with_a_provider_on_another_site(page: Page, passkeys: Any, server: Server, axe: Any):
    await passkeys.ready()
    await sign_up(page, server, "Kestrel")
    assert await axe(page) == []
    await page.get_by_role("radio", name=re.compile("Through a bank")).check()
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_role("heading", name="What we keep, and what we never keep")).to_be_visible()
    assert await axe(page) == []
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Go on: Through a bank").click()
    await expect(page.get_by_role("heading", name="Test identity provider")).to_be_visible()
    assert page.url.startswith(server.provider.issuer)
    await page.get_by_label("Account").fill("ada")
    await page.get_by_label("Name").fill("Ada Lovelace")
    await page.get_by_role("button", name="Yes, this is me").click()
    await expect(page.get_by_role("heading", name="Done. Thank you")).to_be_visible()
    await expect(page.get_by_role("status")).to_contain_text("Kestrel")
    await expect(page.get_by_role("status")).to_contain_text("Verified person")
    assert await axe(page) == []
    await page.goto(f"{server.origin}/verify")
    assert await axe(page) == []
    await page.get_by_role("button", name="Take my badge away").click()
    await expect(page.locator("#badge")).to_contain_text("Not verified")


async def test_saying_no_leads_back_with_a_way_on(page: Page, passkeys: Any, server: Server, axe: Any):
    await passkeys.ready()
    await sign_up(page, server, "Heron")
    await page.goto(f"{server.origin}/verify?way=certified")
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Go on: Through a bank").click()
    await page.get_by_role("button", name="Do not tell them").click()
    await expect(page.get_by_role("alert")).to_contain_text("did not confirm")
    assert await axe(page) == []
    await page.get_by_role("link", name="Try again").click()
    await expect(page.get_by_role("heading", name="Choose a way")).to_be_visible()


async def test_everything_but_the_passkey_works_without_scripts(
    page: Page, passkeys: Any, new_context: Any, server: Server, axe: Any
):
    await passkeys.ready()
    await sign_up(page, server, "Wren")
    plain: BrowserContext = await new_context(java_script_enabled=False)
    await plain.add_cookies(await page.context.cookies())
    window = await plain.new_page()
    await window.goto(f"{server.origin}/verify?way=certified")
    await window.get_by_role("checkbox").check()
    await window.get_by_role("button", name="Go on: Through a bank").click()
    await window.get_by_label("Account").fill("wren")
    await window.get_by_label("Name").fill("Wren")
    await window.get_by_role("button", name="Yes, this is me").click()
    await window.get_by_role("button", name="Finish").click()
    await expect(window.get_by_role("status")).to_contain_text("Verified name")


async def test_the_demo_provider_is_a_page_of_our_own(page: Page, passkeys: Any, server: Server, axe: Any):
    await passkeys.ready()
    await sign_up(page, server, "Plover")
    await page.goto(f"{server.origin}/verify?way=demo")
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name=re.compile("Go on:")).click()
    await expect(page.get_by_role("note")).to_contain_text("It verifies anybody as anybody")
    assert await axe(page) == []
    await page.get_by_label("Number of the person").fill("7")
    await page.get_by_role("button", name=re.compile("Yes, this is me")).click()
    await expect(page.get_by_role("status")).to_contain_text("Verified person")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_public_page_about_verification_is_accessible(
    new_context: Any, server: Server, axe: Any, scheme: str
):
    context = await new_context(color_scheme=scheme, viewport={"width": 390, "height": 800})
    page = await context.new_page()
    await page.goto(f"{server.origin}/verification")
    await expect(page.get_by_role("heading", name="How verification works")).to_be_visible()
    assert await axe(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

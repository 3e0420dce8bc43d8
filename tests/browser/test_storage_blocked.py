"""A browser that blocks third-party cookies and does not partition storage either: a frame's localStorage throws there."""

import re
import shutil
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Frame, expect

from tests.browser.conftest import ARGUMENTS, STEP_MILLISECONDS
from tests.browser.papers import ask, tag
from tests.browser.people import Person, post

FERRY, QUAY = "library-until-ten", "mussels-back"
BLOCKED = "() => { try { return Boolean(localStorage) } catch (error) { return error.name } }"


@pytest_asyncio.fixture(loop_scope="session")
async def strict(browser: Browser, stack) -> AsyncIterator[BrowserContext]:
    """Give a profile of such a browser: Playwright's own list of features switches the partitioning off."""
    stack.an_hour_later()
    arguments = [each for each in ARGUMENTS if not each.startswith("--disable-features")]
    launched = await browser.browser_type.launch(executable_path=shutil.which("chromium"), args=arguments)
    context = await launched.new_context(locale="en-GB")
    context.set_default_timeout(STEP_MILLISECONDS)
    yield context
    await launched.close()


async def read_again(reader: Person, address: str) -> Frame:
    """Open the article anew: where a page is only reloaded, Chromium fills in forms by itself."""
    await reader.page.close()
    reader.page = await reader.context.new_page()
    return await reader.read(address)


async def test_where_storage_is_blocked_drafts_and_the_filter_last_in_a_cookie_of_this_paper(
    stack, press, strict: BrowserContext
) -> None:
    reader = await Person.come(stack, strict)
    address = press.print(tag(stack, article_id=FERRY))
    frame = await reader.read(address)
    assert await frame.evaluate(BLOCKED) == "SecurityError", "else this test proves nothing"
    field = frame.locator("#cb-viewer textarea")
    await field.fill("Half a thought; ثلاثة، “quoted” & 100 % mine.")
    await frame.get_by_role("radio", name="Verified only").click()
    await expect(frame.locator('article[data-tier="unverified"]:visible')).to_have_count(0)

    frame = await read_again(reader, address)
    assert "show=verified" in frame.url, "before anything is painted"
    await expect(frame.get_by_role("radio", name="Verified only")).to_be_checked()
    await expect(frame.locator("#cb-viewer textarea")).to_have_value("Half a thought; ثلاثة، “quoted” & 100 % mine.")
    (crumb,) = [each for each in await strict.cookies() if each["name"] == "cb-kept"]
    assert (crumb["path"], crumb["secure"], crumb["sameSite"]) == ("/embed/thread", True, "None")
    assert "localhost" in crumb["partitionKey"]

    public = {"site": stack.site, "article_id": QUAY}
    sent = {"Cookie": f"cb-kept={crumb['value']}"}
    with_it, without = (ask(f"{stack.comments}/embed/thread", headers=headers, **public) for headers in (sent, {}))
    assert with_it.content == without.content and "set-cookie" not in with_it.headers

    await reader.sign_up(frame, "Strict Stork")
    await expect(frame.locator("#cb-viewer textarea")).to_have_value(re.compile("^Half a thought"))
    await frame.get_by_role("radio", name="Everyone").click()
    await post(frame, "A whole thought.")
    frame = await read_again(reader, address)
    await expect(frame.locator("#cb-viewer textarea")).to_have_value("")
    assert "show=" not in frame.url


async def test_what_is_too_long_for_the_cookie_lives_as_long_as_the_page_and_takes_nothing_with_it(
    stack, press, strict: BrowserContext
) -> None:
    reader = await Person.come(stack, strict)
    address = press.print(tag(stack, article_id=QUAY))
    frame = await reader.read(address)
    long = "All of it matters. " * 240
    await frame.locator("#cb-viewer textarea").fill(long)
    await frame.get_by_role("radio", name="Verified only").click()
    await expect(frame.locator('article[data-tier="unverified"]:visible')).to_have_count(0)
    assert await frame.locator("#cb-viewer textarea").input_value() == long
    frame = await read_again(reader, address)
    await expect(frame.get_by_role("radio", name="Verified only")).to_be_checked()
    await expect(frame.locator("#cb-viewer textarea")).to_have_value("")
    for each in await strict.cookies():
        assert len(each["name"] + each["value"]) <= 4096

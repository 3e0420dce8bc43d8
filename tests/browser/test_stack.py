"""The demo as a stranger finds it: an article on the paper's site, its comments in a frame from another site."""

from playwright.async_api import Page

from tests.browser.conftest import Stack


async def test_the_long_argument_is_read_in_a_frame_from_another_site(page: Page, stack: Stack) -> None:
    await page.goto(stack.article)
    await page.evaluate("document.querySelector('script[data-site]').parentElement.scrollIntoView()")
    frame = page.frame_locator("iframe[src^='http://comments.localhost']")
    await frame.locator("[id^='c-']").first.wait_for()
    assert await frame.locator("[id^='c-']").count() >= 20


async def test_commands_work_on_the_running_demo(stack: Stack) -> None:
    assert stack.site in stack.command("site", "list")

"""Nothing jumps: layout shift on the paper's page and in the frame, from the first paint to the live comments; and how little
the loader takes of the page's main thread before the reader is near."""

import pytest
from playwright.async_api import Frame, Page, expect

from tests.browser.papers import STORY, Press, comments_in, tag

SHIFT = 0.02
"""A tenth of what the Web Vitals call good, and a fifth of that again."""
PHONE = {"viewport": {"width": 390, "height": 844}}
WATCH = """() => { window.shifted = 0; new PerformanceObserver((seen) => {
  for (const each of seen.getEntries()) if (!each.hadRecentInput) window.shifted += each.value;
}).observe({ type: 'layout-shift', buffered: true }) }"""


async def shift(page: Page | Frame) -> float:
    """Give how much moved, as the browser counts it, once two frames have been painted."""
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return float(await page.evaluate("window.shifted"))


@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "phone"])
async def test_nothing_moves_that_the_reader_did_not_move(stack, press: Press, new_context, options) -> None:
    page = await (await new_context(**options)).new_page()
    await page.goto(press.print(STORY + tag(stack, article_id="inner-harbour-vote") + STORY))
    await page.evaluate(WATCH)
    await page.evaluate(
        "scrollTo(0, document.querySelector('p#last').offsetTop - innerHeight - 300)"
    )  # near, out of sight
    frame = await comments_in(page)
    await frame.evaluate(WATCH)
    await page.locator("iframe").scroll_into_view_if_needed()
    await expect(frame.locator("#cb-live")).to_be_attached()
    await frame.locator("#cb-viewer form").first.wait_for()
    await page.wait_for_load_state("networkidle")
    assert await shift(page) < SHIFT
    assert await shift(frame) < SHIFT


async def test_switching_the_filter_moves_nothing_above_it(stack, press: Press, page: Page) -> None:
    await page.goto(press.print(tag(stack, article_id="inner-harbour-vote")))
    frame = await comments_in(page)
    before = await frame.locator(".cb-tools").bounding_box()
    await frame.get_by_role("radio", name="Verified only").click()
    await expect(frame.locator('article.cb-comment[data-tier="unverified"]')).to_have_count(0)
    assert await frame.locator(".cb-tools").bounding_box() == before

"""The frame for a reader: choices that are remembered, panels, times, drafts, and what all of it weighs."""

import gzip
import re

import pytest_asyncio
from playwright.async_api import Frame, Page, Route, expect

from tests.browser.papers import Press, ask, comments_in, tag

FRAME_BYTES = 40_000
LONG_THREAD = "inner-harbour-vote"
SHOWN = "document.querySelectorAll('article.cb-comment').length"


@pytest_asyncio.fixture(loop_scope="session")
async def frame(page: Page, stack, press: Press) -> Frame:
    """Give the long thread in a frame."""
    await page.goto(press.print(tag(stack, article_id=LONG_THREAD)))
    return await comments_in(page)


def unverified(frame: Frame):
    return frame.locator('article.cb-comment[data-tier="unverified"]')


async def test_a_whole_frame_of_20_comments_weighs_at_most_40_kb(stack) -> None:
    page = ask(f"{stack.comments}/embed/thread", site=stack.site, article_id=LONG_THREAD)
    parts = re.findall(r'(?:src|href|data-live)="(/static/[^"]+)"', page.text)
    assert len(parts) >= 5
    twenty = '<article class="cb-comment'.join(page.text.split('<article class="cb-comment')[:21])
    sizes = {"HTML of 20 comments": len(gzip.compress(twenty.encode(), 9))}
    for each in parts:
        sizes[each] = len(gzip.compress(ask(stack.comments + each.replace("&amp;", "&")).content, 9))
    assert sum(sizes.values()) <= FRAME_BYTES, sizes


async def test_a_chosen_filter_applies_at_once_and_is_remembered_before_anything_is_painted(
    page: Page, frame: Frame
) -> None:
    await expect(unverified(frame)).not_to_have_count(0)
    await frame.get_by_role("radio", name="Verified only").click()
    await expect(unverified(frame)).to_have_count(0)
    assert await frame.evaluate("document.activeElement.value") == "verified"
    await page.reload()
    again = await comments_in(page)
    assert "show=verified" in again.url
    await expect(unverified(again)).to_have_count(0)
    await again.get_by_role("radio", name="Everyone").click()
    await expect(unverified(again)).not_to_have_count(0)
    await page.reload()
    assert "show=" not in (await comments_in(page)).url


async def test_the_filter_is_two_clicks_from_any_comment(page: Page, frame: Frame) -> None:
    await frame.locator("article .cb-menu summary", has_text="More").first.click()
    await frame.get_by_role("link", name="Show verified people only").first.click()
    await expect(unverified(frame)).to_have_count(0)
    await page.reload()
    assert "show=verified" in (await comments_in(page)).url


async def test_a_thread_that_goes_on_is_followed_and_left_in_place(page: Page, frame: Frame) -> None:
    await frame.get_by_role("link", name="Continue this thread").first.click()
    await expect(frame.locator("article.is-focus")).to_be_in_viewport()
    await frame.get_by_role("link", name="Show the whole thread").click()
    await expect(frame.locator("article.is-focus")).to_have_count(0)
    await expect(frame.locator("h1")).to_be_in_viewport()


async def test_a_chosen_order_is_remembered(page: Page, frame: Frame) -> None:
    await frame.get_by_label("Sort by").select_option("oldest")
    first = frame.locator("#cb-list > li article").first
    before = await first.get_attribute("id")
    await page.reload()
    again = await comments_in(page)
    assert "sort=oldest" in again.url
    assert before


async def test_a_filter_keeps_what_is_being_typed(frame: Frame) -> None:
    await frame.locator("#cb-viewer textarea").fill("Half a thou")
    await frame.get_by_role("radio", name="Verified only").click()
    await expect(unverified(frame)).to_have_count(0)
    await expect(frame.locator("#cb-viewer textarea")).to_have_value("Half a thou")


async def test_a_panel_closes_by_escape_and_by_a_click_beside_it(frame: Frame) -> None:
    panels = frame.locator("details.cb-badge[open]")
    summary = frame.locator("details.cb-badge > summary").first
    await summary.click()
    await expect(panels).to_have_count(1)
    await summary.press("Escape")
    await expect(panels).to_have_count(0)
    await expect(summary).to_be_focused()
    await summary.click()
    await frame.locator("h1").click()
    await expect(panels).to_have_count(0)


async def test_times_are_told_from_now_with_the_whole_moment_in_the_title(frame: Frame) -> None:
    time = frame.locator(".cb-time time").first
    assert re.search(r"ago|yesterday|this minute|\d{4}", await time.inner_text())
    assert re.search(r"\d{4}.*\d\d:\d\d", await time.get_attribute("title") or "")


async def test_the_time_of_a_comment_leads_to_it_and_marks_it(frame: Frame) -> None:
    comment = frame.locator("article.cb-comment").nth(6)
    await comment.locator("a.cb-time").click()
    await expect(comment).to_be_in_viewport()
    assert await comment.evaluate("(each) => each.matches(':target')")


async def test_a_draft_survives_a_reload_also_of_a_reply(page: Page, frame: Frame) -> None:
    await frame.locator("#cb-viewer textarea").fill("I was there that night.")
    await frame.locator("[data-reply]:visible").first.click()
    await frame.locator("[data-reply-to] textarea").fill("And so was I.")
    await page.reload()
    again = await comments_in(page)
    await expect(again.locator("#cb-viewer textarea")).to_have_value("I was there that night.")
    await again.locator("[data-reply]:visible").first.click()
    await expect(again.locator("[data-reply-to] textarea")).to_have_value("And so was I.")


async def test_a_server_that_does_not_answer_loses_no_text(page: Page, frame: Frame) -> None:
    async def cut(route: Route) -> None:
        await route.abort()

    await page.route("**/comments", cut)
    await frame.locator("#cb-viewer textarea").fill("Into the void.")
    await frame.get_by_text("Post without an account").click()
    await frame.get_by_label("Name to show").fill("A Passer-by")
    await frame.get_by_role("button", name="Post as a guest").click()
    await expect(frame.locator("#cb-offline")).to_be_visible()
    await expect(frame.locator("#cb-viewer textarea")).to_have_value("Into the void.")


async def test_a_refusal_stands_below_the_comment_and_takes_nothing_away(page: Page, frame: Frame) -> None:
    async def refuse(route: Route) -> None:
        await route.fulfill(status=404, content_type="text/html", body="<p role=alert>There is nothing here.</p>")

    await page.route("**/embed/replies?*", refuse)
    more = frame.locator("a.cb-more[hx-get]").first
    await more.click()
    await expect(frame.get_by_role("alert").filter(has_text="nothing here")).to_be_visible()
    await expect(more).to_be_visible()


async def test_pages_of_ours_that_refuse_to_be_framed_open_beside_the_paper(page: Page, frame: Frame) -> None:
    async with page.context.expect_page() as opened:
        await frame.get_by_role("link", name="How verification works").last.click()
    await (await opened.value).wait_for_load_state()
    assert (await opened.value).url.endswith("/verification?lang=en-GB")
    await expect(frame.locator("#comments")).to_be_visible()

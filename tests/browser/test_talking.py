"""A talk in the frame: searching, quoting, looking before posting, mentioning by picking, and what is new since last time."""

import re

import pytest_asyncio
from playwright.async_api import Frame, Page, expect

from tests.browser.papers import Press, comments_in, tag
from tests.browser.people import comment_with

LONG_THREAD = "inner-harbour-vote"
LIBRARY = "library-until-ten"


@pytest_asyncio.fixture(loop_scope="session")
async def frame(page: Page, stack, press: Press) -> Frame:
    """Give the long thread in a frame."""
    await page.goto(press.print(tag(stack, article_id=LONG_THREAD)))
    return await comments_in(page)


async def test_a_search_stays_in_the_frame_and_leads_to_a_comment_in_its_place(frame: Frame, axe) -> None:
    await frame.locator(".cb-find summary").click()
    await frame.get_by_label("Words in these comments").fill("pilot")
    await frame.get_by_label("Words in these comments").press("Enter")
    await expect(frame.locator("mark").first).to_be_visible()
    await expect(frame.locator(".cb-found")).to_contain_text("comments have these words.")
    await expect(frame.locator("#cb-viewer")).not_to_be_visible()
    assert await axe(frame) == []
    await frame.get_by_role("link", name="Show it in its place").first.click()
    await expect(frame.locator("article.is-focus")).to_be_in_viewport()
    await expect(frame.locator("#cb-viewer")).to_be_visible()


async def test_the_pages_for_others_and_of_changes_are_for_everyone(page: Page, stack, axe) -> None:
    edited = "SELECT comment.id FROM comment WHERE state = 'published' AND edited_at IS NOT NULL LIMIT 1"
    [(comment_id,)] = stack.rows(edited)
    for path in ("comment", "history"):
        await page.goto(f"{stack.comments}/{path}/{comment_id}")
        assert await axe(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


async def test_an_authors_next_comment_is_shown_in_its_place(frame: Frame) -> None:
    first = frame.locator("#cb-list article").first
    name = await first.locator(".cb-name").inner_text()
    await first.locator(".cb-menu summary", has_text="More").click()
    await first.get_by_role("link", name="Previous by this person").click()
    await expect(frame.locator("article.is-focus .cb-name").first).to_have_text(name)


async def test_what_came_since_the_last_visit_is_marked_and_walked_by_n_and_p(page: Page, frame: Frame) -> None:
    await expect(frame.locator(".cb-new")).to_have_count(0)
    await frame.evaluate(
        """() => { sessionStorage.clear();
        for (const key in localStorage) if (key.includes(".seen ")) localStorage[key] = "2020-01-01T00:00:00Z"; }"""
    )
    await page.reload()
    frame = await comments_in(page)
    await expect(frame.locator(".cb-new").first).to_have_text("new")
    await frame.get_by_role("button", name="Next new comment").click()
    marked = frame.locator("article[data-new]")
    await expect(marked.nth(0)).to_be_focused()
    await page.keyboard.press("n")
    await expect(marked.nth(1)).to_be_focused()
    await page.keyboard.press("p")
    await expect(marked.nth(0)).to_be_focused()


async def test_one_writes_with_a_quotation_a_mention_and_a_look_before(stack, press, come) -> None:
    reader = await come()
    await reader.page.goto(press.print(tag(stack, article_id=LIBRARY)))
    frame = await comments_in(reader.page)
    await reader.sign_up(frame, "Petrel Strand")
    await frame.locator("#cb-viewer textarea").fill("Open until ten, and warm.\n>! The end of the book")
    await frame.get_by_role("button", name="Post", exact=True).click()
    said = comment_with(frame, "Open until ten, and warm.")
    await expect(said.locator("details > summary", has_text="Spoiler")).to_be_visible()
    await said.locator(".cb-menu summary", has_text="More").click()
    await said.get_by_role("link", name="Quote").click()
    field = frame.locator("[data-reply-to] textarea")
    await expect(field).to_have_value(re.compile(r"^> Open until ten, and warm\.\n"))
    assert "end of the book" not in await field.input_value()
    await field.press("Control+End")
    await field.press_sequentially("Hello @Pet")
    await frame.locator(".cb-people button", has_text="Petrel Strand").click()
    await expect(field).to_have_value(re.compile(r"Hello @Petrel Strand $"))
    form = frame.locator("[data-reply-to]")
    await form.get_by_role("button", name="Preview").click()
    await expect(form.locator(".cb-preview blockquote")).to_contain_text("Open until ten")
    assert stack.rows("SELECT count(*) FROM comment WHERE text LIKE '%Hello @Petrel%'") == [(0,)]
    await form.get_by_role("button", name="Post reply").click()
    await expect(comment_with(frame, "Hello @Petrel Strand")).to_have_count(1)


async def test_names_are_picked_by_keys_and_escape_leaves_the_text(stack, press, come) -> None:
    reader = await come()
    await reader.page.goto(press.print(tag(stack, article_id=LONG_THREAD)))
    frame = await comments_in(reader.page)
    field = frame.locator("#cb-viewer textarea")
    await field.press_sequentially("So @M")
    await expect(frame.locator(".cb-people button").first).to_be_visible()
    await field.press("Escape")
    await expect(frame.locator(".cb-people")).to_have_count(0)
    await expect(field).to_be_focused()
    await field.press_sequentially("a")
    await field.press("ArrowDown")
    await reader.page.keyboard.press("Enter")
    await expect(field).to_have_value(re.compile(r"^So @Ma.+ $"))
    await expect(field).to_be_focused()

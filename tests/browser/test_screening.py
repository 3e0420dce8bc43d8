"""The screening rules in a browser: a nudge in the frame, and an admin who drafts, tries and switches on."""

from playwright.async_api import Page, expect

from tests.browser.newsdesk import sit_down
from tests.browser.papers import comments_in, tag
from tests.browser.people import comment_with, push

LIBRARY = "library-until-ten"


async def test_a_writer_is_asked_to_think_again_in_the_frame_and_decides(stack, press, come, axe) -> None:
    reader = await come()
    await reader.page.goto(press.print(tag(stack, article_id=LIBRARY)))
    frame = await comments_in(reader.page)
    await reader.sign_up(frame, "Plover Sands")
    field = frame.locator("#cb-viewer textarea")
    await field.fill("Only a m0ron closes a library.")
    await frame.get_by_role("button", name="Post", exact=True).click()
    await expect(frame.locator(".cb-said")).to_contain_text("“m0ron” may land harder than you mean.")
    await expect(field).to_have_value("Only a m0ron closes a library.")
    assert await axe(frame) == []
    await frame.get_by_role("button", name="Post it as it is").click()
    await expect(comment_with(frame, "Only a m0ron closes a library.")).to_have_count(1)
    await expect(field).to_have_value("")
    assert stack.rows("SELECT sum(shown), sum(anyway) FROM nudges") == [(1, 1)]


async def test_an_admin_drafts_rules_tries_them_and_switches_them_on(stack, come, axe) -> None:
    ada = await sit_down(come, stack, "Avocet Desk", role="admin")
    await push(ada.page, "link", "Screening")
    await ada.page.get_by_role("heading", name="Screening: ").wait_for()
    assert await axe(ada.page) == []
    await push(ada.page, "link", "Change them")
    await ada.page.get_by_text("A new list").click()
    new = ada.page.locator("form", has=ada.page.locator("#new-n"))
    await new.get_by_label("Name").fill("Ships")
    await new.get_by_label("Words, one entry a line").fill("harbour*\nfathom?")
    await new.get_by_role("button", name="Save the list in the draft").click()
    await expect(ada.page.locator(".cb-case")).to_contain_text("harbour*, fathom?")
    await _fits_a_phone(ada.page)
    assert await axe(ada.page) == []
    await push(ada.page, "button", "Try it on the last 1,000 comments")
    await expect(ada.page.locator(".cb-table tbody tr").first).to_contain_text("Held", timeout=20_000)
    await _fits_a_phone(ada.page)
    assert await axe(ada.page) == []
    await push(ada.page, "button", "Switch on as a new version")
    await expect(ada.page.locator(".cb-case")).to_contain_text("holds now")
    await ada.page.get_by_text("holds now").click()
    await expect(ada.page.get_by_role("link", name="The dry run before it")).to_be_visible()
    assert await axe(ada.page) == []
    await ada.page.locator("summary", has_text="2 ·").click()
    await ada.page.get_by_role("button", name="Set this version again").locator("visible=true").click()
    await expect(ada.page.locator(".cb-case")).to_contain_text("Version 2 set again.")


async def _fits_a_phone(page: Page) -> None:
    size = page.viewport_size
    await page.set_viewport_size({"width": 320, "height": 700})
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    if size:
        await page.set_viewport_size(size)

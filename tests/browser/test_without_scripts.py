"""The reader's ways without JavaScript, in windows of our own: every button is a plain form, every link leads somewhere.

Only passkeys need a script, so accounts and printed codes are made in a browser with scripts beforehand.
"""

from dataclasses import dataclass
from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.browser.newsdesk import open_case, remove, report, sit_down
from tests.browser.people import comment_with, id_of

FACTS = "It blames a neighbour for the gulls by name."


@dataclass
class Plain:
    """Somebody whose browser runs no scripts, with the printed code of their account."""

    page: Page
    name: str
    code: str


@pytest_asyncio.fixture(loop_scope="session")
async def plain(stack: Any, come: Any, new_context: Any) -> Plain:
    """Give a reader without scripts at the paper's article, account and code in the pocket."""
    before = stack.rows("SELECT 1 FROM account WHERE name LIKE 'Plain Reader%'")
    name = f"Plain Reader {'ABCDEFGH'[len(before)]}"
    code = await (await come()).sign_up_alone(name)
    page = await (await new_context(java_script_enabled=False)).new_page()
    await page.goto(f"{stack.paper}/fisheries/the-mussels-are-back")
    await page.get_by_role("link", name="comments").first.click()
    await expect(page.locator("#comments")).to_be_visible()
    return Plain(page, name, code)


async def signed_in(plain: Plain) -> Page:
    """Sign in with the printed code and come back to the thread."""
    page = plain.page
    await page.get_by_role("link", name="Make an account").first.click()
    await page.get_by_role("link", name="Sign in to an account you have").click()
    await sign_in_with_code(page, plain.code)
    await expect(page.locator("#cb-viewer")).to_contain_text(f"You post as {plain.name}")
    return page


async def sign_in_with_code(page: Page, code: str) -> None:
    await page.get_by_text("I have a printed code").click()
    await page.get_by_label("Printed code").fill(code)
    await page.get_by_role("button", name="Sign in with the code").click()


async def posted(page: Page, text: str) -> Locator:
    """Write a comment and give it as it stands in the thread."""
    await page.locator("#cb-viewer textarea").fill(text)
    await page.get_by_role("button", name="Post", exact=True).click()
    comment = comment_with(page, text)
    await expect(comment).to_have_count(1)
    return comment


async def test_reading_and_filtering_need_no_script(plain: Plain) -> None:
    page = plain.page
    unverified = page.locator('article.cb-comment[data-tier="unverified"]')
    await expect(unverified).not_to_have_count(0)
    await page.get_by_role("radio", name="Verified only").check()
    await page.get_by_role("button", name="Apply").click()
    assert "show=verified" in page.url
    await expect(unverified).to_have_count(0)
    await expect(page.locator("#comments")).to_contain_text("are hidden")
    await page.get_by_role("radio", name="Fold unverified").check()
    await page.get_by_role("button", name="Apply").click()
    await expect(page.locator("details.cb-fold")).not_to_have_count(0)
    await page.locator("details.cb-fold > summary").first.click()
    await expect(unverified.first).to_be_visible()
    await unverified.first.locator(".cb-badge summary").click()
    await expect(unverified.first.locator(".cb-panel")).to_be_visible()


async def test_what_is_typed_before_signing_in_is_not_lost(plain: Plain) -> None:
    page = plain.page
    await page.locator("#cb-viewer textarea").fill("Typed before I signed in.")
    await page.get_by_role("button", name="Sign in and post").click()
    await expect(page.locator("#cb-viewer textarea")).to_have_value("Typed before I signed in.")
    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="Sign in in a new tab").click()
    await sign_in_with_code(await opened.value, plain.code)
    await expect((await opened.value).locator("#cb-viewer")).to_contain_text(plain.name)
    await page.get_by_role("button", name="Sign in and post").click()
    await expect(comment_with(page, "Typed before I signed in.")).to_have_count(1)


async def test_a_comment_is_posted_once_edited_and_withdrawn(stack: Any, plain: Plain) -> None:
    page = await signed_in(plain)
    own = await posted(page, "The first thought about ropes.")
    await page.go_back()
    await page.locator("#cb-viewer textarea").fill("The first thought about ropes.")
    await page.get_by_role("button", name="Post", exact=True).click()
    await expect(own).to_have_count(1)
    await own.get_by_role("link", name="Edit").click()
    await page.locator("#cb-viewer textarea").fill("The second thought about ropes.")
    await page.get_by_role("button", name="Save").click()
    own = comment_with(page, "The second thought about ropes.")
    await expect(own).to_contain_text("edited")
    comment = await id_of(own)
    await own.locator(".cb-menu summary", has_text="Withdraw").click()
    await own.get_by_role("button", name="Withdraw it: the text is erased").click()
    await expect(page.locator("#comments")).not_to_contain_text("thought about ropes")
    assert stack.rows("SELECT state, text FROM comment WHERE id = ?", comment) == [("withdrawn", "")]


async def test_replying_recommending_and_reporting(plain: Plain) -> None:
    page = await signed_in(plain)
    other = page.locator("article.cb-comment:has([formaction$='/recommend'])").first
    comment = await id_of(other)
    other = page.locator(f"#c-{comment}")
    await other.locator("[formaction$='/recommend']").click()
    await expect(other.locator("[aria-pressed=true]")).to_have_count(1)
    await other.locator("[formaction$='/recommend']").click()
    await expect(other.locator("[aria-pressed=true]")).to_have_count(0)
    await other.get_by_role("link", name="Reply").click()
    await page.locator("#cb-viewer textarea").fill("A reply by plain form.")
    await page.get_by_role("button", name="Post reply").click()
    await expect(page.locator(".cb-replies article", has_text="A reply by plain form.")).to_have_count(1)
    other = page.locator(f"#c-{comment}")
    await other.locator(".cb-menu summary", has_text="More").click()
    await other.get_by_role("link", name="Report").click()
    await report(page, "By plain form.")


async def test_the_reasons_are_read_and_an_appeal_is_sent(stack: Any, come: Any, plain: Plain) -> None:
    text = "The neighbour feeds them, ask anybody."
    page = await signed_in(plain)
    comment = await id_of(await posted(page, text))
    await page.goto(f"{stack.comments}/report?comment={comment}")
    await report(page, "Not the neighbour again.")
    moderator = await sit_down(come, stack, "Nellie Desk")
    await open_case(moderator.page, "Reported", text)
    await remove(moderator.page, facts=FACTS, note="")
    await page.goto(f"{stack.comments}/account")
    await page.get_by_role("link", name="A comment of yours was removed").click()
    await expect(page.locator(".cb-reasons")).to_contain_text(FACTS)
    await page.get_by_label("Why should we decide otherwise?").fill("I am the neighbour.")
    await page.get_by_role("button", name="Send appeal").click()
    await expect(page.locator("#appeal")).to_contain_text("It waits.")


async def test_an_account_cannot_be_made_without_scripts_which_is_said_and_the_name_kept(stack, new_context) -> None:
    page = await (await new_context(java_script_enabled=False)).new_page()
    await page.goto(f"{stack.comments}/signup?site={stack.site}")
    await expect(page.locator("noscript p")).to_be_visible()
    await page.get_by_label("Name to show").fill("Hopeful Heron")
    await page.get_by_role("button", name="Make a passkey").click()
    await expect(page.locator(".cb-notice.is-bad:visible")).to_contain_text("Nothing was done")
    await expect(page.get_by_label("Name to show")).to_have_value("Hopeful Heron")

"""Signing in from the frame, with third-party cookies blocked: by a window, with the opener lost, and with no cookie at all."""

from typing import Any

import pytest_asyncio
from playwright.async_api import Frame, Page, expect

from tests.browser.papers import LISTENING, Press, comments_in, tag
from tests.browser.passkeys import Passkeys

THREAD = "mussels-back"
NO_COOKIES = """Object.defineProperty(Document.prototype, "cookie", {get: () => "", set: () => undefined})"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def press(stack, serve) -> Press:
    """Give a newspaper that the comment server knows."""
    press = Press()
    press.origin = await serve(press.app, "news.localhost")
    stack.command("site", "origin", "add", stack.site, press.origin)
    return press


def printed(press: Press, stack: Any, **headers: str) -> str:
    return press.print(LISTENING + tag(stack, article_id=THREAD), **headers)


async def sign_up(window: Page, passkeys: Passkeys, name: str) -> None:
    """Walk through sign-up in its window, up to the explicit "Continue as"."""
    await passkeys.ready()
    await window.get_by_role("link", name="Make an account").click()
    await window.get_by_label("Name to show").fill(name)
    await window.get_by_role("button", name="Make a passkey").click()
    await window.get_by_role("link", name="Go on", exact=True).click()
    await window.get_by_role("button", name=f"Continue as {name} on").click()


async def signed_up(page: Page, frame: Frame, passkeys: Passkeys, name: str) -> None:
    """Sign up from the composer and come back."""
    async with page.expect_popup() as opened:
        await frame.get_by_role("button", name="Sign in and post").first.click()
    window = await opened.value
    async with window.expect_event("close"):
        await sign_up(window, passkeys, name)
    await expect(frame.locator("#cb-viewer")).to_contain_text(f"You post as {name}")


async def test_a_reader_signs_up_in_a_window_and_posts_what_was_typed_before(
    page: Page, stack, press: Press, passkeys: Passkeys
) -> None:
    await page.goto(printed(press, stack))
    frame = await comments_in(page)
    text = frame.locator("#cb-viewer textarea")
    await text.fill("The mussels were never the problem.")
    await signed_up(page, frame, passkeys, "Pickled Whelk")
    await expect(text).to_have_value("The mussels were never the problem.")
    await expect(frame.locator("article", has_text="never the problem")).to_have_count(0)
    await frame.get_by_role("button", name="Post", exact=True).dblclick()
    await expect(frame.locator("#cb-list article", has_text="never the problem")).to_have_count(1)
    await expect(text).to_have_value("")
    posted = [each for each in await page.evaluate("heard") if each[0] == "posted"]
    assert [each[1]["state"] for each in posted] == ["published"]
    await page.reload()
    again = await comments_in(page)
    await expect(again.locator("#cb-viewer")).to_contain_text("You post as Pickled Whelk")
    await expect(again.locator("#cb-list article", has_text="never the problem")).to_have_count(1)


async def test_what_is_ones_own_is_marked_and_can_be_edited(page: Page, stack, press: Press, passkeys) -> None:
    await page.goto(printed(press, stack))
    frame = await comments_in(page)
    await signed_up(page, frame, passkeys, "Second Thoughts")
    await frame.locator("#cb-viewer textarea").fill("The first word on ropes.")
    await frame.get_by_role("button", name="Post", exact=True).click()
    own = frame.locator("#cb-list article", has_text="word on ropes")
    await own.get_by_text("Edit", exact=True).click()
    await own.locator("textarea").fill("The last word on ropes.")
    await own.get_by_role("button", name="Save").click()
    await expect(own).to_contain_text("The last word on ropes.")
    await expect(own).to_contain_text("edited")
    other = frame.locator("#cb-list article:has([formaction$='/recommend'])", has_not_text="word on ropes").first
    name = await other.get_attribute("id")
    button = other.locator("[formaction$='/recommend']:visible")
    await button.click()
    await expect(button).to_have_attribute("aria-pressed", "true")
    await page.reload()
    again = await comments_in(page)
    await expect(again.locator(f"#{name} [aria-pressed=true]")).to_have_count(1)


async def test_a_reply_is_written_below_its_comment(page: Page, stack, press: Press, passkeys) -> None:
    await page.goto(printed(press, stack))
    frame = await comments_in(page)
    await frame.locator("[data-reply]:visible").first.click()
    reply = frame.locator("[data-reply-to]")
    await reply.locator("textarea").fill("Not to disagree, but no.")
    async with page.expect_popup() as opened:
        await reply.get_by_role("button", name="Sign in and post").click()
    await sign_up(await opened.value, passkeys, "Contrary Mary")
    await expect(reply.locator("textarea")).to_have_value("Not to disagree, but no.")
    await reply.get_by_role("button", name="Post reply").click()
    await expect(frame.locator(".cb-replies article", has_text="Not to disagree")).to_have_count(1)
    await expect(reply).to_have_count(0)


async def test_where_the_opener_is_lost_six_characters_are_typed(page: Page, stack, press: Press, passkeys) -> None:
    await page.goto(printed(press, stack, cross_origin_opener_policy="same-origin"))
    frame = await comments_in(page)
    async with page.context.expect_page() as opened:
        await frame.get_by_role("button", name="Sign in and post").first.click()
    window = await opened.value
    await sign_up(window, passkeys, "Lost Opener")
    characters = frame.locator("#cb-handover [data-characters]")
    await characters.wait_for()
    await expect(window.get_by_text("If somebody sent you this link")).to_be_visible()
    await window.get_by_label("The six characters").fill((await characters.inner_text()).lower())
    await window.get_by_role("button", name="Sign in there").click()
    await expect(frame.locator("#cb-viewer")).to_contain_text("You post as Lost Opener")
    await expect(frame.locator("#cb-handover")).to_be_hidden()


async def test_a_frame_that_gets_no_cookie_keeps_the_session_to_itself(page: Page, stack, press, passkeys) -> None:
    await page.add_init_script(NO_COOKIES)
    await page.goto(printed(press, stack))
    frame = await comments_in(page)
    await signed_up(page, frame, passkeys, "No Biscuits")
    cookies = await page.context.cookies(stack.comments)
    assert "__Host-cb-frame" not in [each["name"] for each in cookies]
    await frame.locator("#cb-viewer textarea").fill("Posted without a biscuit.")
    await frame.get_by_role("button", name="Post", exact=True).click()
    await expect(frame.locator("#cb-list article", has_text="without a biscuit")).to_have_count(1)
    await frame.get_by_role("radio", name="Verified only").click()
    await page.reload()
    await expect((await comments_in(page)).locator("#cb-viewer")).to_contain_text("You post as No Biscuits")


async def test_a_code_from_anybody_but_the_window_is_not_listened_to(page: Page, stack, press: Press) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(printed(press, stack))
    frame = await comments_in(page)
    forged = "{commentbox: 1, name: 'code', code: 'stolen'}"
    async with page.expect_popup() as opened:
        await frame.get_by_role("button", name="Sign in and post").first.click()
    await (await opened.value).wait_for_load_state()
    await page.evaluate(f"frames[0].postMessage({forged}, '*')")
    await frame.evaluate(f"postMessage({forged}, '*')")
    await frame.evaluate("new Promise((done) => setTimeout(done))")
    assert not [each for each in asked if "redeem" in each]


async def test_the_window_tells_no_code_to_a_foreign_opener(page: Page, stack, press: Press, passkeys) -> None:
    listening = "window.stolen = []; addEventListener('message', (event) => stolen.push(event.data))"
    challenge = "A" * 43
    target = f"{stack.comments}/signin?site={stack.site}&challenge={challenge}"
    await page.goto(press.print(f"<script>{listening}</script><button onclick=\"window.open('{target}')\">Trap</button>"))
    async with page.expect_popup() as opened:
        await page.get_by_role("button", name="Trap").click()
    window = await opened.value
    await sign_up(window, passkeys, "Trapped")
    await expect(window.get_by_label("The six characters")).to_be_visible()
    assert await page.evaluate("stolen") == []

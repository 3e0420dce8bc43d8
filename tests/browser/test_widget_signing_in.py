"""Signing in from the frame, with third-party cookies blocked: by a window, with the opener lost, and with no cookie at all."""

from typing import Any

from playwright.async_api import Page, expect

from tests.browser.papers import LISTENING, Press, comments_in, tag
from tests.browser.people import comment_with, id_of, make_account, post, push, send

THREAD = "ferry-ten-past"
NO_COOKIES = """Object.defineProperty(Document.prototype, "cookie", {get: () => "", set: () => undefined})"""


def printed(press: Press, stack: Any, **headers: str) -> str:
    """Print a page with a short thread and a paper that listens."""
    return press.print(LISTENING + tag(stack, article_id=THREAD), **headers)


async def heard(page: Page, name: str) -> list[Any]:
    """Give the details of the events of that name that the paper has heard, waiting for the first."""
    await page.wait_for_function("(name) => heard.some((each) => each[0] === name)", arg=name)
    return [each[1] for each in await page.evaluate("heard") if each[0] == name]


async def test_a_reader_signs_up_in_a_window_and_posts_what_was_typed_before(stack, press: Press, come) -> None:
    reader = await come()
    frame = await reader.read(printed(press, stack))
    text = frame.locator("#cb-viewer textarea")
    await text.fill("Ten past never was a time.")
    await reader.sign_up(frame, "Pickled Whelk")
    await expect(text).to_have_value("Ten past never was a time.")
    await expect(comment_with(frame, "Ten past never")).to_have_count(0)
    await frame.get_by_role("button", name="Post", exact=True).dblclick()
    await expect(comment_with(frame, "Ten past never")).to_have_count(1)
    await expect(text).to_have_value("")
    assert [each["state"] for each in await heard(reader.page, "posted")] == ["published"]
    await reader.page.reload()
    again = await comments_in(reader.page)
    await expect(again.locator("#cb-viewer")).to_contain_text("You post as Pickled Whelk")
    await expect(comment_with(again, "Ten past never")).to_have_count(1)


async def test_what_is_ones_own_is_marked_and_can_be_edited_and_withdrawn(stack, press: Press, come) -> None:
    reader = await come()
    frame = await reader.read(printed(press, stack))
    await reader.sign_up(frame, "Second Thoughts")
    own = await post(frame, "The first word on ropes.")
    await own.get_by_text("Edit", exact=True).click()
    await own.locator("textarea").fill("The last word on ropes.")
    await own.get_by_role("button", name="Save").click()
    last = comment_with(frame, "The last word on ropes.")
    await expect(last).to_contain_text("edited")
    await last.get_by_text("Withdraw", exact=True).click()
    await last.get_by_role("button", name="Withdraw it").click()
    await expect(comment_with(frame, "word on ropes")).to_have_count(0)


async def test_live_news_takes_neither_an_open_menu_nor_the_marks_of_ones_own(stack, press: Press, come) -> None:
    reader = await come()
    frame = await reader.read(printed(press, stack))
    await reader.sign_up(frame, "Steady Hand")
    own = await post(frame, "Hold this line.")
    path = f"/comments/{await id_of(own)}/edit"
    menu = own.locator(".cb-menu", has_text="Withdraw")
    await menu.locator("summary").click()
    async with reader.page.expect_response("**/embed/fresh?*"):
        assert (await send(frame, path, {"text": "Hold this line, too."}))[0] == 200
    await frame.evaluate("new Promise((done) => setTimeout(done))")
    await expect(menu.get_by_role("button", name="Withdraw it")).to_be_visible()
    await menu.locator("summary").click()
    changed = comment_with(frame, "Hold this line, too.")
    await expect(changed).to_contain_text("edited")
    await expect(changed.get_by_text("Edit", exact=True)).to_be_visible()


async def test_a_recommendation_counts_in_place_and_is_found_again(stack, press: Press, come) -> None:
    reader = await come()
    frame = await reader.read(printed(press, stack))
    await reader.sign_up(frame, "Nodding Along")
    button = frame.locator("#cb-list [formaction$='/recommend']:visible").first
    path = await button.get_attribute("formaction")
    before = int(await button.locator("b").inner_text())
    await button.click()
    await expect(button).to_have_attribute("aria-pressed", "true")
    await expect(button.locator("b")).to_have_text(str(before + 1))
    await reader.page.reload()
    again = (await comments_in(reader.page)).locator(f"[formaction='{path}']:visible")
    await expect(again).to_have_attribute("aria-pressed", "true")
    await again.click()
    await expect(again).to_have_attribute("aria-pressed", "false")
    await expect(again.locator("b")).to_have_text(str(before))


async def test_a_reply_is_written_below_its_comment_also_by_somebody_who_signs_in_for_it(
    stack, press: Press, come
) -> None:
    reader = await come()
    frame = await reader.read(printed(press, stack))
    await frame.locator("[data-reply]:visible").first.click()
    form = frame.locator("[data-reply-to]")
    await form.locator("textarea").fill("Not to disagree, but no.")
    window = await reader.window_by(form.get_by_role("button", name="Sign in and post"))
    await make_account(window, "Contrary Mary")
    await push(window, "button", "Continue as Contrary Mary on", exact=False)
    await expect(form.locator("textarea")).to_have_value("Not to disagree, but no.")
    await form.get_by_role("button", name="Post reply").click()
    await expect(frame.locator(".cb-replies article", has_text="Not to disagree")).to_have_count(1)
    await expect(form).to_have_count(0)


async def test_a_session_that_is_over_costs_no_text(stack, press: Press, come) -> None:
    reader = await come()
    frame = await reader.read(printed(press, stack))
    await reader.sign_up(frame, "Gone by Morning")
    await frame.locator("#cb-viewer textarea").fill("Written all night.")
    await reader.context.clear_cookies()
    await frame.get_by_role("button", name="Post", exact=True).click()
    await expect(frame.get_by_role("button", name="Sign in and post")).to_be_visible()
    await expect(frame.locator("#cb-viewer textarea")).to_have_value("Written all night.")


async def test_where_the_opener_is_lost_six_characters_are_typed(stack, press: Press, come) -> None:
    reader = await come()
    frame = await reader.read(printed(press, stack, cross_origin_opener_policy="same-origin"))
    window = await reader.window_by(frame.get_by_role("button", name="Sign in and post").first)
    await make_account(window, "Lost Opener")
    await push(window, "button", "Continue as Lost Opener on", exact=False)
    characters = frame.locator("#cb-handover [data-characters]")
    await characters.wait_for()
    await expect(window.get_by_text("If somebody sent you this link")).to_be_visible()
    await window.get_by_label("The six characters").fill((await characters.inner_text()).lower())
    await push(window, "button", "Sign in there")
    await expect(frame.locator("#cb-viewer")).to_contain_text("You post as Lost Opener")
    await expect(frame.locator("#cb-handover")).to_be_hidden()


async def test_a_frame_that_gets_no_cookie_keeps_the_session_to_itself(stack, press: Press, come) -> None:
    reader = await come()
    await reader.page.add_init_script(NO_COOKIES)
    frame = await reader.read(printed(press, stack))
    await reader.sign_up(frame, "No Biscuits")
    cookies = await reader.context.cookies(stack.comments)
    assert not [each for each in cookies if each["name"].startswith("__Host-cb-frame")]
    await post(frame, "Posted without a biscuit.")
    await frame.get_by_role("radio", name="Verified only").click()
    await expect(comment_with(frame, "without a biscuit")).to_have_count(0)
    await reader.page.reload()
    await expect((await comments_in(reader.page)).locator("#cb-viewer")).to_contain_text("You post as No Biscuits")


async def test_the_paper_hears_that_a_reader_was_verified(stack, press: Press, come) -> None:
    reader = await come()
    frame = await reader.read(printed(press, stack))
    await reader.sign_up(frame, "Soon to Be Known")
    await reader.verify(frame, "soon-to-be-known")
    assert await heard(reader.page, "verified") == [None]
    await expect(frame.locator("#cb-viewer .cb-as")).to_contain_text("Verified person")


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


async def test_the_window_tells_no_code_to_a_foreign_opener(stack, press: Press, come) -> None:
    victim = await come()
    trap = f"{stack.comments}/signin?site={stack.site}&challenge={'A' * 43}"
    listening = "<script>window.stolen = []; addEventListener('message', (event) => stolen.push(event.data))</script>"
    await victim.page.goto(press.print(f"{listening}<button onclick=\"window.open('{trap}')\">Trap</button>"))
    window = await victim.window_by(victim.page.get_by_role("button", name="Trap"))
    await make_account(window, "Trapped but Fine")
    await push(window, "button", "Continue as Trapped but Fine on", exact=False)
    await expect(window.get_by_label("The six characters")).to_be_visible()
    assert await victim.page.evaluate("stolen") == []


async def test_signing_in_at_the_top_is_a_plain_way_there_and_back(stack, come) -> None:
    reader = await come()
    await reader.page.goto(f"{stack.comments}/thread?site={stack.site}&article_id={THREAD}")
    await reader.page.locator("#cb-viewer").get_by_role("link", name="Make an account").click()
    await reader.passkeys.ready()
    await make_account(reader.page, "Straight Ahead")
    await expect(reader.page.locator("#cb-viewer")).to_contain_text("You post as Straight Ahead")
    await reader.page.locator("#cb-viewer textarea").fill("No frame, no fuss.")
    await reader.page.get_by_role("button", name="Post", exact=True).click()
    await expect(reader.page.locator("#cb-list article", has_text="No frame, no fuss.")).to_have_count(1)

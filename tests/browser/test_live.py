"""An open page in a browser: news waits behind a bar, changes happen in place, and no stream is left behind."""

import asyncio
import re
from typing import Any

from playwright.async_api import Frame, Page, Route, expect

from tests.browser.papers import Press, ask, comments_in, tag, to_the_end
from tests.browser.people import Person, comment_with, id_of, post, reply, send

LIBRARY, MUSSELS, FERRY = "library-until-ten", "mussels-back", "ferry-ten-past"
TRIES = 400
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""
"""What the browser does for a tab that goes behind another; headless ones are all in front."""


async def streams(stack: Any, number: int) -> None:
    """Wait until the server has so many streams open."""
    for _ in range(TRIES):
        if f"commentbox_live_streams {number}.0" in ask(f"{stack.comments}/metrics").text:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(ask(f"{stack.comments}/metrics").text)


def bar(frame: Frame | Page) -> Any:
    return frame.locator("#cb-live button.cb-live")


async def writer(come: Any, press: Press, stack: Any, article: str, name: str) -> tuple[Person, Frame]:
    """Give somebody signed in who reads an article."""
    person: Person = await come()
    frame = await person.read(press.print(tag(stack, article_id=article)))
    await person.sign_up(frame, name)
    return person, frame


async def test_new_comments_wait_behind_a_bar_and_changes_happen_in_place(stack, press, come, axe) -> None:
    reader: Person = await come()
    page = await reader.read(press.print(tag(stack, article_id=LIBRARY)))
    _, theirs = await writer(come, press, stack, LIBRARY, "Early Tern")
    top = page.locator("#cb-list article").first
    before = await top.bounding_box()
    shown = int(await page.locator("#comments").get_attribute("data-total") or 0)
    first = await id_of(await post(theirs, "I read this before breakfast."))
    await expect(bar(page)).to_have_text("Show 1 new comment ")
    assert await top.bounding_box() == before, "nothing that is read may move"
    assert await axe(page) == []
    await bar(page).click()
    await expect(page.locator(f"#c-{first}")).to_be_focused()
    await expect(page.locator(f"#c-{first}")).to_be_in_viewport()
    await expect(bar(page)).to_have_count(0)
    await expect(page.locator("#cb-counts")).to_contain_text(f"{shown + 1} comments")

    answer = await id_of(await reply(theirs, theirs.locator(f"#c-{first}"), "And after it, too."))
    await bar(page).click()
    await expect(page.locator(f"li:has(> #c-{first}) > .cb-replies > li > #c-{answer}")).to_be_focused()

    assert (await send(theirs, f"/comments/{first}/edit", {"text": "I read this after lunch."}))[0] == 200
    await expect(page.locator(f"#c-{first}")).to_contain_text("after lunch")
    assert (await send(theirs, f"/comments/{answer}/withdraw", {}))[0] == 200
    await expect(page.locator(f"#c-{answer}")).to_have_count(0)
    assert (await send(theirs, f"/comments/{first}/withdraw", {}))[0] == 200
    await expect(page.locator(f"#c-{first}")).to_have_count(0)
    await expect(page.locator("#cb-counts")).to_contain_text(f"{shown} comments")


async def test_a_reader_who_hears_only_from_verified_people_is_told_a_number_and_no_more(stack, press, come) -> None:
    reader: Person = await come()
    page = await reader.read(press.print(tag(stack, article_id=MUSSELS)))
    await page.get_by_role("radio", name="Verified only").click()
    await expect(page.locator("#cb-live")).to_have_attribute("data-query", re.compile("show=verified"))
    total = int(await page.locator("#comments").get_attribute("data-total") or 0)
    author, theirs = await writer(come, press, stack, MUSSELS, "Plain Limpet")
    quiet = await id_of(await post(theirs, "I have nothing to prove."))
    await expect(page.locator("#comments")).to_have_attribute("data-total", str(total + 1))
    await expect(page.locator("#cb-hidden")).to_contain_text("hidden")
    await expect(bar(page)).to_have_count(0)
    await author.verify(theirs, "plain-limpet")
    await post(theirs, "And now I have.")
    await expect(bar(page)).to_have_text("Show 1 new comment ")
    await bar(page).click()
    await expect(comment_with(page, "And now I have.")).to_be_focused()
    assert quiet not in await page.content()


async def test_a_hidden_tab_and_a_slot_that_is_gone_leave_no_stream_behind(stack, press, come) -> None:
    await streams(stack, 0)
    reader: Person = await come()
    two = f'<div id="one"></div><div id="two"></div>{tag(stack, mount="none")}'
    start = """<script>addEventListener("load", () => { for (const [slot, articleId] of [["one", "%s"], ["two", "%s"]])
      commentbox.mount(document.getElementById(slot), {articleId}); })</script>"""
    await reader.page.goto(press.print(two + start % (LIBRARY, FERRY)))
    frames = [await comments_in(reader.page, 0)]
    await to_the_end(reader.page)
    frames.append(await comments_in(reader.page, 1))
    await streams(stack, 2)
    await frames[0].evaluate(HIDE, True)
    await streams(stack, 1)
    await frames[0].evaluate(HIDE, False)
    await streams(stack, 2)
    await reader.page.evaluate("commentbox.unmount(document.getElementById('two'))")
    await streams(stack, 1)
    await reader.page.goto("about:blank")
    await streams(stack, 0)


async def test_what_came_while_a_tab_was_hidden_is_there_when_it_is_seen_again(stack, press, come) -> None:
    reader: Person = await come()
    page = await reader.read(press.print(tag(stack, article_id=FERRY)))
    _, theirs = await writer(come, press, stack, FERRY, "Night Heron")
    here = await id_of(await post(theirs, "Said while you were looking."))
    await bar(page).click()
    await expect(page.locator(f"#c-{here}")).to_be_focused()
    await page.evaluate(HIDE, True)
    await send(theirs, f"/comments/{here}/edit", {"text": "Changed while you were away."})
    await post(theirs, "Said while you were away.")
    await page.evaluate(HIDE, False)
    await expect(page.locator(f"#c-{here}")).to_contain_text("Changed while")
    await expect(bar(page)).to_have_text("Show 1 new comment ")


async def test_where_no_stream_comes_through_the_page_asks_instead(stack, press, come) -> None:
    async def refuse(route: Route) -> None:
        await route.fulfill(status=503, body="")

    reader: Person = await come()
    await reader.page.route("**/embed/stream?*", refuse)
    async with reader.page.expect_response(re.compile("/embed/news")) as asked:
        page = await reader.read(press.print(tag(stack, article_id=LIBRARY)))
    assert (await (await asked.value).json())["events"][0]["kind"] == "at"
    _, theirs = await writer(come, press, stack, LIBRARY, "Patient Egret")
    await post(theirs, "It comes a little later.")
    await page.evaluate(HIDE, True)
    await page.evaluate(HIDE, False)  # it asks at once, and not when fifteen seconds are over
    await expect(bar(page)).to_have_text("Show 1 new comment ")
    await bar(page).click()
    await expect(comment_with(page, "a little later")).to_be_focused()


async def test_the_same_in_a_window_of_our_own_and_what_is_being_typed_stays(stack, press, come, axe) -> None:
    reader: Person = await come()
    window = await reader.open(f"/thread?site={stack.site}&article_id={FERRY}&sort=oldest")
    await window.locator("#cb-viewer textarea").fill("Half a thou")
    _, theirs = await writer(come, press, stack, FERRY, "Second Egret")
    comment = await id_of(await post(theirs, "Said into an open window."))
    await expect(bar(window)).to_be_visible()
    assert await axe(window) == []
    await bar(window).press("Enter")
    await expect(window.locator(f"#c-{comment}")).to_be_focused()
    await expect(window.locator("#cb-viewer textarea")).to_have_value("Half a thou")

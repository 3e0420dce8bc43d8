"""The bell in a frame on a paper's page: it rings by itself, leads to the comment, and is silenced by its own button."""

import asyncio
from typing import Any

from playwright.async_api import expect

from tests.browser.papers import tag
from tests.browser.people import comment_with, id_of, post, reply

FERRY = "ferry-ten-past"
MINUTE = 61_000


async def test_a_reply_rings_within_a_minute_and_is_found_in_its_place(
    stack: Any, press: Any, come: Any, axe: Any
) -> None:
    asker, answerer = await come(), await come()
    await asker.context.clock.install()
    page = press.print(tag(stack, article_id=FERRY))
    frame = await asker.read(page)
    await asker.sign_up(frame, "Pemberton Slip")
    bell = frame.locator("#cb-bell summary")
    await expect(bell).to_have_text("News for me")
    await post(frame, "Does it ever leave at ten past?")
    there = await answerer.read(page)
    await answerer.sign_up(there, "Hetty Gangway")
    answer = await reply(there, comment_with(there, "leave at ten past").first, "Once, in 1987.")
    await expect(bell).to_have_text("News for me")
    async with asyncio.timeout(MINUTE / 1000):
        while await bell.inner_text() == "News for me":
            await asker.context.clock.fast_forward(MINUTE)
    await expect(bell).to_have_text("News for me 1 new")
    await bell.click()
    news = frame.get_by_role("link", name="Hetty Gangway replied to you")
    await expect(news).to_be_visible()
    assert await axe(frame) == []
    await news.click()
    found = frame.locator(f"#c-{await id_of(answer)}")
    await expect(found).to_be_focused()
    await frame.get_by_role("button", name="Mark all as seen").click()
    await expect(bell).to_have_text("News for me")
    await expect(bell).to_be_focused()

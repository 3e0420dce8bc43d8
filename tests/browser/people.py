"""People with browsers: each has a profile, a device with passkeys, a tab on the paper and windows of the comment server.

What they do is what readers do: they press what they see and wait for what comes of it.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from playwright.async_api import BrowserContext, Frame, Locator, Page, TimeoutError, expect

from tests.browser.papers import comments_in, to_the_end
from tests.browser.passkeys import Passkeys

PATIENCE_MILLISECONDS = 10_000


@dataclass
class Person:
    """Somebody reading a paper in `page`. `stack` is the running demo."""

    stack: Any
    context: BrowserContext
    passkeys: Passkeys
    page: Page

    @classmethod
    async def come(cls, stack: Any, context: BrowserContext) -> "Person":
        """Give somebody with a new browser."""
        return cls(stack, context, await Passkeys.of(context), await context.new_page())

    async def read(self, address: str) -> Frame:
        """Open an article and scroll to its comments."""
        await self.page.goto(address)
        await to_the_end(self.page)
        return await comments_in(self.page)

    async def open(self, path: str) -> Page:
        """Open a page of the comment server in a window of its own."""
        window = await self.context.new_page()
        await self.passkeys.ready()
        await window.goto(self.stack.comments + path)
        return window

    async def window_by(self, door: Locator) -> Page:
        """Press what opens a window, and give it with the device in it.

        On a busy machine one press in some thousands falls between two layouts; whoever sees no window presses again.
        """
        try:
            window = await self._pressed(door, patience=PATIENCE_MILLISECONDS)
        except TimeoutError:
            window = await self._pressed(door, patience=PATIENCE_MILLISECONDS * 2)
        await self.passkeys.ready()
        return window

    async def _pressed(self, door: Locator, *, patience: float) -> Page:
        async with self.context.expect_page(timeout=patience) as opened:
            await door.click()
        return await opened.value

    async def sign_up(self, frame: Frame, name: str) -> None:
        """Make an account from the composer, in the window that opens, and come back signed in."""
        window = await self.window_by(frame.get_by_role("button", name="Sign in and post").first)
        await make_account(window, name)
        async with window.expect_event("close"):
            await push(window, "button", f"Continue as {name} on", exact=False)
        await expect(frame.locator("#cb-viewer")).to_contain_text(f"You post as {name}")

    async def sign_up_alone(self, name: str) -> str:
        """Make an account in a window of its own, and give its printed code."""
        window = await self.open("/signup")
        code = await make_account(window, name, prints=True)
        await window.close()
        return code

    async def verify(self, frame: Frame, subject: str) -> None:
        """Follow the composer's invitation and be verified by the demo provider as the person `subject`."""
        window = await self.window_by(frame.get_by_role("link", name="verify with a passkey"))
        await be_verified(window, subject)
        await expect(frame.locator("html")).to_have_attribute("data-viewer", "verified")
        await window.close()


async def push(window: Page, role: Any, name: str, *, exact: bool = True) -> None:
    """Press something once its page is all there: what needs a script must not be pressed before it runs."""
    target = window.get_by_role(role, name=name, exact=exact).first
    await target.wait_for()
    await window.wait_for_load_state()
    await target.click()


async def make_account(window: Page, name: str, *, prints: bool = False) -> str:
    """Walk from signing in or up to the end of "Your account is made"; give the printed code if one is wanted."""
    await window.get_by_role("heading", level=1).wait_for()
    if "/signin" in window.url:
        await push(window, "link", "Make an account")
    await window.get_by_label("Name to show").fill(name)
    await push(window, "button", "Make a passkey")
    await window.get_by_role("heading", name="Your account is made").wait_for()
    code = ""
    if prints:
        await push(window, "button", "Show me a code to print")
        code = await window.locator(".cb-code").inner_text()
    await push(window, "link", "Go on")
    return code


async def be_verified(window: Page, subject: str, *, name: str = "") -> None:
    """Walk the four steps with the demo provider, which knows the person as `subject` called `name`."""
    await window.get_by_role("radio", name=re.compile("Demo")).check()
    await push(window, "button", "Go on")
    await window.get_by_role("checkbox", name=re.compile("I agree")).check()
    await push(window, "button", "Go on: Demo", exact=False)
    await window.get_by_label("Number of the person").fill(subject)
    await window.get_by_label("Name this").fill(name)
    await push(window, "button", "Yes, this is me", exact=False)
    await window.get_by_role("heading", name="Done. Thank you").wait_for()


async def post(frame: Frame, text: str) -> Locator:
    """Write a comment, send it, and give it as it stands in the thread."""
    await frame.locator("#cb-viewer textarea").fill(text)
    await frame.get_by_role("button", name="Post", exact=True).click()
    comment = comment_with(frame, text)
    await expect(comment).to_have_count(1)
    return comment


async def reply(frame: Frame, to: Locator, text: str) -> Locator:
    """Answer a comment below it, and give the answer."""
    await to.locator("[data-reply]:visible").click()
    form = frame.locator("[data-reply-to]")
    await form.locator("textarea").fill(text)
    await form.get_by_role("button", name="Post reply").click()
    answer = frame.locator(".cb-replies article", has_text=text)
    await expect(answer).to_have_count(1)
    await expect(form).to_have_count(0)
    return answer


def comment_with(frame: Frame | Page, text: str) -> Locator:
    """Give the comment that says this."""
    return frame.locator("#cb-list article.cb-comment", has_text=text)


async def id_of(comment: Locator) -> str:
    """Give a comment's id."""
    return (await comment.get_attribute("id") or "").removeprefix("c-")


async def send(page: Frame | Page, path: str, fields: dict[str, str]) -> tuple[int, str]:
    """Send a form past all buttons, with the page's own session; give the status and, of a refusal, the code."""
    status, body = await page.evaluate(
        """async ([path, fields]) => {
          const headers = {Accept: "application/json"};
          const answer = await fetch(path, {method: "POST", body: new URLSearchParams(fields), headers});
          return [answer.status, await answer.text()];
        }""",
        [path, fields],
    )
    return status, json.loads(body)["error"]["code"] if body.startswith('{"error"') else ""

"""axe finds nothing, in any frame and on any page, as a reader, an author and a moderator meet them."""

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from tests.browser.newsdesk import open_case, remove, report, sit_down
from tests.browser.papers import tag
from tests.browser.people import Person, id_of, post, push

LIBRARY, LANGUAGES, FERRY = "/council/library-open-until-ten", "/culture/one-quay-three-languages", "ferry-ten-past"
NARROW = {"viewport": {"width": 320, "height": 640}}
DARK = {"color_scheme": "dark"}
LOOKS = {"light": {}, "narrow and dark": NARROW | DARK}
TEXT = "The timetable was written by somebody who has never seen water."
FACTS = "It says something about the timetable’s author that is not about the timetable."
Axe = Callable[..., Awaitable[list[str]]]


@pytest.mark.parametrize("look", LOOKS)
async def test_the_paper_with_its_frame_in_every_filter(stack, come, axe: Axe, look: str) -> None:
    reader: Person = await come(**LOOKS[look])
    frame = await reader.read(stack.paper + LIBRARY)
    for show in ("Everyone", "Fold unverified", "Verified only"):
        await frame.get_by_role("radio", name=show).click()
        await expect(frame.get_by_role("radio", name=show)).to_be_checked()
        await frame.locator("article.cb-comment:visible .cb-badge > summary").first.click()
        assert await axe(reader.page) == []
        assert await overflow(reader.page) == 0
        await frame.locator("article.cb-comment:visible .cb-menu summary").first.click()
        assert await axe(frame) == []


async def overflow(page: Page) -> int:
    """Give by how many pixels any frame is wider than its window: nobody should have to scroll sideways."""
    wide = [await each.evaluate("document.documentElement.scrollWidth - innerWidth") for each in page.frames]
    return max(0, *wide)


async def test_an_article_written_from_right_to_left(stack, come, axe: Axe) -> None:
    reader: Person = await come(**NARROW)
    frame = await reader.read(stack.paper + LANGUAGES)
    await expect(frame.locator("html")).to_have_attribute("dir", "rtl")
    assert await axe(reader.page) == []
    assert await overflow(reader.page) == 0


async def test_the_long_argument_with_everything_in_it(stack, come, axe: Axe) -> None:
    reader: Person = await come()
    frame = await reader.read(stack.article)
    await frame.locator("[data-reply]:visible").first.click()
    await frame.get_by_text("Post without an account").first.click()
    assert await axe(frame) == []


class Look:
    """Looks at one page after another, in a light and wide and in a dark and narrow window."""

    def __init__(self, axe: Axe) -> None:
        self.axe = axe
        self.faults: list[str] = []

    async def at(self, page: Page) -> None:
        """Look at the page as it stands."""
        await page.get_by_role("heading", level=1).wait_for()
        await page.wait_for_load_state()
        for scheme, width in (("light", 1280), ("dark", 320)):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            await page.set_viewport_size({"width": width, "height": 720})
            found = await self.axe(page)
            wide = await overflow(page)
            found += [f"{page.url}: {wide} pixels too wide at {width}"] if wide else []
            self.faults += [f"{scheme}, {width}: {each}" for each in found]


async def test_every_page_that_needs_no_account(stack, come, axe: Axe) -> None:
    reader, look = await come(), Look(axe)
    comment = stack.rows("SELECT id FROM comment WHERE state = 'published' LIMIT 1")[0][0]
    where = f"site={stack.site}"
    for path in (
        f"/thread?{where}&article_id=library-until-ten&show=fold",
        f"/thread?{where}&article_id=library-until-ten&comment={comment}&write=reply",
        f"/signin?{where}",
        f"/signup?{where}",
        f"/report?comment={comment}",
        "/verification",
        "/choices",
        "/decisions",
        "/desk/signin",
        "/mail/unknown",
        "/desk/invite/unknown",
        "/c/0000000000000000",
        "/nowhere",
        f"/embed/thread?site=nowhere&url={stack.paper}/",
    ):
        window = await reader.open(path)
        await look.at(window)
        await window.close()
    assert look.faults == []


async def test_every_page_of_signing_up_verifying_and_ones_own(stack, press, come, axe: Axe) -> None:
    person, look = await come(), Look(axe)
    frame = await person.read(press.print(tag(stack, article_id=FERRY)))
    window = await person.window_by(frame.get_by_role("button", name="Sign in and post").first.click())
    handed_over = window.url.removeprefix(stack.comments)
    await push(window, "link", "Make an account")
    await window.get_by_label("Name to show").fill("Nosy Turnstone")
    await push(window, "button", "Make a passkey")
    await look.at(window)
    await push(window, "button", "Show me a code to print")
    await look.at(window)
    await push(window, "link", "Go on")
    await look.at(window)
    await window.close()
    window = await person.open(handed_over)
    await push(window, "button", "Continue as", exact=False)
    await look.at(window)
    await window.goto(f"{stack.comments}/verify?site={stack.site}")
    await look.at(window)
    await push(window, "button", "Go on")
    await look.at(window)
    await window.get_by_role("checkbox", name=re.compile("I agree")).check()
    await push(window, "button", "Go on: Demo", exact=False)
    await window.get_by_label("Number of the person").wait_for()
    await look.at(window)
    await window.get_by_label("Number of the person").fill("nosy")
    await push(window, "button", "Yes, this is me", exact=False)
    await window.get_by_role("heading", name="Done. Thank you").wait_for()
    await look.at(window)
    for path in ("/verify", "/account"):
        await window.goto(stack.comments + path)
        await look.at(window)
    assert look.faults == []


async def test_the_desk_and_the_reasons_it_gives(stack, press, come, axe: Axe) -> None:
    author, look = await come(), Look(axe)
    frame = await author.read(press.print(tag(stack, article_id=FERRY)))
    await author.sign_up(frame, "Dry Dock")
    comment = await id_of(await post(frame, TEXT))
    assert await axe(frame) == []
    complaint = await author.open(f"/report?comment={comment}")
    await report(complaint, "Rude.")
    await look.at(complaint)
    moderator = await sit_down(come, stack, "Magpie Desk")
    await look.at(moderator.page)
    await open_case(moderator.page, "Reported", TEXT)
    await moderator.page.get_by_role("radio", name="Remove").check()
    await look.at(moderator.page)
    await remove(moderator.page, facts=FACTS, note="")
    for queue in ("Held", "Appeals", "Mine"):
        await push(moderator.page, "link", queue, exact=False)
        await moderator.page.get_by_role("heading", name=queue).first.wait_for()
        await look.at(moderator.page)
    window = await author.open("/account")
    await look.at(window)
    await push(window, "link", "A comment of yours was removed")
    await look.at(window)
    await window.get_by_label("Why should we decide otherwise?").fill("It floats.")
    await push(window, "button", "Send appeal")
    await window.get_by_text("It waits.").wait_for()
    await look.at(window)
    assert look.faults == []

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
ANSWERABLE = """SELECT comment.id FROM comment JOIN thread ON thread.id = thread_id JOIN account ON account.id = account_id
WHERE comment.state = 'published' AND article_id = 'library-until-ten' AND reach = 'everyone'"""
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

    async def at(self, page: Page, words: str) -> None:
        """Look at the page as it stands, once it says these words."""
        await page.get_by_text(words).locator("visible=true").first.wait_for()
        await page.wait_for_load_state()
        for scheme, width in (("light", 1280), ("dark", 320)):
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            await page.set_viewport_size({"width": width, "height": 720})
            await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            found = await self.axe(page)
            wide = await overflow(page)
            found += [f"{page.url}: {wide} pixels too wide at {width}"] if wide else []
            self.faults += [f"{scheme}, {width}: {each}" for each in found]


async def give_notice(window: Page, look: Look) -> None:
    """Give notice of illegal content by the form, and look at every page of it up to what became of it."""
    await window.get_by_text("It is about me, and it is untrue").click()
    await window.get_by_text("I think it is illegal").click()
    await look.at(window, "Why you think it is illegal")
    form = window.locator("form", has=window.get_by_role("button", name="Send notice"))
    await form.get_by_label("What kind of offence").select_option("threat")
    for label, words in (("Why you think", "It threatens."), ("Your name", "Ada"), ("Your e-mail", "ada@example.org")):
        await form.get_by_label(label).fill(words)
    await form.get_by_label("I believe in good faith").check()
    await push(window, "button", "Send notice")
    await look.at(window, "Received: notice")
    code = await window.locator(".cb-code").inner_text()
    await push(window, "link", "See what was decided")
    await window.get_by_label("The code from the receipt").fill(code)
    await push(window, "button", "See what was decided")
    await look.at(window, "A person decides about it")


async def test_every_page_that_needs_no_account(stack, come, axe: Axe) -> None:
    reader, look = await come(), Look(axe)
    comment = stack.rows(ANSWERABLE)[0][0]
    where = f"site={stack.site}"
    for path, words in (
        (f"/thread?{where}&article_id=library-until-ten&show=fold", "Back to the article"),
        (f"/thread?{where}&article_id=library-until-ten&comment={comment}&write=reply", "Your reply"),
        (f"/signin?{where}", "I have a printed code"),
        (f"/signup?{where}", "Name to show"),
        (f"/report?comment={comment}", "What is wrong with it?"),
        ("/verification", "What it cannot do"),
        ("/badge", "Check a badge"),
        ("/", "below the articles of their paper"),
        ("/choices", "Whom you hear from"),
        ("/decisions", "I wrote as a guest"),
        ("/asked", "Only whoever wrote the comment"),
        ("/outcome", "The code from the receipt"),
        ("/desk/signin", "Sign in with your passkey"),
        ("/mail/unknown", "This was not done"),
        ("/desk/invite/unknown", "This was not done"),
        ("/c/0000000000000000", "Not found"),
        ("/nowhere", "Not found"),
        (f"/embed/thread?site=nowhere&url={stack.paper}/", "Not found"),
    ):
        window = await reader.open(path)
        await look.at(window, words)
        await window.close()
    assert look.faults == []


async def test_every_page_of_signing_up_and_handing_over(stack, press, come, axe: Axe) -> None:
    person, look = await come(), Look(axe)
    frame = await person.read(press.print(tag(stack, article_id=FERRY)))
    window = await person.window_by(frame.get_by_role("button", name="Sign in and post").first)
    handed_over = window.url.removeprefix(stack.comments)
    await push(window, "link", "Make an account")
    await window.get_by_label("Name to show").fill("Nosy Turnstone")
    await push(window, "button", "Make a passkey")
    await look.at(window, "If you lose this device")
    await push(window, "button", "Show me a code to print")
    await look.at(window, "Your printed code")
    await push(window, "link", "Go on")
    await look.at(window, "Continue as Nosy Turnstone on")
    await window.close()
    window = await person.open(handed_over)
    await push(window, "button", "Continue as", exact=False)
    await look.at(window, "The six characters")
    assert look.faults == []


async def test_every_page_of_verifying(stack, come, axe: Axe) -> None:
    person, look = await come(), Look(axe)
    await person.sign_up_alone("Picky Turnstone")
    window = await person.open(f"/verify?site={stack.site}")
    await look.at(window, "Choose a way")
    await push(window, "button", "Go on")
    await look.at(window, "What we keep, and what we never keep")
    await window.get_by_role("checkbox", name=re.compile("I agree")).check()
    await push(window, "button", "Go on: Demo", exact=False)
    await look.at(window, "Number of the person")
    await window.get_by_label("Number of the person").fill("picky")
    await push(window, "button", "Yes, this is me", exact=False)
    await look.at(window, "Done. Thank you")
    await window.goto(f"{stack.comments}/verify")
    await look.at(window, "You are verified")
    await window.goto(f"{stack.comments}/account")
    await look.at(window, "Take my badge away")
    assert look.faults == []


async def test_what_admins_change_about_a_site(stack, come, axe: Axe) -> None:
    look = Look(axe)
    admin = (await sit_down(come, stack, "Curlew Desk", role="admin")).page
    for path, heading in (("/desk/site", "Site: "), ("/desk/webhooks", "Webhooks: "), ("/desk/orders", "Orders of")):
        await admin.goto(f"{stack.comments}{path}")
        await look.at(admin, heading)
    await admin.goto(f"{stack.comments}/desk/site")
    await admin.locator("#set-edit_minutes summary").click()
    await admin.locator("#v-edit_minutes").fill("30")
    await admin.locator("#set-edit_minutes button").click()
    await look.at(admin, "Set back")
    await push(admin, "button", "Set back", exact=False)
    await look.at(admin, "30 → 15")
    assert look.faults == []


async def test_the_desk_and_the_reasons_it_gives(stack, press, come, axe: Axe) -> None:
    author, look = await come(), Look(axe)
    frame = await author.read(press.print(tag(stack, article_id=FERRY)))
    await author.sign_up(frame, "Dry Dock")
    comment = await id_of(await post(frame, TEXT))
    assert await axe(frame) == []
    complaint = await author.open(f"/report?comment={comment}")
    await report(complaint, "Rude.")
    await look.at(complaint, "Received.")
    await give_notice(await author.open(f"/report?comment={comment}"), look)
    moderator = await sit_down(come, stack, "Magpie Desk")
    await look.at(moderator.page, "The desk")
    await push(moderator.page, "link", "Figures")
    await look.at(moderator.page, "Does the badge make a difference here?")
    for beside in ("To confirm", "Threads", "House rules", "Staff", "Find"):
        await push(moderator.page, "link", beside, exact=beside != "To confirm")
        await moderator.page.get_by_role("heading", name=beside).wait_for()
        await look.at(moderator.page, beside)
    await push(moderator.page, "link", "Threads")
    await moderator.page.locator(".cb-items a").first.click()
    await look.at(moderator.page, "Verified people only, for a while")
    await open_case(moderator.page, "Notices", TEXT)
    await look.at(moderator.page, "Notice of illegal content")
    await push(moderator.page, "link", "Decide about this person", exact=False)
    await look.at(moderator.page, "For how many days")
    await open_case(moderator.page, "Reported", TEXT)
    await moderator.page.get_by_role("radio", name="Remove").check()
    await look.at(moderator.page, "Why, in words the author will read")
    await remove(moderator.page, facts=FACTS, note="")
    for queue in ("New", "Held", "Appeals", "Mine"):
        await push(moderator.page, "link", queue, exact=False)
        await look.at(moderator.page, f"{queue}, ")
    window = await author.open("/account")
    await push(window, "link", "A comment of yours was removed")
    await look.at(window, "Statement of reasons")
    await window.get_by_label("Why should we decide otherwise?").fill("It floats.")
    await push(window, "button", "Send appeal")
    await look.at(window, "It waits.")
    assert look.faults == []

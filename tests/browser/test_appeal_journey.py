"""One comment from report to restoration: a stranger reports, a moderator removes, the author appeals, another upholds."""

from playwright.async_api import Page, expect

from tests.browser.newsdesk import open_case, remove, report, sit_down, uphold
from tests.browser.papers import tag
from tests.browser.people import Person, id_of, post, push, reply, send

FERRY = "ferry-ten-past"
TEXT = "The harbour master was bought, and cheaply."
ANSWERED = "I saw that boat."
COMPLAINT = "Would anybody say this to his face?"
FACTS = "It says somebody was bought and gives no source."
NOTE = "Second time this week."
APPEAL = "It was satire, and about a boat."
UPHELD = "Read again with fresh eyes: it is satire."


async def test_a_comment_is_reported_removed_appealed_against_and_restored(stack, press, come) -> None:
    address = press.print(tag(stack, article_id=FERRY))
    author, neighbour = await come(), await come()
    comment = await posted_and_answered(author, neighbour, address)
    await reported_without_account(await come(), address, comment)
    first = await sit_down(come, stack, "Ruby Desk")
    await open_case(first.page, "Reported", TEXT)
    await expect(first.page.locator("#case")).to_contain_text(COMPLAINT)
    await remove(first.page, facts=FACTS, note=NOTE)
    await gone_with_its_place_kept(neighbour, address, comment)
    await appealed(await author.open("/account"))
    await refused_to_hear_it(first.page)
    second = await sit_down(come, stack, "Saffron Desk")
    await open_case(second.page, "Appeals", TEXT)
    await expect(second.page.locator("#case")).to_contain_text(APPEAL)
    await uphold(second.page, UPHELD)
    await back_in_its_place(neighbour, address, comment)
    await told_to_the_author(await author.open("/account"))


async def posted_and_answered(author: Person, neighbour: Person, address: str) -> str:
    """Let somebody post, and somebody else recommend and answer it; give the comment's id."""
    frame = await author.read(address)
    await author.sign_up(frame, "Bosun Quill")
    comment = await id_of(await post(frame, TEXT))
    frame = await neighbour.read(address)
    await neighbour.sign_up(frame, "Next Door")
    theirs = frame.locator(f"#c-{comment}")
    await theirs.locator("[formaction$='/recommend']").click()
    await expect(theirs.locator("[aria-pressed=true]")).to_have_count(1)
    await reply(frame, theirs, ANSWERED)
    return comment


async def reported_without_account(stranger: Person, address: str, comment: str) -> None:
    """Let a stranger report the comment from its menu; it stays as it is."""
    frame = await stranger.read(address)
    theirs = frame.locator(f"#c-{comment}")
    await theirs.locator(".cb-menu summary", has_text="More").click()
    window = await stranger.window_by(theirs.get_by_role("link", name="Report"))
    await report(window, COMPLAINT)
    await expect((await stranger.read(address)).locator(f"#c-{comment}")).to_contain_text(TEXT)


async def gone_with_its_place_kept(reader: Person, address: str, comment: str) -> None:
    frame = await reader.read(address)
    await expect(frame.locator(f"#c-{comment}")).to_contain_text("removed")
    await expect(frame.locator("#comments")).not_to_contain_text(TEXT)
    await expect(frame.locator(f"li:has(> #c-{comment}) .cb-replies")).to_contain_text(ANSWERED)


async def appealed(account: Page) -> None:
    """Let the author find the reasons on the own page, read them and appeal."""
    await push(account, "link", "A comment of yours was removed")
    reasons = account.locator(".cb-reasons")
    await expect(reasons).to_contain_text(FACTS)
    await expect(reasons).to_contain_text("Answer the argument and leave the person alone.")
    await expect(account.locator("body")).not_to_contain_text(NOTE)
    await account.get_by_label("Why should we decide otherwise?").fill(APPEAL)
    await push(account, "button", "Send appeal")
    await expect(account.locator("#appeal").get_by_role("status")).to_contain_text("It waits.")


async def refused_to_hear_it(desk: Page) -> None:
    """Whoever decided is told that somebody else hears the appeal, and cannot answer it past the buttons either."""
    await open_case(desk, "Appeals", TEXT)
    case = desk.locator("#case")
    await expect(case).to_contain_text("You made this decision, so somebody else hears the appeal")
    await expect(desk.get_by_role("radio", name="Restore the comment")).to_have_count(0)
    answer = {"queue": "appeals", "action": "reject", "revision": "1", "answer": "No."}
    path = f"/desk/case/{await case.get_attribute('data-case')}/decide"
    assert await send(desk, path, answer) == (403, "appeal.same_person")


async def back_in_its_place(reader: Person, address: str, comment: str) -> None:
    frame = await reader.read(address)
    restored = frame.locator(f"article#c-{comment}")
    await expect(restored).to_contain_text(TEXT)
    await expect(restored.locator("[formaction$='/recommend'] b")).to_have_text("1")
    await expect(frame.locator(f"li:has(> #c-{comment}) .cb-replies")).to_contain_text(ANSWERED)


async def told_to_the_author(account: Page) -> None:
    await push(account, "link", "A comment of yours was removed")
    await expect(account.locator("#appeal")).to_contain_text(UPHELD)
    await expect(account.locator("body")).to_contain_text("This decision was taken back")

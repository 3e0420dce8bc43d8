"""Moderators at the desk with real passkeys, readers who report, authors who read the reasons and appeal."""

from typing import Any

from playwright.async_api import Page, expect

from tests.browser.people import Person, push


async def sit_down(come: Any, stack: Any, name: str, *, role: str = "moderator") -> Person:
    """Invite somebody to the desk, who makes a passkey and sits down."""
    person: Person = await come()
    link = stack.command("staff", "invite", "--role", role, "--site", stack.site, "--name", name).strip()
    await person.passkeys.ready()
    await person.page.goto(link)
    await push(person.page, "button", "Make a passkey and go to the desk")
    await person.page.get_by_role("button", name="Sign out").wait_for()
    return person


async def report(window: Page, text: str) -> None:
    """Fill in the report in its window and send it."""
    await window.get_by_role("radio", name="It attacks a person, not an argument").check()
    await window.get_by_label("Anything that helps us").fill(text)
    await push(window, "button", "Send report")
    await expect(window.get_by_role("status")).to_contain_text("a report alone hides nothing")


async def open_case(desk: Page, queue: str, text: str) -> None:
    """Find a case in a queue by what its comment says, and open it."""
    await push(desk, "link", queue, exact=False)
    await push(desk, "link", text, exact=False)
    await desk.locator("#case-h").wait_for()


async def remove(desk: Page, *, facts: str, note: str) -> None:
    """Remove the comment of the open case by a house rule."""
    await desk.get_by_role("radio", name="Remove").check()
    await desk.get_by_label("Ground", exact=True).select_option("3-argument-not-person")
    await desk.get_by_label("Facts, for the author").fill(facts)
    await desk.get_by_label("Note for moderators").fill(note)
    await push(desk, "button", "Decide and go to the next", exact=False)
    await desk.get_by_role("status").filter(has_text="Removed").wait_for()


async def uphold(desk: Page, answer: str) -> None:
    """Uphold the appeal of the open case."""
    await desk.get_by_role("radio", name="Restore the comment").check()
    await desk.get_by_label("Answer, with reasons").fill(answer)
    await push(desk, "button", "Decide and go to the next", exact=False)

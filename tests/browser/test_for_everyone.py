"""A thread for people who listen to it, use no mouse, need large letters or few colours, or cannot hold a finger still."""

from collections.abc import Awaitable, Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from commentbox.server.presenters.samples.catalogue import COMPONENTS
from tests.browser.newsdesk import sit_down
from tests.browser.people import Person

LIBRARY = "article_id=library-until-ten"
NARROW = {"width": 320, "height": 640}
SHEETS = [f"/components/{each.name}?lang=en" for each in COMPONENTS if each.name not in ("mail-text", "include")]
WINDOWS = ["/verification", "/signin?site=gazette", "/choices?lang=en", "/history/{id}", "/report?comment={id}"]
DESK = ["?queue=new", "/look", "/rules", "/staff", "/threads", "/figures", "/find", "/proposals"]
SMALL = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary')].filter((each) => {
  const target = each.matches('[type=radio], [type=checkbox]') ? each.closest('label') ?? each : each;
  const { width, height } = target.getBoundingClientRect();
  const alone = each.parentElement.textContent.trim() === each.textContent.trim();
  const inline = getComputedStyle(each).display === 'inline' && !alone;
  return each.checkVisibility() && width && height && Math.min(width, height) < 23.9 && !inline;
}).map((each) => each.outerHTML.slice(0, 120))"""
"""Targets under 24 px. Links within a sentence are excepted, as in WCAG 2.2, success criterion 2.5.8."""


async def open_thread(new_context: Callable[..., Awaitable[BrowserContext]], stack: Any, **options: Any) -> Page:
    """Open a thread in a window of our own."""
    page = await (await new_context(**options)).new_page()
    await page.goto(f"{stack.comments}/thread?site={stack.site}&{LIBRARY}&lang=en")
    await page.locator("html[data-viewer]").wait_for()
    return page


class Heard:
    """The accessibility tree of a page, as a screen reader walks through it."""

    def __init__(self, nodes: list[dict[str, Any]]) -> None:
        self.nodes = {each["nodeId"]: each for each in nodes}

    @classmethod
    async def of(cls, page: Page) -> "Heard":
        """Read the tree by the browser's own protocol."""
        devtools = await page.context.new_cdp_session(page)
        return cls((await devtools.send("Accessibility.getFullAXTree"))["nodes"])

    def walk(self, node: dict[str, Any] | None = None) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Give role, name and properties of what is heard, in order."""
        node = node or next(iter(self.nodes.values()))
        if not node["ignored"]:
            properties = {each["name"]: each["value"].get("value") for each in node.get("properties", [])}
            yield node["role"]["value"], node.get("name", {}).get("value", ""), properties
        for each in node.get("childIds", []):
            if each in self.nodes:
                yield from self.walk(self.nodes[each])

    def under(self, role: str) -> Iterator[list[tuple[str, str]]]:
        """Give what stands under every node of a role."""
        for node in self.nodes.values():
            if not node["ignored"] and node["role"]["value"] == role:
                yield [(role, name) for role, name, _ in self.walk(node)]


# A panel that closes the others (`details name`) has a triangle that is grouped with theirs.
TOLD = ("heading", "DisclosureTriangleGrouped", "link", "button", "group")


async def test_a_comment_is_heard_as_who_badge_when_what_and_what_can_be_done(stack, new_context) -> None:
    heard = await Heard.of(await open_thread(new_context, stack))
    comments = list(heard.under("article"))
    assert len(comments) >= 10
    for comment in comments:
        name = comment[0][1]
        told = [each for each in comment[1:] if each[0] in TOLD and each != ("group", "")]
        assert told[0] == ("heading", name)
        assert told[1][0] == "DisclosureTriangleGrouped" and told[1][1].endswith("– what this means")
        assert told[1][1].startswith(("Verified name", "Verified person", "Not verified"))
        assert told[2][0] == "link" and told[2][1], "when"
        where = told.index(("group", "Actions"))
        assert ("DisclosureTriangleGrouped", "More") in told[where:]
        replies = [said for role, said in told[where:] if role == "link" and said.startswith("Reply")]
        assert replies in ([f"Reply {name}"], []), "a list of links tells to whom"


async def test_headings_never_skip_a_level_and_everything_in_reach_has_a_name(stack, new_context) -> None:
    heard = list((await Heard.of(await open_thread(new_context, stack))).walk())
    levels = [properties["level"] for role, _, properties in heard if role == "heading"]
    assert levels[0] == 1 and len(levels) > 10
    assert all(after <= before + 1 for before, after in pairwise(levels))
    reached = [(role, name) for role, name, properties in heard[1:] if properties.get("focusable")]
    assert len(reached) > 40 and all(name for _, name in reached), reached
    roles = [role for role, _, _ in heard]
    assert roles.count("main") == 1 and roles.count("status") >= 2


async def test_filter_post_and_error_are_read_out(stack, come) -> None:
    reader: Person = await come()
    frame = await reader.read(stack.paper + "/council/library-open-until-ten")
    told = frame.locator("body > [role=status]")
    await expect(told).to_be_empty()
    await frame.get_by_role("radio", name="Verified only").click()
    await expect(told).to_contain_text("comments from unverified people are hidden.")
    await frame.get_by_role("radio", name="Everyone").click()
    await expect(told).to_contain_text("from verified people")
    await frame.locator("#cb-viewer textarea").fill("Until ten, and then the lights.")
    await frame.get_by_text("Post without an account").click()
    await frame.get_by_role("button", name="Post as a guest").click()
    await expect(frame.get_by_role("alert").filter(has_text="A name is needed.")).to_be_visible()
    await frame.get_by_label("Name to show").fill("A Quiet Reader")
    await frame.get_by_role("button", name="Post as a guest").click()
    await expect(told).to_contain_text("Held for review.")


FOCUS = """() => { const at = document.activeElement; const said = at.labels?.[0] ?? at;
  return [at.localName, (at.getAttribute('aria-label') ?? said.textContent).trim().replace(/\\s+/g, ' ')] }"""


async def test_the_whole_thread_is_used_by_keyboard(stack, new_context) -> None:
    page = await open_thread(new_context, stack)
    await page.locator("h1").click()
    walked = []
    while not walked or walked[-1] != ["summary", "More"]:
        await page.keyboard.press("Tab")
        walked.append(await page.evaluate(FOCUS))
        assert len(walked) < 40, walked
    said = [name for _, name in walked]
    order = ["Everyone", "Sort by", "Search", "Your comment", "Sign in and post"]
    places = [said.index(each) for each in order]
    assert places == sorted(places), walked
    badge = next(number for number, name in enumerate(said) if "what this means" in name)
    assert places[-1] < badge and walked[badge][0] == "summary"
    # The badge, when it was said, Recommend, Reply, More.
    assert [kind for kind, _ in walked[badge:]] == ["summary", "a", "button", "a", "summary"]
    assert await page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    assert await page.evaluate(FOCUS) == ["a", "Link to this comment"]
    await page.keyboard.press("Escape")
    assert await page.evaluate(FOCUS) == ["summary", "More"]
    await expect(page.locator("details.cb-menu[open]")).to_have_count(0)
    for _ in range(4):
        await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Space")
    await expect(page.locator("details.cb-badge[open]")).to_have_count(1)
    await page.keyboard.press("Escape")
    assert "what this means" in (await page.evaluate(FOCUS))[1]


async def faults(page: Page, addresses: list[str]) -> list[str]:
    """Look at narrow pages: targets at the usual size, and whether letters twice as large make anything scroll sideways."""
    found, devtools = [], await page.context.new_cdp_session(page)
    await page.set_viewport_size(NARROW)
    for address in addresses:
        for size in (16, 32):
            await devtools.send("Page.setFontSizes", {"fontSizes": {"standard": size, "fixed": size - 3}})
            await page.goto(address)
            await page.wait_for_load_state()
            wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
            found += [f"{address}: {wide} px too wide at {size} px"] if wide > 0 else []
            found += [f"{address}: {each}" for each in (await page.evaluate(SMALL) if size == 16 else [])]
    return found


async def test_every_target_is_24_pixels_and_nothing_scrolls_sideways_with_large_letters(stack, new_context) -> None:
    page = await open_thread(new_context, stack)
    comment = (await page.locator("article.cb-comment").first.get_attribute("id") or "")[2:]
    windows = [each.format(id=comment) for each in WINDOWS]
    assert await faults(page, [stack.comments + each for each in [*SHEETS, *windows]]) == []


async def test_the_same_holds_at_the_desk(stack, come) -> None:
    moderator = await sit_down(come, stack, "Iris Quayle")
    assert await faults(moderator.page, [f"{stack.comments}/desk{each}" for each in DESK]) == []


EDGE = """(selector) => { const style = getComputedStyle(document.querySelector(selector));
  return [style.backgroundColor, style.borderTopStyle] }"""


async def test_without_colours_of_ours_what_is_chosen_and_who_is_verified_is_still_seen(stack, new_context) -> None:
    page = await open_thread(new_context, stack, forced_colors="active")
    chosen, other = [
        (await page.evaluate(EDGE, f".cb-seg {each} + span"))[0] for each in (":checked", ":not(:checked)")
    ]
    assert chosen != other, "the chosen filter is filled"
    kinds = [f'.cb-badge[data-kind="{each}"] > summary' for each in ("person", "none")]
    assert [(await page.evaluate(EDGE, each))[1] for each in kinds] == ["solid", "dashed"]


MOVING = """() => [...document.querySelectorAll('*')].filter((each) => {
  const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(each);
  const takesTime = transitionDuration.split(', ').some((time) => parseFloat(time) > 0);
  return animationName !== 'none' || takesTime || scrollBehavior === 'smooth';
}).length"""


@pytest.mark.parametrize("moves", ["reduce", "no-preference"])
async def test_nothing_moves_for_those_whom_it_makes_sick(stack, new_context, moves: str) -> None:
    page = await open_thread(new_context, stack, reduced_motion=moves)
    assert (await page.evaluate(MOVING) == 0) == (moves == "reduce")


@pytest.mark.parametrize("theme", ["dark", "broadsheet-dark"])
async def test_on_paper_there_is_what_was_said_dark_on_light_and_nothing_to_press(
    stack, new_context, theme: str
) -> None:
    page = await (await new_context()).new_page()
    await page.goto(f"{stack.comments}/components/thread-own?lang=en&theme={theme}")
    await page.emulate_media(media="print")
    await expect(page.locator("article.cb-comment .cb-text").nth(5)).to_be_visible()
    await expect(page.locator("button:visible, textarea:visible, select:visible, input:visible")).to_have_count(0)
    assert await page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"

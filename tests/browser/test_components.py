"""axe finds nothing on any component, whichever way the page runs and whatever its colours; and nothing scrolls sideways."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import BrowserContext

from commentbox.server.presenters.samples.catalogue import COMPONENTS

NARROW = {"width": 320, "height": 640}
PAGES = [each.name for each in COMPONENTS if each.name != "mail-text"]
LOOKS = {
    "left to right": ("lang=en", {}, PAGES),
    "right to left, dark, narrow": ("lang=ar&dark=1", {"viewport": NARROW}, PAGES),
    "forced colours": ("lang=en", {"forced_colors": "active"}, ["thread", "thread-fold", "composer", "account"]),
    "broadsheet": ("theme=broadsheet", {}, ["thread", "composer", "account"]),
    "broadsheet, dark": ("theme=broadsheet&dark=1", {"viewport": NARROW}, ["thread-fold", "own-layer", "statements"]),
    "plain": ("theme=plain", {}, ["thread", "composer", "history"]),
}
FOR_THE_PAPER = ("include",)
"""It has no style of ours: how wide it is the paper decides."""


@pytest.mark.parametrize("look", LOOKS)
async def test_no_component_has_a_fault(
    stack, new_context: Callable[..., Awaitable[BrowserContext]], axe: Callable[..., Awaitable[list[str]]], look: str
) -> None:
    query, options, names = LOOKS[look]
    page = await (await new_context(**options)).new_page()
    faults = []
    for name in names:
        await page.goto(f"{stack.comments}/components/{name}?{query}")
        faults += await axe(page)
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        faults += [f"{name} is {wide} pixels too wide"] if wide > 0 and name not in FOR_THE_PAPER else []
    assert faults == []

"""axe-core in every frame. A run at the top does not enter a cross-site frame, so each frame gets a run of its own."""

import json
from pathlib import Path

from playwright.async_api import Frame, Page

SCRIPT = Path(__file__).parents[1] / "npm/node_modules/axe-core/axe.min.js"
# WCAG 2.2 AA and what axe's authors hold to be good practice. The rule on iframes belongs to the runs inside them.
_RUN = """async () => {
  const found = await axe.run(document, {iframes: false, resultTypes: ["violations"]});
  return found.violations.map((each) => ({
    rule: each.id, help: each.help, where: each.nodes.map((node) => node.target.join(" ") + " " + node.failureSummary),
  }));
}"""


async def violations(page: Page | Frame) -> list[str]:
    """Give one line per fault, with the frame it is in; an empty list is what we want."""
    frames = page.frames if isinstance(page, Page) else [page]
    lines = []
    for frame in frames:
        if frame.url in ("", "about:blank"):
            continue
        if not await frame.evaluate("'axe' in window"):
            await frame.evaluate(SCRIPT.read_text("utf-8"))
        for fault in await frame.evaluate(_RUN):
            lines.append(
                f"{frame.url}: {fault['rule']}: {fault['help']}: {json.dumps(fault['where'], ensure_ascii=False)}"
            )
    return lines

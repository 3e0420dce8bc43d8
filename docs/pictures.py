"""Takes the pictures of the README and of these pages from a freshly started demo: `make pictures`.

Each picture is what a reader or moderator sees, in a real Chromium; nothing is drawn or touched up.
"""

import asyncio
import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from playwright.async_api import Browser, Page, async_playwright

HERE = Path(__file__).parent
PICTURES = HERE / "pictures"
START_SECONDS = 90


@dataclass(frozen=True)
class Sight:
    """One picture: its name, the window, and what to open in it."""

    name: str
    path: str
    width: int = 720
    height: int = 900
    dark: bool = False
    scripts: bool = True
    whole: bool = False


def sights(demo: dict[str, str]) -> list[Sight]:
    """List what needs nobody signed in; the rest of what there is to see are components."""
    thread = f"{demo['comments']}/thread?site={demo['site']}&url={quote(demo['article'], safe='')}"
    return [
        Sight("thread-720", thread),
        Sight("thread-390", thread, width=390),
        Sight("thread-720-dark", thread, dark=True),
        Sight("thread-fold-720", f"{thread}&show=fold"),
        Sight("thread-verified-390-dark", f"{thread}&show=verified", width=390, dark=True),
        Sight("thread-arabic-390", f"{thread}&lang=ar", width=390),
        Sight("thread-without-scripts-720", thread, scripts=False),
        Sight("verification-720", f"{demo['comments']}/verification?site={demo['site']}"),
        Sight("thread-broadsheet-720", f"{thread}&theme=broadsheet"),
        Sight("thread-broadsheet-390-dark", f"{thread}&theme=broadsheet", width=390, dark=True),
        Sight("signin-390", f"{demo['comments']}/signin?site={demo['site']}", width=390, height=700),
        *(component(demo, name) for name in COMPONENTS),
        component(demo, "thread", "theme=plain", dark=True),
        component(demo, "composer", "theme=broadsheet"),
        component(demo, "account", "lang=ar", width=390),
    ]


COMPONENTS = (
    *(
        "thread",
        "thread-fold",
        "thread-own",
        "thread-muted",
        "thread-limited",
        "thread-linked",
        "thread-search",
        "composer",
    ),
    *("bell", "answers", "one", "history", "refusal", "account", "statements", "mail-digest"),
)
"""Of the components, those that show a state no other picture shows. All of them: `/components` of a demo."""


def component(
    demo: dict[str, str], name: str, query: str = "lang=en", *, width: int = 720, dark: bool = False
) -> Sight:
    """Give the whole of one component."""
    picture = "-".join(
        ["component", name, *filter(None, [query.partition("=")[2].replace("en", ""), "dark" if dark else ""])]
    )
    return Sight(picture, f"{demo['comments']}/components/{name}?{query}", width=width, dark=dark, whole=True)


async def take(browser: Browser, sight: Sight) -> None:
    """Take one picture of the top of a page, or of the whole of it."""
    page = await _page(browser, sight)
    await page.goto(sight.path)
    if sight.whole:
        await _take_whole(page, PICTURES / f"{sight.name}.webp")
    else:
        await page.screenshot(path=PICTURES / f"{sight.name}.png")
    await page.context.close()


async def _take_whole(page: Page, file: Path) -> None:
    """Take a page from top to end, as WebP: a tall picture of words is a tenth of what it would be as PNG."""
    devtools = await page.context.new_cdp_session(page)
    size = (await devtools.send("Page.getLayoutMetrics"))["cssContentSize"]
    wanted = {"format": "webp", "quality": 70, "captureBeyondViewport": True, "clip": size | {"scale": 1}}
    taken = await devtools.send("Page.captureScreenshot", wanted)
    await asyncio.to_thread(file.write_bytes, base64.b64decode(taken["data"]))


async def take_article(browser: Browser, demo: dict[str, str]) -> None:
    """Take the article with the frame in it, and a badge that explains itself."""
    page = await _page(browser, Sight("article-1280", demo["article"], width=1280, height=1000))
    await page.goto(demo["article"])
    await page.evaluate("scrollTo(0, document.body.scrollHeight)")
    frame = page.frame_locator("iframe")
    await frame.locator("article.cb-comment").first.wait_for()
    await page.locator("iframe").first.evaluate("each => scrollBy(0, each.getBoundingClientRect().top - 48)")
    await page.wait_for_function("document.querySelector('iframe').offsetHeight > innerHeight")
    await page.screenshot(path=PICTURES / "article-1280.png")
    badge = frame.locator("details.cb-badge[data-kind='person'] summary").first
    await badge.click()
    comment = frame.locator("article.cb-comment:has(details.cb-badge[open])").first
    await comment.screenshot(path=PICTURES / "badge-720.png")
    await page.context.close()


async def take_desk(browser: Browser, demo: dict[str, str]) -> None:
    """Take the desk, signed in by the staff link and a passkey."""
    page = await _page(browser, Sight("desk-1280", demo["staff_link"], width=1280, height=860))
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    key |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    await page.goto(demo["staff_link"])
    await page.locator("form[data-passkey] button").click()
    await page.wait_for_url("**/desk*")
    await page.locator("a[href*='/desk/case']").first.click()
    await page.locator("h1").first.wait_for()
    await page.screenshot(path=PICTURES / "desk-1280.png")
    await page.goto(f"{demo['comments']}/desk/look?theme=broadsheet&accent=0a5c36")
    await page.frame_locator("#look-frame").locator("h1").wait_for()
    await page.screenshot(path=PICTURES / "desk-look-1280.png")
    await page.go_back()
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.screenshot(path=PICTURES / "desk-390.png")
    await page.context.close()


async def _page(browser: Browser, sight: Sight) -> Page:
    context = await browser.new_context(
        viewport={"width": sight.width, "height": sight.height},
        color_scheme="dark" if sight.dark else "light",
        java_script_enabled=sight.scripts,
        locale="en-GB",
        timezone_id="Europe/London",
    )
    return await context.new_page()


async def main() -> None:
    """Start the demo, take every picture, stop the demo."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        running = _start(Path(folder))
        try:
            demo = await _ready(running, Path(folder))
            async with async_playwright() as playwright:
                chromium = shutil.which("chromium")
                flags = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
                browser = await playwright.chromium.launch(executable_path=chromium, args=flags)
                for sight in sights(demo):
                    await take(browser, sight)
                await take_article(browser, demo)
                await take_desk(browser, demo)
                await browser.close()
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(timeout=20)
    print(f"{len(list(PICTURES.iterdir()))} pictures in {PICTURES.relative_to(HERE.parent)}/")


def _start(folder: Path) -> subprocess.Popen[bytes]:
    ports = {"COMMENTS_PORT": str(_free_port()), "NEWS_PORT": str(_free_port()), "DEMO_DIR": str(folder)}
    return subprocess.Popen(
        [Path(sys.executable).parent / "commentbox", "demo"], env=os.environ | ports, stdout=subprocess.DEVNULL
    )


async def _ready(running: subprocess.Popen[bytes], folder: Path) -> dict[str, str]:
    for _ in range(START_SECONDS * 5):
        if (folder / "demo.json").exists():
            demo: dict[str, str] = json.loads((folder / "demo.json").read_text("utf-8"))
            return demo
        if running.poll() is not None:
            raise SystemExit("the demo did not start; `make demo` says why")
        await asyncio.sleep(0.2)
    raise SystemExit("the demo took too long to start")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    asyncio.run(main())

"""The paper's own log-in in a real browser that blocks third-party cookies: silent, unverified, and the passkey beside it."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import BrowserContext, Frame, Route, expect

from tests.browser.axe import violations
from tests.browser.papers import Press, comments_in, to_the_end
from tests.browser.people import Person, be_verified, post, push
from tests.papers.login import Paper

SITE = "subscribers"


@dataclass
class Gazette:
    """A paper whose readers log in. `logged_in` is what its server knows of the one at the page, None for nobody."""

    stack: Any
    press: Press
    paper: Paper
    logged_in: dict[str, Any] | None = None
    asked: list[str] = field(default_factory=list)

    def token(self, **more: Any) -> str:
        return self.paper.token(aud=f"{self.stack.comments}/{SITE}", **(self.logged_in or {}), **more)

    async def serve(self, context: BrowserContext) -> None:
        """Answer for the paper's server in one browser."""

        async def told(route: Route) -> None:
            self.asked.append(route.request.url)
            await route.fulfill(body=self.token() if self.logged_in else "", content_type="text/plain")

        async def log_in(route: Route) -> None:
            asked = {name: each[0] for name, each in parse_qs(urlsplit(route.request.url).query).items()}
            brought = {"token": self.token(nonce=asked["nonce"]), "state": asked["state"]}
            hidden = "".join(f"<input type=hidden name={name} value={value}>" for name, value in brought.items())
            form = (
                f"<form method=post action={asked['return']}>{hidden}</form><script>document.forms[0].submit()</script>"
            )
            await route.fulfill(body=form, content_type="text/html")

        await context.route("**/comments-token", told)
        await context.route("**/log-in?*", log_in)

    def page(self, more: str = "") -> str:
        scripts = f'<script src="{self.stack.comments}/loader.js" data-site="{SITE}" async></script>'
        scripts += f'<script src="{self.stack.comments}/sso.js" data-token-url="/comments-token" async></script>'
        return self.press.print(scripts + more)


@pytest.fixture(scope="session")
def founded(stack: Any, press: Press, tmp_path_factory: pytest.TempPathFactory) -> Paper:
    """Make the site, once: each command is a process of its own."""
    paper = Paper(tmp_path_factory.mktemp("subscribers"))
    stack.command("site", "create", SITE, "--origin", press.origin, "--name", "The Subscriber")
    login = f"{press.origin}/log-in"
    stack.command("site", "sso", SITE, "--secret-file", str(paper.file), "--login-url", login)
    return paper


@pytest.fixture
def gazette(stack: Any, press: Press, founded: Paper) -> Gazette:
    return Gazette(stack, press, founded)


async def come_to(gazette: Gazette, person: Person, address: str) -> Frame:
    await person.page.goto(address)
    await to_the_end(person.page)
    return await comments_in(person.page)


async def connected(gazette: Gazette, person: Person, name: str) -> None:
    """Make a verified account in windows of ours, and connect the paper's log-in with it."""
    await person.sign_up_alone(name)
    window = await person.open("/verify?next=/account")
    await be_verified(window, name)
    await window.goto(f"{gazette.stack.comments}/sso?site={SITE}&connect=1&next=/account")
    assert await violations(window) == []
    await push(window, "button", "Go on to The Subscriber")
    await window.get_by_role("button", name="Connect, with my passkey").wait_for()
    assert await violations(window) == []
    await push(window, "button", "Connect, with my passkey")
    await window.get_by_role("heading", name="My page").wait_for()
    await window.close()


async def test_silent_as_not_verified_then_by_passkey_as_verified_and_out_with_the_paper(
    gazette: Gazette, come: Any
) -> None:
    ada: Person = await come()
    await gazette.serve(ada.context)
    gazette.logged_in = {"sub": "ada"}
    await connected(gazette, ada, "Ada Quill")
    address = gazette.page()
    frame = await come_to(gazette, ada, address)
    await expect(frame.locator("html")).to_have_attribute("data-viewer", "unverified")
    await expect(frame.locator("#cb-viewer")).to_contain_text("You post as Ada Quill")
    first = await post(frame, "By the paper's word alone.")
    await expect(first).to_have_attribute("data-tier", "unverified")
    window = await ada.window_by(frame.get_by_role("link", name="use your passkey in this browser"))
    async with window.expect_event("close"):
        await push(window, "button", "Continue as Ada Quill on", exact=False)
    await expect(frame.locator("html")).to_have_attribute("data-viewer", "verified")
    second = await post(frame, "And by my passkey.")
    await expect(second).to_have_attribute("data-tier", "verified")
    again = await come_to(gazette, ada, address)
    await expect(again.locator("html")).to_have_attribute("data-viewer", "verified")
    gazette.logged_in = None
    after = await come_to(gazette, ada, address)
    await expect(after.locator("html")).to_have_attribute("data-viewer", "nobody")


async def test_nobody_has_an_account_for_reading_and_the_next_reader_is_not_the_last(
    gazette: Gazette, come: Any
) -> None:
    bo: Person = await come()
    await gazette.serve(bo.context)
    gazette.logged_in = {"sub": "bo", "name": "Bo Tern"}
    address = gazette.page()
    frame = await come_to(gazette, bo, address)
    known = "SELECT 1 FROM account WHERE name = ?"
    await expect(frame.get_by_role("button", name="Sign in and post")).to_be_visible()
    assert gazette.stack.rows(known, "Bo Tern") == []
    await frame.locator("#cb-viewer textarea").click()
    await expect(frame.locator("#cb-viewer")).to_contain_text("You post as Bo Tern")
    await post(frame, "My first words here.")
    gazette.logged_in = {"sub": "cy", "name": "Bo Tern"}
    frame = await come_to(gazette, bo, address)
    await expect(frame.locator("html")).to_have_attribute("data-viewer", "nobody")
    await frame.locator("#cb-viewer textarea").click()
    await expect(frame.get_by_role("alert").filter(has_text="Somebody here has this name")).to_be_visible()
    assert await violations(frame) == []
    await frame.get_by_label("Name to show").first.fill("Cy Tern")
    await frame.get_by_role("button", name="Go on").click()
    await expect(frame.locator("#cb-viewer")).to_contain_text("You post as Cy Tern")


HOSTILE = """async ([comments, token, site]) => {
  const body = new URLSearchParams({ site, token });
  const answers = [];
  for (const credentials of ["include", "omit"]) {
    const said = { method: "POST", body, credentials };
    const opaque = await fetch(comments + "/embed/sso", { ...said, mode: "no-cors" });
    const open = await fetch(comments + "/embed/sso", said).then((each) => each.status, () => "blocked");
    answers.push(opaque.type, open);
  }
  const inner = document.body.appendChild(document.createElement("iframe"));
  const frame = document.querySelector("iframe").contentWindow;
  inner.contentWindow.eval(`parent.frames[0].postMessage({ commentbox: 1, name: "token", token: "${token}" }, "*")`);
  return answers;
}"""


async def test_a_hostile_page_can_use_a_token_only_by_the_frame_that_says_as_whom(gazette: Gazette, come: Any) -> None:
    dee: Person = await come()
    await gazette.serve(dee.context)
    frame = await come_to(gazette, dee, gazette.page())
    await expect(frame.locator("html")).to_have_attribute("data-viewer", "nobody")
    before = gazette.stack.rows("SELECT count(*) FROM session")
    stolen = gazette.token(sub="somebody", name="Somebody Else")
    told = await dee.page.evaluate(HOSTILE, [gazette.stack.comments, stolen, SITE])
    assert told == ["opaque", "blocked"] * 2
    assert gazette.stack.rows("SELECT count(*) FROM session") == before
    await expect(frame.locator("html")).to_have_attribute("data-viewer", "nobody")
    elsewhere = json.dumps({"commentbox": 1, "name": "login"})
    heard = await dee.page.evaluate(
        f"""() => new Promise((done) => {{
          addEventListener("message", (event) => event.data.name === "token" && done("told"));
          document.body.appendChild(document.createElement("iframe")).contentWindow.eval(`parent.postMessage({elsewhere}, "*")`);
          setTimeout(done, 500, "nothing");
        }})"""
    )
    assert heard == "nothing"

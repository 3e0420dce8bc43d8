"""The hand-over of a sign-in to the frame is bound to the browser that began it: what an attacker gets is nothing.

The ways that work (opener, six characters, bearer) are in `test_widget_signing_in`; the clock in `journeys/test_handover`.
"""

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from playwright.async_api import Page, expect

from commentbox.server.accounts.handover import challenge_of
from tests.browser.papers import ask, comments_in, say, tag
from tests.browser.people import Person, comment_with, post, push

CLOCK = "letter-clock"
CODE = 'meta[name="cb-code"]'


@dataclass
class Attacker:
    """Somebody with a program: begins a hand-over, lures a victim to its end, and asks for the session all the time."""

    stack: Any
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    answers: list[tuple[int, str]] = field(default_factory=list)

    @property
    def link(self) -> str:
        """Give the address that the victim is sent."""
        return "/signin?" + urlencode(
            {"site": self.stack.site, "challenge": challenge_of(self.verifier), "back": "frame"}
        )

    def begin(self) -> str:
        """Ask for the six characters, as a frame does that has lost its window."""
        fields = {"site": self.stack.site, "challenge": challenge_of(self.verifier)}
        return say(f"{self.stack.comments}/handover/begin", **fields).json()["characters"]

    def redeem(self, **more: str) -> tuple[int, str]:
        """Ask for the session."""
        fields = {"site": self.stack.site, "verifier": self.verifier, "cookies": "0"} | more
        answer = say(f"{self.stack.comments}/handover/redeem", **fields)
        self.answers.append((answer.status_code, answer.text))
        return self.answers[-1]

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[None]:
        """Ask for the session again and again, once more at the end."""
        running = asyncio.create_task(self._ask())
        yield
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        self.redeem()

    async def _ask(self) -> None:
        while True:
            await asyncio.to_thread(self.redeem)
            await asyncio.sleep(0.05)

    @property
    def got(self) -> list[tuple[int, str]]:
        """Give every answer that was more than "not yet" or "gone"."""
        return [each for each in self.answers if each[0] not in (202, 410) or "bearer" in each[1]]


async def press_continue(window: Page, name: str) -> None:
    """Fall for it: press the one big button."""
    await push(window, "button", f"Continue as {name} on", exact=False)
    await window.get_by_label("The six characters").wait_for()


async def test_a_victims_click_in_another_browser_gives_the_one_who_asks_all_the_time_nothing(stack, come) -> None:
    victim, attacker = await come(), Attacker(stack)
    await victim.sign_up_alone("Gullible Gannet")
    async with attacker.asking():
        window = await victim.open(attacker.link)
        await press_continue(window, "Gullible Gannet")
        await expect(window.get_by_text("If somebody sent you this link, close this window.")).to_be_visible()
        attacker.begin()
        await window.reload()
    assert len(attacker.answers) > 2
    assert attacker.got == []
    assert attacker.answers[-1][0] == 202


async def test_a_frame_in_the_attackers_browser_stays_signed_out_whatever_the_victim_presses(
    stack, press, come
) -> None:
    attacker, victim = await come(), await come()
    frame = await attacker.read(press.print(tag(stack, article_id=CLOCK)))
    window = await attacker.window_by(frame.get_by_role("button", name="Sign in and post").first)
    link = window.url.removeprefix(stack.comments)
    async with attacker.page.expect_response("**/handover/begin"):
        await window.close()
    await frame.locator("#cb-handover [data-characters]").wait_for()
    await victim.sign_up_alone("Careless Cormorant")
    lured = await victim.open(link)
    await press_continue(lured, "Careless Cormorant")
    async with attacker.page.expect_response("**/handover/redeem") as polled:
        pass
    assert (await polled.value).status == 202
    await lured.get_by_label("The six characters").fill("AAAAAA")
    await push(lured, "button", "Sign in there")
    await expect(lured.get_by_role("alert")).to_be_visible()
    async with attacker.page.expect_response("**/handover/redeem") as polled:
        pass
    assert (await polled.value).status == 202
    await expect(frame.locator("html")).to_have_attribute("data-viewer", "nobody")
    assert stack.rows(
        "SELECT count(*) FROM session JOIN account ON account.id = account_id "
        "WHERE account.name = 'Careless Cormorant' AND kind <> 'top'"
    ) == [(0,)]


async def approved(stack: Any, person: Person, attacker: Attacker) -> str:
    """Let somebody continue, and give the code that their window now holds."""
    window = await person.open(attacker.link)
    await push(window, "button", "Continue as", exact=False)
    code = await window.locator(CODE).get_attribute("content", timeout=5000)
    await window.close()
    assert code
    return code


async def test_a_code_is_worth_nothing_without_its_verifier_or_for_another_site_and_only_one_attempt(
    stack, come
) -> None:
    person = await come()
    await person.sign_up_alone("Steady Sandpiper")
    with contextlib.suppress(AssertionError):
        stack.command("site", "create", "courier", "--origin", "http://courier.localhost:9999")
    for wrong in ({"verifier": "another"}, {"site": "courier"}):
        frame = Attacker(stack)
        code = await approved(stack, person, frame)
        assert frame.redeem(code=code, **wrong)[0] == 410
        assert frame.redeem(code=code)[0] == 410, "the wrong attempt did not use the code up"
        assert frame.got == []
    frame = Attacker(stack)
    code = await approved(stack, person, frame)
    assert frame.redeem(code=code)[0] == 200
    assert frame.redeem(code=code)[0] == 410


async def test_five_wrong_guesses_of_the_characters_end_it(stack, come) -> None:
    person, frame = await come(), Attacker(stack)
    await person.sign_up_alone("Patient Plover")
    characters = frame.begin()
    window = await person.open(frame.link)
    await press_continue(window, "Patient Plover")
    for _ in range(5):
        await window.get_by_label("The six characters").fill("BBBBBB" if characters != "BBBBBB" else "CCCCCC")
        async with window.expect_response("**/handover/characters"):
            await push(window, "button", "Sign in there")
    await window.get_by_label("The six characters").fill(characters)
    await push(window, "button", "Sign in there")
    await expect(window.get_by_role("alert")).to_be_visible()
    assert frame.redeem()[0] != 200


async def test_a_bearer_reads_and_writes_in_its_frame_and_opens_nothing_else(stack, come) -> None:
    person, frame = await come(), Attacker(stack)
    await person.sign_up_alone("Bearer of Tidings")
    assert frame.redeem(code=await approved(stack, person, frame))[0] == 200
    bearer = {"Authorization": f"Bearer {json.loads(frame.answers[-1][1])['bearer']}", "Sec-Fetch-Site": "same-origin"}
    place = {"site": stack.site, "article_id": CLOCK}
    assert "Bearer of Tidings" in ask(f"{stack.comments}/embed/viewer", headers=bearer, **place).text
    for path in ("/account", "/verify", "/desk", "/welcome", "/thread"):
        answer = ask(stack.comments + path, headers=bearer, **place)
        assert "Bearer of Tidings" not in answer.text, path
        assert answer.status_code in (200, 303, 401), path
    for path in ("/account/choices", "/account/code", "/verify", "/desk/next", "/welcome", "/handover/approve"):
        answer = say(stack.comments + path, headers=bearer, challenge="A" * 43, reach="verified", **place)
        assert answer.status_code == 401, path
    posted = {"article_id": CLOCK, "text": "By bearer, from the wrong paper."}
    assert say(f"{stack.comments}/comments", headers=bearer, site="courier", **posted).status_code in (401, 404)


async def test_a_frame_without_any_cookie_keeps_a_bearer_where_the_paper_cannot_reach(stack, press, come) -> None:
    reader = await come()
    frame = await reader.read(press.print(tag(stack, article_id=CLOCK)))
    await (await reader.context.new_cdp_session(frame)).send("Emulation.setDocumentCookieDisabled", {"disabled": True})
    await reader.sign_up(frame, "Crumbless Curlew")
    kept = await reader.context.cookies(stack.comments)
    assert not [each for each in kept if each["name"].startswith("__Host-cb-frame")]
    await post(frame, "Posted without a crumb.")
    assert await frame.evaluate("sessionStorage['commentbox.bearer']")
    peek = "() => { try { return frames[0].sessionStorage.length; } catch (error) { return error.name; } }"
    assert await reader.page.evaluate(peek) == "SecurityError"
    await reader.page.reload()
    frame = await comments_in(reader.page)
    await expect(frame.locator("#cb-viewer")).to_contain_text("You post as Crumbless Curlew")
    await expect(comment_with(frame, "without a crumb")).to_have_count(1)

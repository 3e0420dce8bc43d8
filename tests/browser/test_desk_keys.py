"""The desk in a real browser: a queue worked by keyboard alone, the same without scripts, and axe on its pages."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect
from starlette.types import ASGIApp, Receive, Scope, Send

from commentbox.server.accounts import actions as accounts
from commentbox.server.app import create_app
from commentbox.server.base import migrate
from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings
from commentbox.server.base.work import begin
from commentbox.server.moderation.measures import Measure
from tests.factories import make_person
from tests.newsroom import Newsroom, make_newsroom

SECRET = "a secret that only the tests know"


class Later:
    """An application that is built once its own address is known."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


@dataclass
class Paper:
    """A comment server of this test alone, with a newsroom in it."""

    origin: str
    room: Newsroom

    async def sign_in(self, context: BrowserContext, account_id: str, *, kind: str = "staff") -> None:
        """Give a browser a session."""
        async with begin(self.room.db) as work:
            session = await accounts.open_session(work, account_id, kind=kind, by_passkey=True)
        name = "__Host-cb-staff" if kind == "staff" else "__Host-cb"
        url = self.origin.replace("http:", "https:")
        await context.add_cookies([{"name": name, "value": session.token, "url": url, "secure": True}])


@pytest_asyncio.fixture(loop_scope="session")
async def paper(serve: Callable[..., Any], tmp_path: Path) -> AsyncIterator[Paper]:
    """Give a server with four held comments, one of them reported before, and nobody at the desk."""
    app: Any
    later = Later()
    origin = await serve(later, "comments.localhost")
    settings = Settings(data_dir=tmp_path, base_url=origin, secret=SECRET)
    await migrate.upgrade(settings.database)
    later.app = app = create_app(settings, background=False)
    db = Database(settings.database)
    room = await make_newsroom(db)
    for number in range(4):
        room.talk.say(f"Held {number}", state="held", hold_rule="links", published_at=None)
    await room.talk.save(db)
    yield Paper(origin, room)
    await app.app.state.instance.db.close()
    await db.close()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(paper: Paper, context: BrowserContext, page: Page) -> Page:
    """Give a moderator's tab at the desk."""
    seat = await paper.room.hire("Ruth")
    await paper.sign_in(context, seat.account_id)
    await page.goto(f"{paper.origin}/desk")
    return page


async def states(paper: Paper) -> list[str]:
    return [(await paper.room.comment(each)).state for each in paper.room.talk.rows]


async def test_a_moderator_works_the_queue_by_keyboard_alone(paper: Paper, desk: Page) -> None:
    first, second, third, _ = paper.room.talk.rows
    case = desk.locator("article.cb-case")
    for key, shown in (("j", first), ("j", second), ("k", first)):
        await desk.keyboard.press(key)
        await expect(case).to_have_attribute("data-case", shown)
    await desk.keyboard.press("c")
    await expect(desk.locator(".cb-lease")).to_contain_text("You hold this case for another 15 min.")
    await desk.keyboard.press("c")
    await expect(desk.locator(".cb-lease")).to_contain_text("Nobody has this case.")
    await desk.keyboard.press("a")
    await desk.keyboard.press("Enter")
    await expect(case).to_have_attribute("data-case", second)
    await expect(desk.locator(".cb-toast")).to_contain_text("Nothing is sent for 20 seconds.")
    await desk.keyboard.press("r")
    await expect(desk.locator("#ground")).to_be_focused()
    await desk.locator("#ground").press("ArrowDown")
    await desk.locator("#facts").press_sequentially("It advertises. ajkrcu?")
    await expect(desk.locator(".cb-preview [data-line=facts]")).to_have_text("It advertises. ajkrcu?")
    await expect(desk.locator(".cb-preview [data-line=ground]")).to_contain_text("House rule 1")
    await desk.keyboard.press("Control+Enter")
    await expect(case).to_have_attribute("data-case", third)
    assert await states(paper) == ["published", "removed", "held", "held"]
    await desk.keyboard.press("u")
    await expect(case).to_have_attribute("data-case", second)
    assert await states(paper) == ["published", "held", "held", "held"]


async def test_single_keys_can_be_switched_off(desk: Page) -> None:
    await desk.keyboard.press("?")
    await desk.locator("#keys-on").uncheck()
    await desk.keyboard.press("Escape")
    await desk.keyboard.press("j")
    await expect(desk.locator("#keys")).to_be_hidden()
    await expect(desk.locator("article.cb-case")).to_have_count(0)
    await desk.keyboard.press("?")
    await desk.locator("#keys-on").check()
    await desk.keyboard.press("Escape")
    await desk.keyboard.press("j")
    await expect(desk.locator("article.cb-case")).to_have_count(1)


async def test_a_double_enter_is_one_decision(paper: Paper, desk: Page) -> None:
    await desk.keyboard.press("j")
    await expect(desk.locator("article.cb-case")).to_have_count(1)
    await desk.keyboard.press("a")
    await desk.keyboard.press("Enter")
    await desk.keyboard.press("Enter")
    await expect(desk.locator(".cb-toast")).to_be_visible()
    assert (await states(paper)).count("published") == 1


async def test_a_removal_works_without_scripts(paper: Paper, new_context: Callable[..., Any]) -> None:
    context = await new_context(java_script_enabled=False)
    seat = await paper.room.hire("Ruth")
    await paper.sign_in(context, seat.account_id)
    page = await context.new_page()
    await page.goto(f"{paper.origin}/desk")
    await page.locator(".cb-qtext a").first.click()
    await expect(page.locator("#facts")).to_be_hidden()
    await page.get_by_role("radio", name="Refuse r").check()
    await page.locator("#ground").select_option(label="6 Advertise nothing.")
    await page.locator("#facts").fill("It advertises a kiosk.")
    await page.get_by_role("button", name="Show it with my words").click()
    await expect(page.locator(".cb-preview")).to_contain_text("House rule 6: Advertise nothing.")
    await page.get_by_role("button", name="Decide and go to the next").click()
    await expect(page.locator(".cb-lease")).to_contain_text("You hold this case")
    assert (await states(paper)).count("removed") == 1


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")])
async def test_nothing_at_the_desk_or_on_a_statement_shuts_anybody_out(
    paper: Paper, new_context: Callable[..., Any], axe: Callable[..., Any], width: int, scheme: str
) -> None:
    room = paper.room
    author = await make_person(room.db, kind="person")
    room.talk.rows.clear()
    bad = room.talk.say("The clerk is a crook.", by=author)
    reported = room.talk.say("Easy now.", under=bad)
    await room.talk.save(room.db)
    ruth, jonas = await room.hire("Ruth", "admin"), await room.hire("Jonas")
    await room.report(reported, "one", "two")
    await room.decide(jonas, bad, "remove", measure=Measure("warn"))
    await room.decide(await room.hire("Tess", "trainee"), room.talk.rows[reported]["id"], "remove")
    statement = (await room.statements(bad))[0].id
    context = await new_context(viewport={"width": width, "height": 700}, color_scheme=scheme)
    await paper.sign_in(context, ruth.account_id)
    await paper.sign_in(context, author.account_id, kind="top")
    page = await context.new_page()
    appeal_form = f"/decisions/{statement}"
    person = f"/desk/person/gazette.{author.account_id}"
    queue = (
        "/desk?queue=done&age=1",
        "/desk?queue=reported",
        f"/desk/case/{reported}?queue=reported",
        f"/desk/case/{bad}",
    )
    beside = (person, "/desk/proposals", "/desk/rules", "/desk/staff", "/desk/find?q=clerk")
    for path in (*queue, *beside, appeal_form, "/decisions", "/account"):
        await page.goto(paper.origin + path)
        await page.keyboard.press("r")
        assert await axe(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
    appeal = await room.appeal(bad)
    for path in (f"/desk/case/{appeal}?queue=appeals", appeal_form):
        await page.goto(paper.origin + path)
        assert await axe(page) == []

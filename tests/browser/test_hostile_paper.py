"""A registered paper turns hostile while a reader is signed in in its frame: it posts, votes, reports and reads nothing.

The frame itself does the same things first, so that what is refused is the paper and not the request.
"""

import asyncio
import re
from typing import Any
from urllib.parse import urlencode

import pytest_asyncio
from playwright.async_api import Frame, expect

from tests.browser.conftest import STEP_MILLISECONDS
from tests.browser.papers import ask, comments_in, tag
from tests.browser.people import Person, comment_with, id_of, post, send

LETTERS = "keepers-letters"
PUBLISHED = "Keep the lamp lit, whoever pays for the oil."
HELD = "The ledger is at https://harbour.example/ledger for all to see."
OTHERS = "SELECT id FROM comment WHERE state = 'published' AND account_id <> ? AND tier = 'unverified' LIMIT 1"
CHANGEABLE = ("comment", "revision", "recommendation", "report", "thread", "account", "session", "one_time")

FORM = """([url, fields, target]) => {
  const form = Object.assign(document.createElement("form"), {method: "post", action: url, target});
  for (const [name, value] of Object.entries(fields)) form.append(Object.assign(document.createElement("input"), {name, value}));
  document.body.append(form);
  form.submit();
}"""
FRAMED = """([url, fields]) => {
  const frame = Object.assign(document.createElement("iframe"), {name: "trap" + Math.random(), hidden: true});
  document.body.append(frame);
  return FORM([url, fields, frame.name]);
}""".replace("FORM", f"({FORM})")
BLANK = f"([url, fields]) => ({FORM})([url, fields, '_blank'])"
SANDBOXED = """([url, fields]) => {
  const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`).join("");
  const srcdoc = `<form method=post action="${url}">${inputs}</form><script>document.forms[0].submit()</` + "script>";
  const frame = Object.assign(document.createElement("iframe"), {hidden: true, srcdoc, sandbox: "allow-scripts allow-forms"});
  document.body.append(frame);
}"""
FETCHED = """([url, fields]) => {
  fetch(url, {method: "POST", body: new URLSearchParams(fields), credentials: "include", ...OPTIONS}).catch(() => {});
}"""
BEACON = "([url, fields]) => { navigator.sendBeacon(url, new URLSearchParams(fields)); }"
WAYS = {
    "a form in a hidden frame": FRAMED,
    "a form in a new window": BLANK,
    "a form in a sandbox": SANDBOXED,
    "a fetch": FETCHED.replace("OPTIONS", "{}"),
    "a fetch that wants no answer": FETCHED.replace("OPTIONS", "{mode: 'no-cors'}"),
    "a fetch that hides where it is from": FETCHED.replace(
        "OPTIONS", "{mode: 'no-cors', referrerPolicy: 'no-referrer'}"
    ),
    "a beacon": BEACON,
}
"""Every way a page has to send something to another origin without asking first."""

READ = """async (url) => {
  const tried = [];
  for (const options of [{}, {headers: {"HX-Request": "true"}}, {headers: {Authorization: "Bearer stolen"}}]) {
    tried.push(await fetch(url, {credentials: "include", ...options}).then((answer) => answer.text(), (error) => error.name));
  }
  const opaque = await fetch(url, {credentials: "include", mode: "no-cors"});
  return [...tried, opaque.type + (await opaque.text())];
}"""
FRAME = """(url) => new Promise((done) => {
  const frame = Object.assign(document.createElement("iframe"), {src: url, name: "peek"});
  frame.onload = () => done(String(frame.contentDocument));
  document.body.append(frame);
})"""
PEEK = """(opened) => {
  const seen = [];
  for (const look of [() => opened.document.body.innerText, () => opened.location.href, () => opened.sessionStorage.length]) {
    try { seen.push(look()); } catch (error) { seen.push(error.name); }
  }
  return seen;
}"""


AS_THE_PAPER = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "empty"}
"""What the browser adds to the paper's request; what comes back may not even be private where the paper cannot read it."""


@pytest_asyncio.fixture(loop_scope="session")
async def victim(stack, press, come) -> Person:
    """Give a reader who is signed in in the frame of a hostile page, with one published and one held comment."""
    person: Person = await come()
    frame = await person.read(press.print(tag(stack, article_id=LETTERS)))
    await person.sign_up(frame, f"Victim {'abcdefgh'[len(press.pages) % 8]} {'klmnopqr'[len(press.pages) // 8]}")
    return person


def everything(stack: Any) -> dict[str, list[tuple]]:
    """Give every row that a reader could change."""
    return {table: stack.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in CHANGEABLE}


async def test_whatever_the_paper_sends_in_the_readers_name_changes_nothing(stack, victim: Person) -> None:
    frame = await comments_in(victim.page)
    mine = await id_of(await post(frame, PUBLISHED))
    (account,) = stack.rows("SELECT account_id FROM comment WHERE id = ?", mine)[0]
    (other,) = stack.rows(OTHERS, account)[0]
    where = {"site": stack.site, "article_id": LETTERS}
    deeds = {
        "/comments": where | {"text": "The paper put these words in my mouth."},
        f"/comments/{other}/recommend": {"on": "1"},
        f"/comments/{other}/report": {"reason": "attack", "text": "Says the paper."},
        f"/comments/{mine}/edit": where | {"text": "The paper changed my mind."},
        f"/comments/{mine}/withdraw": where,
        "/signout": {},
        "/handover/begin": where | {"challenge": "A" * 43},
        "/handover/redeem": where | {"verifier": "guess", "code": "guess"},
    }
    before = everything(stack)
    attempts = [(way, "/comments") for way in WAYS] + [("a fetch that wants no answer", path) for path in deeds]
    for way, path in attempts:
        await refused(victim, way, path, deeds[path])
    assert everything(stack) == before
    assert (await send(frame, f"/comments/{other}/recommend", {"on": "1"}))[0] < 400
    assert everything(stack) != before


async def refused(victim: Person, way: str, path: str, fields: dict[str, str]) -> None:
    """Let the paper's page send something, and wait until our server has refused it."""
    address = victim.stack.comments
    before = refusals(address)
    await victim.page.evaluate(WAYS[way], [address + path, fields])
    for _ in range(STEP_MILLISECONDS // 50):
        if refusals(address) > before:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{way} to {path} was not refused")


def refusals(address: str) -> float:
    """Give how often the server has refused a POST before looking at it; no browser tells that of all it sends."""
    counted = r'requests_total{method="POST",route="\(none\)",status="403"} ([\d.]+)'
    found = re.search(counted, ask(f"{address}/metrics").text)
    return float(found[1]) if found else 0


async def test_the_browser_would_have_vouched_for_the_reader(stack, victim: Person) -> None:
    network = await victim.context.new_cdp_session(victim.page)
    sent: asyncio.Future[dict] = asyncio.get_running_loop().create_future()
    answered: asyncio.Future[dict] = asyncio.get_running_loop().create_future()
    network.on("Network.requestWillBeSentExtraInfo", lambda told: sent.done() or sent.set_result(told))
    network.on("Network.responseReceivedExtraInfo", lambda told: answered.done() or answered.set_result(told))
    await network.send("Network.enable")
    await victim.page.evaluate(WAYS["a fetch"], [f"{stack.comments}/comments", {"text": "x"}])
    assert "__Host-cb-frame" in (await sent)["headers"]["Cookie"]
    assert (await answered)["statusCode"] == 403


async def test_whatever_the_paper_asks_for_it_reads_nothing_of_the_reader(stack, victim: Person) -> None:
    frame = await comments_in(victim.page)
    held = await held_comment(frame)
    where = urlencode({"site": stack.site, "article_id": LETTERS})
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in await victim.context.cookies(stack.comments))
    assert "__Host-cb-frame-" in cookies and "__Host-cb=" in cookies
    for path in (
        f"/embed/viewer?{where}",
        f"/embed/edit?{where}&comment={held}",
        f"/thread?{where}",
        "/account",
        "/desk",
    ):
        assert await victim.page.evaluate(READ, stack.comments + path) == ["TypeError"] * 3 + ["opaque"], path
        told = ask(stack.comments + path, headers=AS_THE_PAPER | {"Cookie": cookies})
        assert "You post as" not in told.text and "ledger" not in told.text, path


async def held_comment(frame: Frame) -> str:
    """Let the reader write something that waits for review: only they may see it."""
    await frame.locator("#cb-viewer textarea").fill(HELD)
    await frame.get_by_role("button", name="Post", exact=True).click()
    held = frame.locator("#cb-viewer article.cb-held")
    await expect(held).to_contain_text("ledger")
    return await id_of(held)


async def test_no_page_of_the_readers_can_be_framed_by_the_paper(stack, victim: Person) -> None:
    where = urlencode({"site": stack.site, "article_id": LETTERS})
    for path in (
        "/embed/viewer?" + where,
        "/thread?" + where,
        "/account",
        "/signin",
        "/verify",
        "/desk",
        "/desk/signin",
    ):
        assert await victim.page.evaluate(FRAME, stack.comments + path) == "null"
        await victim.page.frames[-1].wait_for_url("chrome-error:**")


async def test_a_window_the_paper_opens_keeps_its_secrets(stack, victim: Person) -> None:
    async with victim.context.expect_page() as opened:
        held = await victim.page.evaluate_handle("(url) => open(url)", f"{stack.comments}/account")
    account = await opened.value
    await expect(account.get_by_role("heading", name="My page")).to_be_visible()
    await victim.page.evaluate("(opened) => opened.postMessage({commentbox: 1, name: 'verified'}, '*')", held)
    assert await victim.page.evaluate(PEEK, held) == ["SecurityError"] * 3
    assert await victim.page.evaluate(
        "() => { try { return frames[0].document; } catch (error) { return error.name; } }"
    ) == ("SecurityError")


async def test_forged_messages_move_the_frame_to_nothing_but_a_comment(stack, victim: Person) -> None:
    frame = await comments_in(victim.page)
    comment = await id_of(frame.locator("#cb-list article.cb-comment").last)
    asked: list[str] = []
    victim.page.on("request", lambda request: asked.append(request.url))
    for forged in (
        {"name": "code", "code": "stolen"},
        {"name": "verified"},
        {"name": "posted", "id": "x"},
        {"name": "goto"},
    ):
        await victim.page.evaluate("(message) => frames[0].postMessage({commentbox: 1, ...message}, '*')", forged)
    await victim.page.evaluate(
        "(comment) => frames[0].postMessage({commentbox: 1, name: 'goto', comment}, '*')", comment
    )
    await expect(frame.locator(f"#c-{comment}:target")).to_have_count(1)
    assert asked == []
    await expect(frame.locator("#cb-viewer")).to_contain_text("You post as Victim")
    await expect(comment_with(frame, "stolen")).to_have_count(0)

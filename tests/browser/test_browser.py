"""The browser under test is as strict as a reader's: without this, every other browser test proves little."""

from playwright.async_api import Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

STRICT = "default-src 'none'; script-src 'self'; style-src 'self'"
TITLED = "<!doctype html><html lang=en><title>A page</title><main><h1>A page</h1>"

MAKE = """async () => (await navigator.credentials.create({publicKey: {
  challenge: new Uint8Array(32), rp: {name: "Comments"}, pubKeyCredParams: [{type: "public-key", alg: -7}],
  user: {id: new Uint8Array(16), name: "Ada", displayName: "Ada"},
  authenticatorSelection: {residentKey: "required", userVerification: "required"},
}})).id"""
USE = """async () => navigator.credentials.get({publicKey: {challenge: new Uint8Array(32), timeout: 2000}})
  .then((found) => found.id, (error) => error.name)"""


def comments(request: Request) -> HTMLResponse:
    """A page that tries to keep two cookies, and says which came back."""
    had = ",".join(sorted(request.cookies))
    answer = HTMLResponse(f"{TITLED}<p id=had>{had}</p></main>", headers={"Content-Security-Policy": STRICT})
    answer.headers.append("Set-Cookie", "loose=1; SameSite=None; Secure; Path=/")
    answer.headers.append("Set-Cookie", "__Host-kept=1; SameSite=None; Secure; HttpOnly; Path=/; Partitioned")
    return answer


def paper(inside: str) -> Starlette:
    frame = f'<iframe title="Comments" src="{inside}" allow="publickey-credentials-get"></iframe>'
    body = f"{TITLED}{frame}</main>"
    return Starlette(routes=[Route("/", lambda _: HTMLResponse(body))])


async def open_frame(page: Page, serve) -> str:
    inside = await serve(Starlette(routes=[Route("/", comments)]), "comments.localhost")
    await page.goto(await serve(paper(inside), "news.localhost"))
    await page.frame_locator("iframe").locator("h1").wait_for()
    return inside


async def test_a_frame_keeps_only_a_partitioned_cookie(page: Page, serve) -> None:
    await open_frame(page, serve)
    await page.reload()
    assert await page.frame_locator("iframe").locator("#had").text_content() == "__Host-kept"


async def test_a_frame_and_a_window_never_share_storage(page: Page, serve) -> None:
    inside = await open_frame(page, serve)
    await page.frames[1].evaluate("localStorage.setItem('from', 'frame')")
    await page.goto(inside)
    assert await page.evaluate("localStorage.getItem('from')") is None


async def test_a_window_opens_only_by_a_readers_own_act(page: Page, serve) -> None:
    pushy = f"{TITLED}<p id=opened></p></main><script>opened.textContent = String(window.open('/'))</script>"
    await page.goto(await serve(Starlette(routes=[Route("/", lambda _: HTMLResponse(pushy))]), "news.localhost"))
    assert await page.locator("#opened").text_content() == "null"


async def test_axe_enters_a_cross_site_frame(page: Page, serve, axe) -> None:
    await open_frame(page, serve)
    assert await axe(page) == []
    await page.frames[1].evaluate("document.body.append(document.createElement('button'))")
    assert "button-name" in "".join(await axe(page))


async def test_a_passkey_made_in_one_window_works_in_the_next(page: Page, passkeys, serve) -> None:
    origin = await serve(Starlette(routes=[Route("/", lambda _: HTMLResponse(TITLED))]), "comments.localhost")
    await page.goto(origin)
    made = await page.evaluate(MAKE)
    other = await page.context.new_page()
    await passkeys.ready()
    await other.goto(origin)
    assert await other.evaluate(USE) == made
    await passkeys.lose()
    assert await other.evaluate(USE) == "NotAllowedError"


def test_webkit_opens_a_page(webkit) -> None:
    webkit.get("data:text/html,<title>Here</title>")
    assert webkit.title == "Here"

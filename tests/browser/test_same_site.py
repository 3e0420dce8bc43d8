"""A comment server below the paper's own domain: its plain Lax cookie serves the frame too, and trusts no page of the paper."""

from playwright.async_api import expect

from tests.browser.papers import Press, tag
from tests.browser.people import post

FERRY = "library-until-ten"
ATTACK = """async (address) => {
  const body = new URLSearchParams({text: "Not by me.", site: "gazette", article_id: "library-until-ten"});
  const answer = await fetch(address + "/comments", {method: "POST", body, credentials: "include", mode: "no-cors"});
  const read = await fetch(address + "/account", {credentials: "include"}).then((each) => each.text(), () => "nothing");
  return [answer.type, read];
}"""


async def test_who_signed_in_once_is_signed_in_in_the_frame_by_the_lax_cookie_alone(stack, serve, come) -> None:
    press = Press()
    press.origin = await serve(press.app, "news.comments.localhost")  # one site with comments.localhost
    stack.command("site", "origin", "add", stack.site, press.origin)
    reader = await come()
    await reader.sign_up_alone("Same Sandpiper")
    frame = await reader.read(press.print(tag(stack, article_id=FERRY)))
    await expect(frame.locator("#cb-viewer")).to_contain_text("You post as Same Sandpiper")
    await post(frame, "One cookie is enough.")
    names = {each["name"]: each["sameSite"] for each in await reader.context.cookies(stack.comments)}
    assert names == {"__Host-cb": "Lax"}

    assert await reader.page.evaluate(ATTACK, stack.comments) == ["opaque", "nothing"]
    assert stack.rows("SELECT count(*) FROM comment WHERE text = 'Not by me.'") == [(0,)]

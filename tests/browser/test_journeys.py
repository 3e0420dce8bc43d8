"""A reader's ways through the whole product, in a real browser and across sites: read, filter, sign up, write, verify."""

from typing import Any

from playwright.async_api import Frame, Page, Route, expect

from tests.browser.papers import comments_in, tag
from tests.browser.people import comment_with, id_of, post, push, reply, send

LIBRARY, MUSSELS, CLOCK = "library-until-ten", "mussels-back", "letter-clock"


def unverified(frame: Frame) -> Any:
    return frame.locator('article.cb-comment[data-tier="unverified"]:visible')


async def test_an_article_is_read_filtered_and_folded_and_the_choice_is_found_again(stack, come) -> None:
    reader = await come()
    frame = await reader.read(stack.article)
    await expect(unverified(frame)).not_to_have_count(0)
    await frame.get_by_role("radio", name="Verified only").click()
    await expect(frame.locator("#comments")).to_contain_text("are hidden")
    await expect(unverified(frame)).to_have_count(0)
    again = await reader.read(stack.article)
    assert "show=verified" in again.url
    await expect(unverified(again)).to_have_count(0)
    await again.get_by_role("radio", name="Fold unverified").click()
    await expect(again.locator("details.cb-fold")).not_to_have_count(0)
    await expect(unverified(again)).to_have_count(0)
    await again.locator("details.cb-fold > summary").first.click()
    await expect(unverified(again)).to_have_count(1)


async def test_a_reader_signs_up_and_posts_once_whatever_breaks_on_the_way(stack, press, come) -> None:
    reader = await come()
    frame = await reader.read(press.print(tag(stack, article_id=LIBRARY)))
    text = frame.locator("#cb-viewer textarea")
    await text.fill("The library is warm, and I am not.")
    await reader.sign_up(frame, "Wren Tidewater")
    await reader.page.reload()
    frame = await comments_in(reader.page)
    text = frame.locator("#cb-viewer textarea")
    await expect(text).to_have_value("The library is warm, and I am not.")
    await reader.page.route("**/comments", cut)
    await frame.get_by_role("button", name="Post", exact=True).click()
    await expect(frame.locator("#cb-offline")).to_be_visible()
    await expect(text).to_have_value("The library is warm, and I am not.")
    await reader.page.unroute("**/comments", cut)
    await frame.get_by_role("button", name="Post", exact=True).dblclick()
    await expect(comment_with(frame, "The library is warm")).to_have_count(1)
    await expect(text).to_have_value("")
    assert stack.rows("SELECT count(*) FROM comment WHERE text LIKE 'The library is warm%'") == [(1,)]


async def cut(route: Route) -> None:
    """Let the server be out of reach."""
    await route.abort()


async def test_a_badge_stands_on_what_is_written_after_verifying_and_on_nothing_before(stack, press, come) -> None:
    reader = await come()
    frame = await reader.read(press.print(tag(stack, article_id=MUSSELS)))
    await reader.sign_up(frame, "Perpetua Brine")
    await post(frame, "Written before anybody checked.")
    await reader.verify(frame, "perpetua")
    await post(frame, "Written after somebody checked.")
    await reply(frame, comment_with(frame, "Written before"), "I agree with my former self.")
    await reader.page.reload()
    frame = await comments_in(reader.page)
    for text, badge in WRITTEN:
        await expect(comment_with(frame, text).first.locator(".cb-badge > summary").last).to_contain_text(badge)
    answer = frame.locator(".cb-replies article", has_text="my former self")
    await answer.locator(".cb-badge > summary").click()
    await expect(answer.locator(".cb-panel").first).to_contain_text("not an endorsement")


WRITTEN = (
    ("Written before", "Not verified"),
    ("Written after", "Verified person"),
    ("my former self", "Verified person"),
)


async def test_an_author_decides_who_may_reach_them_and_others_are_told_before_they_type(stack, press, come) -> None:
    address = press.print(tag(stack, article_id=CLOCK))
    author, stranger = await come(), await come()
    frame = await author.read(address)
    await author.sign_up(frame, "Quiet Harbourer")
    comment = await id_of(await post(frame, "I would rather not be shouted at."))
    await set_reach(await author.open("/account"), "Verified people")
    frame = await stranger.read(address)
    await stranger.sign_up(frame, "Loud Stranger")
    theirs = frame.locator(f"#c-{comment}")
    await expect(theirs).to_contain_text("Only verified people may reply to this person")
    await expect(theirs.locator("[data-reply]:visible, [formaction$='/recommend']:visible")).to_have_count(0)
    forged = {"site": stack.site, "article_id": CLOCK, "parent": comment, "text": "I shout all the same."}
    assert await send(frame, "/comments", forged) == (403, "reach.refused")
    assert await send(frame, f"/comments/{comment}/recommend", {"on": "1"}) == (403, "reach.refused")
    assert stack.rows("SELECT count(*) FROM comment WHERE text LIKE 'I shout%'") == [(0,)]
    await stranger.verify(frame, "loud-stranger")
    await theirs.locator("[formaction$='/recommend']:visible").click()
    await expect(theirs.locator("[aria-pressed=true]")).to_have_count(1)
    await reply(frame, theirs, "I only wanted to agree.")


async def set_reach(account: Page, who: str) -> None:
    """Choose on the account page who may reply, mention and recommend."""
    choice = account.get_by_role("group", name="Who may reply to me, mention me or recommend me")
    await choice.get_by_role("radio", name=who).check()
    await push(account, "button", "Save my choices")
    await expect(account.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    await account.close()

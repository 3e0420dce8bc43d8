"""A reader's choices in a real browser: the filter that is kept on the account, and muting somebody from their comment."""

from playwright.async_api import expect

from tests.browser.papers import comments_in, tag
from tests.browser.people import comment_with, id_of, post, push, send

QUAY, FERRY = "mussels-back", "library-until-ten"


async def test_a_choice_made_signed_in_is_found_again_where_the_browser_remembers_nothing(stack, press, come) -> None:
    reader = await come()
    frame = await reader.read(press.print(tag(stack, article_id=QUAY)))
    await reader.sign_up(frame, "Faithful Filter")
    async with reader.page.expect_response("**/embed/show") as kept:
        await frame.get_by_role("radio", name="Verified only").click()
    assert (await kept.value).status == 204
    await frame.evaluate("localStorage.clear()")
    await reader.page.reload()
    frame = await comments_in(reader.page)
    await expect(frame.get_by_role("radio", name="Verified only")).to_be_checked()
    assert await frame.evaluate("localStorage['commentbox.show']") == "verified"
    await expect(frame.locator('article[data-tier="unverified"]:visible')).to_have_count(0)
    linked = await reader.open(f"/embed/thread?site={stack.site}&article_id={QUAY}&show=everyone")
    await expect(linked.locator("html")).to_have_attribute("data-viewer", "unverified")
    await expect(linked.get_by_role("radio", name="Everyone")).to_be_checked()


async def test_a_muted_person_is_folded_away_told_so_and_heard_again(stack, press, come) -> None:
    address = press.print(tag(stack, article_id=FERRY))
    talker, reader = await come(), await come()
    frame = await talker.read(address)
    await talker.sign_up(frame, "Tireless Talker")
    theirs = await id_of(await post(frame, "And another thing about ferries."))
    quiet = await reader.read(address)
    await reader.sign_up(quiet, "Muted Reader")
    mine = await id_of(await post(quiet, "I come here for the silence."))
    comment = quiet.locator(f"#c-{theirs}")
    await comment.locator(".cb-menu > summary", has_text="More").click()
    await comment.get_by_role("button", name="Mute this person").click()
    fold = quiet.locator("details.cb-fold", has=quiet.locator(f"#c-{theirs}"))
    await expect(fold.locator("summary").first).to_contain_text("A comment from a person you muted is hidden.")
    await expect(comment).to_be_hidden()
    await fold.locator("summary").first.click()
    await expect(comment).to_be_visible()
    await expect(comment).to_contain_text("You muted this person")

    await talker.page.reload()
    frame = await comments_in(talker.page)
    await expect(frame.locator(f"#c-{mine}")).to_contain_text("This person takes no replies from you")
    await expect(frame.locator(f"#c-{mine} [data-reply]:visible")).to_have_count(0)
    forged = {"site": stack.site, "article_id": FERRY, "parent": mine, "text": "But the ferries."}
    assert await send(frame, "/comments", forged) == (403, "reach.muted")
    await expect(comment_with(frame, "another thing about ferries")).to_be_visible()

    page = await reader.open("/account")
    await push(page, "button", "Unmute Tireless Talker")
    await expect(page.get_by_role("status").filter(has_text="Unmuted.")).to_be_visible()
    await page.close()
    await talker.page.reload()
    frame = await comments_in(talker.page)
    await expect(frame.locator(f"#c-{mine} [data-reply]:visible")).to_have_count(1)


async def test_an_account_is_given_up_and_taken_back_within_the_fourteen_days(stack, press, come) -> None:
    reader = await come()
    frame = await reader.read(press.print(tag(stack, article_id=QUAY)))
    await reader.sign_up(frame, "Hasty Leaver")
    await post(frame, "Said before I wanted to go.")
    page = await reader.open("/account")
    await page.locator("summary", has_text="Delete my account").click()
    await page.get_by_label("Erase my comments too").check()
    await push(page, "button", "Delete my account")
    await expect(page.get_by_role("heading", name="Your account will be deleted")).to_be_visible()
    await push(page, "link", "Sign in")  # and there the device, asked at once, offers its only passkey by itself
    await expect(page.get_by_text("Your account will be deleted on")).to_be_visible()
    await push(page, "button", "Keep my account")
    await expect(page.get_by_role("status").filter(has_text="Your account stays.")).to_be_visible()
    assert stack.rows("SELECT count(*) FROM account WHERE name = 'Hasty Leaver' AND leaves_at IS NULL") == [(1,)]
    await page.close()

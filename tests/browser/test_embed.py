"""The loader on the paper's page: what it costs, where the frame goes, what it tells the paper, and whom it believes."""

import gzip
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest_asyncio
from playwright.async_api import ConsoleMessage, Page, expect

from tests.browser.papers import LISTENING, STORY, Press, ask, comments_in, tag, to_the_end

LOADER_BYTES = 3000
LONG_THREAD = "inner-harbour-vote"
SAME_PLACE = 2
"""Pixels a thing may be off its place: browsers round."""


@pytest_asyncio.fixture(loop_scope="session")
async def said(page: Page) -> list[ConsoleMessage]:
    """Give what the page writes to the console from now on."""
    lines: list[ConsoleMessage] = []
    page.on("console", lambda message: lines.append(message))
    return lines


def asked_of(page: Page, origin: str) -> list[str]:
    """Give the list into which every request to `origin` goes from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.startswith(origin) else None)
    return asked


def comments_of(stack, **query: str) -> list[dict]:
    """Give a page of the long thread, as the API tells it."""
    answer = ask(f"{stack.comments}/api/v1/threads/comments", site=stack.site, article_id=LONG_THREAD, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()["comments"]


async def heard(page: Page, name: str) -> list[list]:
    """Give the events of that name that the paper has heard, waiting for the first."""
    await page.wait_for_function("(name) => heard.some((each) => each[0] === name)", arg=name)
    return [each for each in await page.evaluate("heard") if each[0] == name]


async def place_of(page: Page, selector: str) -> float:
    """Give how far below the window's top a thing of the paper is."""
    return await page.locator(selector).evaluate("(each) => each.getBoundingClientRect().top")


def test_the_loader_is_small(stack) -> None:
    answer = ask(f"{stack.comments}/loader.js")
    assert answer.headers["content-encoding"] == "gzip"
    assert len(gzip.compress(answer.content, 9)) <= LOADER_BYTES


async def test_nothing_but_the_loader_loads_before_the_reader_is_near(page: Page, stack) -> None:
    asked = asked_of(page, stack.comments)
    await page.goto(stack.article, wait_until="networkidle")
    log_in = f"{stack.comments}/sso.js"  # half a kilobyte, only on pages of papers with a log-in of their own
    assert sorted(asked) == [f"{stack.comments}/loader.js", log_in]
    link = page.locator(".comments > div > a")
    assert (await link.get_attribute("href") or "").startswith(f"{stack.comments}/thread?site={stack.site}&")
    await to_the_end(page)
    await comments_in(page)
    await expect(link).to_have_count(0)


async def test_the_frame_is_as_high_as_its_content_and_moves_nothing_above(page: Page, stack, press: Press) -> None:
    await page.goto(press.print(STORY + tag(stack, article_id=LONG_THREAD)))
    await page.locator("#last").scroll_into_view_if_needed()
    before = await place_of(page, "#last")
    frame = await comments_in(page)
    height = await frame.evaluate("document.documentElement.scrollHeight")
    await expect(page.locator("iframe")).to_have_css("height", f"{height}px")
    assert height > 2000
    assert abs(await place_of(page, "#last") - before) <= SAME_PLACE


async def test_the_frame_follows_its_content_as_it_grows_and_shrinks(page: Page, stack, press: Press) -> None:
    await page.goto(press.print(tag(stack, article_id=LONG_THREAD)))
    frame = await comments_in(page)
    whole = await page.locator("iframe").evaluate("(each) => each.offsetHeight")
    await frame.locator(".cb-badge summary").first.click()
    await page.wait_for_function(f"document.querySelector('iframe').offsetHeight > {whole}")
    await frame.locator(".cb-badge summary").first.click()
    await page.wait_for_function(f"document.querySelector('iframe').offsetHeight === {whole}")


async def test_a_thread_is_named_by_the_canonical_address_unless_the_tag_says_otherwise(
    page: Page, stack, press: Press
) -> None:
    canonical = '<link rel="canonical" href="/the-true-address">'
    for options, url in ({}, f"{press.origin}/the-true-address"), ({"url": "/told"}, f"{press.origin}/told"):
        await page.goto(press.print(tag(stack, **options), head=canonical) + "?utm_source=gull#more")
        source = await page.locator("iframe").get_attribute("src") or ""
        assert parse_qs(urlsplit(source).query)["url"] == [url]


async def test_a_link_to_a_comment_opens_scrolls_to_and_marks_it_whatever_its_page(page: Page, stack) -> None:
    far = comments_of(stack, sort="oldest")[0]["id"]
    await page.goto(f"{stack.article}#cb-comment-{far}")
    frame = await comments_in(page)
    comment = frame.locator(f"#c-{far}")
    await expect(comment).to_be_in_viewport()
    assert await comment.evaluate("(each) => each.matches(':target')")


async def test_a_link_to_a_comment_works_in_a_page_that_is_open(page: Page, stack, press: Press) -> None:
    near, far = (comments_of(stack, sort=sort)[0]["id"] for sort in ("newest", "oldest"))
    await page.goto(press.print(STORY + tag(stack, article_id=LONG_THREAD)))
    await to_the_end(page)
    frame = await comments_in(page)
    for comment in near, far:
        await page.evaluate("scrollTo(0, 0)")
        await page.evaluate(f"location.hash = 'cb-comment-{comment}'")
        await expect(frame.locator(f"#c-{comment}")).to_be_in_viewport()


async def test_the_slot_may_be_anywhere_and_the_tag_in_the_head(page: Page, stack, press: Press) -> None:
    slot = '<main><div id="commentbox"></div></main><p>After.</p>'
    await page.goto(press.print(slot, head=tag(stack, article_id=LONG_THREAD)))
    await comments_in(page)
    await expect(page.locator("#commentbox > iframe")).to_have_count(1)
    assert not await page.evaluate("commentbox instanceof Element")


async def test_a_loader_that_is_loaded_twice_embeds_once(page: Page, stack, press: Press) -> None:
    await page.goto(press.print(tag(stack, article_id=LONG_THREAD) * 2))
    await comments_in(page)
    await expect(page.locator("iframe")).to_have_count(1)


async def test_a_page_may_have_several_threads(page: Page, stack, press: Press) -> None:
    await page.goto(press.print("".join(tag(stack, article_id=each) for each in (LONG_THREAD, "mussels-back"))))
    texts = [await (await comments_in(page, nth)).locator(".cb-counts").inner_text() for nth in (0, 1)]
    assert texts[0] != texts[1]


async def test_a_single_page_app_mounts_and_unmounts(page: Page, stack, press: Press) -> None:
    await page.goto(press.print(LISTENING + "<div id=slot><b>Mine</b></div>" + tag(stack, mount="none")))
    await page.wait_for_function("!!window.commentbox?.mount")
    await expect(page.locator("iframe")).to_have_count(0)
    mount = f"commentbox.mount(slot, {{articleId: '{LONG_THREAD}'}})"
    assert await page.evaluate(f"{mount} === {mount}")
    await comments_in(page)
    assert [each[2] for each in await heard(page, "ready")] == ["slot"]
    await page.evaluate("commentbox.mount(slot, {articleId: 'mussels-back'})")
    await comments_in(page)
    await expect(page.locator("iframe")).to_have_count(1)
    await page.evaluate("commentbox.unmount(slot)")
    assert await page.locator("#slot").inner_html() == "<b>Mine</b>"
    assert await page.evaluate("commentbox.mounts.size") == 0


async def test_the_paper_hears_that_the_comments_are_there_and_how_many(page: Page, stack, press: Press) -> None:
    await page.goto(press.print(LISTENING + tag(stack, article_id=LONG_THREAD)))
    await comments_in(page)
    ready, count = (await heard(page, "ready"))[0], (await heard(page, "count"))[0]
    told = ask(f"{stack.comments}/api/v1/threads/comments", site=stack.site, article_id=LONG_THREAD).json()
    assert ready[1] is None
    assert count[1] == {"total": told["total"], "verified": told["verified_total"]}


async def test_the_loader_believes_nobody_but_its_own_frame(page: Page, stack, press: Press) -> None:
    forged = "for (const to of [window, parent]) to.postMessage({commentbox: 1, name: 'height', height: 7}, '*')"
    stranger = press.print(f"<script>{forged};{forged.replace('height', 'posted')}</script>")
    await page.goto(press.print(LISTENING + tag(stack, article_id=LONG_THREAD)))
    await comments_in(page)
    await page.evaluate(forged)
    await page.evaluate(
        "(src) => document.body.append(Object.assign(document.createElement('iframe'), {src}))", stranger
    )
    await page.frame_locator("iframe").nth(1).locator("body").wait_for(state="attached")
    frame = await comments_in(page)
    await frame.evaluate("parent.postMessage({commentbox: 2, name: 'height', height: 7}, '*')")
    await frame.evaluate("parent.postMessage({commentbox: 1, name: 'posted', id: '<b>', state: 1}, '*')")
    await frame.evaluate("parent.postMessage({commentbox: 1, name: 'count', total: 7, verified: 7}, '*')")
    await page.wait_for_function("heard.some(([name, detail]) => name === 'count' && detail.total === 7)")
    assert "posted" not in [name for name, *_ in await page.evaluate("heard")]
    assert await page.locator("iframe").first.evaluate("(each) => each.offsetHeight") > 1000


async def test_an_address_that_is_not_registered_gets_a_clear_message_and_nothing_else(
    page: Page, stack, serve, said: list[ConsoleMessage]
) -> None:
    press = Press()
    press.origin = await serve(press.app, "elsewhere.localhost")
    await page.goto(press.print(tag(stack, article_id=LONG_THREAD)))
    message = page.locator("div > p")
    await expect(message).to_contain_text(f"commentbox site origin add {stack.site} {press.origin}")
    assert any(f"site origin add {stack.site}" in each.text for each in said if each.type == "error")
    await expect(page.locator("div > a")).to_be_visible()


async def test_an_unknown_site_gets_a_clear_message(page: Page, stack, press: Press, said) -> None:
    await page.goto(press.print(tag(stack, site="nowhere")))
    await expect(page.locator("div > p")).to_contain_text("site.unknown")
    assert any("site.unknown" in each.text for each in said)


async def test_a_paper_may_have_a_strict_policy(page: Page, stack, press: Press, said) -> None:
    policy = f"default-src 'none'; script-src {stack.comments}; frame-src {stack.comments}"
    await page.goto(press.print(tag(stack, article_id=LONG_THREAD), content_security_policy=policy))
    await comments_in(page)
    assert await page.locator("iframe").evaluate("(each) => each.offsetHeight") > 1000
    assert not [each.text for each in said if "Content Security Policy" in each.text]


async def test_index_pages_get_both_numbers_in_one_request(page: Page, stack, press: Press) -> None:
    told = ask(f"{stack.comments}/api/v1/threads/comments", site=stack.site, article_id=LONG_THREAD).json()
    asked = asked_of(page, f"{stack.comments}/api/")
    places = (
        f"<p data-commentbox-count data-article-id={LONG_THREAD}>?</p><p data-commentbox-count data-url=/none>?</p>"
    )
    form = f"<p data-commentbox-count data-article-id={LONG_THREAD} data-format='{{total}}/{{verified}}'>?</p>"
    await page.goto(press.print(places + form + tag(stack, "counts.js")))
    total, verified = told["total"], told["verified_total"]
    await expect(page.locator("p")).to_have_text(
        [f"{total} comments, {verified} from verified people", "No comments yet", f"{total}/{verified}"]
    )
    assert len(asked) == 1


async def test_counts_that_cannot_be_had_leave_the_text_alone(page: Page, stack, press: Press) -> None:
    place = "<p data-commentbox-count data-url=/a>Comments</p>"
    async with page.expect_console_message(lambda message: "no counts" in message.text):
        await page.goto(press.print(place + tag(stack, "counts.js", site="no")))
    await expect(page.locator("p")).to_have_text("Comments")


async def test_without_scripts_the_paper_has_a_link_to_the_comments(stack, new_context: Callable) -> None:
    page = await (await new_context(java_script_enabled=False)).new_page()
    await page.goto(stack.article)
    await page.locator(".comments a").click()
    await expect(page.locator("#comments")).to_be_visible()


async def test_who_begins_to_write_is_told_at_once_where_no_comments_open(page: Page, press, stack) -> None:
    without = press.print("<p>An article that has no comments tag.</p>")
    await page.goto(press.print(tag(stack, url=without)))
    await to_the_end(page)
    frame = await comments_in(page)
    await frame.locator("#cb-viewer textarea").focus()
    told = frame.locator("#cb-viewer .cb-said [role=alert]")
    await expect(told).to_contain_text("This article is not on one of the paper's own addresses")
    await expect(frame.locator("#cb-viewer textarea")).to_be_editable()
    assert stack.rows("SELECT count(*) FROM thread WHERE url = ?", without) == [(0,)]

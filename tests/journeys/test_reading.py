"""Reading through the whole server: the public page and its fragments, and the top-level page, with and without scripts."""

import gzip
import html
import re
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from commentbox.server.base.assets import asset_url
from commentbox.server.base.db import Database
from tests.counting import statements
from tests.factories import ARTICLE, PAPER, make_person, make_talk
from tests.journeys.quarrel import PLACE, quarrel
from tests.journeys.reader import Reader
from tests.journeys.reading import fields, words
from tests.visitor import Visitor

MARKUP = "<img src=x onerror=alert(1)>\"'&lt;"


async def frame(visitor: Visitor, **asked: str) -> httpx.Response:
    """Load the frame and expect it to work."""
    page = await visitor.frame("/embed/thread", params=PLACE | asked)
    assert page.status_code == 200, page.text
    return page


def attribute(page: httpx.Response, pattern: str) -> list[str]:
    return [html.unescape(each) for each in re.findall(pattern, page.text)]


def shown(page: httpx.Response) -> list[str]:
    """Give the ids of the comments and stubs on a page, in reading order."""
    return re.findall(r'<(?:article|div) class="cb-[^"]*" id="c-(\w{16})"', page.text)


async def test_the_frame_is_public_may_be_framed_by_the_paper_alone_and_sets_no_cookie(
    db: Database, visitor: Visitor
) -> None:
    await quarrel(db)
    page = await frame(visitor)
    policy = page.headers["content-security-policy"]
    assert f"frame-ancestors {PAPER}" in policy
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert page.headers["cache-control"] == "public, max-age=0, s-maxage=5"
    assert page.headers["vary"] == "Accept-Encoding"
    assert "set-cookie" not in page.headers
    assert page.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<script(?![^>]* src=)|\sstyle=|\son\w+=", page.text), "nothing inline"


async def test_the_public_bytes_are_the_same_for_everybody(db: Database, new_visitor: Callable[..., Visitor]) -> None:
    await quarrel(db)
    stranger, known = new_visitor(), new_visitor(address="198.51.100.9")
    await Reader(known).sign_up()
    first, second = await frame(stranger), await frame(known)
    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"]


async def test_a_page_that_has_not_changed_is_not_sent_again(db: Database, visitor: Visitor) -> None:
    talk, _ = await quarrel(db)
    page = await frame(visitor)
    again = await visitor.frame("/embed/thread", params=PLACE, headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", page.headers["etag"])
    assert talk.thread_id


async def test_a_page_is_sent_compressed_only_to_those_who_read_that(db: Database, client: httpx.AsyncClient) -> None:
    await quarrel(db)
    bodies = []
    for _ in range(2):  # built, then from the cache
        async with client.stream("GET", "/embed/thread", params=PLACE, headers={"Accept-Encoding": "gzip"}) as packed:
            raw = b"".join([part async for part in packed.aiter_raw()])
        assert packed.headers["content-encoding"] == "gzip" and int(packed.headers["content-length"]) == len(raw)
        bodies.append(gzip.decompress(raw))
        plain = await client.get("/embed/thread", params=PLACE, headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        bodies.append(plain.content)
    assert len(set(bodies)) == 1


async def test_the_window_signed_out_is_built_and_compressed_once_and_asked_for_again_by_its_etag(
    db: Database, new_visitor: Callable[..., Visitor]
) -> None:
    await quarrel(db)
    stranger, other, known = new_visitor(), new_visitor(address="198.51.100.9"), new_visitor(address="198.51.100.10")
    await Reader(known).sign_up()
    packed = {"Accept-Encoding": "gzip"}
    first = await stranger.open("/thread", params=PLACE, headers=packed)
    assert (first.headers["content-encoding"], first.headers["cache-control"]) == ("gzip", "private, no-cache")
    assert "frame-ancestors 'none'" in first.headers["content-security-policy"]
    tag = {"If-None-Match": first.headers["etag"]}
    with statements(db) as asked:
        assert (await other.open("/thread", params=PLACE, headers=packed)).content == first.content
        assert (await other.open("/thread", params=PLACE, headers=tag)).status_code == 304
    assert asked == [], "nobody is signed in: nothing is asked of the database"
    mine = await known.open("/thread", params=PLACE, headers=tag)
    assert (mine.status_code, mine.headers["cache-control"]) == (200, "private, no-store")
    assert "Kestrel" in mine.text and "Kestrel" not in first.text
    gone = await stranger.open("/thread", params=PLACE | {"comment": "0" * 16})
    assert gone.status_code == 404 and "We cannot find this comment." in words(gone)
    await known.submit("/comments", PLACE | {"text": "A new word."})
    assert "A new word." in (await stranger.open("/thread", params=PLACE, headers=tag)).text


async def test_a_thread_reads_in_order_with_both_numbers_in_its_heading(db: Database, visitor: Visitor) -> None:
    _, said = await quarrel(db)
    page = await frame(visitor, sort="oldest")
    assert shown(page) == [said[each] for each in ("pilot", "port", "ask", "licence", "insult", "staff", "school")]
    assert 'data-total="6" data-verified="4"' in page.text
    assert "6 comments · 4 from verified people" in words(page)
    levels = [int(level) for level in re.findall(r"<h([1-6])", page.text)]
    assert levels[0] == 1 and all(after <= before + 1 for before, after in pairwise(levels))


async def test_badges_are_words_first_and_say_what_was_checked_and_what_it_does_not_mean(
    db: Database, visitor: Visitor
) -> None:
    await quarrel(db)
    text = words(await frame(visitor))
    assert "Margaret Okafor Verified name – what this means What was checked A real, unique person" in text
    assert "When September 2026 How Through a bank Good until September 2028 What it does not mean:" in text
    assert "Tidewatcher Not verified – what this means This person has not verified, and does not have to." in text


async def test_a_removal_names_its_rule_and_neither_author_nor_text(db: Database, visitor: Visitor) -> None:
    await quarrel(db)
    for show in ("everyone", "fold", "verified"):
        page = await frame(visitor, show=show)
        stub = "A comment was removed by a moderator. House rule 3: Answer the argument and leave the person alone."
        assert stub in words(page)
        assert "You fool" not in page.text


async def test_who_hears_from_verified_people_only_has_no_reply_and_no_button_for_others(
    db: Database, visitor: Visitor
) -> None:
    _, said = await quarrel(db)
    page = await frame(visitor)
    article = page.text.split(f'id="c-{said["licence"]}"')[1].split("</article>")[0]
    assert "Only verified people may reply to this person" in article
    buttons = re.findall(r"<(?:button|a) [^>]*(?:recommend|data-reply)[^>]*>", article)
    assert len(buttons) == 2 and all('data-for="verified" hidden' in button for button in buttons)


async def test_what_people_write_is_never_markup(db: Database, visitor: Visitor) -> None:
    talk = await make_talk(db)
    talk.say(html=f"<p>{html.escape(MARKUP)}</p>", name=MARKUP, kind="name")
    await talk.save(db)
    for path in ("/embed/thread", "/thread"):
        page = await visitor.open(path, params=PLACE | {"show": "fold", "sig": MARKUP, "lang": "xx"})
        assert page.status_code == 200
        assert "<img" not in page.text


async def test_show_more_leads_to_the_next_page_and_its_number_is_honest(db: Database, visitor: Visitor) -> None:
    talk = await make_talk(db)
    for number in range(50):
        talk.say(f"comment {number}")
    await talk.save(db)
    seen: list[str] = []
    page = await frame(visitor)
    for left in ("Show 30 more comments", "Show 10 more comments", None):
        seen += shown(page)
        if left is None:
            break
        assert left in words(page)
        address = attribute(page, r'<a class="cb-button is-wide" href="([^"]+)"')[0]
        page = await visitor.frame(address)
    assert seen == list(reversed(talk.rows))
    assert "cb-button is-wide" not in page.text


async def test_show_more_replies_works_as_a_link_and_as_a_fragment(db: Database, visitor: Visitor) -> None:
    talk = await make_talk(db)
    top = talk.say("question")
    answers = [talk.say(f"answer {number}", under=top) for number in range(27)]
    await talk.save(db)
    page = await frame(visitor)
    assert "Show 22 more replies" in words(page)
    [(href, fragment)] = re.findall(r'<a class="cb-more" href="([^"]+)" hx-get="([^"]+)"', page.text)
    piece = await visitor.fetch(html.unescape(fragment), headers={"HX-Request": "true"})
    assert piece.text.lstrip().startswith("<li>") and shown(piece) == answers[5:25]
    assert "Show 2 more replies" in words(piece)
    assert "public" in piece.headers["cache-control"]
    linked = await visitor.frame(html.unescape(href))
    assert shown(linked) == [top, *answers[5:25]]
    rest = await visitor.fetch(attribute(piece, r'hx-get="([^"]+)"')[0])
    assert shown(rest) == answers[25:]


async def test_a_deep_talk_goes_on_behind_a_link(db: Database, visitor: Visitor) -> None:
    talk = await make_talk(db)
    chain = [talk.say("top")]
    for number in range(7):
        chain.append(talk.say(f"deeper {number}", under=chain[-1]))
    await talk.save(db)
    page = await frame(visitor)
    assert shown(page) == chain[:4]
    assert "Continue this thread: 4 more replies" in words(page)
    deeper = await visitor.frame(attribute(page, r'<p><a class="cb-more" href="([^"]+)"')[0])
    assert shown(deeper) == chain[:7]
    assert "You see one comment and what is around it. Show the whole thread" in words(deeper)


async def test_a_permanent_link_leads_to_the_comment_among_its_neighbours(db: Database, visitor: Visitor) -> None:
    _, said = await quarrel(db)
    answer = await visitor.open(f"/c/{said['ask']}")
    assert answer.status_code == 302
    address = urlsplit(answer.headers["location"])
    assert address.path == "/thread" and address.fragment == f"c-{said['ask']}"
    assert parse_qs(address.query) == {"site": ["gazette"], "url": [ARTICLE], "comment": [said["ask"]]}
    page = await visitor.open(answer.headers["location"])
    assert shown(page) == [said["pilot"], said["port"], said["ask"]]
    assert f'is-focus" id="c-{said["ask"]}"' in page.text


async def test_the_thread_page_is_a_window_that_works_without_scripts(db: Database, visitor: Visitor) -> None:
    _, said = await quarrel(db)
    page = await visitor.open("/thread", params=PLACE)
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "private, no-cache"
    assert f'<a href="{ARTICLE}">Back to the article</a>' in page.text
    tools = re.search(r'<form class="cb-tools" method="get" action="/thread"[^>]*>(.*?)</form>', page.text, re.S)
    assert tools and 'value="verified"' in tools[1] and "Apply" in tools[1]
    assert f'formaction="/comments/{said["pilot"]}/recommend"' in page.text
    assert attribute(page, r'href="([^"]*write=reply[^"]*)" data-reply')[0].startswith("/thread?")
    assert 'target="_blank"' not in page.text.split("cb-viewer")[1].split("cb-list")[0]


async def test_a_reply_is_written_on_a_page_of_its_own_without_scripts(db: Database, visitor: Visitor) -> None:
    _, said = await quarrel(db)
    page = await visitor.open("/thread", params=PLACE | {"comment": said["pilot"], "write": "reply"})
    assert "Your reply to Margaret Okafor" in words(page)
    assert fields(page, "/comments")["parent"] == said["pilot"]


async def test_the_viewers_own_layer_is_private_and_empty_for_strangers(
    db: Database, new_visitor: Callable[..., Visitor]
) -> None:
    await quarrel(db)
    stranger, known = new_visitor(), new_visitor(address="198.51.100.9")
    await Reader(known, "Kestrel").sign_up()
    address = attribute(await frame(stranger), r'hx-get="(/embed/viewer[^"]+)"')[0]
    nobody, somebody = await stranger.fetch(address), await known.fetch(address)
    foreign = await known.fetch(address, headers={"Sec-Fetch-Site": "cross-site"})
    for layer in (nobody, somebody, foreign):
        assert layer.headers["cache-control"] == "private, no-store"
    assert "Sign in and post" in words(nobody) and '"signed_in":false' in nobody.text
    assert "You post as Kestrel" in words(somebody) and '"signed_in":true' in somebody.text
    assert "Kestrel" not in foreign.text, "a script on the paper's page learns nothing"


async def test_held_comments_are_in_the_private_layer_alone(db: Database, visitor: Visitor) -> None:
    await (await make_talk(db, hold_unverified=True)).save(db)
    await Reader(visitor, "Kestrel").sign_up()
    posted = await visitor.submit("/comments", PLACE | {"text": "Waiting words."}, htmx=True)
    assert posted.status_code == 200 and "Held for review." in words(posted)
    assert "Waiting words" not in (await frame(visitor)).text
    layer = await visitor.fetch("/embed/viewer", params=PLACE)
    assert "Held for review. Only you can see this." in words(layer) and "Waiting words." in layer.text
    window = await visitor.open("/thread", params=PLACE)
    assert "Waiting words." in window.text


async def test_a_comment_posted_here_is_on_the_public_page_at_once(db: Database, visitor: Visitor) -> None:
    await quarrel(db)
    await Reader(visitor, "Kestrel").sign_up()
    before = await frame(visitor)
    posted = await visitor.submit("/comments", PLACE | {"text": "Fresh *words*."}, htmx=True)
    assert posted.status_code == 200, posted.text
    assert 'hx-swap-oob="afterbegin:#cb-list"' in posted.text and "<b>7</b> comments" in posted.text
    after = await frame(visitor)
    assert "Fresh <em>words</em>" in after.text and after.headers["etag"] != before.headers["etag"]


async def test_a_refused_post_brings_the_page_back_with_everything_typed(db: Database, visitor: Visitor) -> None:
    _, said = await quarrel(db)
    form = PLACE | {"text": "Typed with care.", "parent": said["pilot"], "sort": "oldest"}
    page = await visitor.submit("/comments", form)
    assert page.status_code == 401
    assert ">Typed with care.</textarea>" in page.text
    assert "Not posted." in words(page) and "Your reply to Margaret Okafor" in words(page)
    gone = await visitor.submit("/comments", form | {"parent": "0" * 16})
    assert ">Typed with care.</textarea>" in gone.text


@pytest.mark.parametrize("lang, direction", [("ar", "rtl"), ("en-GB", "ltr"), ("xx", "ltr"), ("", "ltr")])
async def test_the_page_says_its_language_and_direction(
    db: Database, visitor: Visitor, lang: str, direction: str
) -> None:
    await quarrel(db)
    page = await frame(visitor, lang=lang)
    assert f'dir="{direction}"' in page.text.split(">")[1]


async def test_a_scheme_is_set_by_the_address(db: Database, visitor: Visitor) -> None:
    await quarrel(db)
    assert 'data-theme="dark"' in (await frame(visitor, theme="dark")).text
    assert "data-theme" not in (await frame(visitor, theme="no-such-theme")).text


async def test_scripts_and_styles_are_kept_for_ever_under_their_version(client: httpx.AsyncClient) -> None:
    for name in ("theme.css", "frame.js", "htmx.min.js"):
        answer = await client.get(asset_url(name))
        assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
        assert (await client.get(f"/static/{name}?v=other")).headers["cache-control"] == "public, max-age=300"
    assert (await client.get("/static/nothing.js")).status_code == 404
    assert (await client.get("/static/..%2f..%2fpyproject.toml")).status_code == 404


async def test_the_frame_weighs_less_than_forty_kilobytes(db: Database, client: httpx.AsyncClient) -> None:
    talk = await make_talk(db)
    person = await make_person(db, kind="name")
    for number in range(20):
        talk.say(f"{number}: the swell is not the problem people think it is; the turning is. " * 4, by=person)
    await talk.save(db)

    async def weight(path: str) -> tuple[int, str]:
        async with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
            raw = b"".join([part async for part in answer.aiter_raw()])
        assert answer.headers["content-encoding"] == "gzip"
        return len(raw), gzip.decompress(raw).decode()

    total, page = await weight(f"/embed/thread?site=gazette&url={ARTICLE}")
    for path in set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page)):
        total += (await weight(path))[0]
    assert total < 40_000


async def test_whoever_types_the_servers_address_is_led_on(db: Database, visitor: Visitor) -> None:
    await make_talk(db)
    page = await visitor.open("/")
    assert page.status_code == 200 and "The Harbour Gazette news.localhost:8001" in words(page)
    for path in ("/account", "/choices", "/verification", "/badge", "/decisions"):
        assert f'href="{path}?lang=en"' in page.text


async def test_a_link_to_a_comment_that_is_gone_shows_the_thread_and_says_so(db: Database, visitor: Visitor) -> None:
    talk = await make_talk(db)
    shown = talk.say("The swell is not the problem.")
    held = talk.say("Nobody may read this yet.", state="held", published_at=None)
    await talk.save(db)
    for gone in (held, "0123456789abcdef"):
        framed = await visitor.frame("/embed/thread", params=PLACE | {"comment": gone})
        opened = await visitor.open("/thread", params=PLACE | {"comment": gone})
        assert (framed.status_code, opened.status_code) == (200, 404)
        for page in (framed, opened):
            assert f'id="c-{shown}"' in page.text
            assert "We cannot find this comment. It may have been taken back." in words(page)
            assert "Nobody may read" not in page.text and 'name="text"' in page.text
        answering = await visitor.open("/thread", params=PLACE | {"comment": gone, "write": "quote"})
        assert f'name="parent" value="{gone}"' not in answering.text and "&gt; The swell" not in answering.text

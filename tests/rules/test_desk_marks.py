"""What a moderator sees of a judged text: marks where a rule caught it, domains instead of links, and nothing unescaped."""

import pytest

from commentbox.server.base import markup
from commentbox.server.presenters.desk_marks import caught_words, judged_html
from commentbox.server.sites.rules import Policy

POLICY = Policy(held_words=("crook", "a & b"), blocked_domains=("*.evil.example",))


@pytest.mark.parametrize(
    ("text", "rule", "html"),
    [
        ("That Crook, no crookery.", "words", '<p>That <mark class="cb-hit">Crook</mark>, no crookery.</p>'),
        ("That crook.", "first", "<p>That crook.</p>"),
        ("So a & b it is", "words", '<p>So <mark class="cb-hit">a &amp; b</mark> it is</p>'),
        ("https://news.example/a?b=crook", None, "<p><b>news.example</b></p>"),
        ("[read](https://news.example/x)", None, "<p>read <b>news.example</b></p>"),
        ("https://www.evil.example/x", "domain", '<p><mark class="cb-hit">www.evil.example</mark></p>'),
        ("https://good.example/x", "domain", "<p><b>good.example</b></p>"),
        ("https://good.example/x", "links", '<p><mark class="cb-hit">good.example</mark></p>'),
        ("<script>crook</script>", "words", None),
    ],
)
def test_a_judged_text_shows_what_caught_it_and_leads_nowhere(text: str, rule: str | None, html: str | None) -> None:
    shown = str(judged_html(markup.render(text), rule, POLICY)).strip()
    assert "href" not in shown and "<script" not in shown
    assert html is None or shown == html


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("You cr00k & thief", "cr00k"),
        ("You **cr**00k", '<strong><mark class="cb-hit">cr</mark></strong><mark class="cb-hit">00k</mark>'),
        ("&lt; 5 > cr00k\n\ncr00k", "cr00k"),
        ("a\nb  \n> cr00k", "cr00k"),
    ],
)
def test_a_disguised_word_is_marked_where_it_was_caught_whatever_the_list_says_now(text: str, hit: str) -> None:
    html = markup.render(text)
    start = markup.plain(html).rindex("cr00k")
    kept = [{"rule": "words", "what": "cr00k", "list": "Look", "at": [start, start + 5]}]
    shown = str(judged_html(html, "words", Policy(), kept))
    wanted = hit if "mark" in hit else f'<mark class="cb-hit">{hit}</mark>'
    assert wanted in shown and shown.count("cr00k") == html.count("cr00k")
    assert shown.replace('<mark class="cb-hit">', "").replace("</mark>", "") == html
    assert caught_words([*kept, {"rule": "refusals", "what": "3/5"}]) == (
        "“cr00k” (Look) 3 of the last 5 comments here were refused."
    )


def test_the_addresses_that_were_caught_stay_marked_after_the_list_has_changed() -> None:
    html = markup.render("https://bad.example and https://good.example")
    shown = str(judged_html(html, "domain", Policy(), [{"rule": "domain", "what": "bad.example"}]))
    assert '<mark class="cb-hit">bad.example</mark>' in shown and "<b>good.example</b>" in shown

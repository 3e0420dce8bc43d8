"""What a moderator sees of a judged text: marks where a rule caught it, domains instead of links, and nothing unescaped."""

import pytest

from commentbox.server.base import markup
from commentbox.server.presenters.desk_marks import judged_html
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

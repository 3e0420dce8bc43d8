"""Which addresses are one article, and which tags the paper signed."""

import json

import pytest

from commentbox.server import articles
from commentbox.server.base.errors import Invalid, Refusal
from commentbox.server.sites.addresses import canonical_url, url_key
from commentbox.server.sites.rules import origin_of
from commentbox.server.threads import ArticleRef

SAME = [
    "https://paper.example/harbour",
    "http://paper.example/harbour",
    "https://PAPER.example:443/harbour/",
    "https://paper.example/harbour#comments",
    "https://paper.example/harbour?utm_source=mail&utm_medium=x&fbclid=1",
    "  https://paper.example/harbour  ",
    "https://paper.example/%68arbour",
]


@pytest.mark.parametrize("url", SAME)
def test_scheme_tracking_fragment_and_slash_do_not_split_a_thread(url):
    assert url_key(url) == url_key(SAME[0])


@pytest.mark.parametrize(
    "url",
    [
        "https://paper.example/harbour2",
        "https://paper.example/Harbour",
        "https://paper.example/harbour?page=2",
        "https://other.example/harbour",
        "https://paper.example:8443/harbour",
    ],
)
def test_another_article_is_another_thread(url):
    assert url_key(url) != url_key(SAME[0])


@pytest.mark.parametrize(
    "url",
    [
        "",
        "harbour",
        "javascript:alert(1)",
        "https://",
        "ftp://paper.example/x",
        "https://a:b@paper.example/",
        "http://[::1",
    ],
)
def test_what_is_no_web_address_is_refused(url):
    with pytest.raises(Invalid):
        canonical_url(url)


def test_an_article_needs_an_id_or_an_address_of_bearable_length():
    for bad in ({}, {"article_id": "x" * 201}, {"url": "https://paper.example/" + "x" * 2000}):
        with pytest.raises(Invalid):
            ArticleRef(**bad)


def test_a_tag_is_signed_over_id_and_address_together():
    key = b"k" * 32
    ref = ArticleRef(article_id="42", url="https://paper.example/x")
    sig = articles.signature(key, ref)
    assert articles.check_signature(key, ArticleRef("42", "https://paper.example/x", sig.upper()))
    for wrong in (
        ArticleRef("43", "https://paper.example/x", sig),
        ArticleRef("42", "https://paper.example/y", sig),
        ArticleRef("42", "https://paper.example/x", None),
        ArticleRef("42", "https://paper.example/x", "ünsinn"),
    ):
        assert not articles.check_signature(key, wrong)
    assert not articles.check_signature(b"other", ArticleRef("42", "https://paper.example/x", sig))


def test_no_web_address_of_the_test_suite_crashes_us(shared):
    cases = json.loads((shared / "data/adversarial/url/urltestdata-even.json").read_text("utf-8"))
    for case in cases:
        if not isinstance(case, dict):
            continue
        try:
            canonical = canonical_url(case["input"])
        except Refusal:
            continue
        assert canonical_url(canonical) == canonical, case["input"]
        assert origin_of(canonical).startswith(("http://", "https://"))

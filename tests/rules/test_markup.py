"""Comments' Markdown and imported HTML: what comes out is read by a real HTML parser and held against the allow-list."""

import html
import json
import re
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from commentbox.server.base import markup

VOID = {"br"}
SPOILER = markup.SPOILER
REL = f'rel="{markup.REL}"'
SOON = 4.0  # seconds of this processor for 200,000 characters; without limits it was minutes


class Reader(HTMLParser):
    """Collects what a browser would find that must not be there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in markup.TAGS:
            self.wrong.append(f"tag {tag}")
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if (tag, name) == ("a", "rel") and value == markup.REL:
                continue
            if (tag, name) != ("a", "href") or urlsplit(value or "").scheme not in ("http", "https"):
                self.wrong.append(f"attribute {name}={value} of {tag}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"unbalanced </{tag}>")

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append(f"declaration {decl}")

    def unknown_decl(self, data: str) -> None:
        self.wrong.append(f"declaration {data}")

    def handle_pi(self, data: str) -> None:
        self.wrong.append(f"instruction {data}")


def assert_safe(made: str) -> None:
    reader = Reader()
    reader.feed(made)
    reader.close()
    assert reader.wrong == [], made
    assert reader.open == [], made
    assert made.count("<a ") == made.count(f" {REL}>"), made


def assert_all_ways_safe(text: str) -> None:
    for made in (markup.render(text), markup.clean_html(text), markup.imported_html(text)):
        assert_safe(made)
        markup.plain(made).encode()


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("", ""),
        (" \n \n", ""),
        ("One\nline\n\nTwo", "<p>One<br>\nline</p>\n<p>Two</p>"),
        ("*a* **b** `c<d`", "<p><em>a</em> <strong>b</strong> <code>c&lt;d</code></p>"),
        ("a\n>! *b*\n>! c\n\nd", f"<p>a</p>\n<details>\n{SPOILER}<p><em>b</em><br>\nc</p>\n</details>\n<p>d</p>"),
        (">! a\n>! >! b", f"<details>\n{SPOILER}<p>a</p>\n<blockquote>\n<p>! b</p>\n</blockquote>\n</details>"),
        ("a >! b", "<p>a &gt;! b</p>"),
        ("> said\n> so\n\nNo.", "<blockquote>\n<p>said<br>\nso</p>\n</blockquote>\n<p>No.</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("1986. What a year\n2) no", "<p>1986. What a year<br>\n2) no</p>"),
        ("```python\nif a < b:\n    pass\n```", "<pre><code>if a &lt; b:\n    pass\n</code></pre>"),
        ("    pasted with spaces", "<p>pasted with spaces</p>"),
        ("# no heading\n---", "<p># no heading<br>\n---</p>"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "<p>| a | b |<br>\n|---|---|<br>\n| 1 | 2 |</p>"),
        ("<b>x</b> & <3 \"q\" 'a'", "<p>&lt;b&gt;x&lt;/b&gt; &amp; &lt;3 \"q\" 'a'</p>"),
        ("a\x00b\ud800c\r\nd\u2028e", "<p>abc<br>\nd<br>\ne</p>"),
        ("Fish &amp; chips &copy;", "<p>Fish &amp; chips ©</p>"),
    ],
)
def test_small_markdown_becomes_small_html(text: str, made: str) -> None:
    assert markup.render(text) == made


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("https://bank.example/login", True),
        ("bank.example", True),
        ("*bank*.example", True),
        ("see www.bank.example for more", True),
        ("bank\u200b.example", True),
        ("bank\uff0eexample", True),
        ("(bank.example:443)", True),
        ("https://evil.example@bank.example", True),
        ("https://evil.example/https://bank.example", True),
        ("b\u0430nk.example", True),
        ("my bank", False),
        ("www.evil.example/report.pdf", False),
        ("https://EVIL.example/a?b=bank", False),
        ("3.5 million", False),
    ],
)
def test_a_link_whose_words_show_another_address_says_where_it_leads(words: str, told: bool) -> None:
    made = markup.render(f"[{words}](https://evil.example/x)")
    assert made.count(" (evil.example)</a>") == told, made
    assert_safe(made)
    imported = markup.clean_html(f'<a href="https://evil.example/x">{words.replace("*", "")}</a>')
    assert imported.count(" (evil.example)</a>") == told, imported


def test_an_address_that_was_typed_stands_alone() -> None:
    for typed in (
        "https://a.example/b.pdf",
        "<https://a.example:8080/c.html>",
        "http://B\u00dcCHER.example/x.y",
        "bbc.co.uk",
    ):
        assert " (" not in markup.render(f"See {typed} there.")


@pytest.mark.parametrize(
    ("text", "address", "shown"),
    [
        (
            "see https://example.com/a?b=1&c=2.",
            "https://example.com/a?b=1&amp;c=2",
            "https://example.com/a?b=1&amp;c=2",
        ),
        ("[here](http://example.com 'title')", "http://example.com", "here"),
        ("<https://example.com/>", "https://example.com/", "https://example.com/"),
        ("www.example.de is it", "http://www.example.de", "www.example.de"),
        ("bbc.co.uk says", "http://bbc.co.uk", "bbc.co.uk"),
        ("HTTP://EXAMPLE.COM/A_b_c", "http://example.com/A_b_c", "HTTP://EXAMPLE.COM/A_b_c"),
        ("http://BÜCHER.example", "http://xn--bcher-kva.example", "http://BÜCHER.example"),
        ("[](http://example.com)", "http://example.com", "http://example.com"),
        ("![alt](https://example.com/x.png)", "https://example.com/x.png", "alt"),
        ("http://аррӏе.com", "http://xn--80ak6aa92e.com", "http://аррӏе.com"),
        ("http://xn--80ak6aa92e.com", "http://xn--80ak6aa92e.com", "http://xn--80ak6aa92e.com"),
    ],
)
def test_links_are_marked_as_readers_links_and_show_what_was_typed(text: str, address: str, shown: str) -> None:
    assert f'<a href="{address}" {REL}>{shown}</a>' in markup.render(text)
    assert markup.links(text) == [html.unescape(address)]


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html,hi)",
        "[x](/relative)",
        "[x](//host.example/x)",
        "[x](mailto:a@example.com)",
        "<mailto:a@example.com>",
        "a@example.com",
        "mailto:a@example.com",
        "ftp://example.com/x",
        "http://paper.example@evil.example/",
        "http://user:password@evil.example/",
        "http:///evil",
        "[x](http:evil.example)",
        "the end.It was late",
        "the end.it was late",
        "At 3.5 per cent, e.g. here...",
        "[x]: http://",
    ],
)
def test_nothing_else_is_linked_and_no_text_is_lost(text: str) -> None:
    made = markup.render(text)
    assert "<a" not in made and markup.links(text) == []
    assert markup.plain(made) == html.unescape(text).replace("\\@", "@")


def test_a_link_definition_is_shown_not_swallowed() -> None:
    assert markup.plain(markup.render("[foo]: https://example.com/\n\n[foo]")) == "[foo]: https://example.com/\n\n[foo]"


def test_our_badge_cannot_be_drawn_in_a_comment() -> None:
    badge = '<button class="cb-badge" aria-label="Verified name"><svg viewBox="0 0 9 9"><path d="M0 0"/></svg>Verified</button>'
    for made in (markup.render(badge), markup.clean_html(badge), markup.imported_html(badge)):
        assert_safe(made)
        assert "<svg" not in made and "<button" not in made
    assert markup.clean_html(badge) == "Verified"


@pytest.mark.parametrize(
    ("foreign", "made"),
    [
        ("<p>before<script>alert(1)</script> after</p>", "<p>before after</p>"),
        ("<b>a</b> <I>b</I>", "<strong>a</strong> <em>b</em>"),
        ("<div>one</div><div>two</div>", "one<br>two"),
        ('<p class="x" onclick="y()" style="z">t</p>', "<p>t</p>"),
        ('<a href="/rel">r</a> <a href="javascript:x">j</a>', "r j"),
        (
            '<a href="https://example.com/?a&b" rel="me" target="_blank">e</a>',
            f'<a href="https://example.com/?a&amp;b" {REL}>e</a>',
        ),
        ("<img src=x onerror=alert(1)><iframe src=//x>no</iframe>t", "t"),
        ("a <!-- hidden --> b", "a  b"),
        ("<p></p><p>x</p><p> <em></em> </p>", "<p>x</p>"),
        ("5 < 6 && 7 > 2", "5 &lt; 6 &amp;&amp; 7 &gt; 2"),
        ("<blockquote><p>q</p></blockquote>", "<blockquote><p>q</p></blockquote>"),
    ],
)
def test_imported_html_keeps_its_harmless_part(foreign: str, made: str) -> None:
    assert markup.clean_html(foreign) == made


def test_old_comments_with_plain_line_breaks_get_their_paragraphs() -> None:
    old = "One\nline\n\nTwo <strong>x</strong>\n\n<blockquote>quoted</blockquote>\n\nThree"
    made = "<p>One<br>\nline</p><p>Two <strong>x</strong></p><blockquote>quoted</blockquote>Three"
    assert markup.imported_html(old) == made
    assert markup.plain(made) == "One\nline\n\nTwo x\n\nquoted\n\nThree"
    assert markup.imported_html("<p>Already\nlaid out</p>") == "<p>Already\nlaid out</p>"


def test_plain_gives_the_text_and_keeps_the_shape_of_code() -> None:
    text = "A *b*\nc\n\n- one\n- two\n\n```\nif x:\n    y < z\n```\n\n> q"
    assert markup.plain(markup.render(text)) == "A b\nc\n\none\ntwo\n\nif x:\n    y < z\n\nq"


def test_quotes_deeper_than_anyone_needs_are_shown_plain_and_whole() -> None:
    for text in ("> " * 30 + "deep", "- " * 30 + "deep", "> " * 500 + "deep"):
        made = markup.render(text)
        assert_safe(made)
        assert "deep" in made
        assert made.count("<blockquote>") + made.count("<ul>") < markup.MAX_NESTING
    assert "<blockquote>" in markup.render("> " * 5 + "deep")


NASTY = {
    "quotes": "> " * 50_000,
    "quote lines": "> a\n" * 25_000,
    "stars": "*a **b " * 15_000,
    "star run": "*" * 100_000,
    "star and underscore": "*_" * 10_000,
    "brackets": "[" * 100_000,
    "bracket pairs": "[a](" * 5_000,
    "bracket towers": "[[[[a](b)" * 2_222,
    "backticks": " ".join("`" * count for count in range(190)),
    "list": "\n".join(" " * depth + "- a" for depth in range(190)),
    "addresses": "http://" * 2_850,
    "autolinks": "<http://" * 2_500,
    "hosts": "a.com " * 3_330,
    "dots": "." * 19_000 + "com",
    "parentheses": "http://a.com/" + "(" * 19_000,
    "angle brackets": "<a" * 10_000,
    "entities": "&a" * 10_000,
    "fences": "~~~\n" * 5_000,
    "bold": "<b>" * 60_000,
    "bold and brackets": "<b>" * 101 + "<" * 199_000,
    "blockquotes": "<blockquote>" * 16_000,
    "lists": "<ul><li>" * 20_000,
    "tables": "<table><tr><td>" * 13_000,
    "wrong nesting": "<b><i></b></i>" * 14_000,
    "paragraphs and bold": "<p><b>" * 30_000,
    "empty": "<p>" * 30_000 + "</p>" * 20_000,
    "spaces": "a" + " " * 199_000 + "b",
    "comments": "<!--" * 50_000,
    "tag ends": "</div" + " " * 199_000,
    "newlines": "a\n\n" * 60_000,
}


@pytest.mark.parametrize("name", NASTY)
def test_no_input_keeps_the_parser_busy(name: str) -> None:
    for way in (markup.render, markup.clean_html, markup.imported_html):
        for text in (NASTY[name], NASTY[name][: markup.MAX_MARKDOWN]):
            began = time.process_time()
            made = way(text)
            markup.plain(made)
            assert time.process_time() - began < SOON, (name, way)
            assert_safe(made)


WORDS = r"""a Hello, you. end.It www. :// http://x.yz # > - + 1. 2) * ** _ ` ``` ~~~ [a] ]( ) ! < > & &amp; &#38; \ | --- ===
" ' <b> </p> <br> <script> javascript: é 李 ü. \* &nbsp; <!-- --> ]]> <a/href=x> ="
"""
SPACES = [
    " ",
    "  ",
    "    ",
    "\n",
    "\n\n",
    " \n",
    "\n ",
    "\u00a0",
    "\u3000",
    "\u200b",
    "\u202e",
    "\t",
    "\r\n",
    "\x85",
    "\x1c",
]
PIECES = st.sampled_from([*WORDS.split(), *SPACES])
TEXTS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=25).map("".join))


@given(TEXTS)
@example("a\n\u3000\nb")
@example("\u00a0\n\nx")
@settings(max_examples=600, deadline=None)
def test_the_fast_path_gives_what_the_parser_gives(text: str) -> None:
    tidy = markup._printable(text)
    if not markup._NEEDS_PARSER.search(tidy):
        assert markup._paragraphs(tidy) == markup._parsed(tidy)


@given(TEXTS)
@settings(max_examples=600, deadline=None)
def test_any_text_comes_out_safe_and_stays_the_same_when_cleaned_again(text: str) -> None:
    assert_all_ways_safe(text)
    clean = markup.clean_html(text)
    assert markup.clean_html(clean) == clean


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Zs", "Cn"]), max_size=60))
@settings(deadline=None)
def test_text_without_markup_comes_back_as_it_was(text: str) -> None:
    if not markup._NEEDS_PARSER.search(text):
        assert markup.plain(markup.render(text)) == text


def payloads(shared: Path) -> list[str]:
    folder = shared / "data/adversarial/xss"
    found = [case["payload"] for case in json.loads((folder / "dompurify-expect.json").read_text("utf-8"))]
    for name in ("bleach-cases.json", "html5lib-sanitizer-tests1.json"):
        found += [case["input"] for case in json.loads((folder / name).read_text("utf-8"))]
    sheet = (folder / "owasp-XSS_Filter_Evasion_Cheat_Sheet.md").read_text("utf-8")
    return found + re.findall(r"```\w*\n(.*?)```", sheet, re.DOTALL) + sheet.splitlines() + [sheet]


@pytest.mark.shared
def test_no_known_attack_survives(shared: Path) -> None:
    found = payloads(shared)
    assert len(found) > 800
    for payload in found:
        assert_all_ways_safe(payload)
        assert_all_ways_safe(f"[x]({payload})")
        assert_all_ways_safe(f'<a href="{payload}">x</a>')


@pytest.mark.shared
def test_every_example_of_the_commonmark_specification_comes_out_safe(shared: Path) -> None:
    examples = json.loads((shared / "data/adversarial/commonmark/spec-examples.json").read_text("utf-8"))
    assert len(examples) > 600
    for each in examples:
        assert_all_ways_safe(each["markdown"])
        assert_safe(markup.clean_html(each["html"]))


@pytest.mark.shared
def test_addresses_in_text_are_found_as_the_reference_finds_them(shared: Path) -> None:
    folder = shared / "data/adversarial/linkify"
    for line in (folder / "links.txt").read_text("utf-8").splitlines():
        assert_all_ways_safe(line)
    for line in (folder / "not_links.txt").read_text("utf-8").splitlines():
        text = line.partition("%")[0].strip()
        assert_safe(markup.render(text))
        assert markup.links(text) == [] or text.startswith(("_http", "//")), text


@pytest.mark.shared
def test_real_comments_come_out_safe_and_with_all_their_words(shared: Path) -> None:
    lines = (shared / "data/corpora/fox-threads-A.jsonl").read_text("utf-8").splitlines()
    texts = [record["text"] for line in lines if "text" in (record := json.loads(line))]
    assert len(texts) > 800
    for text in texts:
        made = markup.render(text)
        assert_safe(made)
        assert set(re.findall(r"\w+", text)) - set(re.findall(r"\w+", markup.plain(made))) == set(), text


def test_only_we_fold_away() -> None:
    foreign = "<details open><summary>Verified name</summary>words</details>"
    assert markup.clean_html(foreign) == "Verified namewords"
    assert "<details>" not in markup.render(foreign)
    assert markup.without_spoilers(markup.render("a\n>! b\n\nc")) == "<p>a</p>\n … \n<p>c</p>"

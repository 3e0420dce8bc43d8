"""Text to safe HTML: small Markdown for comments, cleaning for imported HTML, and the way back to text.

Whatever goes in, what comes out has the tags of `TAGS`, `href` (http or https) and `rel`, and nothing else: no class,
no picture, no mark of ours can be imitated in a comment. Called by comments, transfer and screening.
"""

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import nh3
from linkify_it import LinkifyIt  # type: ignore[import-untyped]
from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.rules_block import StateBlock, list_block

FOREIGN_TAGS = frozenset({"p", "br", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a"})
TAGS = FOREIGN_TAGS | {"details", "summary"}  # of our own making only, around what an author folds away
SPOILER = "<summary>Spoiler</summary>"
"""What stands on a fold, in every stored text; whoever shows it puts the reader's word in its place."""
REL = "ugc nofollow noopener"

MAX_MARKDOWN = 20_000  # longer text is shown as plain paragraphs, so that no input can keep the parser busy
MAX_HTML = 200_000  # the same for imported HTML
MAX_NESTING = 20  # nobody quotes deeper; beyond it the parser would drop text, so we show the text plain

_MOST = (("[", 500), ("://", 200))  # more than any comment has; the parser needs a second for some thousands
MAX_OPEN = 100  # tags open at once in imported HTML: the cleaner's time grows with the cube of them

_DROPPED_WITH_CONTENT = frozenset(
    {"script", "style", "template", "iframe", "object", "noscript", "svg", "math", "title"}
)
_RULES = ["blockquote", "fence", "list", "autolink", "backticks", "emphasis", "entity", "escape", "link", "newline"]
_LINKABLE = re.compile(r"https?://[^\s/?#@\\]+(?:[/?#][^\s]*)?", re.IGNORECASE)  # no user:password@, it is for deceit
_SCHEME_AND_HOST = re.compile(r"^\w+://[^\s/?#]*")

# Top-level domains that are words too: in "the end.it was late" a space is missing, and nothing is linked.
_WORDS = frozenset("am as at be by do er es id il im in is it la ma me my ne no se si so to us".split())  # noqa: SIM905

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
_NEEDS_PARSER = re.compile(
    r"[*_`\\\t]|\]\(|://|&[#a-z]|<[a-z]|\S\.[^\W\d_]|^ *(?:>|[-+](?: |$)|\d+[.)](?: |$)|~~~)",
    re.IGNORECASE | re.MULTILINE,
)
_SPOILED = re.compile(r"<details>.*?</details>", re.DOTALL)
_SPACES = re.compile(r"[ \n]+")
_TOO_BLANK = re.compile(r"\n{3,}")
_LINE_BREAK = re.compile(r"\n *")
_BLANK_LINES = re.compile(r"\n(?: *\n)+")

_TAG = re.compile(r"(<[^<>]*>)")
_TAG_NAME = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
_CLOSED_BY_ITSELF = frozenset("area base br col embed hr img input li link meta p param source track wbr".split())  # noqa: SIM905
_HREF = re.compile(r'<a href="([^"]*)"')
_LINK_WITHOUT_TARGET = re.compile(rf'<a rel="{REL}">(.*?)</a>', re.DOTALL)
_LINK_WITHOUT_TEXT = re.compile(r'(<a href="([^"]*)" rel="[^"]*">)\s*</a>')
_LINK = re.compile(r'(<a href="([^"]*)" rel="[^"]*">)(.*?)</a>', re.DOTALL)
_LIKE_A_HOST = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}(?::\d+)?")
_EMPTY = re.compile(r"<(p|em|strong|li|ul|ol|blockquote)>\s*</\1>")
_RENAMED = {"b": "strong", "i": "em", "cite": "em"}
_RENAMED_TAG = re.compile(r"<(/?)(b|i|cite)(?=[\s>])", re.IGNORECASE)
_BLOCK_END = re.compile(r"</(?:div|h[1-6]|tr|table|section|article|dt|dd|figcaption)\s*>(?!\s*$)", re.IGNORECASE)
_LAID_OUT = re.compile(r"<(?:p|br|div)[\s/>]", re.IGNORECASE)
_AROUND_BLOCKS = re.compile(r"\s{0,9}(</?(?:blockquote|ul|ol|li|pre)\b[^<>]*>)\s{0,9}", re.IGNORECASE)


def render(text: str) -> str:
    """Give the safe HTML of a comment written in small Markdown. A single line break stays one."""
    text = _printable(text)
    if len(text) > MAX_MARKDOWN or any(text.count(mark) > most for mark, most in _MOST):
        return _paragraphs(text)
    if not _NEEDS_PARSER.search(text):
        return _paragraphs(text)
    return _parsed(text)


def links(text: str) -> list[str]:
    """Give the addresses that a comment's text links to, in reading order, as often as they stand there."""
    return links_in(render(text))


def links_in(clean: str) -> list[str]:
    """Give the addresses in HTML that `render` or `clean_html` made."""
    return [html.unescape(address) for address in _HREF.findall(clean)]


def host_of(address: str) -> str:
    """Give the host of an address, or of a bare domain, as it stands in links: lower case, punycode; else ""."""
    typed = address.strip() if "//" in address else f"http://{address.strip()}"
    try:
        return (urlsplit(_normal(typed)).hostname or "").strip(".")
    except ValueError:
        return ""


def clean_html(markup: str) -> str:
    """Give the safe part of foreign HTML. Scripts go with their content, the text around them stays."""
    markup = _printable(markup)
    if len(markup) > MAX_HTML or _most_open(markup) > MAX_OPEN:
        return _paragraphs(html.unescape(_TAG.sub(" ", markup)))
    markup = _RENAMED_TAG.sub(lambda found: f"<{found[1]}{_RENAMED[found[2].lower()]}", markup)
    clean = _FOREIGN_CLEANER.clean(_BLOCK_END.sub("<br>", markup))
    clean = _LINK_WITHOUT_TARGET.sub(r"\1", clean)
    while clean != (clean := _EMPTY.sub("", clean)):
        pass
    return _told(clean).strip() if _most_open(clean) <= MAX_NESTING else _paragraphs(plain(clean))


def imported_html(text: str) -> str:
    """Give the safe HTML of an old comment, with paragraphs where the old system kept plain line breaks (WordPress)."""
    text = _printable(text).strip()
    if _LAID_OUT.search(text) or len(text) > MAX_HTML:
        return clean_html(text)
    text = _BLANK_LINES.sub("</p><p>", _AROUND_BLOCKS.sub(r"\1", text)).replace("\n", "<br>\n")
    return clean_html(f"<p>{text}</p>")


def without_spoilers(clean: str) -> str:
    """Give HTML that `render` made without what its author folded away."""
    return _SPOILED.sub(" … ", clean)


def plain(markup: str) -> str:
    """Give the text of HTML that `render` or `clean_html` made: blank lines between paragraphs, no markup."""
    text, in_code = [""], False
    for piece in _TAG.split(markup):
        if piece.startswith("<"):
            in_code = piece == "<pre>" or (in_code and piece != "</pre>")
            piece = _BREAKS.get(piece, "")
        elif not in_code:
            piece = _flowing(piece, begins_line=text[-1].endswith("\n"))
        if piece:
            text.append(piece)
    lines = (line.rstrip() for line in html.unescape("".join(text)).split("\n"))
    return _TOO_BLANK.sub("\n\n", "\n".join(lines)).strip()


_BREAKS = {"<br>": "\n", "</li>": "\n"} | dict.fromkeys(
    ("</p>", "</blockquote>", "</pre>", "</ul>", "</ol>", "</summary>", "</details>"), "\n\n"
)


def _flowing(text: str, *, begins_line: bool) -> str:
    """Undo the line breaks of the source, which HTML shows as spaces, and at the beginning of a line not at all."""
    text = _SPACES.sub(" ", text)
    return text.lstrip(" ") if begins_line else text


def _printable(text: str) -> str:
    """Give the text with one kind of line end, without control characters and spaces at line ends."""
    text = _UNPRINTABLE.sub("", _LINE_ENDS.sub("\n", text))
    return "\n".join(line.rstrip() for line in text.split("\n"))


def _paragraphs(text: str) -> str:
    """Give plain text as the parser would, at a hundredth of its cost."""
    blocks = (block.strip() for block in _BLANK_LINES.split(html.escape(text, quote=False)))
    made = "\n".join("<p>" + _LINE_BREAK.sub("<br>\n", block) + "</p>" for block in blocks if block)
    return made.replace("\xa0", "&nbsp;")


def _parsed(text: str) -> str:
    tokens = _MARKDOWN.parse(text)
    if any(token.level >= MAX_NESTING - 1 for token in tokens):
        return _paragraphs(text)
    made = _CLEANER.clean(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})).strip()
    return _told(_LINK_WITHOUT_TEXT.sub(r"\1\2</a>", made))  # nobody hides a link in nothing: it shows its address


def _told(clean: str) -> str:
    """Say after a link's words where it leads, where they look like an address elsewhere: people trust what looks like one."""
    return _LINK.sub(_with_host, clean)


def _with_host(link: re.Match[str]) -> str:
    opening, address, words = link.groups()
    host = host_of(html.unescape(address))
    if all(shown.removeprefix("www.") == host.removeprefix("www.") for shown in _hosts_shown(words)):
        return link[0]
    return f"{opening}{words} ({html.escape(host)})</a>"


def _hosts_shown(words: str) -> Iterator[str]:
    """Give the hosts that a link's words show to an eye, which sees no zero-width letters and takes wide dots for dots."""
    seen = unicodedata.normalize("NFKC", html.unescape(_TAG.sub("", words)))
    for word in "".join(letter for letter in seen if unicodedata.category(letter) != "Cf").split():
        _, scheme, after = word.rpartition("://")
        if scheme:
            yield host_of(f"http://{after}")
        elif found := _LIKE_A_HOST.search(word.partition("/")[0]):
            yield host_of(found[0])


def _most_open(markup: str) -> int:
    """Count the tags that are open at once, at most, without the ones that HTML closes by itself."""
    opened: Counter[str] = Counter()
    now = most = 0
    for closing, name in _TAG_NAME.findall(markup):
        if (tag := name.lower()) in _CLOSED_BY_ITSELF or (closing and not opened[tag]):
            continue
        step = -1 if closing else 1
        opened[tag] += step
        now += step
        most = max(most, now)
    return most


def _may_link(address: str) -> bool:
    return _LINKABLE.fullmatch(address) is not None


def _link_target(_tag: str, attribute: str, value: str) -> str | None:
    if attribute == "rel":
        return REL
    if not _may_link(value.strip()):
        return None
    return value.strip().replace("<", "%3C").replace(">", "%3E")


class _MeantLinks(LinkifyIt):
    """Finds addresses in text, and leaves out what only looks like one because a space is missing."""

    def match(self, text: str) -> list[Any]:
        return [found for found in super().match(text) or [] if found.schema or _is_meant(found.text)]


def _is_meant(address: str) -> bool:
    host, slash, _path = address.partition("/")
    ending = host.rpartition(".")[2]
    return bool(slash) or host.lower().startswith("www.") or (ending.islower() and ending not in _WORDS)


def _lists_from_one(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Make lists as Markdown does, but only numbered from 1: "1986. What a year" must keep its number."""
    line = state.src[state.bMarks[start_line] + state.tShift[start_line] : state.eMarks[start_line]]
    number = re.match(r"\d+", line)
    is_list = silent or number is None or int(number[0]) == 1
    return is_list and list_block(state, start_line, end_line, silent)


def _spoilers(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Fold away lines that begin with ">!". What is folded is small Markdown too, but has no fold in it."""
    lines, line = [], start_line
    while line < end_line and state.sCount[line] >= state.blkIndent:
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
        if not text.startswith(">!"):
            break
        lines.append(text[2:].removeprefix(" "))
        line += 1
    if not lines or _FOLDED in state.env:
        return False
    if silent:
        return True
    state.push("details_open", "details", 1)
    state.push("html_block", "", 0).content = SPOILER
    state.md.block.parse("\n".join(lines), state.md, {**state.env, _FOLDED: True}, state.tokens)
    state.push("details_close", "details", -1)
    state.line = line
    return True


_FOLDED = "is in a fold"


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"breaks": True, "linkify": True, "maxNesting": MAX_NESTING})
    parser.enable([*_RULES, "linkify"])
    parser.inline.ruler2.enable(["balance_pairs", "emphasis", "fragments_join"])
    parser.block.ruler.at("list", _lists_from_one, {"alt": ["paragraph", "blockquote"]})
    parser.block.ruler.before("blockquote", "spoiler", _spoilers, {"alt": ["paragraph", "blockquote", "list"]})
    finder = _MeantLinks(options={"fuzzy_email": False})
    for schema in ("ftp:", "//", "mailto:"):
        finder.add(schema, None)
    parser.linkify = finder
    parser.validateLink = _may_link  # type: ignore[method-assign, assignment]
    parser.normalizeLink = _normal  # type: ignore[method-assign, assignment]
    parser.normalizeLinkText = _as_typed  # type: ignore[method-assign]
    return parser


def _normal(address: str) -> str:
    """Give an address with scheme and host in small letters, in ASCII: browsers would do it, but punycode cannot."""
    return normalizeLink(_SCHEME_AND_HOST.sub(lambda found: found[0].lower(), address))


def _as_typed(link: str) -> str:
    """Show an address as it was typed: decoding it could make one host look like another."""
    return link


def _make_cleaner(tags: frozenset[str]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(tags),
        clean_content_tags=set(_DROPPED_WITH_CONTENT),
        attributes={"a": {"href"}},
        attribute_filter=_link_target,
        url_schemes={"http", "https"},
        link_rel=REL,
    )


_MARKDOWN = _make_parser()
_CLEANER = _make_cleaner(TAGS)
_FOREIGN_CLEANER = _make_cleaner(FOREIGN_TAGS)

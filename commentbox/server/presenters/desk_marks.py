"""A judged text as a moderator reads it: what caught it is marked, and links are domains that lead nowhere."""

import html as entities
import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from markupsafe import Markup, escape

from commentbox.server.base import markup
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.markup import host_of
from commentbox.server.screening.words import found_in
from commentbox.server.sites.rules import Policy

_LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.S)
_TAG = re.compile(r"(<[^>]*>)")
_CHAR = re.compile(r"&#?\w+;|.", re.S)
Span = tuple[int, int]
Kept = Sequence[dict[str, Any]] | None
"""What was kept of what screening caught (`Comment.caught`); None for comments of earlier releases, too."""


def judged_html(html: str, hold_rule: str | None, policy: Policy, caught: Kept = None) -> Markup:
    """Give a comment's HTML (ours, already safe) with marks where a rule caught it; no link can be followed by accident.

    Marks stand where they stood when it was posted; for a comment of which nothing was kept, where the list would have them now.
    """
    spans = [(each["at"][0], each["at"][1]) for each in caught or () if each.get("at")]
    if not caught and hold_rule == "words":
        spans = [(each.start, each.end) for each in found_in(markup.plain(html), policy.word_lists)]
    blocked = [each["what"] for each in caught or () if each["rule"] == "domain"] or policy.blocked_domains
    marked = _marked(html, spans) if spans else html
    return Markup(_LINK.sub(lambda found: _domain(found, hold_rule, blocked), marked))


def caught_words(caught: Kept) -> str:
    """Say what was caught and by which list, or how much of what; '' where nothing was kept."""
    said = []
    for each in caught or ():
        if each["rule"] == "refusals":
            refused, of = each["what"].split("/")
            said.append(_("%(refused)s of the last %(of)s comments here were refused.", refused=refused, of=of))
        elif each["rule"] == "score":
            said.append(_("Score %(figure)s.", figure=each["what"]))
        elif each["rule"] == "words":
            said.append(f"“{each['what']}” ({each['list']})")
    return " ".join(dict.fromkeys(said))


def _domain(found: re.Match[str], hold_rule: str | None, blocked: Iterable[str]) -> str:
    """Say a link as its text, where that is not the address itself, and the domain it leads to."""
    host = host_of(found[1])
    words = "" if "://" in found[2] or found[2] == host else f"{found[2]} "
    caught = hold_rule == "links" or (hold_rule == "domain" and _is_blocked(host, blocked))
    return f"{words}{_hit(str(escape(host))) if caught else f'<b>{escape(host)}</b>'}"


def _is_blocked(host: str, blocked: Iterable[str]) -> bool:
    plain = (domain.strip().lstrip("*.").lower() for domain in blocked)
    return any(host == domain or host.endswith(f".{domain}") for domain in plain if domain)


def _marked(html: str, spans: Iterable[Span]) -> str:
    """Mark places of the plain text in its HTML. Both have the same characters in the same order, but for white space."""
    plain = markup.plain(html)
    inked = [0]
    for char in plain:
        inked.append(inked[-1] + (not char.isspace()))
    hit = {ink for start, end in spans for ink in range(*(inked[min(each, len(plain))] for each in (start, end)))}
    pieces, ink = [], 0
    for piece in _TAG.split(html):
        if piece.startswith("<"):
            pieces.append(piece)
            continue
        chars = []
        for char in _CHAR.findall(piece):
            blank = entities.unescape(char).isspace()
            chars.append((ink in hit and (not blank or ink - 1 in hit), char))
            ink += not blank
        runs = groupby(chars, key=lambda each: each[0])
        pieces += [
            _hit(text) if is_hit else text for is_hit, run in runs if (text := "".join(char for _hits, char in run))
        ]
    return "".join(pieces)


def _hit(text: str) -> str:
    return f'<mark class="cb-hit">{text}</mark>'

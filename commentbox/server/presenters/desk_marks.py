"""A judged text as a moderator reads it: what caught it is marked, and links are domains that lead nowhere."""

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

from commentbox.server.base.markup import host_of
from commentbox.server.sites.rules import Policy

_LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.S)
_TAG = re.compile(r"(<[^>]*>)")


def judged_html(html: str, hold_rule: str | None, policy: Policy) -> Markup:
    """Give a comment's HTML (ours, already safe) with marks where a rule caught it; no link can be followed by accident."""
    bare = _LINK.sub(lambda found: _domain(found, hold_rule, policy), html)
    return Markup(_marked(bare, policy.held_words)) if hold_rule == "words" else Markup(bare)


def _domain(found: re.Match[str], hold_rule: str | None, policy: Policy) -> str:
    """Say a link as its text, where that is not the address itself, and the domain it leads to."""
    host = host_of(found[1])
    words = "" if "://" in found[2] or found[2] == host else f"{found[2]} "
    caught = hold_rule == "links" or (hold_rule == "domain" and _is_blocked(host, policy.blocked_domains))
    return f"{words}{_hit(host) if caught else f'<b>{escape(host)}</b>'}"


def _is_blocked(host: str, blocked: Iterable[str]) -> bool:
    plain = (domain.strip().lstrip("*.").lower() for domain in blocked)
    return any(host == domain or host.endswith(f".{domain}") for domain in plain if domain)


def _marked(html: str, words: Iterable[str]) -> str:
    """Mark a list's words in the text between the tags, as whole words, whatever their case."""
    listed = [re.escape(str(escape(word.strip()))) for word in words if word.strip()]
    if not listed:
        return html
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(listed)})(?!\w)", re.IGNORECASE)
    pieces = _TAG.split(html)
    return "".join(each if each.startswith("<") else pattern.sub(lambda hit: _hit(hit[0]), each) for each in pieces)


def _hit(text: str) -> str:
    return f'<mark class="cb-hit">{text}</mark>'

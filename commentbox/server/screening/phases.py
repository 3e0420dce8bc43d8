"""The phases of screening. Each looks at one thing and gives the code of the rule that holds a draft, or None."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from commentbox.server.base.errors import Conflict, Invalid, TooMany, TooMuch
from commentbox.server.screening.drafts import Draft, Facts
from commentbox.server.screening.policy import ScreeningPolicy


def length(draft: Draft, _facts: Facts, policy: ScreeningPolicy) -> None:
    """Refuse a text without anything to see in it, and one that is too long."""
    if not any(letter.isprintable() and not letter.isspace() for letter in draft.text):
        raise Invalid("comment.empty")
    if len(draft.text) > policy.max_length:
        raise TooMuch("comment.too_long", limit=policy.max_length, length=len(draft.text))


def duplicate(draft: Draft, facts: Facts, _policy: ScreeningPolicy) -> None:
    """Refuse the same words by the same person within the hour."""
    if draft.text_hash in facts.recent_hashes:
        raise Conflict("comment.duplicate")


def rate(draft: Draft, facts: Facts, policy: ScreeningPolicy) -> None:
    """Refuse more comments in an hour than the writer's tier allows."""
    verified = draft.tier == "verified"
    at_most = policy.posts_per_hour_verified if verified else policy.posts_per_hour_unverified
    if facts.posts_last_hour >= at_most:
        raise TooMany("comment.too_many", limit=at_most, seconds=facts.hour_opens_in)


def guest(draft: Draft, _facts: Facts, _policy: ScreeningPolicy) -> str | None:
    """Hold every comment by somebody without an account."""
    return "guest" if draft.is_guest else None


def words(draft: Draft, _facts: Facts, policy: ScreeningPolicy) -> str | None:
    """Hold a text with one of the site's words in it, as a word of its own and not inside another."""
    return "words" if policy.held_words and _pattern(policy.held_words).search(draft.text.casefold()) else None


def domains(draft: Draft, _facts: Facts, policy: ScreeningPolicy) -> str | None:
    """Hold a link to one of the site's blocked domains or anything below it."""
    blocked = tuple(domain.lower().strip(".") for domain in policy.blocked_domains)
    return "domain" if any(_is_below(_host(link), domain) for link in draft.links for domain in blocked) else None


def links(draft: Draft, _facts: Facts, policy: ScreeningPolicy) -> str | None:
    """Hold a text with more links than the writer's tier may use unseen."""
    verified = draft.tier == "verified"
    free = policy.links_before_hold_verified if verified else policy.links_before_hold_unverified
    return "links" if len(draft.links) > free else None


def first_comments(_draft: Draft, facts: Facts, policy: ScreeningPolicy) -> str | None:
    """Hold the first comments of an account."""
    return "first" if facts.posts_before < policy.hold_first_n else None


def unverified(draft: Draft, _facts: Facts, policy: ScreeningPolicy) -> str | None:
    """Hold comments of unverified people where the site looks at all of them."""
    return "unverified" if policy.hold_unverified and draft.tier != "verified" else None


def _host(link: str) -> str:
    try:
        return (urlsplit(link).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def _is_below(host: str, domain: str) -> bool:
    return bool(domain) and (host == domain or host.endswith("." + domain))


@lru_cache(maxsize=32)
def _pattern(listed: tuple[str, ...]) -> re.Pattern[str]:
    """Give one alternation of escaped words: linear to search, whatever an admin typed."""
    escaped = (r"\s+".join(map(re.escape, each.casefold().split())) for each in listed)
    return re.compile(r"(?<!\w)(?:" + "|".join(filter(None, escaped)) + r")(?!\w)")

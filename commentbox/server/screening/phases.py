"""The phases of screening. Each looks at one thing and gives the code of the rule that holds a draft, or None."""

import unicodedata
from functools import lru_cache

from commentbox.server.base.errors import Conflict, Forbidden, Invalid, TooMany, TooMuch
from commentbox.server.base.markup import host_of
from commentbox.server.screening.drafts import Draft, Facts
from commentbox.server.screening.policy import ScreeningPolicy
from commentbox.server.screening.words import first_found

_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffd")  # letters and symbols without ink
_MARKUP = frozenset(">*+-#`~")
_EMPHASIS = dict.fromkeys(map(ord, "*_\\"))


def length(draft: Draft, _facts: Facts, policy: ScreeningPolicy) -> None:
    """Refuse a text without anything to see in it, and one that is too long."""
    if not any(map(_is_visible, draft.text)):
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


def rate_here(draft: Draft, facts: Facts, policy: ScreeningPolicy) -> None:
    """Refuse more comments in an hour than this thread takes from one person of the writer's tier."""
    at_most = of_tier(policy, "posts_per_hour_thread", draft.tier)
    if facts.posts_last_hour_here >= at_most:
        raise TooMany("comment.too_many_here", limit=at_most, seconds=facts.hour_opens_in_here)


def slow(draft: Draft, facts: Facts, policy: ScreeningPolicy) -> None:
    """Refuse a comment sooner after the writer's last one in this thread than slow mode allows."""
    since, pause = facts.seconds_since_here, of_tier(policy, "slow_seconds", draft.tier)
    if since is not None and since < pause:
        raise TooMany("comment.too_soon", limit=pause, seconds=pause - since)


def age(draft: Draft, facts: Facts, policy: ScreeningPolicy) -> None:
    """Refuse comments of accounts younger than their tier must be here."""
    old, needed = facts.account_age_seconds, of_tier(policy, "min_age_minutes", draft.tier) * 60
    if old is not None and old < needed:
        raise Forbidden("comment.too_young", seconds=needed - old)


def of_tier(policy: ScreeningPolicy, name: str, tier: str) -> int:
    """Give the bound of a policy that holds for a tier."""
    return int(getattr(policy, f"{name}_{tier}"))


def guest(draft: Draft, _facts: Facts, _policy: ScreeningPolicy) -> str | None:
    """Hold every comment by somebody without an account."""
    return "guest" if draft.is_guest else None


def outside(_draft: Draft, facts: Facts, _policy: ScreeningPolicy) -> str | None:
    """Hold what outside help asked a person to look at."""
    return facts.outside


def words(draft: Draft, _facts: Facts, policy: ScreeningPolicy) -> str | None:
    """Hold a text with one of the site's words in it, as a word of its own and not inside another."""
    if not policy.held_words:
        return None
    shown = draft.text.translate(_EMPHASIS)  # "wo**rd**" reads as one word
    return "words" if first_found(draft.text, policy.held_words) or first_found(shown, policy.held_words) else None


def domains(draft: Draft, _facts: Facts, policy: ScreeningPolicy) -> str | None:
    """Hold a link to one of the site's blocked domains or anything below it."""
    if not policy.blocked_domains:
        return None
    blocked, hosts = map(_plain_host, policy.blocked_domains), {host_of(link) for link in draft.links}
    return "domain" if any(_is_below(host, domain) for domain in blocked for host in hosts) else None


def links(draft: Draft, _facts: Facts, policy: ScreeningPolicy) -> str | None:
    """Hold a text with more links than the writer's tier may use unseen."""
    verified = draft.tier == "verified"
    free = policy.links_before_hold_verified if verified else policy.links_before_hold_unverified
    written_out = draft.text.count("://")  # addresses that were too many, or too strange, to become links
    return "links" if max(len(draft.links), written_out) > free else None


def score(_draft: Draft, facts: Facts, policy: ScreeningPolicy) -> str | None:
    """Hold a text that a classifier scored higher than the site lets through."""
    return "score" if facts.score is not None and facts.score > policy.hold_score_above else None


def first_comments(_draft: Draft, facts: Facts, policy: ScreeningPolicy) -> str | None:
    """Hold the first comments of an account."""
    return "first" if facts.posts_before < policy.hold_first_n else None


def unverified(draft: Draft, _facts: Facts, policy: ScreeningPolicy) -> str | None:
    """Hold comments of unverified people where the site looks at all of them."""
    return "unverified" if policy.hold_unverified and draft.tier != "verified" else None


def _is_below(host: str, domain: str) -> bool:
    return bool(domain) and (host == domain or host.endswith("." + domain))


@lru_cache(maxsize=4096)
def _plain_host(domain: str) -> str:
    """Give a domain as links have it, also where an admin typed it with its own letters, in capitals or as an address."""
    return host_of(domain.strip().lstrip("*."))


def _is_visible(char: str) -> bool:
    """Say whether a character leaves ink that is not mere markup: an empty quote or list has nothing to read."""
    return unicodedata.category(char)[0] in "LNPS" and char not in _BLANKS and char not in _MARKUP

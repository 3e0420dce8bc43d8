"""The phases of screening. Each looks at one thing and refuses a draft, gives what it caught in it, or nothing."""

import unicodedata
from dataclasses import replace
from functools import lru_cache

from commentbox.server.base.errors import Conflict, Forbidden, Invalid, TooMany, TooMuch
from commentbox.server.base.markup import host_of
from commentbox.server.screening.drafts import Caught, Draft, Facts
from commentbox.server.screening.policy import ScreeningPolicy
from commentbox.server.screening.words import Found, found_in

_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffd")  # letters and symbols without ink
_MARKUP = frozenset(">*+-#`~")
JUDGED_FROM = 5
"""So many comments of a person must have been published or refused before a share of them means anything."""
LONGEST_SEEN = 80
"""Of what was seen, so much is kept with the comment."""
Seen = tuple[Caught, ...]


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
    if pause and since is not None and since < pause:
        raise TooMany("comment.too_soon", limit=pause, seconds=pause - since)


def age(draft: Draft, facts: Facts, policy: ScreeningPolicy) -> None:
    """Refuse comments of accounts younger than their tier must be here."""
    old, needed = facts.account_age_seconds, of_tier(policy, "min_age_minutes", draft.tier) * 60
    if old is not None and old < needed:
        raise Forbidden("comment.too_young", seconds=needed - old)


def of_tier(policy: ScreeningPolicy, name: str, tier: str) -> int:
    """Give the bound of a policy that holds for a tier."""
    return int(getattr(policy, f"{name}_{tier}"))


def guest(draft: Draft, _facts: Facts, _policy: ScreeningPolicy) -> Seen:
    """Hold every comment by somebody without an account."""
    return (Caught("guest"),) if draft.is_guest else ()


def outside(_draft: Draft, facts: Facts, _policy: ScreeningPolicy) -> Seen:
    """Hold what an outside service asks to hold, under the rule it gave."""
    return (Caught(facts.outside),) if facts.outside else ()


def words(draft: Draft, _facts: Facts, policy: ScreeningPolicy) -> Seen:
    """Look for the site's word lists, also in the links' targets, which readers do not see. Refuses `comment.words_refused`."""
    shown = draft.shown or draft.text
    seen = [_listed(each, shown) for each in found_in(shown, policy.word_lists)]
    if draft.links and policy.word_lists:
        hidden = " ".join(draft.links)
        seen += [replace(_listed(each, hidden), at=None) for each in found_in(hidden, policy.word_lists)]
    if blocking := [each.what for each in seen if each.effect == "block"]:
        raise Invalid("comment.words_refused", words=list(dict.fromkeys(blocking)))
    return tuple(seen)


def _listed(found: Found, text: str) -> Caught:
    rule = "heat" if found.listed.effect == "nudge" else "words"
    what = text[found.start : found.end][:LONGEST_SEEN]
    return Caught(rule, found.listed.effect, what, found.listed.name, (found.start, found.end))


def domains(draft: Draft, _facts: Facts, policy: ScreeningPolicy) -> Seen:
    """Hold a link to one of the site's blocked domains or anything below it."""
    if not policy.blocked_domains:
        return ()
    blocked = [_plain_host(domain) for domain in policy.blocked_domains]
    hosts = dict.fromkeys(host_of(link) for link in draft.links)
    caught = (host for host in hosts if any(_is_below(host, domain) for domain in blocked))
    return tuple(Caught("domain", what=host[:LONGEST_SEEN]) for host in caught)


def links(draft: Draft, _facts: Facts, policy: ScreeningPolicy) -> Seen:
    """Hold a text with more links than the writer's tier may use unseen."""
    free = of_tier(policy, "links_before_hold", draft.tier)
    written_out = draft.text.count("://")  # addresses that were too many, or too strange, to become links
    number = max(len(draft.links), written_out)
    return (Caught("links", what=str(number)),) if number > free else ()


def score(_draft: Draft, facts: Facts, policy: ScreeningPolicy) -> Seen:
    """Hold a text that a classifier finds likely to be abusive, or let its writer think again, above the site's thresholds."""
    if facts.score is None:
        return ()
    figure = f"{facts.score:.2f}"
    seen = [Caught("score", what=figure)] if facts.score > policy.hold_score_above else []
    return (*seen, Caught("heat", "nudge", figure)) if facts.score > policy.nudge_score_above else tuple(seen)


def refusals(_draft: Draft, facts: Facts, policy: ScreeningPolicy) -> Seen:
    """Hold comments of people of whose last ones here a large share was refused; one or two say nothing about anybody."""
    most = policy.hold_refused_percent
    if not most or facts.judged_lately < JUDGED_FROM or facts.refused_lately * 100 <= facts.judged_lately * most:
        return ()
    return (Caught("refusals", what=f"{facts.refused_lately}/{facts.judged_lately}"),)


def first_comments(_draft: Draft, facts: Facts, policy: ScreeningPolicy) -> Seen:
    """Hold the first comments of an account."""
    return (Caught("first"),) if facts.posts_before < policy.hold_first_n else ()


def unverified(draft: Draft, _facts: Facts, policy: ScreeningPolicy) -> Seen:
    """Hold comments of unverified people where the site or the thread looks at all of them."""
    return (Caught("unverified"),) if policy.hold_unverified and draft.tier != "verified" else ()


def _is_below(host: str, domain: str) -> bool:
    return bool(domain) and (host == domain or host.endswith("." + domain))


@lru_cache(maxsize=4096)
def _plain_host(domain: str) -> str:
    """Give a domain as links have it, also where an admin typed it with its own letters, in capitals or as an address."""
    return host_of(domain.strip().lstrip("*."))


def _is_visible(char: str) -> bool:
    """Say whether a character leaves ink that is not mere markup: an empty quote or list has nothing to read."""
    return unicodedata.category(char)[0] in "LNPS" and char not in _BLANKS and char not in _MARKUP

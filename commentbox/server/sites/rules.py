"""What a site may set and within which bounds, and which origins are its own. Pure."""

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from commentbox.server.base.errors import Invalid
from commentbox.server.base.i18n import marked as N_

MOST_RULES = 20
"""More than that nobody reads before writing."""
SHORTEST_RULE, LONGEST_RULE = 3, 300
_CODE = re.compile(r"^[a-z0-9-]{1,40}$")


class HouseRule(BaseModel):
    """One of the site's own rules, which a removal names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=_CODE)
    text: str = Field(min_length=SHORTEST_RULE, max_length=LONGEST_RULE)


HOUSE_RULES = (
    HouseRule(code="1-on-topic", text=N_("Keep to the subject of the article.")),
    HouseRule(code="2-own-words", text=N_("Write in your own words, and not the same thing again and again.")),
    HouseRule(code="3-argument-not-person", text=N_("Answer the argument and leave the person alone.")),
    HouseRule(code="4-no-contempt", text=N_("Demean nobody for what they are.")),
    HouseRule(code="5-private-life", text=N_("Leave other people's private life and data out of it.")),
    HouseRule(code="6-no-adverts", text=N_("Advertise nothing.")),
    HouseRule(code="7-law", text=N_("Stay within the law.")),
)


class Policy(BaseModel):
    """What a newspaper decides about its comments. Every field has a default, a reason and bounds."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    guests: bool = Field(
        False, description="People may comment under a name alone; each such comment is held for review."
    )
    mail_links: bool = Field(False, description="Unverified accounts may sign in by a link in a mail.")
    edit_minutes: int = Field(15, ge=0, le=60, description="How long an author may edit; long enough for a slip.")
    claim_minutes: int = Field(15, ge=5, le=60, description="How long a moderator holds a case without touching it.")
    undo_seconds: int = Field(20, ge=5, le=120, description="How long a decision's deliveries wait.")
    appeal_months: int = Field(6, ge=6, le=24, description="How long an appeal stays open; the law says six months.")
    appeal_days: int = Field(7, ge=1, le=30, description="Within how many days an appeal is answered.")
    max_length: int = Field(5000, ge=200, le=20000, description="Longest comment, in characters.")
    posts_per_hour_verified: int = Field(30, ge=1, le=500, description="For one verified account.")
    posts_per_hour_unverified: int = Field(20, ge=1, le=500, description="For one account without a badge.")
    posts_per_hour_address: int = Field(60, ge=1, le=5000, description="For one network address, whoever writes.")
    links_before_hold_verified: int = Field(
        4, ge=0, le=100, description="More links than this hold a comment of a verified person for review."
    )
    links_before_hold_unverified: int = Field(2, ge=0, le=100, description="The same for everybody else.")
    posts_per_hour_thread_verified: int = Field(
        500, ge=1, le=500, description="In one thread, for one verified account."
    )
    posts_per_hour_thread_unverified: int = Field(500, ge=1, le=500, description="The same for everybody else.")
    slow_seconds_verified: int = Field(
        0,
        ge=0,
        le=3600,
        description="Between two comments of a verified person in one thread; room for second thoughts.",
    )
    slow_seconds_unverified: int = Field(0, ge=0, le=3600, description="The same for everybody else.")
    min_age_minutes_verified: int = Field(
        0, ge=0, le=43200, description="How old a verified account is before it comments; a month at most."
    )
    min_age_minutes_unverified: int = Field(
        0, ge=0, le=43200, description="The same for everybody else; keeps accounts made for one quarrel out of it."
    )
    hold_unverified: bool = Field(False, description="Hold every comment of unverified people for review.")
    hold_first_n: int = Field(0, ge=0, le=20, description="Hold an account's first comments for review.")
    blocked_domains: tuple[str, ...] = Field((), description="Links to these domains are held.")
    held_words: tuple[str, ...] = Field((), description="Whole words that hold a comment for review.")
    indexable: bool = Field(True, description="Search engines may list the public pages of threads.")
    bans_need_second: bool = Field(False, description="A ban waits until a second moderator confirms it.")
    rules_version: int = Field(
        1, ge=1, le=1_000_000, description="Which version of the house rules these are; counted by the desk."
    )
    tag_key_version: int = Field(
        1, ge=1, le=1_000_000, description="Which key signs the paper's tags; counted by the desk when one is replaced."
    )
    public_log: bool = Field(False, description="Show every decision, without names, at `/log?site=…`.")
    house_rules: tuple[HouseRule, ...] = Field(
        HOUSE_RULES, description="The rules a removal names; each a code and a sentence."
    )

    def rule_text(self, code: str) -> str:
        """Give the words of a house rule. Refuses `rule.unknown`."""
        for rule in self.house_rules:
            if rule.code == code:
                return rule.text
        raise Invalid("rule.unknown", rule=code)


COUNTED = ("rules_version", "tag_key_version")
"""Settings that count something; nobody types them."""


class ThreadLimits(BaseModel):
    """What a moderator sets for one thread: never without a reason and an end, which every reader is told."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    reason: str = Field(min_length=3, max_length=300)
    until: AwareDatetime
    slow_seconds: int = Field(0, ge=0, le=3600)
    posts_per_hour: int = Field(500, ge=1, le=500)
    min_age_minutes_unverified: int = Field(0, ge=0, le=43200)
    hold_unverified: bool = False


def under_limits(policy: Policy, limits: ThreadLimits) -> Policy:
    """Give the policy of a thread: the site's, where the thread is not stricter."""
    at_least = {
        "slow_seconds_verified": limits.slow_seconds,
        "slow_seconds_unverified": limits.slow_seconds,
        "min_age_minutes_unverified": limits.min_age_minutes_unverified,
        "hold_unverified": limits.hold_unverified,
    }
    changes: dict[str, Any] = {name: max(getattr(policy, name), value) for name, value in at_least.items()}
    for name in ("posts_per_hour_thread_verified", "posts_per_hour_thread_unverified"):
        changes[name] = min(getattr(policy, name), limits.posts_per_hour)
    return policy.model_copy(update=changes)


def read_house_rules(text: str) -> tuple[HouseRule, ...]:
    """Read house rules, one a line, `code: words`; a line without a code gets one. Refuses `rules.…`."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not 1 <= len(lines) <= MOST_RULES:
        raise Invalid("rules.number", limit=MOST_RULES)
    found = [_read_rule(line, number) for number, line in enumerate(lines, 1)]
    if len({rule.code for rule in found}) < len(found):
        raise Invalid("rules.twice")
    return tuple(found)


def _read_rule(line: str, number: int) -> HouseRule:
    code, colon, words = line.partition(": ")
    if not (colon and _CODE.match(code)):
        code, words = f"rule-{number}", line
    if not SHORTEST_RULE <= len(words.strip()) <= LONGEST_RULE:
        raise Invalid("rules.length", number=number, limit=LONGEST_RULE)
    return HouseRule(code=code, text=words.strip())


def origin_of(url: str) -> str:
    """Give scheme://host[:port] of an address, lower case, without a default port. Refuses `origin.invalid`."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise Invalid("origin.invalid", origin=url[:200]) from None
    if parts.scheme not in ("http", "https") or not host or parts.username or " " in parts.netloc:
        raise Invalid("origin.invalid", origin=url[:200])
    host = f"[{host}]" if ":" in host else _ascii(host, url)
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if port in (None, default) else f":{port}")


def _ascii(host: str, url: str) -> str:
    try:
        return host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        raise Invalid("origin.invalid", origin=url[:200]) from None


def same_site(one: str, other: str) -> bool:
    """Guess whether two origins share a site: equal hosts, or one below the other. Only a hint, never a guard."""
    first, second = urlsplit(one).hostname or "", urlsplit(other).hostname or ""
    return first == second or first.endswith("." + second) or second.endswith("." + first)


def is_private_host(host: str) -> bool:
    """Say whether a host name is an address no server of ours should be sent to from outside."""
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))

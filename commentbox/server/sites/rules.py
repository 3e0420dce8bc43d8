"""What a site may set and within which bounds, and which origins are its own. Pure."""

import ipaddress
import re
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from commentbox.server.base.errors import Invalid
from commentbox.server.base.i18n import marked as N_
from commentbox.server.sites.word_lists import WordList, check_lists, with_lists

MOST_RULES = 20
"""More than that nobody reads before writing."""
SHORTEST_RULE, LONGEST_RULE = 3, 300
MOST_GUESTS = 10
"""Guests of honour of one thread; more than readers could keep apart."""
LONGEST_ANNOUNCEMENT = 1000
"""Whoever has more to say has a newspaper to say it in."""
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
    heat_seconds: int = Field(
        0,
        ge=0,
        le=600,
        description="Each upheld report makes everyone wait so much longer between two comments in that conversation.",
    )
    heat_hours: int = Field(24, ge=1, le=168, description="How long an upheld report does that; then it cools down.")
    min_age_minutes_verified: int = Field(
        0, ge=0, le=43200, description="How old a verified account is before it comments; a month at most."
    )
    min_age_minutes_unverified: int = Field(
        0, ge=0, le=43200, description="The same for everybody else; keeps accounts made for one quarrel out of it."
    )
    close_after_days: int = Field(
        0, ge=0, le=3650, description="Threads close by themselves so many days after they began; 0 for never."
    )
    hold_unverified: bool = Field(False, description="Hold every comment of unverified people for review.")
    hold_first_n: int = Field(0, ge=0, le=20, description="Hold an account's first comments for review.")
    blocked_domains: tuple[str, ...] = Field((), max_length=5000, description="Links to these domains are held.")
    word_lists: tuple[WordList, ...] = Field(
        (), description="Lists of words that refuse a comment (block), hold it, or let its writer think again (nudge)."
    )
    hold_refused_percent: int = Field(
        0,
        ge=0,
        le=90,
        description="Hold comments of people of whose last ones here more than this was refused; 0: never.",
    )
    refused_days: int = Field(
        30, ge=1, le=365, description="How far back that looks; a bad week is not held against anybody for ever."
    )
    outside_help: tuple[str, ...] = Field(
        (),
        max_length=5,
        description="Helpers of `COMMENTBOX_CLASSIFIERS` that are asked about a text before it is published, by name.",
    )
    outside_help_fails: Literal["open", "hold"] = Field(
        "open",
        description="Where a helper does not answer in time: `open` publishes and asks again later, which can only "
        "suggest a look; `hold` keeps the comment for a moderator.",
    )
    hold_score_above: float = Field(
        1.0, ge=0.3, le=1, description="Hold what a classifier scores above this; 1 for never. It never decides alone."
    )
    nudge_score_above: float = Field(
        1.0, ge=0.3, le=1, description="Let the writer think again above this score; 1 for never."
    )
    screening_version: int = Field(
        1, ge=1, le=1_000_000, description="Which version of the screening rules this is; counted by every change."
    )
    announcement: str = Field(
        "",
        max_length=LONGEST_ANNOUNCEMENT,
        description="Shown above every thread, in small Markdown, while it has an end.",
    )
    announced_until: AwareDatetime | None = Field(None, description="When the announcement goes by itself.")
    indexable: bool = Field(True, description="Search engines may list the public pages of threads.")
    bans_need_second: bool = Field(False, description="A ban waits until a second moderator confirms it.")
    rules_version: int = Field(
        1, ge=1, le=1_000_000, description="Which version of the house rules these are; counted by the desk."
    )
    look: str = Field("", description="Theme and tokens that the comments wear; a tag may ask for others.")
    look_version: int = Field(
        0, ge=0, le=1_000_000, description="Which version of the look this is; counted by the desk."
    )
    tag_key_version: int = Field(
        1, ge=1, le=1_000_000, description="Which key signs the paper's tags; counted by the desk when one is replaced."
    )
    public_log: bool = Field(False, description="Show every decision, without names, at `/log?site=…`.")
    house_rules: tuple[HouseRule, ...] = Field(
        HOUSE_RULES, description="The rules a removal names; each a code and a sentence."
    )
    sso_jwks_url: str = Field(
        "", max_length=500, description="Where the paper publishes the keys of its log-in (docs/sso.md)."
    )
    sso_secret_file: str = Field(
        "", max_length=500, description="Instead: the file with the secret it shares with us, or two while it changes."
    )
    sso_login_url: str = Field(
        "",
        max_length=500,
        description="The paper's log-in page, for readers without scripts and for connecting accounts.",
    )

    @model_validator(mode="after")
    def _one_sort_of_keys(self) -> Self:
        if self.sso_jwks_url and self.sso_secret_file:
            raise ValueError("the paper's log-in has keys at an address or a secret in a file, and not both")
        for url in filter(None, (self.sso_jwks_url, self.sso_login_url)):
            if not is_safe_url(url):
                raise ValueError(f"{url} must be an https address (plain http only inside)")
        return self

    @property
    def has_sso(self) -> bool:
        """Say whether the paper's own log-in counts here."""
        return bool(self.sso_jwks_url or self.sso_secret_file)

    @property
    def has_login_page(self) -> bool:
        """Say whether a window of ours can send a reader to the paper's log-in page."""
        return self.has_sso and bool(self.sso_login_url)

    @model_validator(mode="before")
    @classmethod
    def _read_earlier_forms(cls, stored: Any) -> Any:
        return with_lists(stored)

    @field_validator("word_lists")
    @classmethod
    def _check_word_lists(cls, lists: tuple[WordList, ...]) -> tuple[WordList, ...]:
        return check_lists(lists)

    def rule_text(self, code: str) -> str:
        """Give the words of a house rule. Refuses `rule.unknown`."""
        for rule in self.house_rules:
            if rule.code == code:
                return rule.text
        raise Invalid("rule.unknown", rule=code)


SCREENING = (
    *("max_length", "posts_per_hour_verified", "posts_per_hour_unverified", "posts_per_hour_address"),
    *("posts_per_hour_thread_verified", "posts_per_hour_thread_unverified"),
    *("slow_seconds_verified", "slow_seconds_unverified", "min_age_minutes_verified", "min_age_minutes_unverified"),
    *("word_lists", "blocked_domains", "links_before_hold_verified", "links_before_hold_unverified"),
    *(
        "hold_score_above",
        "nudge_score_above",
        "hold_refused_percent",
        "refused_days",
        "hold_first_n",
        "hold_unverified",
    ),
)
"""The settings that judge a comment, in the order of the phases. Every change to them makes a version of their own."""
COUNTED = ("rules_version", "screening_version", "look_version", "tag_key_version")
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


class HonouredGuest(BaseModel):
    """Somebody who answers where a thread takes questions, under the name they were announced by."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    name: str


class Questions(BaseModel):
    """A thread that takes questions for a while: anybody asks, the guests of honour (and staff) reply."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    guests: tuple[HonouredGuest, ...] = Field(min_length=1, max_length=MOST_GUESTS)
    reason: str = Field(min_length=3, max_length=300)
    since: AwareDatetime
    until: AwareDatetime

    def honours(self, account_id: str | None) -> bool:
        """Say whether somebody is a guest of honour."""
        return any(guest.id == account_id for guest in self.guests)


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


def is_safe_url(url: str) -> bool:
    """Say whether an address is https, or plain http to a host inside."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not host or parts.username is not None or not url.isascii() or not url.isprintable() or " " in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_private_host(host))

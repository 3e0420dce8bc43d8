"""What screening looks at: the draft, and a few facts about who wrote it, handed in before the transaction; and what it sees."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Draft:
    """A text as it would be stored. `links` are its targets, `text_hash` is `pipeline.text_hash` of it.

    `shown` is what readers see of it (`markup.plain` of its HTML); without it the text as it was typed.
    """

    text: str
    text_hash: str
    links: tuple[str, ...] = ()
    tier: str = "unverified"
    is_guest: bool = False
    shown: str = ""


@dataclass(frozen=True)
class Facts:
    """What is known of the writer: hashes of the last hour's texts, their number, comments before.

    `hour_opens_in` is how many seconds it takes until the oldest of that hour no longer counts. What ends in `_here` is about
    this thread alone; `seconds_since_here` and `account_age_seconds` are None where there is nothing to measure.
    `refused_lately` of `judged_lately` comments on this site, in the days that the policy looks back on, were refused.
    `score` is a classifier's opinion of the text, from 0 to 1, and `outside` the code of a hold rule that outside help asks
    for; None where nobody was asked or nothing came back.
    """

    recent_hashes: frozenset[str] = frozenset()
    posts_last_hour: int = 0
    hour_opens_in: int = 0
    posts_before: int = 0
    posts_last_hour_here: int = 0
    hour_opens_in_here: int = 0
    seconds_since_here: int | None = None
    account_age_seconds: int | None = None
    refused_lately: int = 0
    judged_lately: int = 0
    score: float | None = None
    outside: str | None = None


@dataclass(frozen=True)
class Caught:
    """Something that a phase saw in a draft: under which rule, and whether that holds it or is only worth a second thought.

    `what` is what it saw, as it was written, or a figure; `listed` the word list it stands on; `at` from where to where in
    `Draft.shown`, where it is to be seen there.
    """

    rule: str
    effect: str = "hold"
    what: str = ""
    listed: str = ""
    at: tuple[int, int] | None = None

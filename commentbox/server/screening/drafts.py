"""What screening looks at: the draft, and a few facts about who wrote it, handed in before the transaction."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Draft:
    """A text as it would be stored. `links` are its targets, `text_hash` is `pipeline.text_hash` of it."""

    text: str
    text_hash: str
    links: tuple[str, ...] = ()
    tier: str = "unverified"
    is_guest: bool = False


@dataclass(frozen=True)
class Facts:
    """What is known of the writer: hashes of the last hour's texts, their number, comments before.

    `hour_opens_in` is how many seconds it takes until the oldest of that hour no longer counts. What ends in `_here` is about
    this thread alone; `seconds_since_here` and `account_age_seconds` are None where there is nothing to measure.
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
    score: float | None = None
    outside: str | None = None

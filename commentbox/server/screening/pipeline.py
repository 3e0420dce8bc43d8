"""Judging a draft before it is stored: an ordered list of small phases. Knows no table, no clock and no network.

A phase may refuse (it raises, with a sentence for the writer), give what it caught (for a hold, or for a second thought), or
say nothing. The first refusal wins over everything; of several holds the first in the list is the one the writer is told.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from commentbox.server.base.errors import Invalid
from commentbox.server.screening import phases
from commentbox.server.screening.drafts import Caught, Draft, Facts
from commentbox.server.screening.policy import ScreeningPolicy

PHASES = (
    phases.length,
    phases.duplicate,
    phases.rate,
    phases.rate_here,
    phases.slow,
    phases.age,
    phases.guest,
    phases.words,
    phases.domains,
    phases.links,
    phases.score,
    phases.outside,
    phases.refusals,
    phases.first_comments,
    phases.unverified,
)
HOLD_RULES = (
    *("guest", "words", "domain", "links", "score", "outside", "refusals", "first", "unverified"),
    "held_first",
)
"""Every code a comment may be held under; `held_first` is a measure, which posting looks at itself. In place of `outside` help
gives a code of its own: `spam`, or `unanswered` where nobody answered.
"""
_UNSEEN = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
"""Controls, and the marks that turn the direction of text around behind the reader's back."""
_NEWLINES = re.compile(r"\r\n?|\u2028|\u2029|\u0085")
_MANY_NEWLINES = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Verdict:
    """What becomes of a draft: `publish`, or `hold` under a rule; and everything that was caught in it."""

    action: str
    rule: str | None = None
    caught: tuple[Caught, ...] = ()

    @property
    def heat(self) -> tuple[Caught, ...]:
        """Give what its writer is asked to think again about before it is posted."""
        return tuple(each for each in self.caught if each.effect == "nudge")


def judge(draft: Draft, facts: Facts, policy: ScreeningPolicy) -> Verdict:
    """Judge a draft. Refuses `comment.empty`, `comment.too_long`, `comment.duplicate`, `comment.too_many…`,
    `comment.too_soon`, `comment.too_young`, `comment.words_refused`.
    """
    caught = tuple(each for phase in PHASES for each in phase(draft, facts, policy) or ())
    rule = next((each.rule for each in caught if each.effect == "hold"), None)
    return Verdict("hold" if rule else "publish", rule, caught)


def cleaned(text: str) -> str:
    """Give a text with one kind of newline, composed letters, and nothing that cannot be seen. Refuses `comment.unreadable`."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Invalid("comment.unreadable") from None
    text = _UNSEEN.sub("", _NEWLINES.sub("\n", unicodedata.normalize("NFC", text)))
    return _MANY_NEWLINES.sub("\n\n", text).strip()


def text_hash(text: str) -> str:
    """Give what two texts share that differ in white space and case only."""
    folded = " ".join(text.casefold().split())
    return hashlib.sha256(folded.encode("utf-8", "replace")).hexdigest()

"""Screening: what 1,000 rules cost on one comment, in processor time; and what the worst patterns there are can cost."""

import random
import statistics
import time
from collections.abc import Callable

from bench.results import Figure
from commentbox.server.screening import pipeline
from commentbox.server.screening.drafts import Draft, Facts
from commentbox.server.sites.rules import Policy
from commentbox.server.sites.word_lists import WordList

RULES, COMMENTS, ROUNDS = 1000, 200, 5
LENGTH = 1000
"""Characters of a long but usual comment."""
LETTERS = "etaoinshrdlcumwfgypbvk"
ENDINGS = ("", "*", "?", "s*")


def measure() -> dict[str, Figure]:
    """Judge comments of different words by lists of which half have wildcards, some disguised and some of several words."""
    chance = random.Random(7)
    policy = Policy(word_lists=_lists(chance))
    drafts = [_draft(" ".join(_word(chance) for _ in range(LENGTH // 4))[:LENGTH]) for _ in range(COMMENTS)]
    spans = sorted(_span(lambda draft=draft: pipeline.judge(draft, Facts(), policy)) for draft in drafts * ROUNDS)  # type: ignore[misc]
    against = f"{RULES} rules, a comment of {LENGTH} characters, no word twice, processor time"
    return {
        "screening_median_ms": Figure(statistics.median(spans), "ms", against, at_most=2),
        "screening_p99_ms": Figure(spans[int(len(spans) * 0.99)], "ms", against),
        "screening_worst_ms": Figure(
            _worst(), "ms", "20,000 characters against 1,000 patterns made to stall", at_most=500
        ),
    }


def _lists(chance: random.Random) -> tuple[WordList, ...]:
    entries = [f"{_word(chance)}{_word(chance)}" for _ in range(RULES)]
    plain, wild = entries[: RULES // 2], entries[RULES // 2 :]
    some = tuple(f"{'*' * (number % 5 == 0)}{each}{ENDINGS[number % 4]}" for number, each in enumerate(wild))
    phrases = tuple(f"{each} {_word(chance)}" if number % 4 == 0 else each for number, each in enumerate(plain))
    return WordList(name="plain", effect="block", entries=phrases), WordList(name="wild", effect="nudge", entries=some)


def _word(chance: random.Random) -> str:
    word = "".join(chance.choices(LETTERS, k=chance.randint(2, 8)))
    return word.replace("o", "0") if chance.random() < 0.02 else word


def _draft(text: str) -> Draft:
    return Draft(text, pipeline.text_hash(text), shown=text)


def _worst() -> float:
    """Give the patterns that keep a backtracking matcher busy for years the text that does it."""
    stars = tuple(("*".join("a" * (2 + number % 20)) + f"*b{number}")[:80] for number in range(RULES))
    policy = Policy(max_length=20_000, word_lists=(WordList(name="stars", entries=stars),))
    draft = _draft(" ".join("a" * (60 + number % 35) + str(number) for number in range(300))[:20_000])
    pipeline.judge(draft, Facts(), policy)
    return _span(lambda: pipeline.judge(draft, Facts(), policy))


def _span(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return (time.process_time() - began) * 1000

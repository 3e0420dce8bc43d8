"""Word lists: wildcards, disguises, languages, what each effect does, and that no list can keep posting waiting."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from commentbox.server.base.errors import Refusal
from commentbox.server.screening import languages, pipeline, words
from commentbox.server.screening.drafts import Draft, Facts
from commentbox.server.screening.patterns import Patterns
from commentbox.server.sites.rules import Policy
from commentbox.server.sites.word_lists import FIRST_NAME, WordList


def found(text: str, *entries: str, lang: str = "") -> list[str]:
    """Give what stands in a text of a list, as it is written."""
    listed = WordList(name="Insults", lang=lang, entries=entries)
    return [text[each.start : each.end] for each in words.found_in(text, (listed,))]


@pytest.mark.parametrize(
    ("entry", "text", "caught"),
    [
        ("idiot*", "What idiotic idiots!", ["idiotic", "idiots"]),
        ("idiot*", "That is not my idiom.", []),
        ("*phobe", "A xenophobe, no phobes", ["xenophobe"]),
        ("w?nker", "You wanker, winker", ["wanker", "winker"]),
        ("w?nker", "You wnker", []),
        ("*slur*", "aslurb", ["aslurb"]),
        ("a*b*c", "aXXbYYc abc acb", ["aXXbYYc", "abc"]),
        ("get lost*", "get losted, get, lost", ["get losted", "get, lost"]),
        ("get * lost", "get lost", ["get lost"]),
        ("get lost", "Just G3T l0st now", ["G3T l0st"]),
        ("Arschl*", "ARSCHLÖCHER", ["ARSCHLÖCHER"]),
    ],
)
def test_wildcards_stand_for_letters_within_a_word(entry: str, text: str, caught: list[str]) -> None:
    assert found(text, entry) == caught


@pytest.mark.parametrize(
    "text",
    [
        *("sh1t", "SH1T!", "$hit", "sh!t", "5hit", "s.h.i.t", "s h i t", "s-h-i-t", "shiiiit"),
        *(
            "ѕhit",
            "shіt",
            "sh\u0456t",
            "s\u0337h\u0337i\u0337t",
            "ｓｈｉｔ",
            "sh\u200bit",
            "s*h*i*t",
            "ShIt",
            "(sh1t)",
            "sHlT",
        ),
    ],
)
def test_a_disguise_is_seen_through(text: str) -> None:
    assert found(f"Well, {text} happens", "shit"), text


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("ass", "The A55 to Bangor, 455 people, as s"),
        ("ano", "El año pasado"),
        ("fail", "They fall."),
        ("ass", "Лётчик-асс"),
        ("ss", "It costs $5."),
        ("shit", "shiit"),
        ("usa", "U. S."),
        ("co", "CO2"),
        ("be", "B3"),
        ("schon", "schön"),
        ("कास", "कासे"),
        ("nonos", "no-no_s"),
        ("hell", "hello!"),
    ],
)
def test_ordinary_writing_is_no_disguise(entry: str, text: str) -> None:
    assert found(text, entry) == []


def test_a_list_for_one_language_leaves_the_words_of_another_alone() -> None:
    assert found("The cat will die of it, and that is sad.", "die", lang="de") == []
    assert found("Ich sehe die Katze nicht und das ist schade.", "die", lang="de") == ["die"]
    assert found("die!", "die", lang="de") == ["die"]
    assert [
        languages.language_of(each.split()) for each in ("on nie jest z tym", "le chat est sur la table", "ok")
    ] == [
        "pl",
        "fr",
        "",
    ]


def judged(text: str, *lists: WordList) -> pipeline.Verdict:
    return pipeline.judge(Draft(text, "h"), Facts(), Policy(word_lists=lists))


def test_a_list_refuses_holds_or_asks_to_think_again() -> None:
    block = WordList(name="Never", effect="block", entries=("zorg",))
    hold = WordList(name="Look", effect="hold", entries=("crook",))
    nudge = WordList(name="Calm", effect="nudge", entries=("stupid", "crook"))
    with pytest.raises(Refusal) as refused:
        judged("A crook and a z0rg", block, hold, nudge)
    assert (refused.value.code, refused.value.data) == ("comment.words_refused", {"words": ["z0rg"]})
    verdict = judged("A stupid cr00k", block, hold, nudge)
    assert (verdict.action, verdict.rule) == ("hold", "words")
    assert [(each.rule, each.what, each.listed, each.at) for each in verdict.caught] == [
        ("heat", "stupid", "Calm", (2, 8)),
        ("heat", "cr00k", "Calm", (9, 14)),
        ("words", "cr00k", "Look", (9, 14)),
    ]
    assert judged("How stupid", block, hold, nudge).action == "publish"


def test_words_in_a_links_target_count_and_have_no_place() -> None:
    draft = Draft("[look](https://x.example/crook)", "h", ("https://x.example/crook",), shown="look")
    policy = Policy(word_lists=(WordList(name="Look", entries=("crook",)),))
    assert [(each.what, each.at) for each in pipeline.judge(draft, Facts(), policy).caught] == [("crook", None)]


@pytest.mark.parametrize("wrong", ["*", "??", "a*", "x" * 81])
def test_an_entry_that_would_catch_everything_or_is_too_long_is_no_entry(wrong: str) -> None:
    with pytest.raises(ValidationError):
        WordList(name="x", entries=(wrong,))


def test_lists_have_names_of_their_own_and_there_are_not_too_many_entries() -> None:
    one = WordList(name="x", entries=("a",))
    with pytest.raises(ValidationError, match="twice"):
        Policy(word_lists=(one, one))
    with pytest.raises(ValidationError, match="many"):
        Policy(word_lists=(WordList(name="x", entries=tuple(f"wild{number}*" for number in range(1001))),))


def test_the_one_list_of_earlier_releases_is_read_as_a_list_that_holds() -> None:
    policy = Policy.model_validate({"held_words": ["spam", "what?"], "max_length": 300})
    assert policy.word_lists == (WordList(name=FIRST_NAME, effect="hold", entries=("spam", "what ")),)
    calm = {"name": "Calm", "effect": "nudge", "entries": ["stupid"]}
    both = Policy.model_validate({"held_words": ["new"], "word_lists": [*policy.model_dump()["word_lists"], calm]})
    assert [(each.name, each.entries) for each in both.word_lists] == [(FIRST_NAME, ("new",)), ("Calm", ("stupid",))]


def glob(pattern: str, word: str) -> bool:
    """Say the slow way whether a word fits."""
    if not pattern:
        return not word
    if pattern[0] == "*":
        return any(glob(pattern[1:], word[each:]) for each in range(len(word) + 1))
    return bool(word) and pattern[0] in ("?", word[0]) and glob(pattern[1:], word[1:])


PATTERN = st.text("ab?*", min_size=1, max_size=6).filter(lambda each: each.strip("*"))


@given(st.lists(PATTERN, min_size=1, max_size=5, unique=True), st.text("abc", max_size=8))
@settings(max_examples=600, deadline=None)
def test_the_automaton_finds_what_the_slow_way_finds(patterns: list[str], word: str) -> None:
    assert set(Patterns(patterns).fitted_by(word)) == {each for each in patterns if glob(each, word)}


def test_no_list_can_keep_posting_waiting() -> None:
    """The patterns that make a backtracking matcher run for years, against the text that would make it."""
    worst = tuple(("*".join("a" * (2 + number % 20)) + f"*b{number}")[:80] for number in range(1000))
    text = " ".join("a" * (60 + number % 35) + str(number) for number in range(300))[:20_000]
    lists = (WordList(name="x", entries=worst),)
    words.found_in("a", lists)
    began = time.process_time()
    words.found_in(text, lists)
    assert time.process_time() - began < 1

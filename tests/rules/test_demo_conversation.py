"""The demo's conversation is believable: complete, consistent, and never twice the same sentence."""

import re
from collections import Counter
from itertools import combinations, pairwise

import pytest

from commentbox.demo import conversation, news, seed
from commentbox.server.accounts import names
from commentbox.server.base import markup
from commentbox.server.screening import pipeline
from commentbox.server.screening.drafts import Draft, Facts
from commentbox.server.sites.rules import Policy

TALK = conversation.load()
PEOPLE = TALK.people
LONG = TALK.threads["inner-harbour-vote"]
ALL = TALK.lines()


def test_the_long_argument_has_exactly_three_hundred_comments():
    assert [line.n for line in LONG] == list(range(1, 301))


def test_lines_stand_in_the_order_they_were_written():
    for lines in TALK.threads.values():
        ages = [line.minutes_ago for line in lines]
        assert ages == sorted(ages, reverse=True)


def test_no_text_is_there_twice():
    bare = [re.sub(r"\W+", " ", line.text).strip().casefold() for _, line in ALL]
    assert [text for text, times in Counter(bare).items() if times > 1] == []


def test_no_long_run_of_words_is_there_twice_but_in_a_quotation():
    seen: dict[tuple[str, ...], int] = {}
    for line in LONG:
        words = re.findall(r"\w+", re.sub(r"(?m)^>.*$", "", line.text).casefold())
        for run in {tuple(words[at : at + 8]) for at in range(len(words) - 7)}:
            assert seen.setdefault(run, line.n) == line.n, (seen[run], line.n, " ".join(run))


def test_every_kind_method_label_and_reach_is_there():
    assert {person.kind for person in PEOPLE.values()} == set(conversation.KINDS)
    assert {person.method for person in PEOPLE.values() if person.verified()} == set(conversation.METHODS)
    assert {person.label for person in PEOPLE.values()} == set(conversation.LABELS)
    assert [person.key for person in PEOPLE.values() if person.reach == "verified"] == ["tomasz", "yasmin"]


def test_staff_status_and_verification_are_not_the_same_thing():
    assert {person.kind for person in PEOPLE.values() if person.label == "staff"} == {"name", "none"}


def test_every_state_and_every_hold_rule_is_there():
    states = Counter(line.state for line in LONG)
    assert set(states) == set(conversation.STATES)
    assert 278 <= states["published"] <= 284
    assert {line.rule for line in LONG if line.state == "held"} == set(conversation.HOLD_RULES)
    assert {line.rule for line in LONG if line.state == "removed"} <= set(conversation.HOUSE_RULES)
    assert len([line for line in LONG if line.appeal]) == 1


def test_screening_holds_what_the_data_say_is_held_and_nothing_else():
    policy = Policy.model_validate(seed.POLICY)
    for _, line in ALL:
        person = PEOPLE[line.by]
        tier = "verified" if TALK.verified(line) else "unverified"
        links = tuple(markup.links(line.text))
        draft = Draft(line.text, pipeline.text_hash(line.text), links=links, tier=tier, is_guest=person.guest)
        expected = "guest" if person.guest else line.rule if line.state == "held" else None
        assert pipeline.judge(draft, Facts(), policy).rule == expected, line
        assert pipeline.cleaned(line.text) == line.text.strip()


def test_some_comments_were_edited_and_the_edit_changed_something():
    edited = [line for line in LONG if line.edited]
    assert len(edited) >= 8
    assert all(line.before != line.text for line in edited)


def test_about_two_in_five_comments_come_from_verified_people():
    share = sum(TALK.verified(line) for line in LONG) / len(LONG)
    assert 0.38 <= share <= 0.46


def test_verifying_later_does_not_launder_what_was_written_before():
    mine = [TALK.verified(line) for line in LONG if line.by == "hedda"]
    assert mine == sorted(mine) and {True, False} == set(mine)


def test_everybody_speaks_and_there_are_enough_of_them():
    assert {line.by for _, line in ALL} == set(PEOPLE)
    assert 45 <= len({line.by for line in LONG}) <= 60


@pytest.mark.parametrize("person", PEOPLE.values(), ids=lambda person: person.key)
def test_every_name_keeps_the_rules(person):
    assert names.check(person.name).display == person.name


def test_no_two_names_look_alike():
    skeletons = {key: names.check(person.name).skeleton for key, person in PEOPLE.items()}
    assert [pair for pair in combinations(PEOPLE, 2) if skeletons[pair[0]] == skeletons[pair[1]]] == []


def test_nobody_is_recommended_by_more_people_than_there_are():
    verified = sum(person.verified() for person in PEOPLE.values())
    others = sum(person.kind == "none" and not person.left for person in PEOPLE.values())
    for _, line in ALL:
        everyone, by_verified = line.recommends
        own = PEOPLE[line.by]
        assert 0 <= by_verified <= verified - own.verified()
        assert 0 <= everyone - by_verified <= others - (own.kind == "none")


def test_those_who_hear_from_verified_people_only_are_recommended_by_them_only():
    protected = [line for _, line in ALL if PEOPLE[line.by].reach == "verified"]
    assert protected and all(everyone == by_verified for everyone, by_verified in (one.recommends for one in protected))


def test_guests_wait_for_review_or_were_let_through():
    assert {line.state for _, line in ALL if PEOPLE[line.by].guest} == {"published", "held", "removed"}
    assert not any(line.edited for _, line in ALL if PEOPLE[line.by].guest)


def test_threads_go_six_deep_and_no_deeper():
    by_number = {line.n: line for line in LONG}
    assert max(conversation.depth(line, by_number) for line in LONG) == conversation.DEEPEST


def test_it_took_three_days_and_most_people_slept():
    assert 4300 <= LONG[0].minutes_ago <= 4480 and LONG[-1].minutes_ago < 20
    gaps = [earlier.minutes_ago - later.minutes_ago for earlier, later in pairwise(LONG)]
    assert sum(gap > 300 for gap in gaps) >= 3


def test_nobody_answers_an_article_before_it_is_printed():
    printed = {article.id: article.minutes_ago for article in news.articles()}
    for article, line in ALL:
        assert line.minutes_ago < printed.get(article, 99_999)


def test_every_article_and_letter_has_its_conversation():
    assert set(TALK.threads) == {one.id for one in (*news.articles(), *news.letters())}


def test_the_town_speaks_four_languages_and_writes_markdown():
    texts = "\n".join(line.text for line in LONG)
    for sign in ("Roggenbrot", "muelle", "السمك", "\n1. ", "\n- ", "**", "> ", "]("):
        assert sign in texts


def test_short_and_long_stand_side_by_side():
    words = sorted(len(line.text.split()) for line in LONG)
    assert words[0] <= 3 and words[-1] >= 200 and 15 <= words[150] <= 40


def test_data_that_could_not_have_happened_is_refused(tmp_path):
    (tmp_path / "people.toml").write_text('[[person]]\nkey = "a"\nname = "Anna"\nkind = "none"\n')
    (tmp_path / "x.toml").write_text('[[line]]\nn = 1\nby = "a"\nminutes_ago = 5\nparent = 9\ntext = "Hm."\n')
    with pytest.raises(ValueError, match="x, line 1: the parent is missing or not older"):
        conversation.load(tmp_path)

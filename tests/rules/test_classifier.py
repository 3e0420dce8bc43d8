"""The local classifier: what it sees, what it learns, and that its report says what one counts by hand. On real insults too."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from commentbox.server.evidence import classifiers
from commentbox.server.evidence.classifiers import measure
from commentbox.server.screening.classifiers import examples, features, model
from commentbox.server.screening.classifiers.features import PLACES, words_of
from commentbox.server.screening.classifiers.identity_words import IDENTITY, groups_in
from commentbox.server.screening.classifiers.training import FEWEST, Example, train
from tests import outside
from tests.outside import INSULT, KIND

DAY = "2026-11-22"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return outside.small_model(tmp_path_factory.mktemp("model") / "small.model")


def test_words_are_folded_addresses_are_one_word_and_drawn_out_letters_are_not() -> None:
    written = "Hellooooo WORLD!!! https://a.example/x?y=1 www.b.example"
    assert words_of(written) == ["helloo", "world", "!!", "address", "address"]
    assert words_of("ＦＵＬＬ") == ["full"]


@pytest.mark.parametrize("text", ["", "!?", "x", KIND, "😀" * 2000, "\ud800 half", "a" * 100_000])
def test_every_text_has_places_of_length_one_or_none(text: str) -> None:
    seen = features.features(text)
    assert all(0 <= place < PLACES for place in seen)
    assert sum(weight * weight for weight in seen.values()) == pytest.approx(1.0 if seen else 0.0)


def test_it_learns_rude_from_kind_and_who_learns_again_gets_the_same_model(small: Path, tmp_path: Path) -> None:
    learned = model.read(small)
    assert learned.score(INSULT) > 0.8
    assert learned.score(KIND) < 0.2
    assert outside.small_model(tmp_path / "again").read_bytes() == small.read_bytes()
    assert small.stat().st_size < 100_000


def test_a_model_file_holds_no_word_of_what_it_learned_from(small: Path) -> None:
    head, weights = small.read_text("utf-8").splitlines()
    assert json.loads(head)["learned"] == {"day": DAY, "examples": 44, "bad": 22, "langs": {"en": 44}}
    assert "stupid" not in head
    assert " " not in weights


def test_too_little_teaches_nothing() -> None:
    few = [Example(f"{INSULT} {each}", True) for each in range(FEWEST - 1)] + [Example(KIND, False)] * 50
    with pytest.raises(ValueError, match="50 and 19"):
        train(few, day=DAY)


@pytest.mark.parametrize("change", ["////", "", "{}\nAAAA\n", "[]\n"])
def test_a_file_that_is_no_model_or_was_changed_is_refused(small: Path, tmp_path: Path, change: str) -> None:
    head, weights = small.read_text("utf-8").splitlines()
    file = tmp_path / "changed.model"
    file.write_text(f"{head}\n{change}{weights[4:]}\n" if change == "////" else change)
    with pytest.raises(ValueError, match="changed"):
        model.read(file)
    with pytest.raises(ValueError, match="cannot be read"):
        model.read(tmp_path / "none")


def test_examples_are_read_from_lines_and_tables_and_a_fault_names_its_line(tmp_path: Path) -> None:
    wanted = [Example("Rude, this.", True, "en"), Example("Gut", False, "de"), Example("?", False, "")]
    lines = [{"text": "Rude, this.", "label": 1, "lang": "EN"}, {"text": "Gut", "label": "fine", "lang": "de"}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, [*lines, {"text": "?", "label": False}])))
    (tmp_path / "a.csv").write_text('lang,text,label\nen,"Rude, this.",bad\nde,Gut,0\n,?,0\n')
    (tmp_path / "a.tsv").write_text("text\tlabel\tlang\nRude, this.\ttrue\ten\nGut\t0\tde\n?\tfalse\t\n")
    for ending in ("jsonl", "csv", "tsv"):
        assert examples.read(tmp_path / f"a.{ending}") == wanted
    (tmp_path / "b.jsonl").write_text('{"text": "fine", "label": 0}\n\n{"text": "a secret"}\n')
    with pytest.raises(ValueError, match="line 3: needs text and label") as fault:
        examples.read(tmp_path / "b.jsonl")
    assert "secret" not in str(fault.value)


def test_the_same_words_are_never_both_learned_and_measured() -> None:
    learn, rest = examples.split([Example(f"Line {number}", False) for number in range(500)])
    again, none = examples.split([Example(f" line  {each.text.split()[1]}", True) for each in learn])
    assert (len(again), none) == (len(learn), [])
    assert 70 < len(rest) < 130


def test_groups_are_found_in_every_language_that_has_words_and_not_inside_others() -> None:
    assert groups_in(words_of("My gay friend and a Muslim"), "en-GB") == {"gay and lesbian people", "muslims"}
    assert groups_in(words_of("transport and blackboard"), "en") == set()
    assert groups_in(words_of("외국인들이 많다"), "ko") == {"immigrants"}
    assert groups_in(words_of("واللاجئين"), "ar") == {"immigrants"}
    assert groups_in(words_of("women"), "xx") == set()
    for lang, groups in IDENTITY.items():
        for group, listed in groups.items():
            assert all(group in groups_in(words_of(each), lang) for each in listed), (lang, group)


def test_a_report_is_what_one_counts_by_hand(small: Path) -> None:
    """Fine words about women that sound like the insults it knows: a false alarm, and unequal to fine words about nobody."""
    texts = [*[Example(INSULT, True, "en")] * 6, *[Example(KIND, True, "en")] * 2, *[Example(KIND, False, "en")] * 30]
    texts += [Example(f"Women hear this daily: {INSULT}", False, "en")] * 10 + [Example(KIND, False, "de")] * 5
    found = measure(model.read(small), texts, day=DAY, above=0.5)
    every, german, english = found.langs
    assert [(each.lang, each.examples) for each in found.langs] == [("", 53), ("de", 5), ("en", 48)]
    counted = [(rate.part, rate.whole) for rate in (english.precision, english.recall, english.false_alarms)]
    assert counted == [(6, 16), (6, 8), (10, 40)]
    assert (german.precision.share, german.recall.share, german.false_alarms.part) == (None, None, 0)
    assert (every.recall.part, every.false_alarms.whole) == (6, 45)
    (women,) = found.identity
    assert (women.lang, women.group, women.is_unequal) == ("en", "women", True)
    assert (women.false_alarms.part, women.false_alarms.whole, women.otherwise.part, women.otherwise.whole) == (
        10,
        10,
        0,
        30,
    )


def test_a_report_lies_beside_its_model_and_is_read_back_as_it_was(small: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.model"
    assert classifiers.kept(file) is None
    found = measure(
        model.read(small), [Example(INSULT, True, "en"), Example("A woman spoke.", False, "en")], day=DAY, above=0.8
    )
    classifiers.keep(found, file)
    assert classifiers.kept(file) == found
    classifiers.beside(file).write_text("{}")
    assert classifiers.kept(file) is None


def real(shared: Path) -> Iterator[Example]:
    """Give comments that people labelled: tweets in English, comments on news in Korean."""
    corpora = shared / "data/corpora"
    with (corpora / "davidson/labeled_data.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[:600]
        yield from (Example(row["text"], row["class"] != "neither", "en") for row in rows)
    with (corpora / "kohate/dev.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
        yield from (Example(row["comments"], row["hate"] != "none", "ko") for row in rows)


def fine_words_about_groups(shared: Path) -> list[Example]:
    """Give sentences made to find false alarms."""
    with (shared / "data/corpora/hatecheck/test_suite_cases.csv").open(encoding="utf-8") as file:
        fine = [row["test_case"] for row in csv.DictReader(file) if row["label_gold"] != "hateful"]
    return [Example(text, False, "en") for text in fine[::2]]


@pytest.mark.shared
def test_on_real_comments_it_reports_its_precision_recall_and_whom_it_wrongs(shared: Path) -> None:
    """One model of one part, measured on another. What it says is held loosely: that it learned, and that it says so."""
    learn, rest = examples.split(real(shared))
    learned = train(learn, day=DAY, rounds=2)
    for line in measure(learned, rest, day=DAY, above=0.5).langs:
        assert (line.precision.share or 0) > line.recall.whole / line.examples, "better than holding everything"
        assert 0 < (line.recall.low or 0) < (line.recall.high or 0) <= 1
    found = measure(learned, fine_words_about_groups(shared), day=DAY, above=0.5)
    groups = {each.group: each.false_alarms for each in found.identity}
    assert set(groups) == set(IDENTITY["en"]) - {"jews"}
    assert all(each.whole >= 20 and each.low is not None for each in groups.values())
    assert max(each.share or 0 for each in groups.values()) > 0.2, "it does wrong people, and says so"

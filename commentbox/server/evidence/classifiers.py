"""How well a model of the local classifier does: precision and recall by language, and false alarms on identity words, each with
its interval. A report lies beside its model and is shown at the desk.

Precision: of what it would hold, how much should be. Recall: of what should be held, how much it would. False alarms: of what is
fine, how much it would hold all the same.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commentbox.server.evidence.formulas import Rate, differ, rate
from commentbox.server.screening.classifiers.features import words_of
from commentbox.server.screening.classifiers.identity_words import groups_in
from commentbox.server.screening.classifiers.model import Model
from commentbox.server.screening.classifiers.training import Example

ANY = ""
"""The line over all languages."""


@dataclass(frozen=True)
class LanguageLine:
    """What it does in one language, or ('') in all of them."""

    lang: str
    examples: int
    precision: Rate
    recall: Rate
    false_alarms: Rate


@dataclass(frozen=True)
class IdentityLine:
    """Fine texts that name a group of people, beside fine texts of the same language that name none."""

    lang: str
    group: str
    false_alarms: Rate
    otherwise: Rate

    @property
    def is_unequal(self) -> bool:
        """Say whether naming the group alone makes false alarms likelier, beyond chance."""
        apart = (self.false_alarms.share or 0) > (self.otherwise.share or 0)
        return apart and differ(self.false_alarms, self.otherwise)


@dataclass(frozen=True)
class Report:
    """Which model, measured when, holding what scores above `above`."""

    version: str
    trained: str
    day: str
    above: float
    langs: tuple[LanguageLine, ...]
    identity: tuple[IdentityLine, ...]


@dataclass(frozen=True)
class _Judged:
    lang: str
    is_bad: bool
    is_held: bool
    groups: frozenset[str]


def measure(model: Model, examples: Iterable[Example], *, day: str, above: float) -> Report:
    """Have a model judge examples it did not learn from."""
    judged = [_judge(model.score, each, above) for each in examples]
    langs = sorted({each.lang for each in judged})
    several = [ANY] if len(langs) != 1 else []
    return Report(
        version=model.version,
        trained=str(model.learned.get("day", "")),
        day=day,
        above=above,
        langs=tuple(_language(lang, judged) for lang in (*several, *langs)),
        identity=tuple(line for lang in langs for line in _identity(lang, judged)),
    )


def _judge(score: Callable[[str], float], example: Example, above: float) -> _Judged:
    groups = frozenset(groups_in(words_of(example.text), example.lang))
    return _Judged(example.lang or "?", example.is_bad, score(example.text) > above, groups)


def _language(lang: str, judged: Sequence[_Judged]) -> LanguageLine:
    here = [each for each in judged if lang in (ANY, each.lang)]
    held, bad = [each for each in here if each.is_held], [each for each in here if each.is_bad]
    right = sum(each.is_bad for each in held)
    alarms = rate(len(held) - right, len(here) - len(bad))
    return LanguageLine(lang, len(here), rate(right, len(held)), rate(right, len(bad)), alarms)


def _identity(lang: str, judged: Sequence[_Judged]) -> list[IdentityLine]:
    fine = [each for each in judged if each.lang == lang and not each.is_bad]
    otherwise = _alarms([each for each in fine if not each.groups])
    groups = sorted({group for each in fine for group in each.groups})
    return [IdentityLine(lang, group, _alarms([x for x in fine if group in x.groups]), otherwise) for group in groups]


def _alarms(fine: Sequence[_Judged]) -> Rate:
    return rate(sum(each.is_held for each in fine), len(fine))


def as_json(report: Report) -> dict[str, Any]:
    """Give a report for programs: every rate as its two numbers, its share and its interval."""
    return {
        **{name: getattr(report, name) for name in ("version", "trained", "day", "above")},
        "langs": [vars(each) | _rates(each, "precision", "recall", "false_alarms") for each in report.langs],
        "identity": [
            vars(each) | _rates(each, "false_alarms", "otherwise") | {"unequal": each.is_unequal}
            for each in report.identity
        ],
    }


def _rates(line: LanguageLine | IdentityLine, *names: str) -> dict[str, Any]:
    return {name: vars(getattr(line, name)) for name in names}


def beside(model_file: Path) -> Path:
    """Say where the report of a model lies."""
    return model_file.with_name(f"{model_file.name}.report.json")


def keep(report: Report, model_file: Path) -> None:
    """Lay a report beside its model, in place of the one before."""
    beside(model_file).write_text(json.dumps(as_json(report), ensure_ascii=False, indent=2) + "\n", "utf-8")


def kept(model_file: Path) -> Report | None:
    """Give the last report of a model; None where there is none that can be read."""
    try:
        return _read(json.loads(beside(model_file).read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _read(stored: dict[str, Any]) -> Report:
    def again(line: dict[str, Any], name: str) -> Rate:
        return rate(int(line[name]["part"]), int(line[name]["whole"]))

    langs = tuple(
        LanguageLine(x["lang"], x["examples"], again(x, "precision"), again(x, "recall"), again(x, "false_alarms"))
        for x in stored["langs"]
    )
    identity = tuple(
        IdentityLine(x["lang"], x["group"], again(x, "false_alarms"), again(x, "otherwise")) for x in stored["identity"]
    )
    head = (str(stored["version"]), str(stored["trained"]), str(stored["day"]), float(stored["above"]))
    return Report(*head, langs=langs, identity=identity)

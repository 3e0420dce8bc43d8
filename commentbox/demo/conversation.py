"""The people of Ardmouth and what they wrote under the Gazette's articles, read from `talk/*.toml` and checked.

The texts are data; nothing here makes any up. `seed.py` posts them. Times are minutes before the moment of seeding.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from commentbox.server.reports import REASONS
from commentbox.server.sites import rules
from commentbox.server.verification.providers.port import MethodClass

TALK = Path(__file__).parent / "talk"

KINDS = ("name", "person", "none", "guest")
METHODS = ("bank", "document", "in_person", "wallet")
LABELS = ("", "staff", "author", "subscriber")
STATES = ("published", "held", "removed", "withdrawn", "deleted")
HOLD_RULES = ("links", "guest", "words")
HOUSE_RULES = tuple(rule.code for rule in rules.HOUSE_RULES)
DEEPEST = 6


@dataclass(frozen=True)
class Person:
    """Somebody who writes. `kind` is name or person (verified), none, or guest (no account).

    `verified_minutes_ago` says when; 0 means long before. Whoever `left` has deleted the account.
    """

    key: str
    name: str
    kind: str
    method: MethodClass = "bank"
    label: str = ""
    reach: str = "everyone"
    verified_minutes_ago: int = 0
    left: bool = False

    @property
    def guest(self) -> bool:
        """Say whether this person writes without an account."""
        return self.kind == "guest"

    def verified(self, minutes_ago: int = 0) -> bool:
        """Say whether the person spoke as verified at that moment."""
        if self.kind not in ("name", "person"):
            return False
        return not self.verified_minutes_ago or minutes_ago <= self.verified_minutes_ago


@dataclass(frozen=True)
class Complaint:
    """A reader's report that waits in the queue, or was answered by the removal. `reason` is one of reports.REASONS."""

    reason: str
    text: str


@dataclass(frozen=True)
class Line:
    """One comment. `before` is what it said before its author edited it; `recommends` is (all, by verified people).

    `rule` is why it is held, or the house rule it was removed for; `note` is what its author was told, `appeal` their answer.
    """

    n: int
    by: str
    minutes_ago: int
    text: str
    parent: int | None = None
    state: str = "published"
    rule: str = ""
    note: str = ""
    appeal: str = ""
    before: str = ""
    recommends: tuple[int, int] = (0, 0)
    reports: tuple[Complaint, ...] = ()

    @property
    def edited(self) -> bool:
        """Say whether the author changed the text after posting."""
        return bool(self.before)


@dataclass(frozen=True)
class Conversation:
    """Everybody, and every article's lines by article id, oldest first."""

    people: dict[str, Person]
    threads: dict[str, tuple[Line, ...]]

    def lines(self) -> list[tuple[str, Line]]:
        """Give (article id, line) of all threads in the order they were written."""
        pairs = [(article, line) for article, lines in self.threads.items() for line in lines]
        return sorted(pairs, key=lambda pair: (-pair[1].minutes_ago, pair[0], pair[1].n))

    def verified(self, line: Line) -> bool:
        """Say whether a line was written by somebody verified at the time."""
        return self.people[line.by].verified(line.minutes_ago)


def load(folder: Path = TALK) -> Conversation:
    """Give the whole conversation. Refuses, with ValueError, data that could not have happened."""
    people = {each["key"]: Person(**each) for each in _read(folder / "people.toml")["person"]}
    files = sorted(path for path in folder.glob("*.toml") if path.stem != "people")
    threads = {path.stem: tuple(_line(each) for each in _read(path)["line"]) for path in files}
    for article, lines in threads.items():
        _check_thread(article, lines, people)
    return Conversation(people, threads)


def _read(path: Path) -> dict[str, list[dict]]:
    return tomllib.loads(path.read_text("utf-8"))


def _line(raw: dict) -> Line:
    complaints = tuple(Complaint(**each) for each in raw.pop("reports", ()))
    first, second = raw.pop("recommends", (0, 0))
    return Line(**raw, recommends=(first, second), reports=complaints)


def _check_thread(article: str, lines: tuple[Line, ...], people: dict[str, Person]) -> None:
    by_number = {line.n: line for line in lines}
    for line in lines:
        wrong = _wrong(line, by_number, people)
        if wrong:
            raise ValueError(f"{article}, line {line.n}: {wrong}")


def _wrong(line: Line, lines: dict[int, Line], people: dict[str, Person]) -> str:
    """Say what is impossible about a line, or nothing."""
    if line.by not in people:
        return f"nobody has the key {line.by!r}"
    if line.state not in STATES or (line.state == "held" and line.rule not in HOLD_RULES):
        return "unknown state or hold rule"
    if line.state == "removed" and (line.rule not in HOUSE_RULES or not line.note):
        return "a removal needs a house rule and a note"
    if any(complaint.reason not in REASONS for complaint in line.reports):
        return "unknown reason of a report"
    if (line.state == "deleted") != people[line.by].left:
        return "deleted lines belong to those who left"
    return _wrong_parent(line, lines, people) if line.parent is not None else ""


def _wrong_parent(line: Line, lines: dict[int, Line], people: dict[str, Person]) -> str:
    parent = lines.get(line.parent or 0)
    if parent is None or parent.minutes_ago <= line.minutes_ago:
        return "the parent is missing or not older"
    if parent.state == "held":
        return "nobody can answer a held comment"
    writer = people[line.by]
    if parent.by != line.by and people[parent.by].reach == "verified" and not writer.verified(line.minutes_ago):
        return "the parent's author hears from verified people only"
    return ""


def depth(line: Line, lines: dict[int, Line]) -> int:
    """Give how many parents a line has above it."""
    return 0 if line.parent is None else 1 + depth(lines[line.parent], lines)

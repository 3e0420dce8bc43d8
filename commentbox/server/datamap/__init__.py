"""The data map: what every table and column is, why, how long it is kept and who sees it, made from the schema itself.

The words are in `facts.toml`; a column without a line there has none and is an error. Who sees it and how long it stays are
words of `AUDIENCES` and `keeping`. Shown by `commentbox datamap` and on `/verification/data`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel

from commentbox.server.datamap.keeping import KEEPINGS, Keeping

AUDIENCES = {
    "everybody": "Everybody",
    "owner": "The person alone",
    "owner_desk": "The person, and moderators of the paper",
    "desk": "Moderators of the paper",
    "admins": "Admins",
    "operator": "Whoever runs the server",
    "nobody": "Nobody; the program alone",
}
SUBJECTS = {
    "commenter": "Somebody who comments",
    "notifier": "Somebody who reports",
    "staff": "Staff",
    "nobody": "Nobody",
}
HEAD = """Whoever runs the server can read the whole database; “seen by” says whom the program shows it to. Everything about
a person counts as personal data, codes and numbers too. What stands in no column is not kept: no stated name, no birth
date, no document, no network address."""


@dataclass(frozen=True, slots=True)
class ColumnEntry:
    """A column: what it is, whom it is about, how long it is kept and who sees it."""

    name: str
    what: str
    about: str
    kept: Keeping
    seen: str
    is_personal: bool

    @property
    def sentence(self) -> str:
        """Say all but what it is; in English, as the whole map is."""
        about = f"Personal data about: {self.about}." if self.is_personal else "No personal data."
        return f"{about} Kept: {self.kept.words}. Seen by: {self.seen}."


@dataclass(frozen=True, slots=True)
class TableEntry:
    """A table: what it holds and why, and its columns."""

    name: str
    what: str
    why: str
    columns: tuple[ColumnEntry, ...]


class NoFacts(LookupError):
    """A table or column that nobody has said anything about."""


@cache
def facts() -> Mapping[str, Any]:
    """Give what is written about tables and columns."""
    return tomllib.loads((Path(__file__).parent / "facts.toml").read_text("utf-8"))


@cache
def entries() -> tuple[TableEntry, ...]:
    """Give the map of the schema this program has, tables by name. Raises NoFacts for what nobody described."""
    return tuple(_table(name, table.columns.keys()) for name, table in sorted(SQLModel.metadata.tables.items()))


def _table(name: str, columns: list[str]) -> TableEntry:
    said = facts().get(name)
    if said is None:
        raise NoFacts(name)
    return TableEntry(name, said["what"], said["why"], tuple(_column(name, said, each) for each in columns))


def _column(table: str, said: Mapping[str, Any], name: str) -> ColumnEntry:
    found = said.get("columns", {}).get(name, facts()["common"].get(name))
    if found is None:
        raise NoFacts(f"{table}.{name}")
    own = {**said, **(found if isinstance(found, dict) else {"what": found})}
    about = own["about"]
    return ColumnEntry(
        name, own["what"], SUBJECTS[about], KEEPINGS[own["kept"]], AUDIENCES[own["seen"]], about != "nobody"
    )


def markdown() -> str:
    """Give the map as one page of Markdown."""
    parts = ["# Data map", "", "`commentbox datamap` makes this from the schema of this release.", "", HEAD]
    for table in entries():
        parts += ["", f"## {table.name}", "", f"{table.what}. {table.why}.", ""]
        parts += ["| column | what | about | personal data | kept | seen by |", "|---|---|---|---|---|---|"]
        parts += [
            f"| `{each.name}` | {each.what} | {each.about} | {'yes' if each.is_personal else 'no'} "
            f"| {each.kept.words} | {each.seen} |"
            for each in table.columns
        ]
    return "\n".join(parts) + "\n"

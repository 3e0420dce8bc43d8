"""Reading a `.po` file: what `i18n` speaks from. Nothing has to be built, and only the words stay in memory.

Babel reads these files too, but keeps a whole object for every message: ten times the memory and the time.
`tests/rules/test_catalogues.py` holds that both read the same.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from gettext import c2py
from pathlib import Path

_PART = re.compile(r'^(?:(msgid_plural|msgid|msgstr)(?:\[\d\])? )?"(.*)"$')
_ESCAPED = re.compile(r"\\(.)")
_MEANT = {"n": "\n", "t": "\t"}
_PLURAL = re.compile(r"plural=([^;\n]+)")


def _english(number: int) -> int:
    return int(number != 1)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The words of one language. What it does not know it says in English."""

    words: dict[str, str] = field(default_factory=dict)
    forms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    plural: Callable[[int], int] = _english

    def gettext(self, message: str) -> str:
        """Translate a message."""
        return self.words.get(message, message)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Translate the form that fits a number."""
        forms = self.forms.get(one)
        if forms is None:
            return many if _english(number) else one
        return forms[self.plural(number)]


def read(file: Path) -> Catalogue:
    """Read a catalogue. Messages that are fuzzy or not translated are left out."""
    words: dict[str, str] = {}
    forms: dict[str, tuple[str, ...]] = {}
    for entry in file.read_text("utf-8").split("\n\n"):
        texts = list(_texts(entry))
        said = [text for kind, text in texts if kind == "msgstr"]
        if not said or not all(said) or "\n#, fuzzy" in f"\n{entry}":
            continue
        if len(said) == 1:
            words[texts[0][1]] = said[0]
        else:
            forms[texts[0][1]] = tuple(said)
    head = _PLURAL.search(words.pop("", ""))
    return Catalogue(words, forms, c2py(head[1]) if head else _english)


def _texts(entry: str) -> Iterator[tuple[str, str]]:
    """Give the texts of an entry, each put together from its lines, with what it is: msgid, msgid_plural or msgstr."""
    kind, text = "", ""
    for line in entry.splitlines():
        part = _PART.match(line)
        if part is None:
            continue
        if part[1]:
            if kind:
                yield kind, text
            kind, text = part[1], ""
        text += _ESCAPED.sub(lambda escaped: _MEANT.get(escaped[1], escaped[1]), part[2])
    if kind:
        yield kind, text

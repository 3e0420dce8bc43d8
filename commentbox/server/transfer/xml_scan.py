"""Reads XML from front to back without keeping it: tells a watcher which element opens and what text it held.

Refuses every DOCTYPE, and with it entities, external files and the bombs made of them; no export has one.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Protocol
from xml.parsers import expat

from commentbox.server.base.errors import Invalid
from commentbox.server.transfer.decoding import decoded
from commentbox.server.transfer.source import Source

# Exports nest six deep. Far more is an attack on the parser's stack.
_DEEPEST = 64

# A comment beyond this is no comment; the text is cut here and the record says so.
LONGEST_TEXT = 1_000_000


class NotWellFormed(Invalid):
    """The file breaks the rules of XML at `line`; the mending try may still read it."""


class Watcher(Protocol):
    """What a format wants to know. Depth 1 is the root element."""

    def opened(self, depth: int, name: str, attributes: dict[str, str]) -> bool:
        """Hear that an element begins; answer whether its text is wanted."""

    def closed(self, depth: int, name: str, text: str) -> None:
        """Hear that an element ends; `text` is empty unless it was wanted."""

    def collected(self) -> list[Any]:
        """Give, and forget, what became complete since the last call."""


def scan(
    source: Source, watcher: Watcher, *, shorten: Callable[[str], str], notes: Counter[str], mend: bool
) -> Iterator[Any]:
    """Give what `watcher` collects from `source`, piece by piece. `shorten` turns "uri name" into a short name."""
    scanner = _Scanner(watcher, shorten)
    try:
        for text in decoded(source.pieces(), notes=notes, mend=mend):
            scanner.parser.Parse(text, False)
            yield from watcher.collected()
        scanner.parser.Parse("", True)
    except expat.ExpatError as error:
        reason = expat.errors.messages.get(error.code, "not well-formed")
        raise NotWellFormed(
            "import.not_well_formed", line=error.lineno, column=error.offset + 1, reason=reason
        ) from error
    except UnicodeError as error:
        where = {"line": scanner.parser.CurrentLineNumber, "column": 1}
        raise NotWellFormed(
            "import.not_well_formed", **where, reason=f"bytes that are not {_encoding(error)}"
        ) from error
    yield from watcher.collected()


def _encoding(error: UnicodeError) -> str:
    return error.encoding if isinstance(error, UnicodeDecodeError) else "text"


class _Scanner:
    """The parser's callbacks. Text handlers are set only while text is wanted: articles are most of a file."""

    def __init__(self, watcher: Watcher, shorten: Callable[[str], str]) -> None:
        self._watcher = watcher
        self._shorten = shorten
        self._names: dict[str, str] = {}
        self._depth = 0
        self._text: list[str] = []
        self._text_chars = 0
        self._wanted_at = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.buffer_size = 64 * 1024
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype

    def _name(self, name: str) -> str:
        short = self._names.get(name)
        if short is None:
            short = self._names[name] = self._shorten(name)
            if len(self._names) > 10_000:
                self._names.clear()
        return short

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Invalid("import.too_deep", line=self.parser.CurrentLineNumber)
        if self._wanted_at:
            return
        short = {self._name(key): value for key, value in attributes.items()} if attributes else attributes
        if self._watcher.opened(self._depth, self._name(name), short):
            self._wanted_at = self._depth
            self.parser.CharacterDataHandler = self._characters

    def _end(self, name: str) -> None:
        if not self._wanted_at:
            self._watcher.closed(self._depth, self._name(name), "")
        elif self._wanted_at == self._depth:
            text = "".join(self._text)
            self._text, self._text_chars, self._wanted_at = [], 0, 0
            self.parser.CharacterDataHandler = None
            self._watcher.closed(self._depth, self._name(name), text)
        self._depth -= 1

    def _characters(self, text: str) -> None:
        # One character over the limit is kept, so that whoever reads the text can see that it was cut.
        if self._text_chars <= LONGEST_TEXT:
            self._text.append(text[: LONGEST_TEXT + 1 - self._text_chars])
            self._text_chars += len(text)

    def _refuse_doctype(self, *_: Any) -> None:
        raise Invalid("import.doctype", line=self.parser.CurrentLineNumber)

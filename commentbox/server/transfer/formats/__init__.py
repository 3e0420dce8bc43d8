"""The port that every old system's format fits, and the table of those we read. To add one: write it, name it here."""

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Protocol

from commentbox.server.transfer.canonical import Article, Record
from commentbox.server.transfer.formats import disqus, wordpress
from commentbox.server.transfer.source import Source


class Reader(Protocol):
    """Reads one format. Promises: every article and comment of the file is given once, in any order, none is dropped;
    what cannot be imported has a `reason`. Memory does not grow with the file.

    Refuses with Invalid: `import.not_well_formed` (line, column, reason), `import.doctype`, `import.wrong_format`,
    `import.archive`, `import.unreadable`. A file that is not well-formed is tried again with `mend=True`.
    """

    def __call__(self, source: Source, *, notes: Counter[str], mend: bool) -> Iterator[Article | Record]:
        """Give the file's articles and comments; count in `notes` what was mended on the way."""


READERS: Mapping[str, Reader] = MappingProxyType({"disqus": disqus.read, "wordpress": wordpress.read})

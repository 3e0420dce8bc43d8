"""Examples from a file: JSON lines, or a table with a heading (comma or tab), with `text`, `label` and, if known, `lang`.

A label is 1, true or bad for what a moderator should look at, 0, false or fine for the rest. Nothing is kept of what is read.
"""

import csv
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from commentbox.server.screening.classifiers.training import Example

LABELS = {"1": True, "true": True, "bad": True, "0": False, "false": False, "fine": False}
ONE_IN = 5
"""One example of so many is kept out of the learning, to see what was learned."""


def read(file: Path) -> list[Example]:
    """Read a file. Raises ValueError with a sentence that names the line, and never quotes it."""
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            return [_example(file, number, row) for number, row in _rows(lines, file.suffix.lower())]
    except OSError as error:
        raise ValueError(f"{file} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ValueError(f"{file} is not UTF-8") from None


def _rows(lines: TextIO, suffix: str) -> Iterator[tuple[int, Any]]:
    if suffix in (".csv", ".tsv"):
        table = csv.DictReader(lines, delimiter="\t" if suffix == ".tsv" else ",")
        yield from ((table.line_num, row) for row in table)
        return
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, _parsed(line)


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _example(file: Path, number: int, row: Any) -> Example:
    label = LABELS.get(str(row.get("label", "")).strip().lower()) if isinstance(row, Mapping) else None
    if label is None or not isinstance(row.get("text"), str):
        raise ValueError(f"{file}, line {number}: needs text and label (1 or 0)")
    return Example(row["text"], label, str(row.get("lang") or "").strip().lower()[:10])


def split(examples: Iterable[Example]) -> tuple[list[Example], list[Example]]:
    """Give those to learn from and those to measure by. The same words are always on the same side, however often they come."""
    learn: list[Example] = []
    measure: list[Example] = []
    for each in examples:
        words = " ".join(each.text.casefold().split())
        kept_out = zlib.crc32(words.encode("utf-8", "replace")) % ONE_IN == 0
        (measure if kept_out else learn).append(each)
    return learn, measure

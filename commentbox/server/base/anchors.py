"""Anchors: the journal's hash at a position, written down outside the database, so that not even its owner can rewrite it.

One JSON object a line in a file that only grows. Copy it to where whoever can change the database cannot.
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class Anchor:
    """The journal as it was at a moment: its last position, and the hash there."""

    at: str
    position: int
    hash: str

    @property
    def day(self) -> str:
        """Give the day it was written, as 2026-11-22."""
        return self.at[:10]


def read(file: Path) -> list[Anchor]:
    """Give every anchor, oldest first; none where there is no file yet. Raises ValueError for a line that is none."""
    if not file.is_file():
        return []
    return [Anchor(**json.loads(line)) for line in file.read_text("utf-8").splitlines() if line.strip()]


def write(file: Path, *, at: datetime, position: int, digest: str) -> Anchor:
    """Append an anchor, and see that it is on the disk."""
    anchor = Anchor(at.isoformat(), position, digest)
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w") as opened:
        opened.write(json.dumps(asdict(anchor)) + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    return anchor

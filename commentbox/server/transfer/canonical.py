"""What an export file holds, in our words, whatever system wrote it; and the report of what became of it.

Readers in `formats` produce `Article` and `Record`; `run` turns them into threads and comments and fills a `Report`.
E-mails and network addresses have no place here, so that they cannot reach the database.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

State = Literal["published", "held", "removed", "deleted", "skipped"]

# The states whose text we store. A record in any other state is counted, and at most leaves a placeholder.
KEPT: tuple[State, ...] = ("published", "held")

ALREADY_IMPORTED = "already_imported"


@dataclass(frozen=True, slots=True)
class Article:
    """One article of the old system. `reason` is empty unless it cannot become a thread."""

    ref: str
    id: str
    url: str
    title: str
    closed: bool
    created_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One comment of the old system. `ref` is unique in the world ("disqus:7"), `parent_ref` is written the same way.

    `created_at` is None where the file has no usable date; the neighbours then lend theirs. `reason` says why a record
    that is neither published nor held stays behind.
    """

    ref: str
    article_ref: str
    parent_ref: str
    name: str
    html: str
    created_at: datetime | None
    state: State
    reason: str = ""


@dataclass(slots=True)
class Report:
    """What became of every article and every comment of a file: the parts add up to the totals.

    `notes` counts what was kept but had to be mended (orphans lifted, dates guessed, …). `foreign_hosts` counts
    articles by host where that host is not one of the site's own.
    """

    threads_total: int = 0
    threads_imported: int = 0
    threads_skipped: Counter[str] = field(default_factory=Counter)
    comments_total: int = 0
    comments_imported: int = 0
    comments_held: int = 0
    comments_skipped: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    foreign_hosts: Counter[str] = field(default_factory=Counter)
    dry_run: bool = False

    def as_json(self) -> dict[str, Any]:
        """Give the shape that `import --json` prints; other programs rely on it."""
        return {
            "threads": {
                "total": self.threads_total,
                "imported": self.threads_imported,
                "skipped": dict(sorted(self.threads_skipped.items())),
            },
            "comments": {
                "total": self.comments_total,
                "imported": self.comments_imported,
                "held": self.comments_held,
                "skipped": dict(sorted(self.comments_skipped.items())),
            },
        }

    def adds_up(self) -> bool:
        """Say whether every record is accounted for."""
        threads = self.threads_imported + self.threads_skipped.total()
        comments = self.comments_imported + self.comments_held + self.comments_skipped.total()
        return threads == self.threads_total and comments == self.comments_total

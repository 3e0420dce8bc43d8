"""A temporary SQLite file in which an export is put in order before a word of it is written to the real database.

An export is larger than memory and in no helpful order: posts before their threads, replies before their parents.
`add` fills the tables, `trees` works on them, `writing` reads them; memory holds one batch at a time.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from commentbox.server.transfer.canonical import Article, Record

BATCH = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# home: the article whose thread this becomes (two articles with one address share it).
# known: already in the database from an earlier run; ghost: known, and not even in this file.
# bound: the address leads to a thread already.
# stub: nothing to show, but a kept reply hangs on it. below: published descendants that this run adds.
_TABLES = """
CREATE TABLE article (n INTEGER PRIMARY KEY, ref TEXT, url TEXT, url_key TEXT, host TEXT, title TEXT, closed INTEGER,
  at INTEGER, reason TEXT, home INTEGER, thread_id TEXT, bound INTEGER DEFAULT 0);
CREATE TABLE comment (n INTEGER PRIMARY KEY, ref TEXT, given_ref TEXT, article_ref TEXT, parent_ref TEXT, at INTEGER,
  state TEXT, reason TEXT, kept INTEGER, home INTEGER, parent INTEGER, level INTEGER, below INTEGER DEFAULT 0,
  stub INTEGER DEFAULT 0, known INTEGER DEFAULT 0, ghost INTEGER DEFAULT 0, id TEXT, path TEXT, thread_id TEXT);
CREATE TABLE body (n INTEGER PRIMARY KEY, name TEXT, html TEXT);
CREATE TABLE clean (n INTEGER PRIMARY KEY, html TEXT, text TEXT);
"""


@dataclass(frozen=True, slots=True)
class Address:
    """Where an article will be: its address after `--map-host`, the key it is found by, and its host."""

    url: str
    key: str
    host: str


class Staging:
    """The file and its connection. Use `opened`."""

    def __init__(self, path: Path, *, address_of: Callable[[str], Address | None]) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        for pragma in (
            "journal_mode=OFF",
            "synchronous=OFF",
            "temp_store=FILE",
            "cache_size=-16000",
            "locking_mode=EXCLUSIVE",
        ):
            self.db.execute(f"PRAGMA {pragma}")
        self._address_of = address_of
        self._articles = self._comments = 0
        self.db.executescript(_TABLES)

    def to_write(self) -> int:
        """Give the number of comments and stubs that the database lacks."""
        return self.count("SELECT count(*) FROM comment WHERE (kept OR stub) AND NOT known AND home NOT NULL")

    def clear(self) -> None:
        """Forget everything: the file is about to be read again."""
        self.db.executescript("DELETE FROM article; DELETE FROM comment; DELETE FROM body;")
        self._articles = self._comments = 0

    def add(self, found: Iterable[Article | Record]) -> None:
        """Take what a reader gives."""
        articles: list[tuple[Any, ...]] = []
        records: list[Record] = []
        self.db.execute("BEGIN")
        for each in found:
            if isinstance(each, Article):
                articles.append(self._article_row(each))
            else:
                records.append(each)
            if len(articles) + len(records) >= BATCH:
                self._flush(articles, records)
        self._flush(articles, records)
        self.db.execute("COMMIT")

    def _article_row(self, article: Article) -> tuple[Any, ...]:
        self._articles += 1
        address = self._address_of(article.url) if not article.reason else None
        reason = article.reason or ("" if address else "bad_address")
        place = (address.url, address.key, address.host) if address else (article.url[:200], None, None)
        title, at = article.title, to_micros(article.created_at)
        return (self._articles, article.ref, *place, title, int(article.closed), at, reason)

    def _flush(self, articles: list[tuple[Any, ...]], records: list[Record]) -> None:
        self.db.executemany(
            "INSERT INTO article (n, ref, url, url_key, host, title, closed, at, reason) VALUES (?,?,?,?,?,?,?,?,?)",
            articles,
        )
        first = self._comments + 1
        self._comments += len(records)
        self.db.executemany(
            "INSERT INTO comment (n, ref, given_ref, article_ref, parent_ref, at, state, reason, kept)"
            " VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?6 IN ('published', 'held'))",
            (
                (n, each.ref, each.article_ref, each.parent_ref, to_micros(each.created_at), each.state, each.reason)
                for n, each in enumerate(records, first)
            ),
        )
        self.db.executemany(
            "INSERT INTO body VALUES (?,?,?)",
            ((n, each.name, each.html) for n, each in enumerate(records, first) if each.html or each.name),
        )
        articles.clear()
        records.clear()

    def batches(self, sql: str, *, size: int = BATCH) -> Iterator[list[tuple[Any, ...]]]:
        """Give the rows of a query a batch at a time. The query must not be disturbed by what is done in between:
        change only columns it neither filters nor sorts by."""
        cursor = self.db.execute(sql)
        while rows := cursor.fetchmany(size):
            yield rows

    def count(self, sql: str) -> int:
        """Give the one number a query asks for."""
        return int(self.db.execute(sql).fetchone()[0] or 0)


@contextmanager
def opened(*, address_of: Callable[[str], Address | None], work_dir: Path | None) -> Iterator[Staging]:
    """Give a staging file in a folder of its own, gone afterwards however the import ends."""
    with TemporaryDirectory(prefix="commentbox-import-", dir=work_dir) as folder:
        staging = Staging(Path(folder) / "staging.sqlite", address_of=address_of)
        try:
            yield staging
        finally:
            staging.db.close()


def to_micros(at: datetime | None) -> int | None:
    """Give a moment as whole microseconds since 1970, which keep every digit of it."""
    return None if at is None else (at - _EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    """Give the moment back, aware and in UTC."""
    return _EPOCH + timedelta(microseconds=micros)

"""The database: opening it, reading, and the one lane through which everything is written.

The only module that asks which database it is. Rooms say what they want in SQLAlchemy Core and get plain rows; entities
are never loaded (they cost the read path a factor of three). Writing goes through `work.begin` alone.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, DateTime, Engine, Row, Table, TypeDecorator, create_engine, event, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

from commentbox.server.base import fulltext
from commentbox.server.base.fulltext import Fulltext

# Rows are written from tables' own columns and read as plain rows: what pydantic would build to validate a table is never
# used, and costs a server three megabytes. Every table imports this module before it is made.
SQLModel.model_config["defer_build"] = True

READERS = 2
"""Connections for long reads on SQLite; each is a thread, and two cores gain nothing from more."""
ENGINES = 4
"""Plain engines kept: one that is closed and opened again still knows how it compiled every statement. Those of the event
loop are not: a connection that was left in one would belong to a loop that has ended."""
UNITS_PER_COMMIT = 32
"""How many writers share one COMMIT on SQLite, so that one flush to disk serves them all."""
_T = TypeVar("_T")
BUSY_SECONDS = 10
STATEMENT_SECONDS = 15
"""Without time-outs a database whose network goes away would hang a request for ever."""


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases; SQLite keeps it without a zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuse naive moments; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must be aware")
        return value.astimezone(UTC) if dialect.name != "sqlite" else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Give the moment back aware."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


def table_of(model: type[SQLModel]) -> Table:
    """Give the table of a model, which SQLModel makes and does not declare."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


Upsert = Callable[[type[SQLModel]], Any]


def _upsert_postgres(model: type[SQLModel]) -> Any:
    return postgresql.insert(table_of(model))


def _upsert_sqlite(model: type[SQLModel]) -> Any:
    return sqlite.insert(table_of(model))


class Query:
    """A connection inside its transaction, with the few things rooms do with one."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def _execute(self, statement: Any, values: Any = None) -> Any:
        return await self._connection.execute(statement, values)

    async def all(self, statement: Any, values: Any = None) -> Sequence[Row[Any]]:
        """Give every row."""
        return (await self._execute(statement, values)).all()

    async def first(self, statement: Any, values: Any = None) -> Row[Any] | None:
        """Give the first row, or None."""
        return (await self._execute(statement, values)).first()

    async def scalar(self, statement: Any, values: Any = None) -> Any:
        """Give the first column of the first row, or None."""
        return (await self._execute(statement, values)).scalar()

    async def run(self, statement: Any, values: Any = None) -> int:
        """Carry out a change and say how many rows it touched."""
        return (await self._execute(statement, values)).rowcount

    async def add(self, record: SQLModel) -> None:
        """Insert one record. A broken uniqueness raises `sqlalchemy.exc.IntegrityError`."""
        await self._execute(insert(table_of(type(record))), _columns(record))

    async def add_all(self, model: type[SQLModel], rows: list[dict[str, Any]]) -> None:
        """Insert many rows of one table in one round trip."""
        if rows:
            await self._execute(_insert(model), rows)

    async def add_if_new(self, record: SQLModel) -> bool:
        """Insert one record unless it breaks a uniqueness; say whether it was inserted."""
        try:
            async with self._connection.begin_nested():
                await self.add(record)
        except IntegrityError:
            return False
        return True

    @property
    def upsert(self) -> Upsert:
        """Give what makes the dialect's INSERT, the one that knows `on_conflict_do_update`."""
        return _upsert_postgres if self._connection.dialect.name == "postgresql" else _upsert_sqlite

    @property
    def fulltext(self) -> Fulltext:
        """Give how comments are found by their words here."""
        return fulltext.POSTGRESQL if self._connection.dialect.name == "postgresql" else fulltext.SQLITE

    async def run_sync(self, call: Callable[[Connection], _T]) -> _T:
        """Give a plain connection to code that knows no other, such as Alembic's."""
        return await self._connection.run_sync(call)

    @property
    def locks_rows(self) -> bool:
        """Say whether `with_for_update` means anything here; SQLite has one writer and needs none."""
        return self._connection.dialect.name == "postgresql"


class _Inline(Query):
    """The same on SQLite, without leaving the event loop: a statement takes microseconds there, and handing it to a
    thread four times that (measured: 43 hand-overs a comment posted, and a tenth of the rate). What waits, BEGIN for
    another process and COMMIT for the disk, does go to a thread."""

    def __init__(self, connection: Connection) -> None:
        self._plain = connection

    async def _execute(self, statement: Any, values: Any = None) -> Any:
        return self._plain.execute(statement, values)

    async def add_if_new(self, record: SQLModel) -> bool:
        """Insert one record unless it breaks a uniqueness; say whether it was inserted."""
        try:
            with self._plain.begin_nested():
                await self.add(record)
        except IntegrityError:
            return False
        return True

    @property
    def upsert(self) -> Upsert:
        """Give what makes SQLite's INSERT, the one that knows `on_conflict_do_update`."""
        return _upsert_sqlite

    @property
    def fulltext(self) -> Fulltext:
        """Give how SQLite finds comments by their words."""
        return fulltext.SQLITE

    async def run_sync(self, call: Callable[[Connection], _T]) -> _T:
        """Give the plain connection to code that knows no other."""
        return call(self._plain)

    @property
    def locks_rows(self) -> bool:
        """SQLite has one writer and locks no rows."""
        return False


@lru_cache(maxsize=64)
def _insert(model: type[SQLModel]) -> Any:
    return insert(table_of(model))


def _columns(record: SQLModel) -> dict[str, Any]:
    return {
        column.key: getattr(record, column.key) for column in table_of(type(record)).columns if column.computed is None
    }


class Database:
    """One database, opened once a process. `async with db.read()` to look, `work.begin(db)` to change.

    An `engine` that is given stays open, for whoever gave it.
    """

    def __init__(self, url: str, engine: AsyncEngine | None = None) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._engine = engine or engine_for(url)
        self._is_given = engine is not None
        self._plain = _inline_engine(url) if self.is_sqlite else None
        self._lane = _Lane(self._plain) if self._plain else None
        self._reading: Connection | None = None
        self.changed = asyncio.Event()
        """Set after every commit of this process; the sealer and the job loop wait on it."""

    @property
    def engines(self) -> list[Engine]:
        """The engines statements run on, for those who count them."""
        return [self._engine.sync_engine, *([self._plain] if self._plain else [])]

    @asynccontextmanager
    async def read(self, *, heavy: bool = False) -> AsyncIterator[Query]:
        """Give a connection for looking. `heavy` keeps statements that take long from holding up everybody else."""
        if self._plain and not heavy:
            if self._reading is None:
                self._reading = self._plain.connect()
            yield _Inline(self._reading)
            return
        async with self._engine.connect() as connection:
            yield Query(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Query]:
        """Give a connection inside a transaction that commits on leaving. Only `work.begin` calls this."""
        if self._lane:
            async with self._lane.unit() as query:
                yield query
        else:
            async with self._engine.begin() as connection:
                yield Query(connection)
        self.changed.set()

    async def close(self) -> None:
        """Close every connection."""
        if self._lane and self._plain:
            self._lane.close()
            if self._reading is not None:
                self._reading.close()
            self._plain.dispose()
        if not self._is_given:
            await self._engine.dispose()


class _Lane:
    """SQLite's single writer. Units take turns on one connection, each in a savepoint; whoever finds nobody waiting
    commits for all that went before, so that many small writes share one flush to disk."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._settled: list[asyncio.Future[None]] = []
        self._open = False

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Query]:
        """Run one unit of work in its savepoint; leave only when it is on disk."""
        async with self._own_turn():
            connection = await self._begin()
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            try:
                connection.exec_driver_sql("SAVEPOINT unit")
                try:
                    yield _Inline(connection)
                except BaseException:
                    connection.exec_driver_sql("ROLLBACK TO unit")
                    connection.exec_driver_sql("RELEASE unit")
                    raise
                connection.exec_driver_sql("RELEASE unit")
                self._settled.append(done)
            finally:
                if not self._waiting or len(self._settled) >= UNITS_PER_COMMIT:
                    await self._commit()
        await asyncio.shield(done)

    @asynccontextmanager
    async def _own_turn(self) -> AsyncIterator[None]:
        self._waiting += 1
        try:
            await self._turn.acquire()
        except asyncio.CancelledError:
            self._waiting -= 1
            await self._commit_if_left_alone()
            raise
        self._waiting -= 1
        try:
            yield
        finally:
            self._turn.release()

    async def _commit_if_left_alone(self) -> None:
        """Settle what others are waiting for, where the one who should have done it gave up its turn."""
        if self._open and not self._waiting and not self._turn.locked():
            async with self._turn:
                await self._commit()

    async def _begin(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        if not self._open:
            await _in_thread(self._connection, "BEGIN IMMEDIATE")
            self._open = True
        return self._connection

    async def _commit(self) -> None:
        """Put the batch on disk and tell every unit of it how that went. Not to be interrupted by a cancelled unit."""
        settled, self._settled, self._open = self._settled, [], False
        committing = asyncio.ensure_future(self._settle(settled))
        try:
            await asyncio.shield(committing)
        except asyncio.CancelledError:
            await committing
            raise

    async def _settle(self, settled: list[asyncio.Future[None]]) -> None:
        connection = self._connection
        assert connection is not None
        try:
            await _in_thread(connection, "COMMIT")
        except SQLAlchemyError as error:  # a full disk, say: every unit of the batch must hear of it
            if connection.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]
                connection.exec_driver_sql("ROLLBACK")
            for future in settled:
                if not future.done():
                    future.set_exception(error)
        else:
            for future in settled:
                if not future.done():
                    future.set_result(None)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()


async def _in_thread(connection: Connection, statement: str) -> None:
    await asyncio.get_running_loop().run_in_executor(None, connection.exec_driver_sql, statement)


@lru_cache(maxsize=ENGINES)
def _inline_engine(url: str) -> Engine:
    engine = create_engine(
        url.replace("+aiosqlite", ""),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",  # we say BEGIN ourselves: the driver's own rules would break savepoints
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def engine_for(url: str) -> AsyncEngine:
    """Give an engine with connections of the event loop."""
    return _threaded_engine(url) if url.startswith("sqlite") else _postgres_engine(url)


def _threaded_engine(url: str) -> AsyncEngine:
    engine = create_async_engine(
        url, pool_size=READERS, max_overflow=0, isolation_level="AUTOCOMMIT", connect_args={"timeout": BUSY_SECONDS}
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-8000", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _postgres_engine(url: str) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=10,
        max_overflow=10,
        pool_timeout=BUSY_SECONDS,
        connect_args={
            "timeout": BUSY_SECONDS,
            "command_timeout": STATEMENT_SECONDS,
            "server_settings": {"statement_timeout": f"{STATEMENT_SECONDS * 1000}", "jit": "off"},
        },
    )

"""What a page costs, in statements."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from commentbox.server.base.db import Database


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """Collect what is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        asked.append(statement)

    for engine in db.engines:
        event.listen(engine, "before_cursor_execute", note)
    yield asked
    for engine in db.engines:
        event.remove(engine, "before_cursor_execute", note)

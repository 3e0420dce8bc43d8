"""How often something happened in a month, and nothing else: no who, no when, no where. For figures that must lead to nobody."""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Field, SQLModel

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.work import Work


class Tally(SQLModel, table=True):
    """A number for one name and month (`2026-11`)."""

    __tablename__ = "tally"

    name: str = Field(primary_key=True, max_length=40)
    month: str = Field(primary_key=True, max_length=7)
    number: int = 0


_tallies = table_of(Tally)


async def add(work: Work, name: str) -> None:
    """Count one."""
    statement = work.q.upsert(Tally)
    more = {"number": _tallies.c.number + 1}
    row = {"name": name, "month": _month(work.now), "number": 1}
    await work.q.run(statement.on_conflict_do_update(index_elements=["name", "month"], set_=more), row)


async def total(query: Query, name: str, *, since: datetime, until: datetime) -> int:
    """Add up the months that a period touches, whole months each."""
    months = (_tallies.c.month >= _month(since)) & (_tallies.c.month <= _month(until))
    return int(await query.scalar(select(func.sum(_tallies.c.number)).where(_tallies.c.name == name, months)) or 0)


def _month(moment: datetime) -> str:
    return f"{moment:%Y-%m}"

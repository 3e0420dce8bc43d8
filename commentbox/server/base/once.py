"""One-time things, kept in the database so that any process may redeem what another gave out."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from commentbox.server.base import clock
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Gone
from commentbox.server.base.models import OneTime
from commentbox.server.base.signing import token_hash
from commentbox.server.base.work import Work

_table = table_of(OneTime)


async def put(work: Work, kind: str, key: str, *, data: dict[str, Any], minutes: float) -> None:
    """Keep `data` under a secret `key` for a while. The key itself is not stored. An older one under it is replaced."""
    row: dict[str, Any] = {"kind": kind, "key_hash": token_hash(key), "data": data, "used_at": None}
    row["expires_at"] = work.now + timedelta(minutes=minutes)
    statement = work.q.upsert(OneTime)
    changes = {name: statement.excluded[name] for name in ("data", "expires_at", "used_at")}
    await work.q.run(statement.on_conflict_do_update(index_elements=["kind", "key_hash"], set_=changes), row)


async def take(work: Work, kind: str, key: str) -> dict[str, Any]:
    """Use it up and give its data. Refuses `once.gone` where it never was, ran out or was used: all three look alike."""
    statement = (
        update(_table)
        .where(_table.c.kind == kind, _table.c.key_hash == token_hash(key))
        .where(_table.c.used_at.is_(None), _table.c.expires_at > work.now)
        .values(used_at=work.now)
        .returning(_table.c.data)
    )
    row = await work.q.first(statement)
    if row is None:
        raise Gone("once.gone", kind=kind)
    return dict(row.data)


async def first_time(work: Work, kind: str, key: str, *, minutes: float) -> bool:
    """Note that something was seen, and say whether it was the first time within so many minutes."""
    until = work.now + timedelta(minutes=minutes)
    seen = OneTime(kind=kind, key_hash=token_hash(key), data={}, expires_at=until, used_at=work.now)
    return await work.q.add_if_new(seen)


async def peek(query: Query, kind: str, key: str) -> dict[str, Any] | None:
    """Give the data of one that is still good, without using it up."""
    now = clock.now()
    statement = select(_table.c.data).where(_table.c.kind == kind, _table.c.key_hash == token_hash(key))
    row = await query.first(statement.where(_table.c.used_at.is_(None), _table.c.expires_at > now))
    return None if row is None else dict(row.data)


async def forget(work: Work, kind: str, key: str) -> None:
    """Throw one away at once, with what was kept."""
    await work.q.run(delete(_table).where(_table.c.kind == kind, _table.c.key_hash == token_hash(key)))


async def change(work: Work, kind: str, key: str, *, data: dict[str, Any]) -> None:
    """Replace the data of one that is still good. Refuses `once.gone`."""
    statement = update(_table).where(_table.c.kind == kind, _table.c.key_hash == token_hash(key))
    statement = statement.where(_table.c.used_at.is_(None), _table.c.expires_at > work.now)
    if not await work.q.run(statement.values(data=data)):
        raise Gone("once.gone", kind=kind)


async def sweep(work: Work) -> int:
    """Throw away what ran out more than a day ago, and say how many."""
    return await work.q.run(delete(_table).where(_table.c.expires_at < work.now - timedelta(days=1)))

"""The sealer: gives committed journal rows a gap-free position and a hash chained to the one before.

Rows are inserted unsealed by `work`, so that writers never queue for a position. Listeners follow `position`.
"""

import hashlib
import json
from typing import Any

from sqlalchemy import bindparam, select, text, update

from commentbox.server.base import facts
from commentbox.server.base.db import Database, Query, table_of
from commentbox.server.base.models import Journal
from commentbox.server.base.work import begin

BATCH = 500
START = "0" * 64
"""What the first row is chained to."""
_ADVISORY_LOCK = 7_262_001
_table = table_of(Journal)


def chained_hash(position: int, previous: str, row: Any) -> str:
    """Give the SHA-256 of one row at its position, bound to everything before it by `previous`."""
    fields = [
        position,
        previous,
        row.id,
        row.at.isoformat(),
        row.kind,
        row.actor_id,
        row.site_id,
        row.subject_id,
        row.data,
    ]
    return hashlib.sha256(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


CUT = "journal_cut"
"""The fact that says up to where the journal was cut: its position and the hash there."""


async def cut_at(query: Query) -> tuple[int, str]:
    """Give where the chain begins: at nothing, or at what was cut off."""
    position, _, digest = (await facts.recall(query, CUT) or "").partition(":")
    return (int(position), digest) if position.isdigit() else (0, START)


async def seal(db: Database) -> int:
    """Seal up to a batch of committed rows, and say how many. Only one sealer works at a time."""
    async with db.read() as query:
        if await query.scalar(select(_table.c.id).where(_table.c.position.is_(None)).limit(1)) is None:
            return 0
    async with begin(db) as work:
        if work.q.locks_rows and not await work.q.scalar(text(f"SELECT pg_try_advisory_xact_lock({_ADVISORY_LOCK})")):
            return 0
        return await _seal_batch(work.q)


async def _seal_batch(query: Query) -> int:
    last = await query.first(
        select(_table.c.position, _table.c.hash).order_by(_table.c.position.desc().nulls_last()).limit(1)
    )
    position, previous = (last.position, last.hash) if last and last.position else await cut_at(query)
    rows = await query.all(select(_table).where(_table.c.position.is_(None)).order_by(_table.c.id).limit(BATCH))
    sealed = []
    for row in rows:
        position += 1
        digest = chained_hash(position, previous, row)
        sealed.append({"row_id": row.id, "position": position, "previous": previous, "hash": digest})
        previous = digest
    if sealed:
        values: dict[str, Any] = {name: bindparam(name) for name in ("position", "previous", "hash")}
        await query.run(update(_table).where(_table.c.id == bindparam("row_id")).values(values), sealed)
    return len(sealed)

"""Trusted flaggers (DSA art. 22): who they are, and the code by which their notices come first."""

import secrets
from typing import Any

from sqlalchemy import Row, select, update

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import NotFound
from commentbox.server.base.ids import new_id
from commentbox.server.base.signing import written_code, written_code_hash
from commentbox.server.base.work import Work
from commentbox.server.notices.models import Flagger

_PURPOSE = "flagger"
_flaggers = table_of(Flagger)


async def add(work: Work, name: str) -> str:
    """Note a trusted flagger and give their code, which is shown this once."""
    code = written_code(secrets.token_bytes(13))
    flagger = Flagger(id=new_id(work.now), name=name, code_hash=written_code_hash(_PURPOSE, code), since=work.now)
    await work.q.add(flagger)
    work.record("flagger.added", subject_id=flagger.id)
    return code


async def end(work: Work, flagger_id: str) -> None:
    """Take no more of their notices with priority. Refuses `flagger.unknown`."""
    current = (_flaggers.c.id == flagger_id) & _flaggers.c.ended_at.is_(None)
    if not await work.q.run(update(_flaggers).where(current).values(ended_at=work.now)):
        raise NotFound("flagger.unknown")
    work.record("flagger.ended", subject_id=flagger_id)


async def every(query: Query) -> list[Row[Any]]:
    """Give all of them (`id`, `name`, `since`, `ended_at`), in order of their names."""
    columns = (_flaggers.c.id, _flaggers.c.name, _flaggers.c.since, _flaggers.c.ended_at)
    return list(await query.all(select(*columns).order_by(_flaggers.c.name)))


async def by_code(query: Query, code: str) -> str:
    """Give the flagger whose code it is. Refuses `flagger.unknown`."""
    known = (_flaggers.c.code_hash == written_code_hash(_PURPOSE, code)) & _flaggers.c.ended_at.is_(None)
    found = await query.scalar(select(_flaggers.c.id).where(known))
    if found is None:
        raise NotFound("flagger.unknown")
    return str(found)

"""What an instance remembers about itself between two starts. A handful of rows; no facts about people."""

from sqlalchemy import select

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.models import Fact
from commentbox.server.base.work import Work

PASSKEY_HOST = "passkey_host"
"""The host name passkeys were first made for. Under another one every passkey is useless."""
_table = table_of(Fact)


async def recall(query: Query, name: str) -> str | None:
    """Give what is known under a name, or None."""
    return await query.scalar(select(_table.c.value).where(_table.c.name == name))


async def note(work: Work, name: str, value: str) -> None:
    """Remember; what was known under the name before is replaced."""
    statement = work.q.upsert(Fact)
    changes = {"value": statement.excluded.value}
    await work.q.run(
        statement.on_conflict_do_update(index_elements=["name"], set_=changes), {"name": name, "value": value}
    )

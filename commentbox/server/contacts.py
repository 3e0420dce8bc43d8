"""How people who reported or complained can be reached, apart from everything they said.

A row knows the id of a report or notice and nothing of its content. Cases, authors' pages and exports never read it; it is
read by whoever has the code, and when a mail goes out. It is erased six months after the answer.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlmodel import Field, SQLModel

from commentbox.server.base import mailbox
from commentbox.server.base.db import Moment, Query, table_of
from commentbox.server.base.errors import TooMuch
from commentbox.server.base.signing import written_code, written_code_hash
from commentbox.server.base.work import Work

NAME_LENGTH = 200
KEPT_DAYS = 183
"""Six months after the answer: as long as one can complain about it."""
LONGEST_DAYS = 366
"""What nobody answered is forgotten after a year: an address is not kept for a matter that is over."""
_PURPOSE = "outcome"


class Contact(SQLModel, table=True):
    """How somebody who reported or gave notice can be reached. `id` is that of the report or notice."""

    __tablename__ = "contact"

    id: str = Field(primary_key=True, max_length=16)
    code_hash: str = Field(unique=True, max_length=64)
    name: str = Field(default="", max_length=NAME_LENGTH)
    email: str = Field(default="", max_length=mailbox.LONGEST)
    lang: str = Field(default="en", max_length=12)
    erase_at: datetime = Field(sa_type=Moment, index=True)


_contacts = table_of(Contact)


def check(name: str, email: str) -> tuple[str, str]:
    """Give name and address, trimmed; either may be empty. Refuses `email.invalid` and `input.too_long`."""
    if len(name.strip()) > NAME_LENGTH:
        raise TooMuch("input.too_long", field="name", limit=NAME_LENGTH, length=len(name.strip()))
    return name.strip(), mailbox.check(email)


async def keep(work: Work, contact_id: str, *, name: str = "", email: str = "", lang: str) -> str:
    """Keep how somebody can be reached, and give the code that shows them the outcome. It is shown this once."""
    code = written_code(secrets.token_bytes(13))
    kept = Contact(
        id=contact_id,
        code_hash=written_code_hash(_PURPOSE, code),
        name=name,
        email=email,
        lang=lang,
        erase_at=work.now + timedelta(days=LONGEST_DAYS),
    )
    await work.q.add(kept)
    return code


async def id_by_code(query: Query, code: str) -> str | None:
    """Give the report or notice whose outcome a code shows."""
    wanted = _contacts.c.code_hash == written_code_hash(_PURPOSE, code)
    return await query.scalar(select(_contacts.c.id).where(wanted))


async def find(query: Query, contact_id: str) -> Row[Any] | None:
    """Give how to reach whoever sent a report or notice, or None once that is erased. For mails alone."""
    return await query.first(select(_contacts).where(_contacts.c.id == contact_id))


async def answered(work: Work, ids: list[str]) -> None:
    """Begin the six months after which these are erased."""
    erase_at = work.now + timedelta(days=KEPT_DAYS)
    await work.q.run(update(_contacts).where(_contacts.c.id.in_(ids)).values(erase_at=erase_at))


async def erase(work: Work) -> int:
    """Throw away what is due, and say how many."""
    return await work.q.run(delete(_contacts).where(_contacts.c.erase_at <= work.now))

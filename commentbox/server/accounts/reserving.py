"""The papers' own names, kept from everybody: nobody speaks to readers as the newspaper itself."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete

from commentbox.server.accounts import names
from commentbox.server.accounts.actions import reserve_name
from commentbox.server.accounts.models import NameHold
from commentbox.server.accounts.names import Name
from commentbox.server.base.db import table_of
from commentbox.server.base.errors import Invalid
from commentbox.server.base.work import Work

_names = table_of(NameHold)
_NOBODYS = _names.c.account_id.is_(None) & _names.c.guest_code_hash.is_(None)

ARTICLES = frozenset(["the", "der", "die", "das", "le", "la", "les", "el", "los", "las"])
"""“Harbour Gazette” is The Harbour Gazette to every reader."""


async def reserve_paper(work: Work, title: str, *, hosts: Iterable[str] = ()) -> None:
    """Keep a newspaper's title, the same without its article, and its hosts. Doing it twice changes nothing."""
    first, _, rest = title.partition(" ")
    shorter = rest if first.casefold() in ARTICLES else ""
    for each in (title, shorter, *hosts, *(host.removeprefix("www.") for host in hosts)):
        try:
            name = names.check(each)
        except Invalid:
            continue  # what cannot be anybody's name needs no keeping
        await reserve_name(work, name)


async def reserve(work: Work, name: Name, *, until: datetime | None = None) -> bool:
    """Keep one name from everybody, for good or until a moment; say whether it was free to be kept."""
    over = (_names.c.skeleton == name.skeleton) & _names.c.until.is_not(None) & (_names.c.until <= work.now)
    await work.q.run(delete(_names).where(over))
    return await work.q.add_if_new(NameHold(skeleton=name.skeleton, until=until, created_at=work.now))


async def release(work: Work, name: Name) -> None:
    """Give a kept name free. What somebody has taken is not touched."""
    await work.q.run(delete(_names).where(_names.c.skeleton == name.skeleton, _NOBODYS))


async def hold_for_invited(work: Work, name: Name, *, until: datetime) -> bool:
    """Hold a name for somebody who is invited to the desk; say whether it could be. A second invitation holds it longer."""
    await release_invited(work, name)
    return await reserve(work, name, until=until)


async def release_invited(work: Work, name: Name) -> None:
    """Give up what was held for an invitation, so that whoever accepts it can take it."""
    waiting = (_names.c.skeleton == name.skeleton) & _NOBODYS & _names.c.until.is_not(None)
    await work.q.run(delete(_names).where(waiting))

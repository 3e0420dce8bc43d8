"""Sharing a name by number: for people who proved it is theirs, and for whoever had it before them.

Nobody loses a name by it. An account that merely took it shows with a number from then on; what it wrote keeps the name it
was posted under. A guest comes back by name and code as before, and shows with the number, too.
"""

from typing import Any

from sqlalchemy import Row, delete, func, select, update

from commentbox.server.accounts import actions
from commentbox.server.accounts.models import Account, NameHold
from commentbox.server.accounts.names import Name, given_up
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict, Invalid
from commentbox.server.base.work import Work

SECOND = 2
"""The first number that is shown: whoever has the name without one is the first."""
_accounts = table_of(Account)
_names = table_of(NameHold)


async def first_holder(query: Query, name: Name) -> Row[Any] | None:
    """Give who has a name without a number (account_id, guest_code_hash), or None."""
    return await query.first(select(_names).where(_names.c.skeleton == name.skeleton, _names.c.number == 0))


async def take_proven(work: Work, account_id: str, name: Name, *, holder_gives_way: bool) -> None:
    """Give an account the name its person was shown to have. Refuses `name.reserved`, and `name.taken` where two ask at once."""
    # Whoever gave the name up does not stand in the way of somebody who is called so.
    same = _names.c.skeleton.in_((name.skeleton, given_up(name.skeleton)))
    await work.q.run(delete(_names).where(same, _names.c.until.is_not(None)))
    held = await first_holder(work.q, name)
    if held is None or held.account_id == account_id or await _has_number(work.q, account_id, name):
        number = await actions.hold_name(work, name, account_id=account_id)
    elif held.account_id is None and held.guest_code_hash is None:
        raise Invalid("name.reserved")
    else:
        number = await _beside(work, held, name, gives_way=holder_gives_way, account_id=account_id)
    await actions.put_name(work, account_id, name, number)


async def _has_number(query: Query, account_id: str, name: Name) -> bool:
    mine = (_names.c.skeleton == name.skeleton) & (_names.c.account_id == account_id)
    return await query.first(select(_names.c.number).where(mine)) is not None


async def hold_for_guest(work: Work, name: Name, guest_code_hash: str) -> int:
    """Hold a name for a guest again that was free for a while; give the number, where somebody has it by now."""
    same = _names.c.skeleton == name.skeleton
    own = await work.q.first(select(_names.c.number).where(same, _names.c.guest_code_hash == guest_code_hash))
    if own is not None:
        return int(own.number)
    held = await first_holder(work.q, name)
    if held is None:
        return await actions.hold_name(work, name, guest_code_hash=guest_code_hash)
    return await _beside(work, held, name, gives_way=False, guest_code_hash=guest_code_hash)


async def _beside(work: Work, held: Row[Any], name: Name, *, gives_way: bool, **newcomer: Any) -> int:
    """Put two holders of a name side by side; give the newcomer's number."""
    same = _names.c.skeleton == name.skeleton
    last = await work.q.scalar(select(func.max(_names.c.number)).where(same)) or 0
    free = max(SECOND, last + 1)
    if gives_way:
        await work.q.run(update(_names).where(same, _names.c.number == 0).values(number=free))
        if held.account_id is not None:
            await work.q.run(update(_accounts).where(_accounts.c.id == held.account_id).values(name_number=free))
        work.record("account.name_numbered", subject_id=held.account_id)
        free = 0
    hold = NameHold(skeleton=name.skeleton, number=free, created_at=work.now, **newcomer)
    if not await work.q.add_if_new(hold):
        raise Conflict("name.taken", name=name.display)
    return free

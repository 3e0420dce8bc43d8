"""Public profiles: a page with somebody's own comments, for those who want one. Off until they say so.

Each time it is switched on the page has a new address, so that an old one never comes back to life; a new name switches it
off, because old and new name would stand under one address.
"""

from typing import Any

from sqlalchemy import Row, select, update

from commentbox.server.accounts.actions import take_change
from commentbox.server.accounts.models import Account
from commentbox.server.accounts.queries import SHOWN_NAME
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import NotFound
from commentbox.server.base.ids import looks_like_id, new_id
from commentbox.server.base.work import Work

_accounts = table_of(Account)


async def switch(work: Work, account_id: str, *, on: bool) -> None:
    """Give an account a public profile, or take it away; what is so already stays as it is."""
    await take_change(work, account_id, "profile")
    is_off = _accounts.c.profile_id.is_(None)
    changed = update(_accounts).where(_accounts.c.id == account_id, is_off if on else ~is_off)
    if await work.q.run(changed.values(profile_id=new_id(work.now) if on else None)):
        work.record("account.profile_opened" if on else "account.profile_closed", subject_id=account_id)


async def find(query: Query, profile_id: str) -> Row[Any]:
    """Give whose a profile is: id, and `name` as readers see it. Refuses `profile.unknown`, also for somebody who leaves."""
    mine = (_accounts.c.profile_id == profile_id) & _accounts.c.deleted_at.is_(None) & _accounts.c.leaves_at.is_(None)
    found = None
    if looks_like_id(profile_id):
        found = await query.first(select(_accounts.c.id, SHOWN_NAME.label("name")).where(mine))
    if found is None:
        raise NotFound("profile.unknown")
    return found

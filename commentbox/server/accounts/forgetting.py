"""What of the accounts room goes by itself: sign-ins that ended, names whose time is up or that nobody was seen under."""

from sqlalchemy import delete

from commentbox.server.accounts.models import NameHold, Session
from commentbox.server.base.db import table_of
from commentbox.server.base.work import Work

_names = table_of(NameHold)
_sessions = table_of(Session)


async def sweep(work: Work) -> int:
    """Forget sessions that ended and names that are free again, and say how many."""
    sessions = await work.q.run(delete(_sessions).where(_sessions.c.expires_at <= work.now))
    return sessions + await work.q.run(delete(_names).where(_names.c.until <= work.now))


async def release_guest_names(work: Work, guest_code_hash: str) -> None:
    """Free what a guest was called, where no reader ever saw them; the caller knows that."""
    if await work.q.run(delete(_names).where(_names.c.guest_code_hash == guest_code_hash)):
        work.record("guest.name_released")

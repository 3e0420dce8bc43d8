"""Handing a mail for an account over, to an address that works; one that does not is noted, and gets no more."""

from sqlalchemy import select

from commentbox.server.accounts import actions
from commentbox.server.accounts.models import Account
from commentbox.server.base.db import Database, Query, table_of
from commentbox.server.base.work import begin
from commentbox.server.notifications.mail import Mail, Mailer, RefusedAddress

_accounts = table_of(Account)


async def confirmed_address(query: Query, account_id: str) -> str | None:
    """Give the address of a living account that its owner confirmed, or None."""
    mine = select(_accounts.c.email).where(_accounts.c.id == account_id, _accounts.c.deleted_at.is_(None))
    return await query.scalar(mine.where(_accounts.c.email_confirmed_at.is_not(None)))


async def deliver(db: Database, mailer: Mailer, account_id: str, mail: Mail) -> bool:
    """Send a mail, and say whether it was taken; an address that is refused for good is noted on the account.

    Raises whatever else goes wrong, so that the job comes back later.
    """
    try:
        await mailer.send(mail)
    except RefusedAddress:
        async with begin(db) as work:
            await actions.refuse_email(work, account_id, mail.to)
        return False
    return True

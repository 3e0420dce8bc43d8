"""What accounts have chosen about being told: gathered for the rules, and changed by whoever it is about."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, update

from commentbox.server.accounts import mutes
from commentbox.server.accounts.models import Account
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Invalid
from commentbox.server.base.work import Work
from commentbox.server.notifications.models import MailChoice
from commentbox.server.notifications.rules import MAILED, PACES, Choices

ALL = "all"
"""Every kind of mail at once: what a digest's link stops."""
_accounts = table_of(Account)
_mail = table_of(MailChoice)


async def choices_of(query: Query, account_ids: Collection[str]) -> dict[str, Choices]:
    """Give what these accounts have chosen, by their ids; whoever is gone is not among them.

    The one place where choices are gathered: whatever else somebody may mute or filter joins here, and holds at once for
    bell, count and mail.
    """
    if not account_ids:
        return {}
    columns = (_accounts.c.id, _accounts.c.show, _accounts.c.reach, mutes.muted_by(_accounts.c.id).label("muted"))
    living = select(*columns).where(_accounts.c.id.in_(account_ids), _accounts.c.deleted_at.is_(None))
    return {row.id: _choices(row) for row in await query.all(living)}


def _choices(row: Row[Any]) -> Choices:
    return Choices(row.id, row.show or "everyone", row.reach, frozenset((row.muted or "").split()))


@dataclass(frozen=True)
class Wish:
    """What somebody asks for: a pace, the kinds of news, and the language to be written to."""

    pace: str
    kinds: tuple[str, ...] = MAILED
    lang: str = "en"


async def mail_choice(query: Query, account_id: str) -> Row[Any] | None:
    """Give what an account wants by mail, or None where it never chose: then it gets none."""
    return await query.first(select(_mail).where(_mail.c.account_id == account_id))


async def choose_mail(work: Work, account_id: str, wish: Wish) -> None:
    """Take a wish; what happened before somebody wanted mail at all is not mailed. Refuses `choice.unknown`."""
    if wish.pace not in PACES:
        raise Invalid("choice.unknown", choice=wish.pace[:20])
    before = await mail_choice(work.q, account_id)
    since = before.since if before and before.pace != "never" else work.now
    row = {"account_id": account_id, "pace": wish.pace, "lang": wish.lang, "since": since, "due_at": None}
    row |= {kind: kind in wish.kinds for kind in MAILED}
    statement = work.q.upsert(MailChoice)
    changes = {name: statement.excluded[name] for name in row if name != "account_id"}
    await work.q.run(statement.on_conflict_do_update(index_elements=["account_id"], set_=changes), row)
    work.record("account.mail_chosen", subject_id=account_id, pace=wish.pace)


async def stop_mail(work: Work, account_id: str, kind: str) -> None:
    """End one kind of mail, or ALL; doing it twice changes nothing."""
    changes: dict[str, Any] = {"pace": "never", "due_at": None} if kind == ALL else {kind: False}
    if await work.q.run(update(_mail).where(_mail.c.account_id == account_id).values(changes)):
        work.record("account.mail_stopped", subject_id=account_id, of=kind)

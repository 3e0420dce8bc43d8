"""News by mail: planned when there is some, gathered and judged anew at the moment of sending, sent by durable jobs.

At once, by the hour or by the day are one way with another moment. A job that finds nothing left to say sends nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update

from commentbox.server.base import i18n
from commentbox.server.base.db import Database, Query, table_of
from commentbox.server.base.errors import Invalid, NotFound
from commentbox.server.base.render import Render
from commentbox.server.base.settings import Settings
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import Work, begin
from commentbox.server.notifications import bell
from commentbox.server.notifications.choices import ALL, choices_of, mail_choice
from commentbox.server.notifications.delivery import confirmed_address, deliver
from commentbox.server.notifications.mail import Mail, Mailer
from commentbox.server.notifications.models import MailChoice, Notification
from commentbox.server.notifications.rules import MAILED, due_at
from commentbox.server.presenters.letters import LetterView, letter_view

JOB = "news.mail"
"""The job that writes to one account; its payload says to whom, and for which moment it was planned."""
STOP = "stop-mail"
"""What the links that end mails are signed for."""
IN_ONE_MAIL = 20
GATHERED = 200
"""News looked at for one mail; where there is more, another mail is planned."""
GIVEN_UP = timedelta(hours=6)
"""A job has been tried for the last time long before; whoever was waiting on it may plan anew."""
_mail = table_of(MailChoice)
_notifications = table_of(Notification)


@dataclass(frozen=True)
class Desk:
    """Where mails are written: the database, the way out, the keys of their links, and the theme they are set in."""

    db: Database
    mailer: Mailer
    keyring: Keyring
    render: Render
    settings: Settings


async def plan(work: Work, account_ids: Collection[str], *, digest_hour: int) -> None:
    """See to it that those of these accounts who want mail get one when it is due. One is planned at a time."""
    wanting = select(_mail).where(_mail.c.account_id.in_(account_ids), _mail.c.pace != "never")
    wanting = wanting.order_by(_mail.c.account_id)
    rows = await work.q.all(wanting.with_for_update() if work.q.locks_rows else wanting) if account_ids else []
    for row in rows:
        if row.due_at is None or row.due_at < work.now - GIVEN_UP:
            due = due_at(row.pace, work.now, digest_hour=digest_hour)
            await work.q.run(update(_mail).where(_mail.c.account_id == row.account_id).values(due_at=due))
            work.job(JOB, {"account_id": row.account_id, "due": due.isoformat()}, not_before=due)


async def send(desk: Desk, payload: dict[str, Any]) -> None:
    """Write to one account what is new, unless it has seen it, does not want it any more, or has no address."""
    account_id, due = payload["account_id"], datetime.fromisoformat(payload["due"])
    async with desk.db.read() as query:
        choice = await mail_choice(query, account_id)
        if choice is None or choice.pace == "never" or choice.due_at != due:
            return
        rows = await bell.unmailed(query, account_id, since=choice.since, at_most=GATHERED)
        worth = await _worth_a_mail(query, choice, rows)
        address = await confirmed_address(query, account_id) if worth else None
    if address:
        await deliver(desk.db, desk.mailer, account_id, _mail_of(desk, address, choice, worth))
    await _done(desk, choice, rows)


async def _worth_a_mail(query: Query, choice: Row[Any], rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    choices = (await choices_of(query, [choice.account_id])).get(choice.account_id)
    wanted = {kind for kind in MAILED if getattr(choice, kind)}
    return [row for row in rows if row.kind in wanted and bell.way(row, choices) == "mail"]


async def _done(desk: Desk, choice: Row[Any], rows: Sequence[Row[Any]]) -> None:
    """Note what needs no mail any more; for what came meanwhile the next one is planned, in the same transaction."""
    async with begin(desk.db) as work:
        dealt_with = update(_notifications).where(_notifications.c.id.in_([row.id for row in rows]))
        await work.q.run(dealt_with.values(mailed_at=work.now))
        mine = _mail.c.account_id == choice.account_id
        if not await work.q.run(update(_mail).where(mine, _mail.c.due_at == choice.due_at).values(due_at=None)):
            return  # the choice was changed meanwhile, and the new one has its own plan
        if await bell.unmailed(work.q, choice.account_id, since=choice.since, at_most=1):
            await plan(work, [choice.account_id], digest_hour=desk.settings.digest_hour)


def _mail_of(desk: Desk, address: str, choice: Row[Any], rows: Sequence[Row[Any]]) -> Mail:
    origin, lang = desk.settings.origin, i18n.best(choice.lang)
    kind = rows[0].kind if len(rows) == 1 else ALL
    stop = f"{origin}/stop/{stop_token(desk.keyring, choice.account_id, kind)}"
    with i18n.use(lang):
        view = letter_view(rows[-IN_ONE_MAIL:], more=max(0, len(rows) - IN_ONE_MAIL), origin=origin, stop=stop)
    return Mail(
        to=address,
        subject=view.subject,
        text=_rendered(desk, "mail/news.txt", lang, view),
        html=_rendered(desk, "mail/news.html", lang, view),
        headers={"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        key=f"news.{rows[-1].id}",
    )


def _rendered(desk: Desk, template: str, lang: str, view: LetterView) -> str:
    return desk.render.html(template, lang=lang, theme=desk.settings.mail_theme, letter=view)


def stop_token(keyring: Keyring, account_id: str, kind: str) -> str:
    """Give what a link carries that ends one kind of mail to one account. It does nothing else, and does not run out."""
    return keyring.sign(STOP, [account_id, kind])


def stop_of(keyring: Keyring, token: str) -> tuple[str, str]:
    """Read such a link: account and kind. Refuses `link.invalid`."""
    try:
        signed: Any = keyring.unsign(STOP, token)
    except Invalid:
        raise NotFound("link.invalid") from None
    account_id, kind = signed  # only we can have signed it
    return account_id, kind

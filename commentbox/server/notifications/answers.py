"""Mails to people who reported or gave notice, and to the author somebody objects to. Each is one job, and names ids only.

A link in them is signed and names the report or notice; what was decided stands on the page, not in the mail.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from commentbox.server import contacts
from commentbox.server.accounts.models import Account
from commentbox.server.base import i18n
from commentbox.server.base.db import Database, table_of
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.moderation import noticing, rulings
from commentbox.server.notices import actions, queries
from commentbox.server.notices.rules import AUTHOR_DAYS
from commentbox.server.notifications.mail import Mail, Mailer

LINK = "outcome"
_accounts = table_of(Account)


@dataclass(frozen=True)
class Post:
    """What sending needs: the database, the mailer, the keys, our own origin."""

    db: Database
    mailer: Mailer
    keyring: Keyring
    origin: str

    async def receipt(self, payload: dict[str, Any]) -> None:
        """Confirm a notice to whoever sent it (DSA art. 16(4))."""
        await self._send(payload["notice_id"], receipt_letter)

    async def answer(self, payload: dict[str, Any]) -> None:
        """Say that there is an answer (DSA art. 16(5))."""
        await self._send(payload["notice_id"], answer_letter)

    async def tell_senders(self, payload: dict[str, Any]) -> None:
        """Leave one mail for each report and notice that a decision answered, unless it was undone meanwhile."""
        async with begin(self.db) as work:
            if await rulings.stands(work.q, payload["decision_id"]):
                for each in await noticing.waiting_for(work.q, payload["decision_id"]):
                    work.job(actions.ANSWER, {"notice_id": each})

    async def ask_author(self, payload: dict[str, Any]) -> None:
        """Tell the author that somebody spoken about objects; a guest finds it by the code."""
        async with self.db.read() as query:
            notice = await queries.with_context(query, payload["notice_id"])
            confirmed = select(_accounts.c.email).where(_accounts.c.id == (notice.author_id if notice else None))
            address = await query.scalar(confirmed.where(_accounts.c.email_confirmed_at.is_not(None)))
        if notice is not None and address:
            await self.mailer.send(author_letter(address, f"{self.origin}/asked", lang=i18n.best(notice.site_lang)))

    async def _send(self, sent_id: str, letter: Any) -> None:
        """Send a letter about a report or notice, where an address is known and not erased."""
        async with self.db.read() as query:
            root = await queries.root_of(query, sent_id)
            contact = await contacts.find(query, root)
        if contact is not None and contact.email:
            lang = i18n.best(contact.lang)
            link = f"{self.origin}/told/{self.keyring.sign(LINK, root)}?lang={lang}"
            await self.mailer.send(letter(contact.email, link, root, lang=lang))


def receipt_letter(to: str, link: str, number: str, *, lang: str) -> Mail:
    """Confirm that a notice was received."""
    with i18n.use(lang):
        text = _(
            "We received your notice %(number)s. A person decides about it and gives you the reasons.\n\n"
            "Where it stands:\n%(link)s\n\nThis address is used for the answer alone, and erased six months after it.",
            number=number,
            link=link,
        )
        return Mail(to, _("We received your notice"), text + "\n")


def answer_letter(to: str, link: str, number: str, *, lang: str) -> Mail:
    """Say that a report or notice was answered."""
    with i18n.use(lang):
        text = _(
            "A person decided about what you reported.\n\nRead the reasons, and object if you disagree:\n%(link)s\n",
            link=link,
        )
        return Mail(to, _("An answer to what you reported"), text)


def author_letter(to: str, link: str, *, lang: str) -> Mail:
    """Tell an author that somebody spoken about objects."""
    with i18n.use(lang):
        text = _(
            "Somebody who is spoken about in a comment of yours objects to it.\n\nRead what they say, and answer within "
            "%(days)s days:\n%(link)s\n\nNeither of you learns who the other is.",
            days=i18n.number_text(AUTHOR_DAYS),
            link=link,
        )
        return Mail(to, _("Somebody objects to a comment of yours"), text + "\n")

"""What the mails say, and the jobs that send them. A job names ids; the address is looked up when the mail goes out."""

from typing import Any

from sqlalchemy import select

from commentbox.server.accounts import entering
from commentbox.server.accounts.models import Account
from commentbox.server.base import i18n
from commentbox.server.base.db import Database
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.work import Work, begin
from commentbox.server.moderation import rulings, statements
from commentbox.server.notifications.mail import Mail, Mailer

_accounts = Account.__table__  # type: ignore[attr-defined]


def ask(work: Work, purpose: str, account_id: str, *, lang: str, query: str = "") -> None:
    """Send somebody a link after this commit, however often it takes: to `confirm` their address, or for `signin`.

    The job holds neither address nor link; `query` goes behind the link and says where the window was opened from.
    """
    work.job("mail", {"purpose": purpose, "account_id": account_id, "lang": lang, "query": query})


async def send_link(db: Database, mailer: Mailer, payload: dict[str, Any], *, origin: str) -> None:
    """Make the link of one job and send it, unless the address changed meanwhile."""
    async with begin(db) as work:
        made = await entering.mail_link(work, payload["account_id"], purpose=payload["purpose"])
    if made is None:
        return
    token, address = made
    link = f"{origin}/mail/{token}" + (f"?{payload['query']}" if payload["query"] else "")
    letter = confirm_letter if payload["purpose"] == "confirm" else sign_in_letter
    await mailer.send(letter(address, link, lang=payload["lang"]))


async def tell_author(db: Database, mailer: Mailer, decision_id: str, *, origin: str) -> None:
    """Tell the author by mail, where an address is known, that there is a decision: unless it was undone meanwhile."""
    async with db.read() as query:
        told = await statements.told_by(query, decision_id)
        if told is None or told.account_id is None or not await rulings.stands(query, decision_id):
            return
        confirmed = select(_accounts.c.email).where(_accounts.c.id == told.account_id)
        address = await query.scalar(confirmed.where(_accounts.c.email_confirmed_at.is_not(None)))
    if address:
        link, lang = f"{origin}/decisions/{told.id}", i18n.best(told.lang)
        await mailer.send(statement_letter(address, link, lang=lang, about_account=told.comment_id is None))


def confirm_letter(to: str, link: str, *, lang: str) -> Mail:
    """Ask somebody to confirm that an address is theirs."""
    with i18n.use(lang):
        text = _(
            "You gave this address for your account in the comments.\n\nConfirm it here, within 20 minutes:\n%(link)s\n\n"
            "If it was not you, do nothing: the address is then not used.",
            link=link,
        )
        return Mail(to, _("Confirm your address"), text + "\n")


def sign_in_letter(to: str, link: str, *, lang: str) -> Mail:
    """Give somebody the link that signs them in."""
    with i18n.use(lang):
        text = _(
            "Sign in to the comments here, within 20 minutes and once:\n%(link)s\n\nSigned in like this you comment as not "
            "verified. If you did not ask for this, do nothing.",
            link=link,
        )
        return Mail(to, _("Your link to sign in"), text + "\n")


def statement_letter(to: str, link: str, *, lang: str, about_account: bool = False) -> Mail:
    """Tell somebody that there is a decision about them. The reasons stand on the page, not in the mail."""
    with i18n.use(lang):
        if about_account:
            text = _(
                "A moderator decided about your account.\n\nRead the reasons, and appeal if you disagree:\n%(link)s\n",
                link=link,
            )
            return Mail(to, _("A decision about your account"), text)
        text = _(
            "A moderator decided about a comment of yours.\n\nRead the reasons, and appeal if you disagree:\n%(link)s\n",
            link=link,
        )
        return Mail(to, _("A decision about your comment"), text)

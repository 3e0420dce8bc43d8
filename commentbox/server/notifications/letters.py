"""What the mails say, and the jobs that send them. A job names ids; the address is looked up when the mail goes out."""

from typing import Any

from sqlalchemy import select

from commentbox.server.accounts import entering
from commentbox.server.accounts.models import Account
from commentbox.server.base import i18n
from commentbox.server.base.db import Database, table_of
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import marked as N_
from commentbox.server.base.work import Work, begin
from commentbox.server.moderation import rulings, statements
from commentbox.server.notifications import following
from commentbox.server.notifications.delivery import confirmed_address, deliver
from commentbox.server.notifications.mail import Mail, Mailer

_accounts = table_of(Account)


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
    await deliver(db, mailer, payload["account_id"], letter(address, link, lang=payload["lang"]))


async def tell_author(db: Database, mailer: Mailer, decision_id: str, *, origin: str) -> None:
    """Tell the author that there is a decision, under the bell and by mail: unless it was undone meanwhile."""
    async with db.read() as query:
        told = await statements.told_by(query, decision_id)
        if told is None or told.account_id is None or not await rulings.stands(query, decision_id):
            return
        decision = await rulings.by_id(query, decision_id)
        address = await confirmed_address(query, told.account_id)
    async with begin(db) as work:
        await following.add_decision(
            work, told.account_id, statement_id=told.id, site_id=decision.site_id, at=decision.at
        )
    if address:
        link, lang = f"{origin}/decisions/{told.id}", i18n.best(told.lang)
        letter = statement_letter(address, link, lang=lang, about_account=told.comment_id is None)
        await deliver(db, mailer, told.account_id, letter)


async def send_notice(db: Database, mailer: Mailer, payload: dict[str, Any], *, origin: str) -> None:
    """Tell somebody by mail what happens to their own account, where an address is confirmed; their page says it, too."""
    mine = select(_accounts.c.email, _accounts.c.email_lang).where(_accounts.c.id == payload["account_id"])
    async with db.read() as query:
        row = await query.first(mine.where(_accounts.c.email_confirmed_at.is_not(None)))
    if row is not None and row.email:
        letter = notice_letter(row.email, payload["what"], f"{origin}/account", lang=i18n.best(row.email_lang))
        await deliver(db, mailer, payload["account_id"], letter)


def notice_letter(to: str, what: str, link: str, *, lang: str) -> Mail:
    """Say one thing about the account, and where to act on it."""
    subject, text = NOTICES[what]
    with i18n.use(lang):
        return Mail(to, _(subject), f"{_(text)}\n\n{_('Your page:')}\n{link}\n")


NOTICES = {
    "passkey_copied": (
        N_("A passkey of yours is locked"),
        N_("This passkey seems to have been copied, so it is locked. Sign in another way and remove it on your page."),
    ),
    "recovery_asked": (
        N_("Somebody asks to recover your account."),
        N_(
            "Somebody wants to get into your account without its passkeys. They are let in after the time that stands on "
            "your page. If it is not you, go there and say no with your passkey."
        ),
    ),
    "recovery_contested": (
        N_("Somebody asks to recover your account."),
        N_(
            "Your no is noted. But whoever asks has verified as the person this account belongs to. To keep it, verify again "
            "before the time on your page is up."
        ),
    ),
    "recovery_cancelled": (
        N_("Your account stays as it was"),
        N_("The request for your account is over. Nothing was changed, and your badge is back."),
    ),
    "verified": (
        N_("You are verified"),
        N_("The service has answered: you are verified. Your comments have the badge from now on."),
    ),
    "not_verified": (
        N_("You were not verified"),
        N_("The service has answered, and it earned no badge. Your page says why, and what you can do."),
    ),
    "recovery_done": (
        N_("Your account has a new passkey"),
        N_("The passkey that waited signs you in from now on. All earlier passkeys and codes stopped working."),
    ),
}
"""Subject and text of each notice."""


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

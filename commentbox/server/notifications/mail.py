"""Sending mail: one port, an SMTP adapter and one that writes to the log for development. Mails go out by durable jobs."""

from dataclasses import dataclass, field
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import Policy, default
from email.utils import make_msgid
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from commentbox.server.base.lines import one_line
from commentbox.server.base.settings import Settings

TIMEOUT_SECONDS = 20
LONGEST_SUBJECT = 150
log = structlog.get_logger()


@dataclass(frozen=True)
class Mail:
    """One mail: its text, and for who prefers it the same as HTML. `key` names it, so that one sent twice is known."""

    to: str
    subject: str
    text: str
    html: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    key: str | None = None


class _Whole(UnstructuredHeader):
    """A header with a link in it: machines read it as it stands, so it is neither broken nor encoded, however long."""

    def fold(self, *, policy: Policy) -> str:
        """Give the header's one line."""
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


_REGISTRY = HeaderRegistry()
_REGISTRY.map_to_type("list-unsubscribe", _Whole)  # type: ignore[arg-type]
_POLICY = default.clone(header_factory=_REGISTRY)


class RefusedAddress(Exception):
    """The server of this address will never take a mail for it (5xx): trying again is of no use."""


class Mailer(Protocol):
    """Takes a mail to where it is going, or raises, so that the job comes back later."""

    async def send(self, mail: Mail) -> None:
        """Send one mail. Raises RefusedAddress where the address does not work."""


class LogMailer:
    """For development: says in the log that a mail would have gone out. `sent` keeps the last ones for tests."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        """Keep the mail and log that there was one; neither its address nor its text goes to the log."""
        self.sent = [*self.sent[-49:], mail]
        log.info("mail.not_sent", reason="COMMENTBOX_SMTP_URL is not set", subject=mail.subject)


class SmtpMailer:
    """Sends through an SMTP server: `smtp://` (STARTTLS where offered) or `smtps://`."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self._host, self._tls = parts.hostname or "localhost", parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 25)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        """Hand one mail to the server."""
        try:
            await aiosmtplib.send(
                message_of(mail, self._sender),
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._tls,
                timeout=TIMEOUT_SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            if all(_does_not_exist(each) for each in refused.recipients):
                raise RefusedAddress from None
            raise


def _does_not_exist(refused: aiosmtplib.SMTPRecipientRefused) -> bool:
    """Say whether it is the address that does not work. 5.7 is about us: no relaying, no trust (RFC 3463)."""
    return refused.code >= 500 and not refused.message.startswith("5.7.")


def message_of(mail: Mail, sender: str) -> EmailMessage:
    """Give a mail in the form it travels in."""
    host = sender.rpartition("@")[2] or "localhost"
    message = EmailMessage(policy=_POLICY)
    message["From"], message["To"], message["Subject"] = sender, mail.to, one_line(mail.subject, LONGEST_SUBJECT)
    message["Message-ID"] = f"<{mail.key}@{host}>" if mail.key else make_msgid(domain=host)
    message["Auto-Submitted"] = "auto-generated"
    for name, value in mail.headers.items():
        message[name] = value
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    return message


def mailer(settings: Settings) -> Mailer:
    """Give the adapter that the settings ask for."""
    return SmtpMailer(settings.smtp_url, settings.mail_from) if settings.smtp_url else LogMailer()

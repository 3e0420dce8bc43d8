"""Sending mail: one port, an SMTP adapter and one that writes to the log for development. Mails go out by durable jobs."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from commentbox.server.base.settings import Settings

TIMEOUT_SECONDS = 20
log = structlog.get_logger()


@dataclass(frozen=True)
class Mail:
    """One plain-text mail."""

    to: str
    subject: str
    text: str


class Mailer(Protocol):
    """Takes a mail to where it is going, or raises, so that the job comes back later."""

    async def send(self, mail: Mail) -> None:
        """Send one mail."""


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
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, mail.to, mail.subject
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2] or "localhost")
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        await aiosmtplib.send(
            message,
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._tls,
            timeout=TIMEOUT_SECONDS,
        )


def mailer(settings: Settings) -> Mailer:
    """Give the adapter that the settings ask for."""
    return SmtpMailer(settings.smtp_url, settings.mail_from) if settings.smtp_url else LogMailer()

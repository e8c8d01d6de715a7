"""E-mail by SMTP. The standard library's client waits, so it works in a thread of its own."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from enum import StrEnum

TIMEOUT = 15.0  # seconds for each step: connecting, and every answer


class Security(StrEnum):
    """How the connection is encrypted: from the beginning, by STARTTLS (or not at all is refused), or never."""

    TLS = "smtps"
    STARTTLS = "smtp"
    PLAIN = "smtp+plain"


@dataclass(frozen=True, slots=True)
class MailSettings:
    """A mail server, and whom mail is from: "Switchboard <bot@example.com>"."""

    host: str
    port: int
    security: Security
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def domain(self) -> str:
        """The sender's."""
        return parseaddr(self.sender)[1].rpartition("@")[2]


class MailRefused(Exception):
    """It was not sent. ``final``: the server will not take it later either."""

    def __init__(self, detail: str, *, final: bool) -> None:
        super().__init__(detail)
        self.final = final


class Mailer:
    """Sends mail. ``trust`` is how servers are verified, None as the system does."""

    def __init__(self, settings: MailSettings, trust: ssl.SSLContext | None = None) -> None:
        self._settings, self._trust = settings, trust

    async def send(self, to: str, subject: str, text: str, number: str) -> None:
        """Send one mail. ``number`` makes its Message-ID, so that one sent twice can be told. Raises MailRefused."""
        await asyncio.to_thread(self._send, self._made(to, subject, text, number))

    def _made(self, to: str, subject: str, text: str, number: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"] = self._settings.sender, to
        mail["Subject"] = " ".join(subject.split())
        mail["Date"] = formatdate(usegmt=True)
        mail["Message-ID"] = f"<{number}@{self._settings.domain or 'switchboard'}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text)
        return mail

    def _send(self, mail: EmailMessage) -> None:
        try:
            with self._connected() as server:
                server.send_message(mail)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            code = _code(error)
            raise MailRefused(f"the mail server refused it with {code}", final=code >= 500) from error
        except smtplib.SMTPAuthenticationError as error:
            raise MailRefused("the mail server refused user or password", final=False) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailRefused(
                f"the mail server cannot be used: {type(error).__name__}", final=False
            ) from error

    def _connected(self) -> smtplib.SMTP:
        settings, trust = self._settings, self._trust or ssl.create_default_context()
        server: smtplib.SMTP
        if settings.security is Security.TLS:
            server = smtplib.SMTP_SSL(settings.host, settings.port, timeout=TIMEOUT, context=trust)
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT)
        try:
            if settings.security is Security.STARTTLS:
                server.starttls(context=trust)
            if settings.user:
                server.login(settings.user, settings.password)
        except BaseException:
            server.close()
            raise
        return server


def _code(error: smtplib.SMTPException) -> int:
    """The server's code: below 500 it may take the mail later."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max(code for code, _ in error.recipients.values())
    return int(getattr(error, "smtp_code", 0))

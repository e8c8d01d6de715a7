"""The settings of the mail server that alerts go through."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Annotated
from urllib.parse import unquote, urlsplit

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings

from bot.net.mail import MailSettings, Security

_PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.PLAIN: 25}


def _url(value: object) -> str:
    """The address of a mail server. Raises ValueError."""
    text = str(value).strip()
    parts = urlsplit(text)
    if parts.scheme not in list(Security) or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("something else")
    return text if parts.port != 0 else ""


def _sender(value: object) -> str:
    """An address, perhaps with a name before it. Raises ValueError."""
    text = str(value).strip()
    if "@" not in parseaddr(text)[1] or "\n" in text:
        raise ValueError(f"{text[:60]!r}")
    return text


class MailFields(BaseSettings):
    """What is read, under the names people write."""

    smtp_url: Annotated[SecretStr | None, BeforeValidator(_url)] = Field(
        None,
        alias="SMTP_URL",
        description="smtps:// or smtp:// (with STARTTLS), perhaps user:password@, a host and perhaps a port",
    )
    smtp_from: Annotated[str | None, BeforeValidator(_sender)] = Field(
        None, alias="SMTP_FROM", description="an address like Switchboard <switchboard@example.com>"
    )


def made(raw: MailFields) -> MailSettings | None:
    """The value that the parts take; None where no mail can be sent."""
    if raw.smtp_url is None:
        return None
    parts = urlsplit(raw.smtp_url.get_secret_value())
    security = Security(parts.scheme)
    host = str(parts.hostname)
    return MailSettings(
        host=host,
        port=parts.port or _PORTS[security],
        security=security,
        sender=raw.smtp_from or f"Switchboard <switchboard@{host}>",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def secrets(settings: MailSettings | None) -> tuple[str, ...]:
    """The password, in the spellings it may be met in."""
    return (settings.password,) if settings is not None and settings.password else ()

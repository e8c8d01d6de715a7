"""A small mail server that refuses by default: what RFC 5321 does not allow, or the test did not order, is an error."""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_PATH = re.compile(r"(?:FROM|TO):<([^<>\s]+@[^<>\s]+)>(?: .*)?", re.IGNORECASE)


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for localhost with its key in one file, and a context that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "mail.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file, ssl.create_default_context(cafile=str(file))


@dataclass(slots=True)
class _Session:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    secure: bool = False
    known: bool = False
    sender: str = ""
    recipients: list[str] = field(default_factory=list)

    async def say(self, line: str) -> None:
        self.writer.write(f"{line}\r\n".encode())
        await self.writer.drain()


class MailServer:
    """``received`` is what was taken. With a ``pem`` mail needs STARTTLS; ``password`` is ann's."""

    def __init__(self, pem: Path | None = None, password: str = "") -> None:
        self._pem, self._password = pem, password
        self.received: list[EmailMessage] = []
        self.answers: list[str] = []
        self.mistakes: list[str] = []
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = _Session(reader, writer)
        with suppress(ConnectionError, ssl.SSLError):
            await session.say("220 localhost ESMTP")
            while line := (await session.reader.readline()).decode().rstrip("\r\n"):
                if line.upper() == "QUIT":
                    await session.say("221 bye")
                    break
                await self._answer(session, line)
        writer.close()

    async def _answer(self, session: _Session, line: str) -> None:
        verb, _, rest = line.partition(" ")
        match verb.upper():
            case "EHLO" if rest:
                offered = ["SIZE 100000"]
                offered += ["STARTTLS"] if self._pem and not session.secure else []
                offered += ["AUTH PLAIN"] if self._password and (session.secure or not self._pem) else []
                lines = ["localhost", *offered]
                await session.say("\r\n".join(f"250-{one}" for one in lines[:-1]) + f"\r\n250 {lines[-1]}")
            case "STARTTLS" if self._pem and not session.secure:
                await session.say("220 go on")
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self._pem)
                await session.writer.start_tls(context)
                session.secure = True
            case "AUTH" if self._password:
                wanted = base64.b64encode(f"\0ann\0{self._password}".encode()).decode()
                session.known = rest == f"PLAIN {wanted}"
                await session.say("235 welcome" if session.known else "535 wrong")
            case "MAIL" | "RCPT" if (found := _PATH.fullmatch(rest)) and self._lets(session):
                if verb.upper() == "MAIL":
                    session.sender = found[1]
                else:
                    session.recipients.append(found[1])
                await session.say("250 ok")
            case "DATA" if session.sender and session.recipients:
                await self._take(session)
            case "RSET" | "NOOP":
                await session.say("250 ok")
            case _:
                self.mistakes.append(line)
                await session.say("503 not so")

    def _lets(self, session: _Session) -> bool:
        return (session.secure or not self._pem) and (session.known or not self._password)

    async def _take(self, session: _Session) -> None:
        await session.say("354 go on")
        body = (await session.reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n")
        answer = self.answers.pop(0) if self.answers else "250 taken"
        if answer.startswith("250"):
            mail = message_from_bytes(body.replace(b"\r\n..", b"\r\n."), policy=policy.default)
            assert isinstance(mail, EmailMessage)
            for header in ("From", "To", "Subject", "Date", "Message-ID"):
                if len(mail.get_all(header, [])) != 1:
                    self.mistakes.append(f"not one {header}")
            self.received.append(mail)
        session.sender, session.recipients = "", []
        await session.say(answer)

"""Files in messages. Their addresses are signed, and end after a day."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from tests.fakes.discord.refusals import JSON

SECONDS = 86_400


@dataclass(eq=False)
class Attachment:
    """A file. ``owner`` is who uploaded it."""

    id: str
    name: str
    data: bytes
    content_type: str
    description: str = ""
    owner: str = ""
    channel: str = ""
    ephemeral: bool = False

    def json(self, url: str) -> JSON:
        body: JSON = {
            "id": self.id,
            "filename": self.name,
            "size": len(self.data),
            "url": url,
            "proxy_url": url,
            "content_type": self.content_type,
        }
        if self.description:
            body["description"] = self.description
        return body | ({"ephemeral": True} if self.ephemeral else {})


class Signatures:
    """The addresses of files: an end in hexadecimal seconds, and a proof of it."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.base = ""  # the server's, once it runs

    def url(self, file: Attachment) -> str:
        """A fresh address, whole until a day from now."""
        now = int(self._now())
        path = f"/cdn/attachments/{file.channel}/{file.id}/{quote(file.name)}"
        ends, since = f"{now + SECONDS:x}", f"{now:x}"
        return f"{self.base}{path}?ex={ends}&is={since}&hm={self._proof(file.id, ends, since)}"

    def holds(self, file: str, ends: str, since: str, proof: str) -> bool:
        return hmac.compare_digest(self._proof(file, ends, since), proof) and int(ends, 16) > self._now()

    def _proof(self, file: str, ends: str, since: str) -> str:
        return hashlib.sha256(f"{file} {ends} {since} of the fake".encode()).hexdigest()

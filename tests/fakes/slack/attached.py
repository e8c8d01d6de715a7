"""A file as the platform holds it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.fakes.slack.refusals import JSON


@dataclass(eq=False)
class File:
    """``ticket`` is part of its upload URL until its bytes are there; ``length`` was announced.

    ``looks``: for so many answers of files.info the platform does not know yet what it is.
    """

    id: str
    team: str
    owner: str
    name: str
    length: int
    url: str
    mimetype: str = "application/octet-stream"
    title: str = ""
    data: bytes | None = None
    ticket: str = ""
    looks: int = 0
    connect: bool = False  # comes from another company: events say only that one must ask
    shared_in: set[str] = field(default_factory=set)

    @property
    def json(self) -> JSON:
        private = f"{self.url}/files-pri/{self.team}-{self.id}/{self.name}"
        return {
            "id": self.id,
            "created": 1_700_000_000,
            "timestamp": 1_700_000_000,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.mimetype,
            "filetype": self.name.rpartition(".")[2],
            "user": self.owner,
            "size": self.length,
            "mode": "hosted",
            "is_external": False,
            "is_public": False,
            "url_private": private,
            "url_private_download": private.replace("/files-pri/", "/files-pri/download/"),
            "file_access": "visible",
        }

    @property
    def seen(self) -> JSON:
        """As it stands in a message."""
        if not self.connect:
            return self.json
        return {"id": self.id, "mode": "file_access", "file_access": "check_file_info", "user": self.owner}

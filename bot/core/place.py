"""Where something is said: workspace, channel or thread, as one readable string."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import quote, unquote

_SAFE = ".-_~@"


class Scope(StrEnum):
    """How wide a place is."""

    WORKSPACE = "workspace"
    CHANNEL = "channel"
    THREAD = "thread"


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace, a channel in it, or a thread in that; written ``slack:T1/C1/1700.1``.

    The parts are the platform's own ids; characters that would break the string are percent-encoded,
    so ``Place.parse(str(place)) == place`` for any ids.
    """

    platform: str
    workspace: str
    channel: str = ""
    thread: str = ""

    def __post_init__(self) -> None:
        if not self.platform or not self.workspace or (self.thread and not self.channel):
            raise ValueError(
                f"not a place: {self.platform!r} {self.workspace!r} {self.channel!r} {self.thread!r}"
            )

    def __str__(self) -> str:
        parts = [quote(part, safe=_SAFE) for part in (self.workspace, self.channel, self.thread) if part]
        return f"{self.platform}:{'/'.join(parts)}"

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read the string form. Raises ValueError where it is not one."""
        platform, colon, rest = text.partition(":")
        parts = [unquote(part) for part in rest.split("/")]
        if not colon or not 1 <= len(parts) <= 3:
            raise ValueError(f"not a place: {text!r}")
        return cls(platform, *parts)

    @property
    def scope(self) -> Scope:
        """How wide this place is."""
        if self.thread:
            return Scope.THREAD
        return Scope.CHANNEL if self.channel else Scope.WORKSPACE

    def widen(self) -> Iterator[Place]:
        """This place, then every wider one up to the workspace."""
        if self.thread:
            yield self
        if self.channel:
            yield replace(self, thread="")
        yield replace(self, channel="", thread="")

    @property
    def home(self) -> Place:
        """The workspace this place is in."""
        return replace(self, channel="", thread="")

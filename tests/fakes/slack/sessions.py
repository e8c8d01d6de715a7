"""What an app says of its work in a thread: a status that fades, and agent sessions."""

from __future__ import annotations

from dataclasses import dataclass

STATUS_SECONDS = 120.0
STATES = ("active", "processing", "suspended", "closed")


@dataclass(frozen=True, slots=True)
class Status:
    """Words shown while people wait, until a message comes or two minutes are over."""

    text: str
    at: float
    loading_messages: tuple[str, ...] = ()


@dataclass
class Session:
    """An agent's conversation in a thread. While ``processing``, people see a stop button."""

    app: str
    channel: str
    thread_ts: str
    status: str
    title: str = ""
    initiator: str = ""

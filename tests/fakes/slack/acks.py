"""What is sent to an app, and what the app says to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.fakes.slack.refusals import JSON

ACK_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Sent:
    """One try of one payload. ``kind`` is Socket Mode's: events_api, slash_commands or interactive."""

    kind: str
    payload: JSON
    attempt: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ack:
    """The app's answer; ``payload`` is what it said in it. ``final`` forbids another try."""

    ok: bool
    payload: JSON = field(default_factory=dict)
    error: str = ""
    final: bool = False

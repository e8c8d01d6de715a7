"""Sendings of alerts as pages list them: what was told, when, and what became of it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.workbench.alerting import KINDS, TEST
from storage.places import workspace_of
from storage.sendings import DUE, FAILED, SENT, Sending

_STATES = {DUE: ("on its way", ""), SENT: ("taken", "good"), FAILED: ("not taken", "bad")}
_AGAIN = ("not yet taken", "warm")


@dataclass(frozen=True, slots=True)
class Told:
    """One line. ``state`` has words, ``tone`` is a badge's; ``again`` is when it is tried next, "" where it is not."""

    at: str
    kind: str
    text: str
    where: str
    state: str
    tone: str
    attempts: int
    said: str
    again: str

    @property
    def waits(self) -> bool:
        """Whether it was not tried yet."""
        return self.state == _STATES[DUE][0]


def told(row: Sending, where: str = "") -> Told:
    """A sending as a line."""
    what = json.loads(row.payload)
    tried = row.state == DUE and bool(row.said)
    state, tone = _AGAIN if tried else _STATES.get(row.state, (row.state, ""))
    return Told(
        (row.sent_at or row.created_at).isoformat(timespec="seconds"),
        kind_words(what.get("kind", "")),
        what.get("text", ""),
        where,
        state,
        tone,
        row.attempts,
        row.said,
        row.due_at.isoformat(timespec="seconds") if tried else "",
    )


def is_about(row: Sending, workspace: str) -> bool:
    """Whether what was told is a workspace's own affair."""
    return workspace_of(str(json.loads(row.payload).get("subject", ""))) == workspace


def kind_words(kind: str) -> str:
    """A kind of alert as a heading."""
    return "Test" if kind == TEST else kind.capitalize()


def kind_choices() -> list[tuple[str, str, str]]:
    """Every kind with its heading and its sentence."""
    return [(kind, kind_words(kind), words) for kind, words in KINDS.items()]

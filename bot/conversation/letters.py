"""The written form of what lies in the inbox, and of how a reply ended: JSON for a later process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from bot.core.message import AskedAgain, Said
from bot.core.view import Button, Tone
from storage.ledger import Settlement, settlement_from_json, settlement_to_json
from storage.replies import SealedMessage


def pack(what: Said | AskedAgain) -> tuple[str, str]:
    """Kind and payload as the inbox keeps them; attachments travel beside them."""
    match what:
        case Said(text=text):
            return "said", json.dumps({"text": text})
        case AskedAgain():
            return "again", json.dumps(asdict(what))


@dataclass(frozen=True, slots=True)
class Ended:
    """How a reply ended, journalled before its last text shows, so that a crash in between costs nothing."""

    outcome: str  # "complete", "stopped", "interrupted", "failed", "refused"
    message: SealedMessage
    settlement: Settlement | None = None
    footer: str = ""
    notice: str = ""
    tone: Tone = Tone.REPLY
    buttons: tuple[Button, ...] = ()

    def to_json(self) -> str:
        """The journal's form."""
        return json.dumps(
            {
                "outcome": self.outcome,
                "message": asdict(self.message),
                "settlement": None if self.settlement is None else settlement_to_json(self.settlement),
                "footer": self.footer,
                "notice": self.notice,
                "tone": self.tone,
                "buttons": [asdict(button) for button in self.buttons],
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Ended:
        """Read the journal's form."""
        data = json.loads(text)
        settlement = data["settlement"]
        return cls(
            outcome=data["outcome"],
            message=SealedMessage(**known(SealedMessage, data["message"])),
            settlement=None if settlement is None else settlement_from_json(settlement),
            footer=data["footer"],
            notice=data["notice"],
            tone=Tone(data["tone"]),
            buttons=tuple(Button(**known(Button, button)) for button in data["buttons"]),
        )


def known(form: type, data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that this version knows: during an upgrade a newer process may have written more."""
    names = {field.name for field in fields(form)}
    return {name: value for name, value in data.items() if name in names}

"""The written form of what lies in the inbox, and of how a reply ended: JSON for a later process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from bot.core.message import AskedAgain, Promised, Said
from bot.core.place import Place
from bot.core.view import Button, Tone
from bot.knowledge.files import MOST_FILES, plain_name
from storage.files import PROMISED, REFUSED
from storage.inbox import NewAttachment
from storage.ledger import Settlement, settlement_from_json, settlement_to_json
from storage.replies import SealedMessage

TOO_MANY = f"A message can bring {MOST_FILES} files at most."
_TYPE = 200  # characters that are kept of a file's type


def inbox_key(place: Place, key: str) -> str:
    """A platform's message id as the inbox keeps it."""
    return f"{place.home}#{key}"


def pack(what: Said | AskedAgain, place: Place) -> tuple[str, str]:
    """Kind and payload as the inbox keeps them; files travel beside them."""
    match what:
        case Said(text=text, overheard=overheard, in_reply_to=named):
            aside = {"overheard": [asdict(one) for one in overheard]} if overheard else {}
            follows = {"follows": {"key": inbox_key(place, named), "page": named}} if named else {}
            return "said", json.dumps({"text": text, **aside, **follows})
        case AskedAgain():
            wish = asdict(what)
            return "again", json.dumps(
                wish if what.anyway else {k: v for k, v in wish.items() if k != "anyway"}
            )


def pack_files(what: Said | AskedAgain) -> tuple[NewAttachment, ...]:
    """The files of a message as the inbox keeps them: those that came, and those that are to be fetched."""
    if isinstance(what, AskedAgain):
        return ()
    came = [NewAttachment(file.name, file.media_type, file.data) for file in what.attachments]
    room = max(0, MOST_FILES - len(came))
    fetched = [_promise(file, PROMISED) for file in what.promised[:room]]
    return (*came, *fetched, *(_promise(file, REFUSED, TOO_MANY) for file in what.promised[room:]))


def _promise(file: Promised, state: str, note: str | None = None) -> NewAttachment:
    name = plain_name(file.name)
    return NewAttachment(name, file.media_type[:_TYPE], b"", file.size, state, file.ref, note)


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

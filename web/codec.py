"""A post as the web chat's own message store keeps it: a view, and notes of the files that went with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from bot.core.view import Button, Tone, View


@dataclass(frozen=True, slots=True)
class FileNote:
    """What a sent message says of a file that went with it. ``size`` is in bytes."""

    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What one post shows. ``command`` marks a person's order to the bot, which is no part of the talk."""

    view: View
    files: tuple[FileNote, ...] = ()
    command: bool = False


def encode(view: View, files: Sequence[FileNote] = (), *, command: bool = False) -> str:
    """The JSON that ``decode`` reads. A picture is kept beside it."""
    data = asdict(replace(view, picture=None))
    del data["picture"]
    del data["closing"]  # the page may end in what closes it: nothing is ever appended to it
    if files:
        data["files"] = [asdict(file) for file in files]
    if command:
        data["command"] = True
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def decode(text: str) -> Shown:
    """Read what ``encode`` wrote."""
    data = json.loads(text)
    view = View(
        text=data["text"],
        footer=data["footer"],
        buttons=tuple(Button(**button) for button in data["buttons"]),
        growing=data["growing"],
        tone=Tone(data["tone"]),
        private_to=data["private_to"],
    )
    files = tuple(FileNote(**file) for file in data.get("files", ()))
    return Shown(view, files, data.get("command", False))

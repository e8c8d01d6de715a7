"""What a command is: its name, its words, its options, and what it is given and gives back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.conversation.engine import Engine
from bot.conversation.settings import Settings
from bot.core.place import Place
from bot.core.view import View
from bot.providers.registry import Registry
from storage.store import Store


class OptionKind(StrEnum):
    """What may stand in an option's place."""

    TEXT = "text"
    MODEL = "model"  # any words by which a model may be found; completed from the registry
    CHOICE = "choice"
    FLAG = "flag"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Option:
    """One option. With ``rest`` it takes all words that are left; ``choices`` belong to CHOICE."""

    name: str
    kind: OptionKind
    summary: str
    required: bool = False
    rest: bool = False
    choices: tuple[str, ...] = ()


Value = str | int | bool
Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and where. ``key`` is the platform's id of the message or click, unique in its workspace."""

    place: Place
    person_id: int
    workspace_id: str
    platform: str
    key: str
    author_name: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command says. ``refresh``: the place looks different now: another model or conversation."""

    view: View
    refresh: bool = False


@dataclass(frozen=True, slots=True)
class Tools:
    """What commands work with."""

    store: Store
    registry: Registry
    engine: Engine
    settings: Settings
    commands: tuple[Command, ...]


Handler = Callable[[Tools, Asked, Values], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that people can say. ``aliases`` are other names for it; ``example`` is a whole line."""

    name: str
    summary: str
    handler: Handler
    options: tuple[Option, ...] = ()
    aliases: tuple[str, ...] = ()
    example: str = ""

    @property
    def usage(self) -> str:
        """How it is written: ``/retry [reply] [model]``."""
        return " ".join([f"/{self.name}", *map(_placeholder, self.options)])


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A way to complete a line: ``value`` is the whole line then, ``label`` and ``detail`` what is shown."""

    value: str
    label: str
    detail: str = ""


def _placeholder(option: Option) -> str:
    name = "|".join(option.choices) if option.kind is OptionKind.CHOICE else option.name
    return f"<{name}>" if option.required else f"[{name}]"

"""What a command is: its name, its words, its options, and what it is given and gives back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.conversation.engine import Engine
from bot.conversation.settings import Settings
from bot.conversation.tasks import TaskDesk
from bot.core.place import Place
from bot.core.provider import ModelId
from bot.core.view import View
from bot.providers.ollama.managed import Managed
from bot.providers.registry import Registry
from bot.providers.status import ModelStatus, unseen
from bot.workbench.digester import Digester
from storage.store import Store


class OptionKind(StrEnum):
    """What may stand in an option's place."""

    TEXT = "text"
    MODEL = "model"  # any words by which a model may be found; completed from the registry
    COMMAND = "command"  # the name of a command
    AGENT = "agent"  # one word, the name of an agent
    CHOICE = "choice"
    FLAG = "flag"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Option:
    """One option. With ``rest`` it takes all words that are left; ``choices`` belong to CHOICE.

    ``keyed``: it is written with its name, ``scope:channel``, before or behind all other words; a value of several
    words stands in quotation marks.
    """

    name: str
    kind: OptionKind
    summary: str
    required: bool = False
    rest: bool = False
    choices: tuple[str, ...] = ()
    keyed: bool = False


Value = str | int | bool
Values = Mapping[str, Value]


PlatformAdmin = Callable[[], Awaitable[bool]]


async def nobodys() -> bool:
    """Where the platform has no admins, or nobody can tell."""
    return False


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and where. ``key`` is the platform's id of the message or click, unique in its workspace.

    ``in_conversation`` is false where the place is a channel whose threads are the conversations. ``shared``: what is
    said there may be meant for others, as in a channel and its threads, unlike in a direct message. ``platform_admin``
    finds out whether the platform has who asks for an admin of the workspace; it may take a moment, and never raises.
    ``private``: the answer can be shown to who asks alone. ``about`` names the message whose menu was used, as in
    ``Said.in_reply_to``. ``on_site``: asked in the browser of somebody who is signed in.
    """

    place: Place
    person_id: int
    workspace_id: str
    platform: str
    key: str
    author_name: str = ""
    in_conversation: bool = True
    shared: bool = False
    platform_admin: PlatformAdmin = field(default=nobodys, compare=False, repr=False)
    private: bool = True
    about: str = ""
    on_site: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command says. ``refresh``: the place looks different now: another model or conversation.

    ``private``: it is for who asked alone; where that cannot be it is shown to nobody.
    """

    view: View
    refresh: bool = False
    private: bool = False


@dataclass(frozen=True, slots=True)
class Tools:
    """What commands work with.

    ``tasks`` takes long work; ``ollama`` is None where nobody looks after one; ``status`` tells how a model does;
    ``site`` is the address of the site without a slash at its end, "" where it has none.
    ``digests`` makes a channel's digest; ``mails``: mail can be sent.
    """

    store: Store
    registry: Registry
    engine: Engine
    settings: Settings
    commands: tuple[Command, ...]
    tasks: TaskDesk
    digests: Digester
    ollama: Managed | None = None
    status: Callable[[ModelId], ModelStatus] = unseen
    site: str = ""
    mails: bool = False


Handler = Callable[[Tools, Asked, Values], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that people can say. ``aliases`` are other names for it; ``example`` is a whole line.

    ``anywhere``: it can be said outside of conversations too, in a channel whose threads they are.
    """

    name: str
    summary: str
    handler: Handler
    options: tuple[Option, ...] = ()
    aliases: tuple[str, ...] = ()
    example: str = ""
    anywhere: bool = False

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
    if option.keyed:
        name = f"{option.name}:…"
    return f"<{name}>" if option.required else f"[{name}]"

"""What an interaction leaves open: its token, what was answered, the modal on a screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.fakes.discord import tables
from tests.fakes.discord.channels import Channel
from tests.fakes.discord.components import walk
from tests.fakes.discord.guilds import App, User
from tests.fakes.discord.messages import Message
from tests.fakes.discord.refusals import JSON

ANSWER_SECONDS, TOKEN_SECONDS = 3.0, 900.0
FOLLOWUPS = 5  # where the app is only installed by a person
PING, COMMAND, COMPONENT, COMPLETION, SUBMISSION = range(1, 6)
SAY, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9


@dataclass(eq=False)
class Interaction:
    """Something a person did with an app. ``source`` is the message of a component."""

    id: str
    token: str
    app: App
    user: User
    kind: int
    at: float
    channel: Channel
    name: str
    guest: bool  # the app is here only because a person installed it
    source: Message | None = None
    payload: JSON = field(default_factory=dict)
    answered: int | None = None  # the type of the first response
    answered_at: float = 0.0
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    waiting: bool = False  # deferred, and nothing was said yet
    choices: list[JSON] = field(default_factory=list)
    modal: Modal | None = None

    @property
    def ok(self) -> bool:
        """Whether the app answered in time."""
        return self.answered is not None

    @property
    def messages(self) -> list[Message]:
        """All that was said in answer, and stands."""
        said = [self.original, *self.followups]
        return [one for one in said if one is not None and one is not self.source and not one.deleted]

    @property
    def shown(self) -> str:
        """What was answered, as the person reads it."""
        return "\n".join(message.shown for message in self.messages)


@dataclass(eq=False)
class Modal:
    """A form on somebody's screen."""

    by: Interaction
    given: JSON

    @property
    def title(self) -> str:
        return str(self.given["title"])

    @property
    def custom_id(self) -> str:
        return str(self.given["custom_id"])

    @property
    def shown(self) -> str:
        """Its labels and texts."""
        words = [self.title]
        for one in walk(self.given["components"]):
            words += [one[name] for name in ("label", "description", "content") if one.get(name)]
        return "\n".join(words)

    @property
    def inputs(self) -> dict[str, JSON]:
        """Every field to fill in, by its custom_id."""
        return {one["custom_id"]: one for one in self._fields()}

    def _fields(self) -> Iterator[JSON]:
        return (
            one
            for one in walk(self.given["components"])
            if "custom_id" in one and one["type"] != tables.LABEL
        )

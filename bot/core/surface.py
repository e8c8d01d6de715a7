"""A chat platform as the heart sees it: limits as data, and few verbs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.core.message import Promised
from bot.core.place import Place
from bot.core.view import View


class Verb(StrEnum):
    """The calls that put text before people."""

    POST = "post"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``calls`` in any ``seconds``."""

    calls: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Spend:
    """A budget that a call takes one token from. ``name`` is unique over the process ("discord:edit:C1").

    ``rate`` is where the budget starts; what the platform reports later wins. ``shared`` names the workspace whose
    budget several processes divide among themselves, "" where the platform counts per connection or place.
    """

    name: str
    rate: Rate
    shared: str = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """What the platform's headers said of a budget after a call: tokens left, seconds until it is full again."""

    name: str
    limit: int
    remaining: int
    reset_after: float


@dataclass(frozen=True, slots=True)
class Posted:
    """A call that was applied: the platform's message id, and what its headers said.

    ``edits`` are the budgets that edits of this very message spend from now on, where they differ from what the
    place's own ``spends`` says (a native stream is not updated but appended to); None leaves them as they are.
    An edit that answers with some has gone that way already, and has spent them once.
    """

    message_id: str
    observed: tuple[Observed, ...] = ()
    edits: tuple[Spend, ...] | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What fits one message of this platform: the text of a view, footer and continuation marks included."""

    page_chars: int
    page_bytes: int
    expected_stream: float = 8.0  # seconds; over this the spare edits of a budget are spread
    round_trip: float = 0.1  # seconds a call usually takes


class Surface(Protocol):
    """One connected platform. Failures are PlatformBusy, PlatformDown, PlaceGone, and of an edit MessageFrozen.

    Only ``bot.conversation.delivery.delivery`` calls ``post`` and ``edit``.
    """

    @property
    def platform(self) -> str:
        """The platform part of its places ("web", "slack", "discord")."""
        ...

    @property
    def limits(self) -> Limits:
        """What fits one message."""
        ...

    def spends(self, verb: Verb, place: Place) -> Sequence[Spend]:
        """The budgets one such call at this place takes a token from. Pure and quick."""
        ...

    async def post(self, place: Place, view: View, key: str) -> Posted:
        """Show a new message that carries our own ``key`` (at most 25 of [a-z0-9]); a key again may repeat it."""
        ...

    async def edit(self, place: Place, message_id: str, view: View) -> Posted:
        """Replace what a message of ours shows. Doing it twice is harmless. Only it raises MessageFrozen."""
        ...

    async def find(self, place: Place, keys: Collection[str]) -> Mapping[str, str]:
        """Which of our keys stand in messages of this place: key to message id."""
        ...

    async def fetch(self, place: Place, file: Promised) -> bytes:
        """The bytes of a file that a message of this place promised. Raises BadInput where it cannot be had."""
        ...

    async def beginning(self, place: Place, key: str) -> Place:
        """Where the first message of a new thread beside this place is to be posted, under our ``key``.

        Nobody reads there who may not read ``place``: where no such thread can be had, it is the place itself.
        Fails as ``post`` does.
        """
        ...

    async def begun(self, beginning: Place, message_id: str) -> Place:
        """The thread that our message at a ``beginning`` begins, open from now on. Twice is harmless. Fails so too."""
        ...

    def link(self, place: Place, message_id: str = "") -> str:
        """The address where people see a place, or a message of ours in it; "" where it is not known. Quick."""
        ...

    async def status(self, place: Place, text: str) -> None:
        """Say that an answer is on its way ("" takes it back). Best effort, never raises, spends no budget above."""
        ...

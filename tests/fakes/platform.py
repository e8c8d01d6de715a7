"""Simulated Discord and Slack: what they allow, what they show when, and how they fail when told to.

Their rules come from the platforms' own references (shared/platforms.md), not from our budgets. A call that
no correct client makes (too long, empty, of an unknown message) is a `Misuse`; a call over a limit is refused
as the platform would. For virtual time: every delay is an `asyncio.sleep`.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from bot.core.errors import PlaceGone, PlatformBusy, PlatformDown
from bot.core.message import Promised
from bot.core.place import Place
from bot.core.surface import Limits, Observed, Posted, Rate, Spend, Verb
from bot.core.view import View

_KEY = re.compile(r"[a-z0-9]{1,25}")


class Misuse(AssertionError):
    """A call that no correct client makes."""


class Window:
    """At most so many calls in any so many seconds."""

    def __init__(self, name: str, calls: int, seconds: float) -> None:
        self.name, self.calls, self.seconds = name, calls, seconds
        self._log: deque[float] = deque()

    def wait(self, now: float) -> float:
        while self._log and self._log[0] <= now - self.seconds:
            self._log.popleft()
        return self._log[0] + self.seconds - now if len(self._log) >= self.calls else 0.0

    def count(self, now: float) -> None:
        self._log.append(now)

    def seen(self, now: float) -> Observed:
        self.wait(now)
        reset = self._log[-1] + self.seconds - now if self._log else 0.0
        return Observed(self.name, self.calls, self.calls - len(self._log), reset)


class Bucket:
    """One call per so many seconds, of which a few may be saved up."""

    def __init__(self, name: str, seconds: float, burst: int) -> None:
        self.name, self._seconds, self._burst = name, seconds, burst
        self._level, self._at = float(burst), 0.0

    def wait(self, now: float) -> float:
        self._level = min(self._burst, self._level + (now - self._at) / self._seconds)
        self._at = now
        return (1 - self._level) * self._seconds if self._level < 1 - 1e-9 else 0.0

    def count(self, now: float) -> None:
        self._level -= 1


class Kind(Enum):
    """How a call fails."""

    BUSY = "refused with a 429"
    DOWN = "500, nothing was applied"
    LOST = "applied, but the answer is lost"
    GONE = "the place is gone"


@dataclass
class Fault:
    """The next `times` calls of `verb` (None = any) at `place` (None = any) fail like this, up to `until`."""

    kind: Kind
    verb: Verb | None = None
    times: int = 1
    wait: float = 30.0
    after: int = 0  # calls that pass before
    place: Place | None = None
    until: float = math.inf
    budget: str = ""

    def strikes(self, verb: Verb, place: Place, now: float) -> bool:
        if (
            now > self.until
            or self.times < 1
            or self.verb not in (None, verb)
            or self.place not in (None, place)
        ):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        self.times -= 1
        return True


@dataclass
class Message:
    """What stands on the platform: every text it ever showed, with the moment."""

    id: str
    place: Place
    key: str
    history: list[tuple[float, View]] = field(default_factory=list)

    @property
    def view(self) -> View:
        return self.history[-1][1]


@dataclass(frozen=True)
class _Request:
    verb: Verb
    place: Place
    view: View
    key: str = ""
    message_id: str = ""


class Platform:
    """A surface with its other side. `ordered` counts 429s that were faults, `refused` those of our doing."""

    platform = "fake"
    has_headers = False
    limits = Limits(page_chars=2000, page_bytes=8000)

    def __init__(self) -> None:
        self.messages: dict[str, Message] = {}
        self.faults: list[Fault] = []
        self.mistakes: list[str] = []
        # What was called for, and what was applied.
        self.asked: list[tuple[float, Verb, Place]] = []
        self.calls: list[tuple[float, Verb, Place]] = []
        self.refused = self.ordered = self.found = 0
        self._meters: dict[str, Window | Bucket] = {}

    # Our side

    def spends(self, verb: Verb, place: Place) -> Sequence[Spend]:
        raise NotImplementedError

    async def post(self, place: Place, view: View, key: str) -> Posted:
        return await self._call(_Request(Verb.POST, place, view, key=key))

    async def edit(self, place: Place, message_id: str, view: View) -> Posted:
        return await self._call(_Request(Verb.EDIT, place, view, message_id=message_id))

    async def find(self, place: Place, keys: Collection[str]) -> Mapping[str, str]:
        await asyncio.sleep(self.limits.round_trip)
        self.found += 1
        return {m.key: m.id for m in self.messages.values() if m.place == place and m.key in keys}

    async def fetch(self, place: Place, file: Promised) -> bytes:
        raise NotImplementedError

    async def beginning(self, place: Place, key: str) -> Place:
        raise NotImplementedError

    async def begun(self, beginning: Place, message_id: str) -> Place:
        raise NotImplementedError

    def link(self, place: Place, message_id: str = "") -> str:
        raise NotImplementedError

    async def status(self, place: Place, text: str) -> None:
        pass

    # The platform's side

    def meters(self, verb: Verb, place: Place) -> Sequence[Window | Bucket]:
        raise NotImplementedError

    def written(self, view: View) -> str:
        """The text as it is sent."""
        return view.text + (" ▌" if view.growing else "") + (f"\n-# {view.footer}" if view.footer else "")

    async def _call(self, request: _Request) -> Posted:
        self.asked.append((asyncio.get_running_loop().time(), request.verb, request.place))
        await self._travel()
        now = asyncio.get_running_loop().time()
        self._check(request)
        fault = next((one for one in self.faults if one.strikes(request.verb, request.place, now)), None)
        if fault is not None and fault.kind is not Kind.LOST:
            await self._travel()
            raise self._failure(fault)
        meters = self.meters(request.verb, request.place)
        self._meter(meters, now)
        self.calls.append((now, request.verb, request.place))
        message = self._apply(request, now)
        observed = tuple(one.seen(now) for one in meters if isinstance(one, Window) and self.has_headers)
        await self._travel()
        if fault is not None:
            raise PlatformDown("the answer was lost")
        return Posted(message.id, observed)

    async def _travel(self) -> None:
        await asyncio.sleep(self.limits.round_trip / 2)

    def _check(self, request: _Request) -> None:
        view, message = request.view, self.messages.get(request.message_id)
        written = self.written(view)
        chars, size = len(written.encode("utf-16-le")) // 2, len(written.encode())
        if chars > self.limits.page_chars or size > self.limits.page_bytes:
            self._mistake(f"{chars} characters, {size} bytes")
        if not view.text.strip():
            self._mistake("an empty message")
        if request.verb is Verb.EDIT and (message is None or message.place != request.place):
            self._mistake(f"edit of unknown message {request.message_id!r}")
        if request.verb is Verb.POST and not _KEY.fullmatch(request.key):
            self._mistake(f"not a key: {request.key!r}")

    def _mistake(self, what: str) -> None:
        self.mistakes.append(what)
        raise Misuse(what)

    def _failure(self, fault: Fault) -> Exception:
        if fault.kind is Kind.BUSY:
            self.ordered += 1
            return PlatformBusy("ordered", wait=fault.wait, budget=fault.budget)
        return PlaceGone("ordered") if fault.kind is Kind.GONE else PlatformDown("ordered")

    def _meter(self, meters: Sequence[Window | Bucket], now: float) -> None:
        for meter in meters:
            if (wait := meter.wait(now)) > 0:
                self.refused += 1
                raise PlatformBusy(f"over {meter.name}", wait=wait, budget=meter.name)
        for meter in meters:
            meter.count(now)

    def _apply(self, request: _Request, now: float) -> Message:
        if request.verb is Verb.POST:
            message = Message(f"m{len(self.messages) + 1}", request.place, request.key)
            self.messages[message.id] = message
        else:
            message = self.messages[request.message_id]
        message.history.append((now, request.view))
        return message

    def at(self, place: Place) -> list[Message]:
        """The messages of a place in their order."""
        return [message for message in self.messages.values() if message.place == place]


class Discord(Platform):
    """Create and edit 5 per 5 s and channel each, 50 a second in all; headers; answers within 50 ms."""

    platform = "discord"
    limits = Limits(page_chars=2000, page_bytes=8000, expected_stream=6.0, round_trip=0.05)
    has_headers = True

    def spends(self, verb: Verb, place: Place) -> Sequence[Spend]:
        channel = place.thread or place.channel
        return Spend(f"discord:{verb}:{channel}", Rate(5, 5.0)), Spend("discord:global", Rate(50, 1.0))

    def meters(self, verb: Verb, place: Place) -> Sequence[Window | Bucket]:
        channel = f"discord:{verb}:{place.thread or place.channel}"
        return (
            self._meters.setdefault("discord:global", Window("discord:global", 50, 1.0)),
            self._meters.setdefault(channel, Window(channel, 5, 5.0)),
        )


class Slack(Platform):
    """chat.update 50 a minute and workspace; postMessage 1 a second and channel (burst 4), 300 a minute."""

    platform = "slack"
    limits = Limits(page_chars=12_000, page_bytes=12_000, expected_stream=6.0, round_trip=0.1)

    def spends(self, verb: Verb, place: Place) -> Sequence[Spend]:
        team = place.workspace
        if verb is Verb.EDIT:
            return (Spend(f"slack:update:{team}", Rate(50, 60.0), shared=team),)
        return (
            Spend(f"slack:post:{team}/{place.channel}", Rate(4, 4.0)),
            Spend(f"slack:post:{team}", Rate(300, 60.0), shared=team),
        )

    def meters(self, verb: Verb, place: Place) -> Sequence[Window | Bucket]:
        team = place.workspace
        if verb is Verb.EDIT:
            return (
                self._meters.setdefault(f"slack:update:{team}", Window(f"slack:update:{team}", 50, 60.0)),
            )
        channel = f"slack:post:{team}/{place.channel}"
        return (
            self._meters.setdefault(channel, Bucket(channel, 1.0, 4)),
            self._meters.setdefault(f"slack:post:{team}", Window(f"slack:post:{team}", 300, 60.0)),
        )

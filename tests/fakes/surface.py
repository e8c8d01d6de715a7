"""A chat room in memory: a platform that is strict, fails when it is told to, and remembers all it ever showed.

It is the witness of the dialogues: what a person saw, in which order, and whether anything stood there twice.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from bot.core.errors import BadInput, PlaceGone, PlatformBusy, PlatformDown
from bot.core.message import Promised
from bot.core.place import Place
from bot.core.surface import Limits, Posted, Rate, Spend, Verb
from bot.core.view import Tone, View

HURRY = 20.0  # the seconds of the room's limits pass so many times faster than the loop's
_RATES = {Verb.POST: Rate(5, 5.0), Verb.EDIT: Rate(5, 5.0)}


class Kind(Enum):
    """How a call fails."""

    BUSY = "refused with a 429"
    DOWN = "a 503, nothing was applied"
    LOST = "applied, but the answer is lost"
    GONE = "the place is gone"


@dataclass(slots=True)
class Fault:
    """The next ``times`` calls of a verb (None: any) after ``after`` others fail like this.

    ``wait`` is in the room's seconds.
    """

    kind: Kind
    verb: Verb | None = None
    times: int = 1
    after: int = 0
    wait: float = 5.0

    def strikes(self, verb: Verb) -> bool:
        if self.times < 1 or self.verb not in (None, verb):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        self.times -= 1
        return True


_REPLY_KEY = 24  # characters; the keys of all else are of another length


@dataclass(slots=True)
class Line:
    """A message as it stands in the room. ``key`` is the bot's own id, "" for what a person said."""

    id: str
    place: Place
    key: str
    history: list[tuple[float, View]] = field(default_factory=list)
    busy: bool = False
    deleted: bool = False

    @property
    def view(self) -> View:
        return self.history[-1][1]

    @property
    def by_bot(self) -> bool:
        return bool(self.key)

    @property
    def of_task(self) -> bool:
        """Whether it shows how a task stands; it changes until it can no longer be cancelled."""
        return self.key.startswith("task")

    @property
    def is_sent(self) -> bool:
        """Whether it is a digest or an alert, which nobody asked for."""
        return self.key.startswith("send")

    @property
    def changes(self) -> bool:
        """Whether it is to change once more."""
        if self.of_task:
            return any(button.label == "Cancel" for button in self.view.buttons)
        return self.view.growing


# The buttons beneath an answer: a whole one, one that broke off, one without a text.
WHOLE = ["Retry", "Model", "👍", "👎"]
BROKEN_OFF = ["Continue", *WHOLE]
WITHOUT_TEXT = ["Retry", "Model"]


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer as people see it at last: one message or several, the last of which has the buttons."""

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        return "\n".join(line.view.text for line in self.lines)

    @property
    def last(self) -> View:
        return self.lines[-1].view

    @property
    def footer(self) -> str:
        return self.last.footer

    @property
    def labels(self) -> list[str]:
        return [button.label for button in self.last.buttons]

    @property
    def outcome(self) -> str:
        """What a person would say of it: "complete", "stopped", "long" or "broken"."""
        if "stopped" in self.footer.split(" · "):
            return "stopped"
        if "> The answer reached its maximum length." in self.last.text:
            return "long"
        broken = self.last.tone is Tone.ERROR or "Continue" in self.labels
        return "broken" if broken else "complete"


def ink(text: str) -> str:
    """What is left of a text when its form is set aside: no white space, no invisible characters."""
    return "".join(text.replace("\u200b", "").split())


class Misuse(AssertionError):
    """A call that no correct client makes."""


class RoomSurface:
    """The room. ``mistakes`` are calls that no correct client makes, ``over`` those that it refused as too many."""

    platform: str = "room"
    limits = Limits(page_chars=2000, page_bytes=8000, expected_stream=4.0, round_trip=0.05)

    def __init__(self, stir: Callable[[], None]) -> None:
        self._stir = stir
        self.lines: list[Line] = []
        self.mistakes: list[str] = []
        self.over: list[str] = []
        self.asides: set[str] = set()  # keys of answers to commands
        self.faults: list[Fault] = []
        self.calls: Counter[Verb] = Counter()
        self.refused: Counter[Kind] = Counter()
        self.refusals: list[View] = []  # what was refused with a 429
        self.statuses: list[tuple[Place, str]] = []
        self.files: dict[str, bytes] = {}  # by the ref that messages promise them under
        self.fetched: Counter[str] = Counter()  # by ref
        self.unfetchable: dict[str, list[Exception]] = {}  # what the next fetches of a ref raise
        self.held: dict[str, asyncio.Event] = {}  # refs whose bytes come once the event is set
        self._counted: dict[tuple[Verb, Place], deque[float]] = {}

    # For the test

    def hear(self, place: Place, text: str) -> str:
        """A person says something; the id of the message."""
        line = Line(f"m{len(self.lines) + 1}", place, "", [(_now(), View(text))])
        self.lines.append(line)
        self._stir()
        return line.id

    def unsay(self, place: Place, message_id: str) -> None:
        """A person deletes what they had said."""
        next(line for line in self.at(place) if line.id == message_id).deleted = True

    def order(self, kind: Kind, verb: Verb | None = None, **how: float) -> None:
        """Let coming calls fail, as ``Fault`` says."""
        fault = Fault(kind, verb, int(how.get("times", 1)), int(how.get("after", 0)), how.get("wait", 5.0))
        self.faults.append(fault)

    def forgive(self) -> None:
        """Take back every order that was carried out at least once."""
        self.faults = [fault for fault in self.faults if not self.refused[fault.kind]]

    def delete_growing(self) -> None:
        """Somebody deletes the messages that still grow."""
        self.lines = [line for line in self.lines if not line.view.growing]

    def at(self, place: Place) -> list[Line]:
        """What stands at a place, in order."""
        return [line for line in self.lines if line.place == place and not line.deleted]

    def answers(self, place: Place) -> list[Shown]:
        """The bot's finished answers at a place: what ends in a message with buttons."""
        found, pages = list[Shown](), list[Line]()
        for line in self.at(place):
            if not line.by_bot or line.key in self.asides or len(line.key) != _REPLY_KEY:
                continue
            pages.append(line)
            if line.view.buttons and not line.view.growing:
                found.append(Shown(tuple(pages)))
                pages.clear()
        return found

    def growing(self, place: Place | None = None) -> list[Line]:
        """What still grows."""
        return [line for line in self.lines if line.changes and place in (None, line.place)]

    # The surface

    def spends(self, verb: Verb, place: Place) -> Sequence[Spend]:
        return (Spend(f"room:{verb}:{place}", _RATES[verb]),)

    async def post(self, place: Place, view: View, key: str) -> Posted:
        if not (0 < len(key) <= 25 and key.isascii() and key.isalnum() and key == key.lower()):
            self._misuse(f"not a key: {key!r}")
        if any(line.key == key for line in self.lines):
            self._misuse(f"posted again under the key {key}: {view.text[:60]!r}")
        line = Line(f"m{len(self.lines) + 1}", place, key)
        return await self._call(Verb.POST, line, view)

    async def edit(self, place: Place, message_id: str, view: View) -> Posted:
        line = next((line for line in self.at(place) if line.id == message_id and line.by_bot), None)
        if line is None:
            raise self._misuse(f"edit of {message_id!r}, which is no message of the bot at {place}")
        if line.busy:
            self._misuse(f"two edits of {message_id} at once")
        if not line.changes and view != line.view:
            self._misuse(f"{message_id} was finished and changed once more: {view.text[-60:]!r}")
        line.busy = True
        try:
            return await self._call(Verb.EDIT, line, view)
        finally:
            line.busy = False

    async def find(self, place: Place, keys: Collection[str]) -> Mapping[str, str]:
        await asyncio.sleep(0)
        return {line.key: line.id for line in self.at(place) if line.key in keys}

    async def fetch(self, place: Place, file: Promised) -> bytes:
        """What ``files`` has under the file's ``ref``; what it has not cannot be had."""
        await asyncio.sleep(0)
        self.fetched[file.ref] += 1
        if errors := self.unfetchable.get(file.ref):
            raise errors.pop(0)
        if file.ref in self.held:
            self._stir()
            await self.held[file.ref].wait()
        if file.ref not in self.files:
            raise BadInput("gone", say=f"“{file.name}” is not there any more.")
        return self.files[file.ref]

    async def beginning(self, place: Place, key: str) -> Place:
        """Threads begin in their channel."""
        return replace(place, thread="")

    async def begun(self, beginning: Place, message_id: str) -> Place:
        """A thread is called by its first message."""
        return replace(beginning, thread=message_id)

    def link(self, place: Place, message_id: str = "") -> str:
        return f"https://room.invalid/{place.channel}/{place.thread}#{message_id}"

    async def status(self, place: Place, text: str) -> None:
        self.statuses.append((place, text))
        self._stir()

    # The other side

    async def _call(self, verb: Verb, line: Line, view: View) -> Posted:
        self._check(view)
        await asyncio.sleep(0)
        fault = next((one for one in self.faults if one.strikes(verb)), None)
        if fault is not None and fault.kind is not Kind.LOST:
            self.refused[fault.kind] += 1
            self.refusals += [view] if fault.kind is Kind.BUSY else []
            self._stir()
            raise _failure(fault)
        self._count(verb, line.place)
        if verb is Verb.POST:
            line.id = f"m{len(self.lines) + 1}"
            self.lines.append(line)
        line.history.append((_now(), view))
        self.calls[verb] += 1
        self._stir()
        await asyncio.sleep(0)
        if fault is not None:
            self.refused[fault.kind] += 1
            raise PlatformDown("the answer was lost")
        return Posted(line.id)

    def _check(self, view: View) -> None:
        written = view.text + (" ▌" if view.growing else "") + (f"\n{view.footer}" if view.footer else "")
        chars, size = len(written.encode("utf-16-le")) // 2, len(written.encode())
        if chars > self.limits.page_chars or size > self.limits.page_bytes:
            self._misuse(f"{chars} characters, {size} bytes")
        if not view.text.strip():
            self._misuse("an empty message")
        if len(view.buttons) > 5:
            self._misuse(f"{len(view.buttons)} buttons")

    def _count(self, verb: Verb, place: Place) -> None:
        """Refuse a call over the limit, as the platform would."""
        rate, log, now = _RATES[verb], self._counted.setdefault((verb, place), deque()), _now()
        while log and log[0] <= now - rate.seconds / HURRY:
            log.popleft()
        if len(log) >= rate.calls:
            self.over.append(f"{verb} at {place}")
            raise PlatformBusy("over the limit", wait=rate.seconds)
        log.append(now)

    def _misuse(self, what: str) -> Misuse:
        self.mistakes.append(what)
        self._stir()
        raise Misuse(what)


def _failure(fault: Fault) -> Exception:
    match fault.kind:
        case Kind.BUSY:
            return PlatformBusy("ordered", wait=fault.wait)
        case Kind.GONE:
            return PlaceGone("ordered")
        case _:
            return PlatformDown("ordered")


def _now() -> float:
    return asyncio.get_running_loop().time()

"""One process of Switchboard inside a test's loop, with a gate between it and the world that stays.

Everything that outlives a process (database, chat platform) is reached through its ``Gate``. There a test can
lose an answer, let the database be away, or let the process die: then not one further call gets through, as
after ``kill -9``, while a call that is under way comes to its end without anybody hearing of it.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Coroutine, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import SecretStr

from bot.calls.call import Caller
from bot.calls.reach import Reach
from bot.commands.command import Desk
from bot.commands.digest import NOW
from bot.config import ProviderSettings
from bot.conversation.answer import Parts
from bot.conversation.delivery.delivery import Delivery
from bot.conversation.engine import Engine
from bot.conversation.presence import Presence
from bot.conversation.settings import Settings
from bot.conversation.tasks import TaskDesk
from bot.core.message import Promised
from bot.core.place import Place
from bot.core.surface import Limits, Posted, Spend, Surface, Verb
from bot.core.view import View
from bot.jobs.alerts import Alerts
from bot.jobs.digests import DIGEST, OFFERED, Digests
from bot.jobs.hooks import Hooks
from bot.jobs.pulls import Pulls
from bot.jobs.sender import Rooms, Sender
from bot.jobs.supervisor import Health, supervise
from bot.jobs.tasks import TaskRunner
from bot.net.guard import Guard
from bot.net.http import Http
from bot.providers.calibration import Calibration
from bot.providers.catalog import CATALOG
from bot.providers.ollama.disk import Disk
from bot.providers.ollama.managed import Managed
from bot.providers.ollama.orders import PULL
from bot.providers.prices import PriceBook
from bot.providers.registry import Registry
from bot.providers.resilience import Deadlines
from bot.providers.rows.own import OLLAMA
from bot.workbench.alerting import ALERT
from bot.workbench.digest import Atlas
from bot.workbench.digester import Digester
from storage.errors import StorageDown
from storage.store import Store
from tests.fakes.ollama import FakeOllama
from tests.fakes.patience import PATIENCE
from tests.fakes.surface import HURRY

T = TypeVar("T")

READS = frozenset(
    {"get", "get_many", "branch", "attachments", "current", "rooms", "ready", "orphans", "waiting"}
)
READS |= {
    "promised",
    "of",
    "open_of",
    "last",
    "stops",
    "all",
    "undelivered",
    "billed",
    "roles",
    "owner",
    "find",
    "due",
    "orphaned",
    "newest",
    "showing",
    "amended",
    "message",
    "at",
    "extent",
    "everywhere",
    "of_key",
    "by",
    "daily",
    "threads",
    "lines",
    "by_model",
    "calendar",
    "without_sending",
    "first_places",
    "last_places",
    "names",
}

_owner: contextvars.ContextVar[Process | None] = contextvars.ContextVar("owner", default=None)


@dataclass(slots=True)
class Trap:
    """Something that happens at the ``number``-th call through a door ("replies.journal").

    ``what`` is "before" or "after" (the process dies there), "lost" (applied, then StorageDown), "down" (not
    applied, StorageDown), or "late" (applied only after the end of the answer was journalled). Where ``door``
    is "" every write of the store counts.
    """

    door: str
    what: str
    number: int = 1
    sprung: bool = False

    def springs(self, door: str) -> bool:
        if self.sprung or (door != self.door if self.door else not _is_write(door)):
            return False
        self.number -= 1
        self.sprung = self.number == 0
        return self.sprung


def _is_write(door: str) -> bool:
    part, _, method = door.partition(".")
    return part not in ("surface", "processes", "settings") and method not in READS


class Gate:
    """Every call of one process to its store or its surface."""

    def __init__(self, die: Callable[[], None], stir: Callable[[], None]) -> None:
        self._die, self._stir = die, stir
        self.traps: list[Trap] = []
        self.away = False  # the database does not answer
        self.shut = False
        self.passed: Counter[str] = Counter()
        self.under_way: set[asyncio.Task[Any]] = set()
        self.asleep = False
        self._sleeps_at: str | None = None
        self._waking, self._end = asyncio.Event(), asyncio.Event()

    def sleep(self, at: str = "") -> None:
        """Let the whole process stand still from the next call of a door on ("": any), as under SIGSTOP."""
        self._sleeps_at = at
        self._waking.clear()

    def awake(self) -> None:
        """Let it go on."""
        self.asleep, self._sleeps_at = False, None
        self._waking.set()

    async def _doze(self, door: str) -> None:
        if self._sleeps_at is not None and (self.asleep or self._sleeps_at in ("", door)):
            self.asleep = True
            self._stir()
            await self._waking.wait()

    async def through(self, door: str, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Make a call on the other side, unless the process is dead by now."""
        await self._doze(door)
        self._check()
        if self.away and not door.startswith("surface"):
            raise StorageDown("away, as ordered")
        trap = next((trap for trap in self.traps if trap.springs(door)), None)
        if trap is not None:
            self._stir()
        if trap is not None and trap.what == "before":
            self._die()
            self._check()
        if trap is not None and trap.what == "down":
            raise StorageDown("not applied, as ordered")
        if trap is not None and trap.what == "late":
            await self._end.wait()
        result = await self._outside(call)
        self.passed[door] += 1
        if door == "replies.end":
            self._end.set()
        if trap is not None and trap.what == "after":
            self._die()
        self._check()
        self._stir()
        if trap is not None and trap.what == "lost":
            raise StorageDown("applied, and its answer lost, as ordered")
        return result

    async def _outside(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a call in a task that does not die with the process."""
        context = contextvars.copy_context()
        context.run(_owner.set, None)
        task = asyncio.get_running_loop().create_task(call(), context=context)
        self.under_way.add(task)
        task.add_done_callback(self._over)
        return await asyncio.shield(task)

    def _over(self, task: asyncio.Task[Any]) -> None:
        """A call has come to its end; where nobody waits for it any more, nobody minds how."""
        self.under_way.discard(task)
        if not task.cancelled():
            task.exception()

    def _check(self) -> None:
        if self.shut:
            raise asyncio.CancelledError("this process is dead")


class _Gated:
    """A part of the store, or the store itself, behind the gate."""

    def __init__(self, gate: Gate, inner: object, name: str = "") -> None:
        self._gate, self._inner, self._name = gate, inner, name

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return _Gated(self._gate, found, name)
        door = f"{self._name}.{name}" if self._name else name

        async def call(*args: Any, **kwargs: Any) -> Any:
            return await self._gate.through(door, lambda: found(*args, **kwargs))

        return call


class _GatedSurface:
    """A platform behind the gate; what else it knows than a surface must is reached as it is."""

    def __init__(self, gate: Gate, room: Surface) -> None:
        self._gate, self._room = gate, room

    def __getattr__(self, name: str) -> Any:
        return getattr(self._room, name)

    @property
    def platform(self) -> str:
        return self._room.platform

    @property
    def limits(self) -> Limits:
        return self._room.limits

    def spends(self, verb: Verb, place: Place) -> Sequence[Spend]:
        return self._room.spends(verb, place)

    async def post(self, place: Place, view: View, key: str) -> Posted:
        return await self._gate.through("surface.post", lambda: self._room.post(place, view, key))

    async def edit(self, place: Place, message_id: str, view: View) -> Posted:
        return await self._gate.through("surface.edit", lambda: self._room.edit(place, message_id, view))

    async def find(self, place: Place, keys: Collection[str]) -> Mapping[str, str]:
        async def look() -> Mapping[str, str]:
            return await self._room.find(place, keys)

        return await self._gate.through("surface.find", look)

    async def fetch(self, place: Place, file: Promised) -> bytes:
        return await self._gate.through("surface.fetch", lambda: self._room.fetch(place, file))

    async def beginning(self, place: Place, key: str) -> Place:
        async def look() -> Place:
            return await self._room.beginning(place, key)

        return await self._gate.through("surface.beginning", look)

    async def begun(self, beginning: Place, message_id: str) -> Place:
        async def open_thread() -> Place:
            return await self._room.begun(beginning, message_id)

        return await self._gate.through("surface.begun", open_thread)

    def link(self, place: Place, message_id: str = "") -> str:
        return self._room.link(place, message_id)

    async def status(self, place: Place, text: str) -> None:
        await self._gate.through("surface.status", lambda: self._room.status(place, text))


class HurriedClock:
    """Delivery's clock: its seconds pass ``HURRY`` times faster, so that a pause of a second is none."""

    def now(self) -> float:
        return asyncio.get_running_loop().time() * HURRY

    def call_at(self, when: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_at(when / HURRY, callback)


@dataclass(frozen=True, slots=True)
class World:
    """What processes share, and what they are set up with."""

    store: Store
    room: Surface | None
    provider_url: str
    provider_key: str
    default_model: str
    deadlines: Deadlines
    patience: float
    stir: Callable[[], None]
    fetching: float = 10.0  # seconds that promised files may take
    ollama: FakeOllama | None = None  # the one that is looked after
    free: int = 1_000_000_000_000  # bytes on its disk


class Process:
    """The parts of one process, wired as ``bot.house`` wires them. ``die`` is kill -9, ``stop`` a graceful stop."""

    def __init__(self, world: World, name: str, *, alone: bool) -> None:
        self.name, self._world = name, world
        self.gate = Gate(self.die, world.stir)
        self.ahead = 0.0  # seconds that this process's clock is ahead
        self.health = Health()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._parts: list[asyncio.Task[None]] = []
        self.http = Http()
        self.store = store = cast("Store", _Gated(self.gate, world.store))
        keys = ProviderSettings(SecretStr(world.provider_key), world.provider_url)
        near = ProviderSettings(base_url=world.ollama.url) if world.ollama else None
        known = {"openai": keys} | ({"ollama": near} if near else {})
        self.registry = Registry(
            CATALOG,
            known,
            self.http,
            default=world.default_model,
            prices=PriceBook(store.price_overrides),
            calibration=Calibration(store.estimates),
            deadlines=world.deadlines,
        )
        self.delivery = Delivery(HurriedClock(), share=lambda workspace: self.presence.share(workspace))  # noqa: PLW0108 - made below
        self.presence = Presence(store, name, slots=self.delivery.open_slots, alone=alone, now=self._now)
        self.alone = alone
        self.settings = Settings(store, self.registry)
        self.caller = Caller(store, self.registry, name)
        self.surface: Surface = _GatedSurface(self.gate, self._connected())
        parts = Parts(
            store,
            self.registry,
            self.caller,
            self.delivery,
            self.settings,
            self.presence,
            {self.surface.platform: self.surface},
            world.patience,
            world.fetching,
        )
        self.engine = Engine(parts, look=0.1, again=0.1)
        tasks = TaskDesk(store.tasks)
        managed = self._managed(Reach(OLLAMA, self.caller.keys, near))
        digester = Digester(store, self.registry.models, Atlas(_link, _is_direct), self._moment)
        rooms = Rooms(self.delivery, parts.surfaces)
        self.sender = Sender(store, self.presence, self._moment)
        self.digests = Digests(store, rooms, digester, self.sender.sweep)
        self.alerts = Alerts(store, rooms, Hooks(store, self.http, Http(guard=Guard())), _is_direct)
        self.sender.learn({ALERT: self.alerts.send, DIGEST: self.digests.send, OFFERED: self.digests.offer})
        kinds = {PULL: Pulls(managed, self.registry.refresh, pause=0.05).kind, NOW: self.digests.at_once}
        self.runner = TaskRunner(
            store.tasks, tasks, self.presence, self.delivery, parts.surfaces, kinds, look=0.2, pace=0.05
        )
        self.desk = Desk(
            store,
            self.registry,
            self.engine,
            self.settings,
            tasks=tasks,
            ollama=managed,
            site="https://switchboard.invalid",
            digests=digester,
        )

    def _moment(self) -> datetime:
        """The time by this process's clock."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    async def sweep(self) -> None:
        """One round of the clock, until all that it began to send is sent or not."""
        await self.within(self._sweep())

    async def _sweep(self) -> None:
        await self.digests.enter()
        await self.alerts.enter()
        await self.sender.sweep()
        await self.sender.rest()

    def _managed(self, reach: Reach) -> Managed:
        """Whoever looks after Ollama; without one its library is nowhere."""
        world = self._world
        registry = world.ollama.url if world.ollama else "http://127.0.0.1:9"
        return Managed(
            self.http, reach, registry=registry, disk=Disk(Path(__file__).parent, lambda _: world.free)
        )

    def _connected(self) -> Surface:
        """The platform that this process writes to."""
        assert self._world.room is not None
        return self._world.room

    def runs(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """Its supervised parts."""
        return {
            "heartbeat": self.presence.run,
            "delivery": self.delivery.run,
            "engine": self.engine.run,
            "tasks": self.runner.run,
        }

    async def start(self) -> None:
        """Join the others and begin to work."""
        runs = self.runs()
        await self.within(self.presence.join())
        self._parts = [self._spawn(supervise(part, run, self.health)) for part, run in runs.items()]

    async def within(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something as this process: it dies with it. Raises ``Died`` then."""
        task = self._spawn(work)
        await asyncio.wait({task})
        if task.cancelled():
            work.close()  # it may have been cancelled before its first step
            raise Died(self.name)
        return task.result()

    def owns(self, task: asyncio.Task[Any]) -> None:
        """Take in a task that was made by one of this process's."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def dead(self) -> bool:
        return self.gate.shut

    def die(self) -> None:
        """From now on nothing of this process reaches anybody."""
        self.gate.shut = True
        for task in list(self._tasks):
            task.cancel()
        self._world.stir()

    async def buried(self) -> None:
        """Wait until nothing of a dead process runs any more, and what was under way has come to its end."""
        await _settled(lambda: self._tasks)
        await _settled(lambda: self.gate.under_way)
        await self.http.aclose()

    async def stop(self, grace: float = 5.0) -> None:
        """End as the root does on SIGTERM."""
        await self.within(self.engine.close(grace))
        await self.within(self.presence.leave())
        for task in self._parts:
            task.cancel()
        await self.buried()
        self.gate.shut = True

    def _now(self) -> float:
        return time.monotonic() + self.ahead

    def _spawn(self, work: Awaitable[T]) -> asyncio.Task[T]:
        context = contextvars.copy_context()
        context.run(_owner.set, self)
        return asyncio.get_running_loop().create_task(_awaited(work), context=context)


def _link(place: Place) -> str:
    return f"https://room.test/{place.channel}/{place.thread}"


def _is_direct(place: Place) -> bool:
    """Whether a person is alone with us: in the channel "private"."""
    return place.channel == "private"


class Died(Exception):
    """The process that was asked is dead now; nobody heard its answer."""


async def _awaited(work: Awaitable[T]) -> T:
    return await work


async def _settled(tasks: Callable[[], Collection[asyncio.Task[Any]]]) -> None:
    while waiting := [task for task in tasks() if task is not asyncio.current_task()]:
        _, late = await asyncio.wait(waiting, timeout=PATIENCE)
        assert not late, f"these tasks do not end: {late}"
        await asyncio.sleep(0)


def remember_owners(loop: asyncio.AbstractEventLoop) -> None:
    """From now on every task of the loop is known to the process in whose name it was made."""

    def make(
        loop: asyncio.AbstractEventLoop,
        work: Coroutine[Any, Any, T] | Generator[Any, None, T],
        *,
        name: str | None = None,
        context: contextvars.Context | None = None,
    ) -> asyncio.Task[T]:
        assert asyncio.iscoroutine(work)
        task: asyncio.Task[T] = asyncio.Task(work, loop=loop, name=name, context=context)
        owner = context.get(_owner) if context is not None else _owner.get()
        if owner is not None:
            owner.owns(task)
        return task

    loop.set_task_factory(make)

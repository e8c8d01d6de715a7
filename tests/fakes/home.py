"""What every house of the tests has: its processes, what a test orders of them, waiting, and the audit's book."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from bot.core.place import Place
from bot.providers.resilience import Deadlines
from storage.store import Store
from tests.fakes.books import Expected
from tests.fakes.patience import PATIENCE
from tests.fakes.process import Process, Trap
from tests.fakes.provider import MODELS, ProviderServer
from tests.fakes.rules import Model

T = TypeVar("T")

OTHER = "openai/gpt-6-luna"  # one that the catalogue knows
BIG, SMALL, UNPRICED = "openai/gpt-4.1", "openai/gpt-4o-mini", "openai/house-blend"
SERVED = (*MODELS, Model("gpt-4o-mini"), Model("house-blend"), Model("gpt-4", window=8192))


class Loud(logging.Handler):
    """Collects what the house itself logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] in ("bot", "storage", "web", "asyncio"):
            self.said.append(self.format(record))


class Home(ABC):
    """One installation: a store, a fake provider, and the processes that serve them."""

    def __init__(self, store: Store, provider: ProviderServer) -> None:
        self.store, self.provider = store, provider
        self._changed = asyncio.Event()
        self.deadlines = Deadlines(first=PATIENCE, idle=PATIENCE, total=6 * PATIENCE)
        self.default, self.provider_url = BIG, provider.url
        self.patience = 5.0  # seconds that a write waits for the database
        self.processes: list[Process] = []
        self.expected = Expected()
        self.loud = Loud()
        self._conversations: dict[int, Place] = {}

    @abstractmethod
    def make(self, name: str, *, alone: bool) -> Process:
        """A process that has not begun yet."""

    @abstractmethod
    def place(self, thread: Any) -> Place:
        """Where a thread is, named as the tests of this house name it."""

    @abstractmethod
    def describe(self) -> str:
        """What people see, for a test that has waited in vain."""

    # Processes

    @property
    def process(self) -> Process:
        """The newest process that lives."""
        return next(one for one in reversed(self.processes) if not one.dead)

    async def start(self, *, alone: bool = True, traps: Sequence[Trap] = ()) -> Process:
        """One more process over the same database; ``traps`` wait for it from its first call on."""
        beside = [one for one in self.processes if not one.dead]
        # Who believes to be alone takes over whatever another one does, a heartbeat later.
        assert not any(one.alone for one in beside), "the processes beside it believe to be alone: see pair"
        assert not (alone and beside), "it would believe to be alone, and is not: see pair"
        process = self.make(f"process-{len(self.processes) + 1}", alone=alone)
        self.processes.append(process)
        process.gate.traps += traps
        self.expected.crashes += len(traps)
        await process.start()
        return process

    async def pair(self) -> tuple[Process, Process]:
        """Two processes that know of each other, in the place of whatever lives; both may hear the same."""
        self.expected.crowd = True
        return await self.restart(alone=False), await self.start(alone=False)

    async def stop(self) -> None:
        """Stop every process as SIGTERM does."""
        for process in self.processes:
            if not process.dead:
                await process.stop()

    async def crash(self, process: Process | None = None) -> None:
        """Kill -9."""
        self.expected.crashes += 1
        process = process or self.process
        process.die()
        await process.buried()

    async def restart(
        self, *, alone: bool = True, deadlines: Deadlines | None = None, traps: Sequence[Trap] = ()
    ) -> Process:
        """Start again after a crash; what lives is stopped first. ``deadlines`` are those of the provider."""
        self.deadlines = deadlines or self.deadlines
        await self.stop()
        for process in self.processes:
            await process.buried()
        return await self.start(alone=alone, traps=traps)

    def trap(self, door: str, what: str, number: int = 1) -> Trap:
        """Let something happen at a call of the newest process; see ``Trap``."""
        trap = Trap(door, what, number)
        if what in ("before", "after"):
            self.expected.crashes += 1
        elif what != "late":
            self.expected.trouble = True
        self.process.gate.traps.append(trap)
        return trap

    async def died(self) -> None:
        """Wait until the newest process has died in its trap."""
        process = self.processes[-1]
        await self.until(lambda: process.dead, "the process was to die in its trap")
        await process.buried()

    # Orders

    def order(self, thread: Any, *outcomes: str) -> None:
        """Declare that answers in a thread will not be complete: "stopped" or "broken", one word for each."""
        self.expected.endings[str(self.place(thread))].update(outcomes)

    def order_trouble(self) -> None:
        """Declare that something on our own side will fail, and be logged as an error."""
        self.expected.trouble = True

    # Waiting

    def later(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin something, and go on meanwhile."""
        return asyncio.get_running_loop().create_task(work)

    def _stir(self) -> None:
        self._changed.set()

    async def until(self, holds: Callable[[], bool | Awaitable[bool]], what: str) -> None:
        """Wait until something holds, looking whenever anything has happened."""
        try:
            async with asyncio.timeout(PATIENCE):
                self._changed.clear()  # before the look: what happens during it counts
                while not await _true(holds):
                    await self._happened()
        except TimeoutError:
            loud = "\n".join(self.loud.said)
            raise AssertionError(
                f"waited in vain for {what}; what people see:\n{self.describe()}\n{loud}"
            ) from None

    async def _happened(self) -> None:
        """Something has happened at a gate or in the room; or a moment has passed, for what happens elsewhere."""
        try:
            async with asyncio.timeout(0.1):
                await self._changed.wait()
        except TimeoutError:
            return
        finally:
            self._changed.clear()

    async def _at_rest(self, place: Place | None = None) -> bool:
        """Whether nothing waits, grows or is claimed."""
        if place is None and any(
            process.gate.under_way or not (process.dead or process.engine.resting)
            for process in self.processes
        ):
            return False
        for conversation_id, where in self._conversations.items():
            if place in (None, where) and not await self._is_quiet(conversation_id):
                return False
        return True

    async def _is_quiet(self, conversation_id: int) -> bool:
        if (await self.store.conversations.get(conversation_id)).owner is not None:
            return False
        if await self.store.inbox.waiting(conversation_id):
            return False
        return not await self.store.replies.open_of(conversation_id)

    # The end

    def troubles(self) -> list[str]:
        """What went wrong on our own side, where no test ordered trouble."""
        if self.expected.trouble:
            return []
        problems = [f"logged as an error: {said}" for said in self.loud.said]
        for process in self.processes:
            parts = process.health.parts() if not process.dead else {}
            problems += [f"{part}: {status}" for part, status in parts.items() if status != "ok"]
        return problems

    async def pull_down(self) -> None:
        """Let every process die, and wait until nothing of them is left."""
        for process in self.processes:
            if not process.dead:
                process.die()
            await process.buried()


async def unhurried(store: Store) -> None:
    """Let everybody ask as often as they like: tests say in a minute what people say in a day."""
    unlimited = {"person": None, "workspace": None}
    await store.settings.set("installation", "requests_per_minute", unlimited, by=None)


async def _true(holds: Callable[[], bool | Awaitable[bool]]) -> bool:
    found = holds()
    return found if isinstance(found, bool) else await found

"""The whole system in one event loop: real store, calls, engine and delivery, a fake provider, a fake chat room.

A test speaks with it as a person would::

    await house.say("kitchen", "What is for dinner?")
    shown = await house.answered("kitchen")

What the test orders (faults, stops, crashes) it declares; after every test ``settled`` asks the provider, the
room and the ledger whether anything was lost, doubled, left growing or not billed.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from bot.commands.grammar import Asked
from bot.core.message import AskedAgain, Attachment, Author, Incoming, Said
from bot.core.place import Place
from bot.providers.resilience import Deadlines
from storage.conversations import Message
from storage.errors import StorageError
from storage.inbox import Received
from storage.replies import ReplyRow
from storage.store import Store
from tests.fakes.books import Expected, audit
from tests.fakes.process import Died, Process, Trap, World, remember_owners
from tests.fakes.provider import MODELS, ProviderServer
from tests.fakes.rules import Model
from tests.fakes.surface import RoomSurface, Shown

T = TypeVar("T")

# Seconds that anything may take before the test gives up.
PATIENCE = float(os.environ.get("SWITCHBOARD_TEST_PATIENCE", "20"))
BIG, SMALL, UNPRICED = "openai/gpt-4.1", "openai/gpt-4o-mini", "openai/house-blend"
SERVED = (*MODELS, Model("gpt-4o-mini"), Model("house-blend"), Model("gpt-4", window=8192))


class _Loud(logging.Handler):
    """Collects what the house itself logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] in ("bot", "storage", "web", "asyncio"):
            self.said.append(self.format(record))


class House:
    """One installation. Threads are named by the test; a person is "ann" unless another is named."""

    def __init__(self, store: Store, provider: ProviderServer) -> None:
        self.store, self.provider = store, provider
        self._changed = asyncio.Event()
        self.room = RoomSurface(self._stir)
        self.deadlines = Deadlines(first=5, idle=5, total=30)
        self.default, self.provider_url = BIG, provider.url
        self.patience = 5.0  # seconds that a write waits for the database
        self.processes: list[Process] = []
        self.expected = Expected()
        self.loud = _Loud()
        self._conversations: dict[int, Place] = {}
        self._keys = 0
        self._unheard: list[Incoming] = []

    # Processes

    @property
    def process(self) -> Process:
        """The newest process that lives."""
        return next(one for one in reversed(self.processes) if not one.dead)

    async def start(self, *, alone: bool = True, traps: Sequence[Trap] = ()) -> Process:
        """One more process over the same database; ``traps`` wait for it from its first call on."""
        world = World(
            self.store,
            self.room,
            self.provider_url,
            self.provider.key,
            self.default,
            self.deadlines,
            self.patience,
            self._stir,
        )
        process = Process(world, f"process-{len(self.processes) + 1}", alone=alone)
        self.processes.append(process)
        process.gate.traps += traps
        self.expected.crashes += len(traps)
        await process.start()
        for incoming in self._unheard:
            await self._deliver(incoming, process)
        self._unheard.clear()
        return process

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

    # What people do

    def place(self, thread: str) -> Place:
        """Where a thread is: "thread", or "channel/thread"."""
        channel, _, name = thread.rpartition("/")
        return Place("room", "town", channel or "square", name)

    async def say(
        self,
        thread: str,
        text: str,
        *,
        by: str = "ann",
        files: tuple[Attachment, ...] = (),
        process: Process | None = None,
    ) -> Incoming:
        """Say something in a thread; returns what the platform delivers, to be delivered again perhaps."""
        place = self.place(thread)
        key = self.room.hear(place, text)
        self.expected.said[str(place)].append(text)
        incoming = Incoming(key, place, Author(by, by.title()), Said(text, files), datetime.now(UTC))
        await self._deliver(incoming, process or self.process)
        return incoming

    async def deliver_again(self, incoming: Incoming) -> Received | None:
        """The platform delivers a message once more, as it does when it did not hear that we have it."""
        return await self._deliver(incoming, self.process)

    async def command(
        self, thread: str, line: str, *, by: str = "ann", process: Process | None = None
    ) -> str:
        """Say a command; the text of its answer."""
        process = process or self.process
        place, key = self.place(thread), self._key()
        person = await self.store.people.identify("room", str(place.home), by, by.title())
        asked = Asked(place, person.id, str(place.home), "room", key, by.title())
        answer = await process.within(process.desk.run(asked, line))
        assert answer is not None, f"{line!r} is no command"
        self.room.asides.add(key)
        self._note(line, place)
        await process.within(process.delivery.send(process.surface, place, answer.view, key))
        await self._meet(place)
        return answer.view.text

    async def press(self, thread: str, label: str, *, answer: int = -1) -> str:
        """Press a button beneath an answer; what the command says."""
        shown = self.answers(thread)[answer]
        button = next(button for button in shown.last.buttons if button.label == label)
        return await self.command(thread, "/" + button.command)

    async def retry(self, thread: str, model: str | None = None) -> None:
        """Ask for another answer, as the button does, without a word about it."""
        place = self.place(thread)
        self.expected.retries[str(place)] += 1
        author = Author("ann", "Ann")
        what = AskedAgain(model=model)
        await self._deliver(Incoming(self._key(), place, author, what, datetime.now(UTC)), self.process)

    # What people see

    async def answered(self, thread: str, number: int | None = None) -> Shown:
        """Wait until all that was said in a thread is answered (``number`` answers in all); the last answer."""
        place = self.place(thread)

        def seen() -> bool:
            lines = self.room.at(place)
            last_said = max((n for n, line in enumerate(lines) if not line.by_bot), default=-1)
            shown = self.room.answers(place)
            if self.room.growing(place) or not shown or (number is not None and len(shown) < number):
                return False
            return lines.index(shown[-1].lines[-1]) > last_said or number is not None

        await self.until(seen, f"an answer in {thread}")
        await self.rested(thread)
        return self.answers(thread)[-1]

    async def rested(self, thread: str) -> None:
        """Wait until nothing of a thread waits, grows or is claimed."""
        await self.until(lambda: self._at_rest(self.place(thread)), f"rest in {thread}")

    def later(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin something, and go on meanwhile."""
        return asyncio.get_running_loop().create_task(work)

    def answers(self, thread: str) -> list[Shown]:
        """The finished answers in a thread."""
        return self.room.answers(self.place(thread))

    async def grows(self, thread: str, characters: int = 1) -> None:
        """Wait until so much of an answer is visible and still growing."""
        place = self.place(thread)

        def seen() -> bool:
            return any(len(line.view.text) >= characters for line in self.room.growing(place))

        await self.until(seen, f"a growing answer in {thread}")

    async def messages(self, thread: str) -> list[Message]:
        """The branch that a thread's conversation is at, the first message first."""
        conversation = await self.store.conversations.current(str(self.place(thread)))
        if conversation is None or conversation.head_id is None:
            return []
        return await self.store.conversations.branch(conversation.head_id)

    async def last_reply(self, thread: str) -> ReplyRow:
        """The newest reply of a thread as the database has it."""
        conversation = await self.store.conversations.current(str(self.place(thread)))
        assert conversation is not None
        reply = await self.store.replies.last(conversation.id)
        assert reply is not None
        return reply

    # Orders

    def order(self, thread: str, *outcomes: str) -> None:
        """Declare that answers in a thread will not be complete: "stopped" or "broken", one word for each."""
        self.expected.endings[str(self.place(thread))].update(outcomes)

    def order_trouble(self) -> None:
        """Declare that something on our own side will fail, and be logged as an error."""
        self.expected.trouble = True

    # Waiting

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
            lines = "\n".join(f"{line.id} {line.key} {line.view}" for line in self.room.lines)
            loud = "\n".join(self.loud.said)
            raise AssertionError(f"waited in vain for {what}; the room:\n{lines}\n{loud}") from None

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
        if any(process.gate.under_way for process in self.processes) and place is None:
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

    # After every test

    async def settled(self) -> None:
        """Wait for rest, then raise an AssertionError for all that was lost, doubled, left growing or not billed."""
        await self.until(lambda: not self.room.growing(), "the end of all growing")
        await self.until(self._at_rest, "rest everywhere")
        problems = await audit(self.store, self.provider, self.room, self.expected, self._conversations)
        if not self.expected.trouble:
            problems += [f"logged as an error: {said}" for said in self.loud.said]
            for process in self.processes:
                parts = process.health.parts() if not process.dead else {}
                problems += [f"{part}: {status}" for part, status in parts.items() if status != "ok"]
        assert not problems, "\n".join(problems)

    # Small things

    async def _deliver(self, incoming: Incoming, process: Process) -> Received | None:
        """Hand in a message, and again until we said that we have it, as a platform does."""
        while True:
            try:
                received = await process.within(process.engine.receive(incoming))
            except Died:
                self._unheard.append(incoming)
                return None
            except StorageError:
                await self._happened()
                continue
            self._conversations[received.conversation_id] = incoming.place
            return received

    def _key(self) -> str:
        self._keys += 1
        return f"key{self._keys}"

    def _note(self, line: str, place: Place) -> None:
        if re.match(r"/(retry|continue|again)\b", line):
            self.expected.retries[str(place)] += 1

    async def _meet(self, place: Place) -> None:
        conversation = await self.store.conversations.current(str(place))
        if conversation is not None:
            self._conversations[conversation.id] = place


async def _true(holds: Callable[[], bool | Awaitable[bool]]) -> bool:
    found = holds()
    return found if isinstance(found, bool) else await found


@asynccontextmanager
async def open_house(database_url: str, folder: Path) -> AsyncIterator[House]:
    """A house with one process; leaving it checks everything, unless the test has failed already."""
    remember_owners(asyncio.get_running_loop())
    store = await Store.open(database_url, folder)
    try:
        async with ProviderServer(models=SERVED) as provider:
            house = House(store, provider)
            logging.getLogger().addHandler(house.loud)
            try:
                await house.start()
                yield house
                await house.settled()
            finally:
                logging.getLogger().removeHandler(house.loud)
                await _pull_down(house)
    finally:
        await store.close()


async def _pull_down(house: House) -> None:
    for process in house.processes:
        if not process.dead:
            process.die()
        await process.buried()

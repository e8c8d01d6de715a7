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
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from bot.commands.grammar import Asked
from bot.core.message import AskedAgain, Attachment, Author, Incoming, Overheard, Promised, Said
from bot.core.place import Place
from storage.conversations import Message
from storage.errors import StorageError
from storage.inbox import Received
from storage.replies import ReplyRow
from storage.store import Store
from tests.fakes.books import audit, nothing_held
from tests.fakes.home import BIG, SERVED, SMALL, UNPRICED, Home, unhurried
from tests.fakes.ollama import FakeOllama
from tests.fakes.process import Died, Process, Trap, World, remember_owners
from tests.fakes.provider import ProviderServer
from tests.fakes.surface import Line, RoomSurface, Shown

__all__ = ["BIG", "SERVED", "SMALL", "UNPRICED", "House", "open_house"]


class House(Home):
    """One installation. Threads are named by the test; a person is "ann" unless another is named."""

    def __init__(self, store: Store, provider: ProviderServer) -> None:
        super().__init__(store, provider)
        self.room = RoomSurface(self._stir)
        self.annex = RoomSurface(self._stir)
        self.annex.platform = "annex"
        self.connected = True  # new processes are in the room; else in the annex, a platform of its own
        self.fetching = 10.0  # seconds that promised files may take
        self.ollama: FakeOllama | None = None  # what new processes look after
        self.free = 1_000_000_000_000  # bytes on its disk
        self._keys = 0
        self._unheard: list[Incoming] = []

    def make(self, name: str, *, alone: bool) -> Process:
        """A process in the room, or in the annex."""
        world = World(
            self.store,
            self.room if self.connected else self.annex,
            self.provider_url,
            self.provider.key,
            self.default,
            self.deadlines,
            self.patience,
            self._stir,
            self.fetching,
            self.ollama,
            self.free,
        )
        return Process(world, name, alone=alone)

    def describe(self) -> str:
        """All that stands in the room."""
        return "\n".join(f"{line.id} {line.key} {line.view}" for line in self.room.lines)

    async def start(self, *, alone: bool = True, traps: Sequence[Trap] = ()) -> Process:
        """As everywhere; what nobody heard is then delivered again."""
        process = await super().start(alone=alone, traps=traps)
        for incoming in self._unheard:
            await self._deliver(incoming, process)
        self._unheard.clear()
        return process

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
        promised: tuple[Promised, ...] = (),
        overheard: tuple[Overheard, ...] = (),
        in_reply_to: str = "",
        process: Process | None = None,
    ) -> Incoming:
        """Say something in a thread; returns what the platform delivers, to be delivered again perhaps."""
        place = self.place(thread)
        key = self.room.hear(place, text)
        self.expected.said[str(place)].append(text)
        what = Said(text, files, promised, overheard, in_reply_to)
        incoming = Incoming(key, place, Author(by, by.title()), what, datetime.now(UTC))
        await self._deliver(incoming, process or self.process)
        return incoming

    def promise(self, name: str, data: bytes | None = None) -> Promised:
        """A file that the platform will hand out; without ``data`` it has gone by then."""
        ref = f"ref-{name}"
        if data is not None:
            self.room.files[ref] = data
        return Promised(name, "application/octet-stream", len(data or b""), ref)

    async def amend(self, incoming: Incoming, text: str, *, waiting: bool = False) -> bool:
        """Edit what was said; ``waiting``: before it was taken, so that the new text is what is answered."""
        if waiting:
            self._unsaid(incoming)
            self.expected.said[str(incoming.place)].append(text)
        process = self.process
        return await process.within(process.engine.amend(incoming.place, incoming.key, text, "ann"))

    async def withdraw(self, incoming: Incoming, *, unanswered: bool = False) -> bool:
        """Delete what was said; ``unanswered``: no answer to it is to be seen."""
        if unanswered:
            self._unsaid(incoming)
        self.room.unsay(incoming.place, incoming.key)
        process = self.process
        return await process.within(process.engine.withdraw(incoming.place, incoming.key))

    def _unsaid(self, incoming: Incoming) -> None:
        assert isinstance(incoming.what, Said)
        self.expected.said[str(incoming.place)].remove(incoming.what.text)

    async def deliver_again(self, incoming: Incoming) -> Received | None:
        """The platform delivers a message once more, as it does when it did not hear that we have it."""
        return await self._deliver(incoming, self.process)

    async def fork_dies(self, thread: str) -> None:
        """Wish for a fork under the key "wish" in a process that dies of it."""
        with suppress(Died):
            await self.command(thread, "/fork", key="wish")
        await self.died()

    async def command(
        self,
        thread: str,
        line: str,
        *,
        by: str = "ann",
        process: Process | None = None,
        key: str = "",
        shared: bool = False,
    ) -> str:
        """Say a command; the text of its answer. ``key``: it is delivered again under this key.

        ``shared``: others read there too.
        """
        process = process or self.process
        place, key = self.place(thread), key or self._key()
        person = await self.store.people.identify("room", str(place.home), by, by.title())
        asked = Asked(place, person.id, str(place.home), "room", key, by.title(), shared=shared)
        answer = await process.within(process.desk.run(asked, line))
        assert answer is not None, f"{line!r} is no command"
        self.room.asides.add(key)
        self._note(line, place)
        await process.within(process.delivery.send(process.surface, place, answer.view, key))
        await self._meet(place)
        return answer.view.text

    async def forget(self, thread: str, *, by: str = "ann", shared: bool = False) -> str:
        """Say ``/forget`` and press the button of what it asks; what that says."""
        asked = await self.command(thread, "/forget", by=by, shared=shared)
        assert asked.startswith("Forget this conversation?"), asked
        (button,) = self.room.at(self.place(thread))[-1].view.buttons
        return await self.command(thread, f"/{button.command}", by=by, shared=shared)

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

    async def offered(self, thread: str, number: int = 1) -> Line:
        """Wait until another answer was offered so often in a thread; the last offer."""
        place = self.place(thread)

        def offers() -> list[Line]:
            lines = self.room.at(place)
            return [one for one in lines if any(b.label == "Answer again" for b in one.view.buttons)]

        await self.until(lambda: len(offers()) >= number, f"an offer in {thread}")
        assert len(offers()) == number
        return offers()[-1]

    async def rested(self, thread: str) -> None:
        """Wait until nothing of a thread waits, grows or is claimed."""
        await self.until(lambda: self._at_rest(self.place(thread)), f"rest in {thread}")

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

    # After every test

    async def settled(self) -> None:
        """Wait for rest, then raise an AssertionError for all that was lost, doubled, left growing or not billed."""
        await self.until(lambda: not self.room.growing(), "the end of all growing")
        await self.until(self._at_rest, "rest everywhere")
        await self.until(lambda: nothing_held(self.store), "all that is held to be given back")
        problems = await audit(self.store, self.provider, self.room, self.expected, self._conversations)
        problems += self.troubles()
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


@asynccontextmanager
async def open_house(database_url: str, folder: Path) -> AsyncIterator[House]:
    """A house with one process; leaving it checks everything, unless the test has failed already."""
    remember_owners(asyncio.get_running_loop())
    store = await Store.open(database_url, folder)
    try:
        async with ProviderServer(models=SERVED) as provider:
            house = House(store, provider)
            await unhurried(store)
            logging.getLogger().addHandler(house.loud)
            try:
                await house.start()
                yield house
                await house.settled()
            finally:
                logging.getLogger().removeHandler(house.loud)
                await house.pull_down()
    finally:
        await store.close()

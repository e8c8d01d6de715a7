"""What the houses on the fakes of real platforms have in common: what people see there, and the audit.

A test speaks with one as people do on that platform::

    question = house.mention("ada", "general", "What is for dinner?")
    shown = await house.answered(question)

As in ``tests.fakes.house``, what a test orders it declares; after every test ``settled`` asks the provider, the fake
platform and the ledger whether anything was lost, doubled, left growing, refused or not billed.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from bot.core.place import Place
from storage.conversations import Message as Said
from storage.store import Store
from tests.fakes.books import Witness, audit, nothing_held
from tests.fakes.home import Home
from tests.fakes.orders import Fault, Order
from tests.fakes.process import Process, Trap
from tests.fakes.provider import ProviderServer
from tests.fakes.refused import Book
from tests.fakes.surface import Line, Shown

M = TypeVar("M")

_AGAIN = re.compile(r"(retry|continue|again)\b")


class Eyes(Witness, Protocol):
    """What people see of our messages on a platform. Messages are the fake's own."""

    def ours(self, place: Place | None = None) -> Sequence[Any]:
        """What our bot has posted and still stands, in the order of the channel."""
        ...

    def growing(self, place: Place | None = None) -> Sequence[Line]:
        """What still grows."""
        ...

    def text(self, message: Any) -> str:
        """The words of one."""
        ...

    def id(self, message: Any) -> str:
        """How the platform names one; the later, the greater."""
        ...

    def command(self, message: Any, label: str) -> str:
        """What a click on the button with this label says."""
        ...


class PlatformHouse(Home):
    """One installation on one platform. Conversations are named by any message of theirs."""

    eyes: Eyes

    def __init__(self, store: Store, provider: ProviderServer) -> None:
        super().__init__(store, provider)
        self._heard: defaultdict[str, str] = defaultdict(str)  # place: the last thing said to us, by its id
        self._places: dict[str, Place] = {}

    # Processes

    @abstractmethod
    def expect_a_death(self) -> None:
        """Declare the refusals that follow from a process that dies, and from one that does not know what it did."""

    def trap(self, door: str, what: str, number: int = 1) -> Trap:
        """As everywhere; the platform meets a process that is dead."""
        if what in ("before", "after"):
            self.expect_a_death()
        return super().trap(door, what, number)

    async def crash(self, process: Process | None = None) -> None:
        """As everywhere; the platform meets a process that is dead."""
        self.expect_a_death()
        await super().crash(process)

    # What people do; users and channels by name or themselves

    @property
    @abstractmethod
    def book(self) -> Book:
        """What the platform refused."""

    @abstractmethod
    def mention(
        self, who: Any, where: Any, text: str, *, thread: Any = None, files: Sequence[Any] = ()
    ) -> Any:
        """Say something to the bot by its name."""

    @abstractmethod
    def reply(self, who: Any, thread: Any, text: str, *, files: Sequence[Any] = ()) -> Any:
        """Go on in a conversation without naming anybody."""

    @abstractmethod
    def dm(self, who: Any, text: str, *, files: Sequence[Any] = ()) -> Any:
        """Write to the bot in private."""

    @abstractmethod
    def talk(self, who: Any, where: Any, text: str, *, thread: Any = None) -> Any:
        """Say something that needs no answer: to others, in a channel or in the thread at a message."""

    @abstractmethod
    def naming(self, who: Any) -> str:
        """A mention of somebody, or with "bot" of us, as it is written."""

    @abstractmethod
    def spoken(self, who: Any, thread: Any, words: str) -> None:
        """Give a command in words: the bot's name and the words, or a line that begins with "!"."""

    @abstractmethod
    def edit(self, who: Any, message: Any, text: str) -> None:
        """Change what one has said."""

    @abstractmethod
    def delete(self, who: Any, message: Any) -> None:
        """Take back what one has said."""

    @abstractmethod
    async def command(self, who: Any, where: Any, line: str) -> str:
        """A slash command ("model gpt-6-luna") in a channel, or in the conversation of a message; what it says."""

    @abstractmethod
    async def click(self, who: Any, message: Any, label: str) -> None:
        """Press a button of a message."""

    @abstractmethod
    async def menu(self, who: Any, message: Any, entry: str) -> None:
        """Use an entry of a message's menu, by what it is called there."""

    @abstractmethod
    def offers(self, who: Any, thread: Any) -> list[Any]:
        """Messages in which somebody was offered another answer."""

    @abstractmethod
    def react(self, who: Any, message: Any, sign: str, *, back: bool = False) -> None:
        """Put a sign beneath a message, or take it ``back``."""

    @abstractmethod
    async def rate(self, thread: Any, verdict: str, *, by: Any = "ada") -> None:
        """Press a thumb beneath the last answer: "good" or "bad"."""

    @abstractmethod
    async def choose(self, typed: str, *, by: Any = "ada") -> None:
        """Choose the first model that fits in what the button "Model" has opened."""

    @abstractmethod
    def file(self, name: str, data: bytes, media_type: str = "text/plain") -> Any:
        """A file to put into a message."""

    @abstractmethod
    def user(self, name: str) -> Any:
        """One more person."""

    @abstractmethod
    def promote(self, who: Any) -> None:
        """Make somebody an admin of the workspace, as the platform has them."""

    @abstractmethod
    def room(self, name: str) -> Any:
        """One more channel, with the bot in it."""

    @abstractmethod
    def other_bot(self, name: str) -> Any:
        """A bot that is not ours, in "general"."""

    @abstractmethod
    def fault(self, fault: Fault, call: Any = "", **more: Any) -> Order:
        """Let the next calls of a ``Verb``, or of one by the platform's name for it, go wrong."""

    @abstractmethod
    async def quiet(self) -> None:
        """Wait until all that was said has been heard, by whoever listens."""

    def ask(self, text: str, *, who: Any = "ada", where: Any = "general") -> Any:
        """Ask something where this house shows best how its answers grow."""
        return self.mention(who, where, text)

    def said(self, message: M, text: str) -> M:
        """Declare that a message is meant for us, so that it must be answered."""
        place = self.place(message)
        self._places[str(place)] = place
        self.expected.said[str(place)].append(text)
        self._heard[str(place)] = max(self._heard[str(place)], self.eyes.id(message))
        return message

    async def press(self, thread: Any, label: str, *, by: Any = "ada", answer: int = -1) -> None:
        """Press a button beneath an answer."""
        message = self.message_of(thread, answer)
        if _AGAIN.match(self.eyes.command(message, label)):
            self.again(thread)
        await self.click(by, message, label)

    def again(self, thread: Any) -> None:
        """Declare that another answer is asked for, by words."""
        self.expected.retries[str(self.place(thread))] += 1

    # What people see

    async def forked(self, number: int = 1) -> Any:
        """Wait for so many threads that were begun as forks; the first message of the newest."""

        def found() -> list[Any]:
            return [one for one in self.eyes.ours() if self.eyes.text(one).startswith("Fork of ")]

        await self.until(lambda: len(found()) >= number, "a fork")
        assert len(found()) == number
        opening = max(found(), key=lambda one: str(self.eyes.id(one)))

        async def goes_on() -> bool:
            return await self.store.forks.at(str(self.fork_place(opening))) is not None

        await self.until(goes_on, "a fork that goes on")
        return opening

    @abstractmethod
    def fork_place(self, opening: Any) -> Place:
        """Where a fork goes on that begins with this message of ours."""

    def answers(self, thread: Any) -> list[Shown]:
        """The finished answers in a conversation."""
        return self.eyes.answers(self.place(thread))

    async def answered(self, thread: Any, number: int | None = None) -> Shown:
        """Wait until all that was said to us is answered (``number`` answers in all); the last answer."""
        place = self.place(thread)

        def seen() -> bool:
            shown = self.eyes.answers(place)
            if self.eyes.growing(place) or not shown or (number is not None and len(shown) < number):
                return False
            return number is not None or shown[-1].lines[0].id > self._heard[str(place)]

        await self.until(seen, f"an answer at {place}")
        await self.rested(thread)
        return self.answers(thread)[-1]

    async def rested(self, thread: Any) -> None:
        """Wait until nothing of a conversation waits, grows or is claimed."""
        await self.until(lambda: self._at_rest(self.place(thread)), f"rest at {self.place(thread)}")

    async def grows(self, thread: Any, characters: int = 1) -> Any:
        """Wait until so much of an answer is visible and still growing; its message."""
        place = self.place(thread)

        def growing() -> Any:
            ids = {line.id for line in self.eyes.growing(place) if len(line.view.text) >= characters}
            return next((one for one in self.eyes.ours(place) if self.eyes.id(one) in ids), None)

        await self.until(lambda: growing() is not None, f"a growing answer at {place}")
        return growing()

    def words(self, thread: Any) -> list[str]:
        """All that our bot has said in a conversation, answers to commands included."""
        return [self.eyes.text(message) for message in self.eyes.ours(self.place(thread))]

    async def says(self, thread: Any, words: str) -> None:
        """Wait until our bot has said this in a conversation."""
        await self.until(lambda: any(words in one for one in self.words(thread)), f"the words {words!r}")

    async def messages(self, thread: Any) -> list[Said]:
        """The branch that a conversation is at, the first message first."""
        conversation = await self.store.conversations.current(str(self.place(thread)))
        if conversation is None or conversation.head_id is None:
            return []
        return await self.store.conversations.branch(conversation.head_id)

    def read(self, request: int = -1) -> list[str]:
        """What the provider was given to read, without the system's part: the texts of one request."""
        messages = self.provider.requests[request]["messages"]
        return [
            _plain(message["content"])
            for message in messages
            if message["role"] not in ("system", "developer")
        ]

    def message_of(self, thread: Any, answer: int = -1) -> Any:
        """The last message of an answer, which bears the buttons."""
        line = self.answers(thread)[answer].lines[-1]
        return next(one for one in self.eyes.ours(self.place(thread)) if self.eyes.id(one) == line.id)

    # After every test

    async def _meet(self) -> None:
        """Learn which conversations the places have by now."""
        for place in self._places.values():
            conversation = await self.store.conversations.current(str(place))
            if conversation is not None:
                self._conversations[conversation.id] = place

    async def _at_rest(self, place: Place | None = None) -> bool:
        await self._meet()
        return await super()._at_rest(place)

    async def settled(self) -> None:
        """Wait for rest, then raise an AssertionError for all that was lost, doubled, left growing or not billed."""
        await self.quiet()
        await self.until(lambda: not self.eyes.growing(), "the end of all growing")
        await self.until(self._at_rest, "rest everywhere")
        await self.until(lambda: nothing_held(self.store), "all that is held to be given back")
        problems = await audit(self.store, self.provider, self.eyes, self.expected, self._conversations)
        problems += self.troubles()
        assert not problems, "\n".join(problems)

    def describe(self) -> str:
        """All messages of ours."""
        return "\n".join(f"{line.place} {line.id} {line.key} {line.view}" for line in self.eyes.lines)


def _plain(content: object) -> str:
    if isinstance(content, list):
        return "".join(part["text"] for part in content if part["type"] == "text")
    return str(content)

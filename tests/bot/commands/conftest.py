"""A desk over a real store, and one thread in which a person speaks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import count

import pytest_asyncio
from pydantic import SecretStr

from bot.calls.call import Caller
from bot.commands.command import Asked, Desk
from bot.config import ProviderSettings
from bot.conversation.answer import Parts
from bot.conversation.delivery.delivery import Delivery
from bot.conversation.engine import Engine
from bot.conversation.presence import Presence
from bot.conversation.settings import Settings
from bot.core.place import Place
from bot.core.view import Tone
from bot.net.http import Http
from bot.providers.catalog import CATALOG
from bot.providers.registry import Registry
from storage.conversations import Conversation
from storage.inbox import NewItem
from storage.replies import SealedMessage
from storage.store import Store

PLACE = Place("web", "main", "general", "t1")


@dataclass(slots=True)
class Thread:
    """One thread. ``say`` is what the person types; the rest is what happens around it."""

    desk: Desk
    store: Store
    registry: Registry
    place: Place = PLACE
    person_id: int = 0
    keys: count[int] = field(default_factory=count)

    def asked(self) -> Asked:
        """The person asks, under a fresh key."""
        return Asked(self.place, self.person_id, "web:main", "web", f"k{next(self.keys)}", "Ada")

    async def say(self, text: str) -> str:
        """The answer's text; every command has one."""
        answer = await self.desk.run(self.asked(), text)
        assert answer is not None
        return answer.view.text

    async def error(self, text: str) -> str:
        """The answer's text, which must be an error's."""
        answer = await self.desk.run(self.asked(), text)
        assert answer is not None
        assert answer.view.tone is Tone.ERROR
        assert not answer.refresh
        return answer.view.text

    async def here(self) -> Conversation:
        """The conversation the thread is in."""
        conversation = await self.store.conversations.current(str(self.place))
        assert conversation is not None
        return conversation

    async def ask(self, question: str) -> int:
        """Somebody asks something; the id of the reply that is now growing."""
        item = NewItem(
            key=f"q{next(self.keys)}",
            place=str(self.place),
            workspace_id="web:main",
            person_id=self.person_id,
            author_name="Ada",
            kind="said",
            payload=f'{{"text": "{question}"}}',
        )
        received = await self.store.inbox.receive(item)
        claim = await self.store.conversations.claim(received.conversation_id, "p1", dead=("p1",))
        assert claim is not None
        taken = await self.store.replies.take(claim)
        assert taken is not None
        return taken.reply.id

    async def answer(self, reply_id: int, text: str) -> None:
        """The growing reply is finished."""
        conversation = await self.here()
        claim = await self.store.conversations.claim(conversation.id, "p1", dead=("p1",))
        assert claim is not None
        row = await self.store.replies.adopt(claim, reply_id)
        await self.store.replies.seal(claim, row.id, message=SealedMessage(text, "complete", "demo/quick"))
        await self.store.conversations.release(claim)

    async def talk(self, question: str, text: str) -> int:
        """A question and its answer; the id of the reply."""
        reply_id = await self.ask(question)
        await self.answer(reply_id, text)
        return reply_id


@pytest_asyncio.fixture
async def thread(store: Store) -> AsyncIterator[Thread]:
    """A thread of the web chat; OpenAI and the demo are set up, nobody has chosen anything."""
    async with Http() as http:
        registry = Registry(CATALOG, {"openai": ProviderSettings(SecretStr("sk-never-used"))}, http)
        settings = Settings(store, registry)
        caller, presence = Caller(store, registry, "p1"), Presence(store, "p1")
        engine = Engine(Parts(store, registry, caller, Delivery(), settings, presence, {}))
        person = await store.people.identify("web", "web:main", "ada", "Ada")
        desk = Desk(store=store, registry=registry, engine=engine, settings=settings)
        yield Thread(desk, store, registry, person_id=person.id)

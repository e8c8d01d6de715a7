"""Calls at work: the real store, the real wires, and a provider that counts by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest_asyncio
from pydantic import SecretStr

from bot.calls.call import Caller, CallResult, Order
from bot.config import ProviderSettings
from bot.core.errors import ProviderError
from bot.core.message import Role
from bot.core.place import Place
from bot.core.provider import ChatMessage, ModelId, Text
from bot.net.http import Http
from bot.providers.catalog import CATALOG
from bot.providers.registry import Registry
from bot.providers.resilience import Deadlines
from bot.providers.wires.demo import Demo
from storage.budgets import BudgetLine, Charge, NewBudget
from storage.ledger import Entry
from storage.store import Store
from tests.fakes.provider import ProviderServer

PLACE = Place("web", "main", "general", "t1")
LUNA = ModelId("openai", "gpt-6-luna")  # priced
OLDER = ModelId("openai", "gpt-4.1")  # priced, dearer
TINY = ModelId("openai", "tiny")  # nobody knows its price
QUICK = ModelId("demo", "quick")  # local, so free


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a call needs, and what to look at afterwards."""

    store: Store
    registry: Registry
    caller: Caller
    server: ProviderServer

    def order(self, *models: ModelId, text: str = "How far is it?", **more: Any) -> Order:
        """An order for one question by one person in one thread."""
        said = (ChatMessage(Role.USER, text),)
        return Order(1, "web:main", PLACE, models, said, **more)

    async def answer(self, order: Order) -> tuple[str, CallResult]:
        """The whole text and the result of a call that is settled at its end."""
        async with self.caller.open(order) as call:
            text = "".join([event.text async for event in call if isinstance(event, Text)])
            result = call.result
            await call.settle()
        return text, result

    async def failure(self, order: Order) -> ProviderError:
        """The error in which a call ends; what is owed is settled."""
        try:
            await self.answer(order)
        except ProviderError as error:
            return error
        raise AssertionError("it did not fail")

    async def entries(self) -> list[Entry]:
        """The ledger."""
        return await self.store.ledger.billed()

    async def held(self) -> int:
        """Nano-dollars that are reserved and not settled."""
        return (await self._line()).reserved

    async def spent(self) -> int:
        """Nano-dollars that today's budget has seen."""
        return (await self._line()).spent

    async def budget(self, amount: int, scope: str = "installation", subject: str = "") -> None:
        """Let a budget of a day bind, in nano-dollars; the installation's replaces the usual one."""
        if scope == "installation":
            await self.store.budgets.change((await self.store.budgets.all())[0].id, amount)
        else:
            await self.store.budgets.add(NewBudget(scope, subject, "day", amount))

    def now(self) -> datetime:
        """This moment, as the ledger wants it."""
        return datetime.now(UTC)

    async def _line(self) -> BudgetLine:
        charge = Charge("web:main", str(PLACE), 1, "openai", "OPENAI_API_KEY", self.now())
        lines = await self.store.ledger.rooms(charge)
        return next(line for line in lines if line.scope == "installation")


@pytest_asyncio.fixture
async def scene(store: Store) -> AsyncIterator[Scene]:
    """A store, the demo, and an OpenAI-compatible server on a port of its own."""
    async with ProviderServer() as server, Http() as http:
        keys = {"openai": ProviderSettings(SecretStr(server.key), server.url)}
        registry = Registry(CATALOG, keys, http, deadlines=Deadlines(first=5, idle=5), demo=Demo(speed=0))
        yield Scene(store, registry, Caller(store, registry, "p1"), server)

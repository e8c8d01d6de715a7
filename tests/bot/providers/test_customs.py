"""What admins entered, and what was listed, from the database into every process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from bot.calls.keys import Keys
from bot.config import ProviderSettings
from bot.core.errors import NetworkFailed, NotConfigured
from bot.core.provider import ModelId
from bot.jobs import models as job
from bot.jobs.models import refresh_models
from bot.net.guard import Guard
from bot.net.http import Http
from bot.providers.catalog import CATALOG
from bot.providers.customs import HOSTS, Customs
from bot.providers.registry import Registry
from bot.providers.resilience import Deadlines
from storage.credentials import NewCredential
from storage.store import Store
from tests.bot.providers.asking import ask
from tests.fakes.provider import ProviderServer, answer_for
from tests.fakes.rules import Model

LLAMA = ModelId("team", "llama")


@dataclass
class Process:
    """The models of one process."""

    registry: Registry
    customs: Customs
    keys: Keys

    async def sync(self) -> bool:
        return await self.customs.sync() | await self.keys.sync()

    def offered(self) -> list[str]:
        return [str(model.id) for model in self.registry.models() if not model.local]


@asynccontextmanager
async def process(store: Store, **credentials: ProviderSettings) -> AsyncIterator[Process]:
    guard = Guard()
    async with Http() as http, Http(guard=guard) as outside:
        registry = Registry(
            CATALOG,
            credentials,
            http,
            outside=outside,
            kept=store.known_models,
            deadlines=Deadlines(first=5, idle=5),
        )
        yield Process(registry, Customs(store, registry, guard), Keys(store.credentials, registry))


@pytest.fixture
async def server() -> AsyncIterator[ProviderServer]:
    async with ProviderServer(models=(Model("llama"),)) as server:
        yield server


async def test_an_entered_provider_appears_everywhere_by_itself(store: Store, server: ProviderServer) -> None:
    """With its list, its models and its key, in another process too; and goes when it is taken out."""
    async with process(store) as here, process(store) as there:
        for one in (here, there):
            assert await one.sync()
        await store.settings.set("installation", HOSTS, ["127.0.0.1"], None)
        await store.custom.add_provider("team", "Team", server.url, keyless=False)
        for one in (here, there):
            assert await one.sync()
            assert not await one.sync()
        with pytest.raises(NotConfigured) as refused:
            here.registry.model(LLAMA)
        assert "`switchboard keys add team`" in refused.value.say
        await store.credentials.add(NewCredential("team", "Ours", server.key))
        assert await there.sync()
        assert await there.registry.refresh() == {}
        assert there.offered() == ["team/llama"]
        assert there.registry.find("llama") == LLAMA
        assert there.registry.default() == LLAMA
        assert there.registry.credential_name("team") == "Ours"
        assert "which an admin entered" in there.registry.model(LLAMA).privacy
        heard = await ask(there.registry.provider(LLAMA), "Hi", model="llama")
        assert heard.text == answer_for("Hi")
        await store.custom.remove_provider("team")
        assert await there.sync()
        assert there.registry.row("team") is None
        with pytest.raises(NotConfigured):
            there.registry.provider(LLAMA)


async def test_an_entered_address_is_guarded_at_each_call(store: Store, server: ProviderServer) -> None:
    """One that leads to this machine is only connected to while the owner allows it."""
    server.key = ""
    await store.custom.add_provider("team", "Team", server.url, keyless=True)
    async with process(store) as here:
        await here.sync()
        assert "could not be reached" in (await here.registry.refresh())["team"]
        assert isinstance((await ask(here.registry.provider(LLAMA), model="llama")).error, NetworkFailed)
        await store.settings.set("installation", HOSTS, ["127.0.0.0/8"], None)
        await here.sync()
        assert await here.registry.refresh() == {}
        assert here.offered() == ["team/llama"]


async def test_an_entered_model_has_its_figures(store: Store) -> None:
    """Of any provider."""
    await store.custom.put_model(
        "openai", "ft:mine", '{"window": 64000, "rates": {"input": "3", "output": "12"}}'
    )
    async with process(store, openai=ProviderSettings(SecretStr("sk-x"))) as here:
        await here.sync()
        mine = here.registry.model(here.registry.find("openai/ft:mine"))
        assert (mine.window, mine.priced) == (64_000, True)
        assert here.registry.custom_price(mine.id) == mine.rates


async def test_a_restart_needs_no_network(store: Store, server: ProviderServer) -> None:
    """The lists are there at once, what left them is remembered, and another server's list is not taken for ours."""
    server.models = {name: Model(name) for name in ("gpt-4.1", "house-blend", "old-blend")}
    ours = ProviderSettings(SecretStr(server.key), server.url)
    async with process(store, openai=ours) as here:
        await here.registry.refresh()
        del server.models["old-blend"]
        await here.registry.refresh()
    gone = server.requests = []
    async with process(store, openai=ours) as again:
        await again.sync()
        assert "openai/gpt-6-luna" in again.offered()
        await again.registry.restore()
        assert again.offered() == ["openai/gpt-4.1", "openai/house-blend"]
        assert again.registry.listed_at("openai") is not None
        assert again.registry.model(ModelId("openai", "old-blend")).source("window") is None
        assert gone == []
    async with process(store, openai=ProviderSettings(SecretStr(server.key))) as elsewhere:
        await elsewhere.registry.restore()
        assert "openai/house-blend" not in elsewhere.offered()


async def test_the_job_takes_over_what_is_entered_meanwhile(
    store: Store, server: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within seconds, and asks it for its models."""
    monkeypatch.setattr(job, "KEYS", 0.01)
    server.key = ""
    async with process(store) as here:
        running = asyncio.create_task(refresh_models(here.registry, here.keys, here.customs))
        try:
            await store.settings.set("installation", HOSTS, ["127.0.0.1"], None)
            await store.custom.add_provider("team", "Team", server.url, keyless=True)
            async with asyncio.timeout(20):
                while "team/llama" not in here.offered():  # noqa: ASYNC110 - nothing tells
                    await asyncio.sleep(0.01)
        finally:
            running.cancel()

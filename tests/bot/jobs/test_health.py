"""The job that keeps the board: checks by turns, probes of open circuits, and what processes tell one another."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from bot.config import ProviderSettings
from bot.core.errors import AuthenticationFailed, Overloaded
from bot.core.provider import ModelId
from bot.jobs.health import HealthKeeper
from bot.net.http import Http
from bot.providers.breaker import Access, of_key, of_model
from bot.providers.catalog import CATALOG
from bot.providers.checks import check, check_all
from bot.providers.health import HealthBoard, Seen
from bot.providers.registry import Registry
from bot.providers.status import Status
from storage.store import Store
from tests.fakes.provider import ProviderServer

MODEL = ModelId("openai", "gpt-4.1")
KEY = Access("openai", "OPENAI_API_KEY")


@dataclass(frozen=True)
class Process:
    """One process's board and the job that keeps it."""

    registry: Registry
    board: HealthBoard
    keeper: HealthKeeper

    @classmethod
    def over(cls, store: Store, http: Http, server: ProviderServer, **more: float) -> Process:
        keys = {"openai": ProviderSettings(SecretStr(server.key), server.url)}
        registry = Registry(CATALOG, keys, http)
        board = HealthBoard(registry)
        return cls(registry, board, HealthKeeper(store, registry, board, **more))


@pytest.fixture
async def server() -> AsyncIterator[ProviderServer]:
    async with ProviderServer() as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http() as client:
        yield client


async def test_one_process_checks_for_all(store: Store, http: Http, server: ProviderServer) -> None:
    """The first that looks; the others read what it found, and a restart knows it before its first check."""
    first, second = Process.over(store, http, server), Process.over(store, http, server)
    assert first.board.of(MODEL).status is Status.UNKNOWN
    await first.keeper.look()
    assert first.board.provider("openai").status is Status.AVAILABLE
    assert first.board.provider("openai").latency_ms is not None
    assert await store.health.turn("provider checks") == 1
    later = Process.over(store, http, server)
    later.board.take_over(await store.health.providers(), await store.health.models())
    assert later.board.of(MODEL).status is Status.AVAILABLE
    await first.keeper.look()
    await asyncio.gather(second.keeper.look(), first.keeper.look())
    assert await store.health.turn("provider checks") == 2  # a process checks once when it starts
    await first.keeper.look()
    assert await store.health.turn("provider checks") == 2


async def test_what_requests_show_reaches_the_others(
    store: Store, http: Http, server: ProviderServer
) -> None:
    """An open circuit sends their next requests elsewhere too, an answer anywhere closes it everywhere."""
    first, second = (Process.over(store, http, server, every=3600) for _ in range(2))
    await first.keeper.look()
    await second.keeper.look()
    for _ in range(3):
        first.board.seen(Seen(KEY, MODEL, Overloaded("x", provider="openai", model="gpt-4.1")))
    await first.keeper.look()
    await second.keeper.look()
    assert second.board.of(MODEL).status is Status.FAILING
    assert second.board.circuits.is_open(of_model(MODEL))
    second.board.seen(Seen(KEY, MODEL, None, 200, 80.0))
    await second.keeper.look()
    await first.keeper.look()
    assert first.board.of(MODEL).status is Status.AVAILABLE
    assert not first.board.circuits.is_open(of_model(MODEL))


async def test_a_circuit_is_probed_by_the_free_call(store: Store, http: Http, server: ProviderServer) -> None:
    """Without anybody's question: while it fails the circuit stays open, and it closes when the key is mended."""
    process = Process.over(store, http, server, every=3600)
    await process.keeper.look()
    key, server.key = server.key, "sk-another-0123456789"
    process.board.seen(Seen(KEY, MODEL, AuthenticationFailed("x", provider="openai", model="gpt-4.1")))
    await process.keeper.look()
    assert process.board.circuits.is_open(of_key("openai", "OPENAI_API_KEY"))
    assert "https://platform.openai.com/api-keys" in process.board.provider("openai").said
    server.key = key
    process.board.checked(await check(process.registry, "openai"))
    assert not process.board.circuits.is_open(of_key("openai", "OPENAI_API_KEY"))
    assert process.board.of(MODEL).status is Status.AVAILABLE


async def test_the_database_may_be_away(store: Store, http: Http, server: ProviderServer) -> None:
    """What was seen meanwhile is written when it is back."""
    process = Process.over(store, http, server)
    process.board.seen(Seen(KEY, MODEL, None, 200, 80.0))
    changed = process.board.changed()
    process.board.unwritten(changed)
    await process.keeper.look()
    assert (await store.health.models())["openai", "gpt-4.1"].vitals.latency_ms == 200


async def test_every_provider_s_trouble_is_told_with_its_remedy(http: Http, server: ProviderServer) -> None:
    """All at once; one without a free call is not asked."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {
        "openai": ProviderSettings(SecretStr(server.key), server.url),
        "ollama": ProviderSettings(None, f"http://127.0.0.1:{port}"),
        "litellm": ProviderSettings(SecretStr("sk-wrong-0123456789"), server.url),
        "perplexity": ProviderSettings(SecretStr("pplx-never-used"), None),
    }
    registry = Registry(CATALOG, settings, http)
    found = {one.provider: one for one in await check_all(registry, settings)}
    kinds = {name: one.error.kind if one.error else None for name, one in found.items()}
    assert kinds == {"openai": None, "ollama": "network", "litellm": "auth", "perplexity": None}
    assert [found[name].asked for name in ("openai", "perplexity")] == [True, False]
    assert found["ollama"].remedy.fix == "start it, or let OLLAMA_BASE_URL say where it runs"
    assert "enter it with `switchboard keys add litellm`" in found["litellm"].remedy.fix


async def test_a_provider_that_never_answers_is_a_finding(http: Http) -> None:
    """After its seconds, and it keeps no other one waiting."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = {"compatible": ProviderSettings(None, f"http://127.0.0.1:{silent.getsockname()[1]}/v1")}
        registry = Registry(CATALOG, settings, http)
        late, demo = await check_all(registry, ["compatible", "demo"], limit=0.1)
    assert late.error is not None
    assert (late.error.kind, demo.error) == ("timeout", None)
    assert "COMPATIBLE_BASE_URL" in late.remedy.fix

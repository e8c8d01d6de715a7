"""Failing well: how soon the next model is asked, how long all checks take, what it costs every call.

``known`` is from the moment a failure is raised to the moment the next request leaves, with a real database in
between; ``circuit`` from opening the call to that moment, where the first model's circuit is open. Medians.
"""

from __future__ import annotations

import logging
import socket
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from pydantic import SecretStr

from bot.calls import pace
from bot.calls.call import Caller
from bot.calls.order import Order
from bot.config import ProviderSettings
from bot.core.errors import AuthenticationFailed, Overloaded
from bot.core.message import Role
from bot.core.place import Place
from bot.core.provider import (
    ChatMessage,
    ChatRequest,
    Embedded,
    Finished,
    FinishReason,
    Listed,
    ModelId,
    ProviderEvent,
    Text,
)
from bot.net.http import Http
from bot.providers.breaker import of_model
from bot.providers.catalog import CATALOG
from bot.providers.checks import check_all
from bot.providers.registry import Registry
from storage.store import Store
from tests.fakes.home import unhurried
from tests.fakes.provider import ProviderServer

HEAD = ("what", "measured", "goal")
_ROUNDS = 50
_FIRST, _NEXT = ModelId("demo", "quick"), ModelId("demo", "thorough")
_PLACE = Place("web", "main", "general", "t1")


class _Failing:
    """The demo's place: one model fails at once, the other one answers; when either happened."""

    def __init__(self) -> None:
        self.known = self.left = 0.0

    async def chat(
        self, request: ChatRequest, alive: Callable[[], None] = lambda: None
    ) -> AsyncGenerator[ProviderEvent]:
        if request.model == _FIRST.model:
            self.known = time.perf_counter()
            raise Overloaded("measured", provider="demo", model=request.model, retry_same=False)
        self.left = time.perf_counter()
        yield Text("word")
        yield Finished(FinishReason.STOP)

    async def embed(self, model: str, texts: Sequence[str]) -> Embedded:
        raise NotImplementedError

    async def check(self) -> bool:
        return True

    async def models(self) -> tuple[Listed, ...]:
        return Listed(_FIRST.model), Listed(_NEXT.model)


async def rows() -> list[tuple[str, str, str]]:
    """The table."""
    logging.disable(logging.WARNING)  # every failure here is ordered
    with tempfile.TemporaryDirectory() as folder:
        store = await Store.open(f"sqlite:///{folder}/bench.db", Path(folder))
        try:
            await unhurried(store)
            async with Http() as http:
                known, circuit = await _failovers(store, http)
                counted = await _counted(store)
                well, silent = await _checks(http, None), await _checks(http, 1)
        finally:
            await store.close()
    return [
        ("next request after a known failure", f"{known:.1f} ms", "50 ms"),
        ("next request past an open circuit", f"{circuit:.1f} ms", "50 ms"),
        ("a request counted against its minute", f"{counted:.2f} ms", "-"),
        (f"{len(CATALOG)} providers checked at once", f"{well:.2f} s", "5 s"),
        ("the same, one of them silent", f"{silent:.2f} s", "5 s"),
    ]


async def _failovers(store: Store, http: Http) -> tuple[float, float]:
    """Milliseconds, after a failure and past an open circuit."""
    wire = _Failing()
    registry = Registry(CATALOG, {}, http, demo=wire)
    known, circuit = [], []
    for _ in range(_ROUNDS):
        caller = Caller(store, registry, "bench")
        await _answer(caller)
        known.append(wire.left - wire.known)
        caller.board.circuits.open(of_model(_FIRST), AuthenticationFailed("measured", provider="demo"))
        started = time.perf_counter()
        await _answer(caller)
        circuit.append(wire.left - started)
    return median(known) * 1000, median(circuit) * 1000


async def _answer(caller: Caller) -> None:
    async with caller.open(_order()) as call:
        async for _ in call:
            pass
        await call.settle()


def _order() -> Order:
    return Order(1, "web:main", _PLACE, (_FIRST, _NEXT), (ChatMessage(Role.USER, "How far is it?"),))


async def _counted(store: Store) -> float:
    """Milliseconds to count one request of a person and a workspace, limits and all."""
    high = {"person": 1_000_000, "workspace": 1_000_000}
    await store.settings.set("installation", pace.REQUESTS, high, None)
    took = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        await pace.count(store, _order(), datetime.now(UTC))
        took.append(time.perf_counter() - started)
    return median(took) * 1000


async def _checks(http: Http, silent: int | None) -> float:
    """Seconds to check every row of the catalogue against a server on this machine."""
    async with ProviderServer(key="") as server:
        with ExitStack() as stack:
            addresses = dict.fromkeys((row.id for row in CATALOG), server.url)
            if silent is not None:
                listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
                addresses[CATALOG[silent].id] = f"http://127.0.0.1:{listener.getsockname()[1]}"
            settings = {id_: ProviderSettings(SecretStr("none"), url) for id_, url in addresses.items()}
            registry = Registry(CATALOG, settings, http)
            started = time.perf_counter()
            await check_all(registry, [row.id for row in CATALOG])
            return time.perf_counter() - started

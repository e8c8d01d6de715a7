"""A bench for every row of the catalogue: its wire, and a server in its manner that answers as ordered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from bot.net.http import Http
from bot.providers.catalog import CATALOG, ProviderRow
from bot.providers.resilience import Wire
from bot.providers.rows.forms import Can
from bot.providers.wires.demo import Demo
from bot.providers.wires.gateway import Gateway
from bot.providers.wires.ollama import Ollama
from bot.providers.wires.openai import OpenAI
from bot.providers.wires.responses import Responses
from tests.bot.providers.natives import NATIVES, opened
from tests.fakes.manners import MANNERS
from tests.fakes.native.server import NativeServer
from tests.fakes.provider import ProviderServer
from tests.fakes.rules import Model

ANSWER = "One two three, four five six. Seven eight nine and ten, which is enough for a whole answer here."


class Bench(Protocol):
    """A wire, and a way to order what it answers: each order gives the message to ask with.

    ``counts_reasoning``: its usage tells how many tokens the reasoning took.
    """

    row: ProviderRow
    wire: Wire
    model: str
    counts_reasoning: bool
    embedder: str

    def answering(self, *, reasoning: bool = False) -> str: ...
    def failing(self, kind: str, after: int = 0) -> str: ...


@dataclass
class DemoBench:
    row: ProviderRow
    wire: Wire
    model = "quick"
    counts_reasoning = True
    embedder = ""

    def answering(self, *, reasoning: bool = False) -> str:
        return "think about cheese" if reasoning else f"repeat: {ANSWER}"

    def failing(self, kind: str, after: int = 0) -> str:
        return f"fail {kind} after {after} words" if after else f"fail {kind}"


@dataclass
class ServedBench:
    """One of the fake servers'."""

    row: ProviderRow
    wire: Wire
    server: ProviderServer | NativeServer
    model: str
    counts_reasoning: bool = True
    embedder: str = "text-embedding-3-small"

    def answering(self, *, reasoning: bool = False) -> str:
        self.server.script(text=ANSWER, reasoning="I think." if reasoning else "")
        return "Hello"

    def failing(self, kind: str, after: int = 0) -> str:
        broken = {"server": "error"}.get(kind, kind) if after else kind
        self.server.script(text=ANSWER, fail=broken, after=after)
        return "Hello"


ROWS = {row.id: row for row in CATALOG}
BENCHES = (*(row.id for row in CATALOG), "openai by responses")
_MODELS = {"ollama": "llama3.2", "gateway": "openai/gpt-6-luna", "litellm": "gpt-4.1", "azure": "our-gpt-4.1"}


@asynccontextmanager
async def bench_of(name: str) -> AsyncIterator[Bench]:
    """The bench of a row. Raises KeyError where a row has none."""
    row = ROWS[name.partition(" ")[0]]
    if row.wire == "demo":
        yield DemoBench(row, Demo(speed=0))
        return
    if (native := NATIVES.get(row.id)) is not None:
        async with opened(row.id) as there:
            # Cohere alone does not tell what it thought from what it wrote.
            counts = row.id != "cohere"
            yield ServedBench(row, there.wire, there.server, there.model, counts, native.embedder)
        return
    model = row.preferred[0] if row.preferred else _MODELS.get(row.id, "llama-3")
    models = (Model(model, reasons=row.id == "openai"), Model("text-embedding-3-small", embeds=True))
    manner = MANNERS[row.id] if row.wire == "openai" else None
    async with ProviderServer(models=models, manner=manner) as server, Http() as http:
        yield _served(name, row, server, http, model)


def _served(name: str, row: ProviderRow, server: ProviderServer, http: Http, model: str) -> ServedBench:
    key = server.key
    match row.wire:
        case "openai" if name == "openai by responses":
            wire: Wire = Responses(replace(row, base_url=server.url), key, http)
        case "openai":
            manner = MANNERS[row.id]
            url = server.root if manner.deployments else server.url
            wire = OpenAI(replace(row, base_url=url), key, http)
            counts = manner.usage != "timings"
            return ServedBench(row, wire, server, model, counts)
        case "ollama":
            wire = Ollama(replace(row, base_url=server.root), key, http)
            return ServedBench(row, wire, server, model, counts_reasoning=False)
        case "gateway":
            wire = Gateway(replace(row, base_url=server.root), key, http)
        case other:
            raise KeyError(f"no bench for the wire {other!r}")
    return ServedBench(row, wire, server, model)


def embeds(row: ProviderRow) -> bool:
    """Whether a row says that it has embeddings."""
    return Can.EMBEDDINGS in row.can

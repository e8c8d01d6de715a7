"""The vendors' own wires, each against the server that speaks its dialect."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from bot.net.http import Http
from bot.providers import catalog
from bot.providers.catalog import ProviderRow
from bot.providers.resilience import Wire
from bot.providers.wires.anthropic import Anthropic
from bot.providers.wires.cohere import Cohere
from bot.providers.wires.google import Google
from tests.fakes.native.anthropic import AnthropicDialect
from tests.fakes.native.cohere import CohereDialect
from tests.fakes.native.google import GoogleDialect
from tests.fakes.native.server import Dialect, NativeServer


@dataclass(frozen=True)
class Native:
    """A wire, its dialect, the path of its base URL, a model that thinks, and one that embeds ("" for none)."""

    wire: Callable[[ProviderRow, str, Http], Wire]
    dialect: Dialect
    path: str
    model: str
    embedder: str = ""


NATIVES: Mapping[str, Native] = {
    "anthropic": Native(Anthropic, AnthropicDialect(), "", "claude-haiku-5-5"),
    "google": Native(Google, GoogleDialect(), "/v1beta", "gemini-3.8-flash", "gemini-embedding-001"),
    "cohere": Native(Cohere, CohereDialect(), "", "command-a-reasoning-08-2025", "embed-v4.0"),
}


@dataclass
class Opened:
    """A wire, and the server that it speaks to."""

    wire: Wire
    server: NativeServer
    http: Http
    name: str
    model: str

    def with_key(self, key: str) -> Wire:
        """The same wire with another key."""
        return made(self.name, self.server.url, key, self.http)


def made(name: str, url: str, key: str, http: Http) -> Wire:
    """A wire by its name, at another address than the vendor's."""
    row = catalog.row(name)
    assert row is not None
    return NATIVES[name].wire(replace(row, base_url=url + NATIVES[name].path), key, http)


@asynccontextmanager
async def opened(name: str) -> AsyncIterator[Opened]:
    """A wire with its server running."""
    native = NATIVES[name]
    async with NativeServer(native.dialect) as server, Http() as http:
        yield Opened(made(name, server.url, server.key, http), server, http, name, native.model)

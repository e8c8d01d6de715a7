"""What the tests of providers stand on: a client, a wire against the fake server, and a short way to ask."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.net.http import Http
from bot.providers.wires.openai import OpenAI
from tests.bot.providers.asking import own_row
from tests.fakes.fixtures import provider_server  # noqa: F401
from tests.fakes.provider import ProviderServer


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http() as client:
        yield client


@pytest.fixture
def wire(provider_server: ProviderServer, http: Http) -> OpenAI:  # noqa: F811
    return OpenAI(own_row(provider_server.url), provider_server.key, http)

"""Fixtures of the fake servers, for ``pytest_plugins``."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.fakes.provider import ProviderServer


@pytest_asyncio.fixture
async def provider_server() -> AsyncIterator[ProviderServer]:
    """An OpenAI-compatible server with a key, on a port of its own."""
    async with ProviderServer() as server:
        yield server

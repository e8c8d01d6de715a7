"""How the real discord.py finds the fake: it has no setting for that, only class attributes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import discord
import yarl

from tests.fakes.discord.server import FakeDiscord


@contextmanager
def pointed_at(fake: FakeDiscord) -> Iterator[None]:
    """Every client of this process speaks to the fake. Calls are addressed when they are made, so this must last."""
    gateway = yarl.URL(fake.world.url.replace("http", "ws", 1) + "/gw")
    with (
        mock.patch.object(discord.http.Route, "BASE", f"{fake.world.url}/api/v10"),
        mock.patch.object(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway),
        mock.patch.object(discord.asset.Asset, "BASE", f"{fake.world.url}/cdn"),
    ):
        yield

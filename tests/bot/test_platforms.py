"""Tokens that the site stores connect a platform at once, and another process soon."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot import config
from bot.adapters.discord.settings import DiscordSettings
from bot.adapters.slack.settings import App, SlackSettings
from bot.core.errors import BadInput
from bot.keys import listing
from bot.logs import Redactor
from bot.platforms import Connection, discord_settings, slack_settings, store_tokens
from storage.credentials import Credential
from storage.store import Store


class Edge:
    """Notes with what it was run, and runs until it is cancelled or told to fail."""

    def __init__(self, settings: SlackSettings) -> None:
        self.settings, self.ran = settings, list[Sequence[App]]()
        self.started = asyncio.Event()

    def use(self, settings: SlackSettings) -> None:
        self.settings = settings

    async def run(self) -> None:
        self.ran.append(self.settings.apps)
        self.started.set()
        await asyncio.Event().wait()

    def health(self) -> str:
        return "ok"


async def _given(store: Store, name: str, number: int) -> None:
    fields = {"bot": f"xoxb-{number}", "app": f"xapp-{number}", "signing": ""}
    await store_tokens(store, "slack", name, fields, None)


async def test_tokens_of_the_site_stand_behind_the_environments(store: Store) -> None:
    """Each connection is one app; what the environment names already is not connected twice."""
    given = SlackSettings((App(("xoxb-1",), "xapp-1"),))
    assert await slack_settings(store, given) == given
    assert await slack_settings(store, SlackSettings(())) is None
    await _given(store, "again", 1)
    await _given(store, "Acme", 2)
    found = await slack_settings(store, given)
    assert found is not None
    assert found.apps == (App(("xoxb-1",), "xapp-1"), App(("xoxb-2",), "xapp-2"))
    await store_tokens(store, "discord", "a bot", {"bot": "a.b.c"}, None)
    assert await discord_settings(store, DiscordSettings(())) == DiscordSettings(("a.b.c",))


async def test_what_is_kept_is_sealed_and_told_by_its_end(store: Store) -> None:
    """The bot's own token stands last, so its end is what is shown; nothing else of it is."""
    await store_tokens(store, "slack", "Acme", {"bot": "xoxb-123456-abcd", "app": "xapp-1"}, None)
    kept: Credential = (await store.credentials.all())[0]
    assert (kept.provider, kept.last_four) == ("slack", "abcd")


async def test_all_connections_are_used_and_none_of_their_tokens_is_logged(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list of keys says of no connection that another one comes before it; the log hides each token by itself."""
    known = Redactor(())
    monkeypatch.setattr("bot.platforms.redactor", lambda: known)
    secret = "0123456789abcdef0123456789abcdef"
    await store_tokens(store, "slack", "Acme", {"bot": "xoxb-1", "signing": secret}, None)
    await _given(store, "Umbrella", 2)
    found = listing.lines(config.load(env_file=None), await store.credentials.all())
    assert [(line.name, line.behind) for line in found] == [("Acme", None), ("Umbrella", None)]
    assert secret not in known.clean(f"signed with {secret}")


@pytest.mark.parametrize(("fields", "words"), [({"bot": " "}, "missing"), ({"bot": "a\nb"}, "line")])
async def test_what_is_no_token(store: Store, fields: dict[str, str], words: str) -> None:
    """Is refused with a sentence, and nothing is kept."""
    with pytest.raises(BadInput) as refused:
        await store_tokens(store, "slack", "Acme", fields, None)
    assert words in refused.value.say
    assert await store.credentials.all() == []


async def test_an_edge_is_woken_by_tokens(store: Store) -> None:
    """It is made with the first ones, runs anew with more, and ends with the last."""
    made: list[Edge] = []

    async def read() -> SlackSettings | None:
        return await slack_settings(store, SlackSettings(()))

    def make(settings: SlackSettings) -> Edge:
        made.append(Edge(settings))
        return made[0]

    connection = Connection(read, make, Edge.use)
    task = asyncio.create_task(connection.run())
    try:
        await asyncio.sleep(0)
        assert connection.health() is None
        for number, name in enumerate(("Acme", "Umbrella"), 1):
            await _given(store, name, number)
            connection.changed.set()
            async with asyncio.timeout(30):
                while not made or not made[0].started.is_set():  # noqa: ASYNC110 - it may not be made yet
                    await asyncio.sleep(0.01)
            made[0].started.clear()
        assert connection.health() == "ok"
        assert [len(apps) for apps in made[0].ran] == [1, 2]
        for name in ("Acme", "Umbrella"):
            await store.credentials.remove(name)
        connection.changed.set()
        async with asyncio.timeout(30):
            while connection.health() is not None:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
        assert len(made) == 1
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

"""Clients for the tests of the fake itself: bare calls, and the real discord.py made quick."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord

from tests.fakes.discord.refusals import JSON
from tests.fakes.discord.server import FakeDiscord

AGENT = "DiscordBot (https://example.org, 1.0)"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def wrong(self) -> set[str]:
        """Of a wrong form every place with its errors' codes, as ``content BASE_TYPE_MAX_LENGTH``."""
        return set(_leaves(self.body.get("errors", {}), ()))


def _leaves(tree: JSON, where: tuple[str, ...]) -> list[str]:
    found = [f"{'.'.join(where)} {error['code']}".strip() for error in tree.get("_errors", [])]
    for name, inner in tree.items():
        if name != "_errors":
            found += _leaves(inner, (*where, name))
    return found


class Bare:
    """Calls the API once, and takes whatever comes."""

    def __init__(self, fake: FakeDiscord, session: aiohttp.ClientSession) -> None:
        self.fake, self._session, self.token = fake, session, f"Bot {fake.app.token}"

    async def __call__(self, method: str, path: str, json: Any = None, **more: Any) -> Answer:
        """``json`` is the body; ``more`` goes to aiohttp."""
        headers = {"Authorization": self.token, "User-Agent": AGENT}
        url = f"{self.fake.world.url}/api/v10{path}"
        body = {} if json is None else {"json": json}
        more = {**body, **more, "headers": headers | more.get("headers", {})}
        async with self._session.request(method, url, **more) as answer:
            plain = answer.headers.get("Content-Type") == "application/json"
            return Answer(
                answer.status, await answer.json() if plain else await answer.text(), answer.headers
            )

    async def refused(self, code: int, method: str, path: str, json: Any = None, **more: Any) -> Answer:
        """A call that is refused with this code (or this status), which is declared to the fake."""
        self.fake.book.expect("", str(code), times=1)
        answer = await self(method, path, json, **more)
        assert isinstance(answer.body, dict), answer
        assert code in (answer.body.get("code"), answer.status), answer
        return answer


class Listener(discord.Client):
    """The real client. It notes every event, and does not wait where nobody else is waiting."""

    def __init__(self, **options: Any) -> None:
        intents = discord.Intents.default()
        intents.message_content = True
        options = {"intents": intents, "guild_ready_timeout": 0.01, **options}
        super().__init__(**options)
        self._came = asyncio.Event()
        self.events: list[tuple[str, tuple[Any, ...]]] = []

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        self.events.append((event, args))
        self._came.set()
        super().dispatch(event, *args, **kwargs)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """The library's own waits five seconds before every identify but the first."""

    def names(self, *wanted: str) -> list[str]:
        """The events that came, in turn, or those of them that are wanted."""
        return [name for name, _ in self.events if not wanted or name in wanted]

    def of(self, name: str) -> list[Any]:
        """What came with the events of a name; of several things the last."""
        return [args[-1] if args else None for event, args in self.events if event == name]

    async def got(self, name: str, times: int = 1) -> Any:
        """Wait until an event came so often; its last thing."""
        async with asyncio.timeout(30):
            while len(self.of(name)) < times:
                self._came.clear()
                await self._came.wait()
        return self.of(name)[times - 1]


@asynccontextmanager
async def listening(fake: FakeDiscord, client: discord.Client) -> AsyncIterator[asyncio.Task[None]]:
    """The client, connected; after that it is closed."""
    running = asyncio.ensure_future(client.start(fake.app.token))
    ready = asyncio.ensure_future(_ready(fake, client))
    try:
        await asyncio.wait((running, ready), return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        yield running
    finally:
        ready.cancel()
        await client.close()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _ready(fake: FakeDiscord, client: discord.Client) -> None:
    await fake.connected()
    await client.wait_until_ready()

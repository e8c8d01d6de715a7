"""The calls: one streamed answer, embeddings, the list of models."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from urllib.parse import quote

from bot.core.errors import BadRequest, ProviderError
from bot.core.provider import ChatRequest, Embedded, Listed, ProviderEvent
from bot.net.http import Http
from bot.providers import facts, lists
from bot.providers.answer import inner
from bot.providers.exchange import Alive, Exchange, Post, nothing
from bot.providers.reductions import Reductions
from bot.providers.rows.forms import Can, ProviderRow
from bot.providers.wires.openai.body import OPTIONAL, SWAPS, chat_body
from bot.providers.wires.openai.chunks import Chunks

PROPS = 1.0  # seconds that a server may take to tell its window


class OpenAI:
    """One OpenAI-compatible server, with the row that describes it and a key ("" = send none)."""

    def __init__(self, row: ProviderRow, api_key: str, http: Http) -> None:
        extras = (row.quirks.extra, *(profile.extra for profile in row.profiles))
        extra = [name for each in extras for name, _ in each]
        self._row = row
        self._exchange = Exchange(row, api_key, http, Reductions([*OPTIONAL, *dict.fromkeys(extra)], SWAPS))

    async def chat(self, request: ChatRequest, alive: Alive = nothing) -> AsyncGenerator[ProviderEvent]:
        """Stream one answer. ``alive`` is called when bytes came that were no event."""
        model = request.model
        post = Post(self._url("/chat/completions", model), chat_body(self._row, request))
        origin = self._exchange.origin(model)
        answer = self._exchange.chat(model, post, lambda _: Chunks(origin, self._row.quirks), alive)
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    async def embed(self, model: str, texts: Sequence[str]) -> Embedded:
        """Vectors for the texts, in their order."""
        if Can.EMBEDDINGS not in self._row.can:
            raise BadRequest("no embeddings here", provider=self._row.id, model=model)
        return await lists.embedded(self._exchange, self._url("/embeddings", model), model, texts)

    async def check(self) -> bool:
        """The free call that needs a good key: the row's own, else the list."""
        path = self._row.check_path
        if path:
            await self._exchange.call("GET", path if "://" in path else self._url(path))
        elif self._row.list_path:
            await self.models()
        return bool(path or self._row.list_path)

    async def models(self) -> tuple[Listed, ...]:
        """The models that the server lists, in its order; the row's own where it has no list."""
        if not self._row.list_path:
            return tuple(map(Listed, self._row.preferred))
        found = await lists.listed(self._exchange, self._url(self._row.list_path))
        if self._row.props_path and len(found) == 1 and found[0].window is None:
            return (replace(found[0], window=await self._started_with()),)
        return found

    async def _started_with(self) -> int | None:
        """The window of a server that has one model and says so, as llama.cpp does; None where it does not."""
        url = self._row.base_url.removesuffix("/v1") + self._row.props_path
        with suppress(ProviderError, TimeoutError):
            async with asyncio.timeout(PROPS):
                told = await self._exchange.call("GET", url)
                return facts.tokens(inner(told, "default_generation_settings").get("n_ctx"))
        return None

    def _url(self, path: str, deployment: str = "") -> str:
        """Where a call goes: below the base URL, or at the deployment where the server has those."""
        base, version = self._row.base_url, self._row.quirks.api_version
        if not version or base.endswith("/v1"):
            return base + path
        place = f"/openai/deployments/{quote(deployment, safe='')}" if deployment else "/openai"
        return f"{base}{place}{path}?api-version={version}"

"""The calls: one streamed answer, embeddings, the list of models."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from bot.core.provider import ChatRequest, Embedded, Listed, ProviderEvent
from bot.net.http import Http
from bot.providers import lists
from bot.providers.exchange import Alive, Exchange, Post, nothing
from bot.providers.reductions import Reductions
from bot.providers.rows.forms import ProviderRow
from bot.providers.wires.responses.body import OPTIONAL, response_body
from bot.providers.wires.responses.events import Events


class Responses:
    """One server that speaks Responses, with the row that describes it and a key ("" = send none)."""

    def __init__(self, row: ProviderRow, api_key: str, http: Http) -> None:
        self._row = row
        self._exchange = Exchange(row, api_key, http, Reductions(OPTIONAL))

    async def chat(self, request: ChatRequest, alive: Alive = nothing) -> AsyncGenerator[ProviderEvent]:
        """Stream one answer. ``alive`` is called when bytes came that were no event."""
        model, origin = request.model, self._exchange.origin(request.model)
        post = Post(f"{self._row.base_url}/responses", response_body(self._row, request))
        answer = self._exchange.chat(model, post, lambda _: Events(origin), alive)
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    async def embed(self, model: str, texts: Sequence[str]) -> Embedded:
        """Vectors for the texts, in their order."""
        return await lists.embedded(self._exchange, f"{self._row.base_url}/embeddings", model, texts)

    async def check(self) -> bool:
        """The list is free, and needs a good key."""
        await self.models()
        return True

    async def models(self) -> tuple[Listed, ...]:
        """The models that the server lists, in its order."""
        return await lists.listed(self._exchange, self._row.base_url + self._row.list_path)

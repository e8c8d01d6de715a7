"""The calls: one streamed answer. A gateway has neither embeddings nor a list of models."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from bot.core.errors import BadRequest, ModelMissing
from bot.core.provider import ChatRequest, Embedded, Listed, ProviderEvent
from bot.net.http import Http
from bot.providers.exchange import Alive, Exchange, Post, nothing
from bot.providers.reductions import Reductions
from bot.providers.rows.forms import ProviderRow
from bot.providers.wires.gateway.answer import Answer
from bot.providers.wires.gateway.body import OPTIONAL, generate_body
from bot.providers.wires.gateway.forms import form_of, framed


class Gateway:
    """One gateway, with the row that describes it and a key ("" = send none)."""

    def __init__(self, row: ProviderRow, api_key: str, http: Http) -> None:
        self._row = row
        self._exchange = Exchange(row, api_key, http, Reductions(OPTIONAL))

    async def chat(self, request: ChatRequest, alive: Alive = nothing) -> AsyncGenerator[ProviderEvent]:
        """Stream one answer. ``alive`` is called when bytes came that were no event."""
        model, origin = request.model, self._exchange.origin(request.model)
        if "/" not in model:
            raise ModelMissing(
                "a gateway's models are written PROVIDER/MODEL", provider=self._row.id, model=model
            )
        url = self._row.base_url.removesuffix("/api/generate") + "/api/generate"
        post = Post(url, generate_body(self._row.profile(model), request), "text/event-stream, */*")
        answer = self._exchange.chat(
            model, post, lambda response: Answer(origin, form_of(response)), alive, framed
        )
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    async def embed(self, model: str, texts: Sequence[str]) -> Embedded:
        """Always a refusal."""
        raise BadRequest("a gateway has no embeddings", provider=self._row.id, model=model)

    async def check(self) -> bool:
        """There is no free call."""
        return False

    async def models(self) -> tuple[Listed, ...]:
        """The row's own, for there is no list."""
        return tuple(map(Listed, self._row.preferred))

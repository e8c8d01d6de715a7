"""The calls: one streamed answer, and the list of models, which tells how much each may write."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from bot.core.errors import BadRequest
from bot.core.provider import ChatRequest, Embedded, Listed, ProviderEvent
from bot.net.http import Http
from bot.providers import facts, lists
from bot.providers.answer import count, items, text
from bot.providers.exchange import Alive, Exchange, Post, nothing
from bot.providers.rows.forms import ProviderRow
from bot.providers.wires.anthropic.body import MessageReductions, message_body
from bot.providers.wires.anthropic.chunks import MessageChunks

PAGES = 10  # of a thousand models each


class Anthropic:
    """Anthropic's Messages API, with the row that describes it and a key ("" = send none)."""

    def __init__(self, row: ProviderRow, api_key: str, http: Http) -> None:
        self._row, self._base = row, row.base_url.removesuffix("/v1")
        self._exchange = Exchange(row, api_key, http, MessageReductions())
        self._most: dict[str, int] = {}  # tokens of output by model, as the list told

    async def chat(self, request: ChatRequest, alive: Alive = nothing) -> AsyncGenerator[ProviderEvent]:
        """Stream one answer. ``alive`` is called when bytes came that were no event."""
        model = request.model
        body = message_body(self._row.profile(model), request, self._most.get(model))
        chunks = MessageChunks(self._exchange.origin(model))
        answer = self._exchange.chat(model, Post(f"{self._base}/v1/messages", body), lambda _: chunks, alive)
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    async def embed(self, model: str, texts: Sequence[str]) -> Embedded:
        """There are none: raises BadRequest."""
        raise BadRequest("there are no embeddings here", provider=self._row.id, model=model)

    async def check(self) -> bool:
        """The list is free, and needs a good key."""
        await self.models()
        return True

    async def models(self) -> tuple[Listed, ...]:
        """The models that are listed and not retired, in the list's order."""
        found: dict[str, Listed] = {}
        after = ""
        for _ in range(PAGES):
            page = await self._exchange.call("GET", f"{self._base}/v1/models?limit=1000{after}")
            if not isinstance(page, dict) or not isinstance(page.get("data"), list):
                raise self._exchange.unreadable("", TypeError())
            for entry in items(page, "data"):
                if (model := text(entry, "id")) and entry.get("lifecycle") != "retired":
                    found[model] = _listed(model, entry)
                    self._most[model] = count(entry, "max_tokens") or 0
            last = text(page, "last_id")
            if not page.get("has_more") or not last:
                break
            after = f"&after_id={quote(last, safe='')}"
        return tuple(found.values())


def _listed(model: str, entry: Mapping[str, Any]) -> Listed:
    has, lacks = lists.abilities(entry.get("capabilities"))
    return Listed(
        model,
        facts.tokens(entry.get("max_input_tokens")),
        facts.tokens(entry.get("max_tokens")),
        has=frozenset(has),
        lacks=frozenset(lacks),
        retires_at=facts.day(entry.get("retires_at")),
    )

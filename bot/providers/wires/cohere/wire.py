"""The calls: one streamed answer, embeddings, the list of models."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from urllib.parse import quote

from bot.core.provider import ChatRequest, Embedded, Listed, ProviderEvent
from bot.net.http import Http
from bot.providers import facts, lists
from bot.providers.answer import count, inner, items, text
from bot.providers.exchange import Alive, Exchange, Post, nothing
from bot.providers.reductions import Reductions
from bot.providers.rows.forms import ProviderRow
from bot.providers.tokens import estimate
from bot.providers.wires.cohere.body import OPTIONAL, chat_body
from bot.providers.wires.cohere.chunks import ChatChunks

BATCH = 96  # texts of one request for embeddings
PAGES = 10  # of a thousand models each


class Cohere:
    """Cohere's API, with the row that describes it and a key ("" = send none)."""

    def __init__(self, row: ProviderRow, api_key: str, http: Http) -> None:
        self._row = row
        self._exchange = Exchange(row, api_key, http, Reductions(OPTIONAL))

    async def chat(self, request: ChatRequest, alive: Alive = nothing) -> AsyncGenerator[ProviderEvent]:
        """Stream one answer. ``alive`` is called when bytes came that were no event."""
        model = request.model
        post = Post(f"{self._row.base_url}/v2/chat", chat_body(self._row.profile(model), request))
        origin = self._exchange.origin(model)
        answer = self._exchange.chat(model, post, lambda _: ChatChunks(origin), alive)
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    async def embed(self, model: str, texts: Sequence[str]) -> Embedded:
        """Vectors for the texts, in their order, as of documents to be found."""
        vectors: list[tuple[float, ...]] = []
        tokens = 0
        for start in range(0, len(texts), BATCH):
            part = list(texts[start : start + BATCH])
            body = {
                "model": model,
                "texts": part,
                "input_type": "search_document",
                "embedding_types": ["float"],
            }
            answer = await self._exchange.call("POST", f"{self._row.base_url}/v2/embed", model, body)
            try:
                found = [tuple(float(value) for value in each) for each in answer["embeddings"]["float"]]
            except (KeyError, TypeError, ValueError) as error:
                raise self._exchange.unreadable(model, error) from error
            if len(found) != len(part):
                raise self._exchange.unreadable(model, ValueError())
            vectors += found
            told = count(inner(answer, "meta", "billed_units"), "input_tokens")
            tokens += sum(map(estimate, part)) if told is None else told
        return Embedded(tuple(vectors), tokens)

    async def check(self) -> bool:
        """The list is free, and needs a good key."""
        await self.models()
        return True

    async def models(self) -> tuple[Listed, ...]:
        """The models that chat and are not on their way out, in the list's order."""
        found: dict[str, Listed] = {}
        after = ""
        for _ in range(PAGES):
            url = f"{self._row.base_url}/v1/models?endpoint=chat&page_size=1000{after}"
            page = await self._exchange.call("GET", url)
            if not isinstance(page, dict) or not isinstance(page.get("models"), list):
                raise self._exchange.unreadable("", TypeError())
            for entry in items(page, "models"):
                if (name := text(entry, "name")) and not entry.get("is_deprecated"):
                    has, _ = lists.abilities(entry.get("features"))
                    window = facts.tokens(entry.get("context_length"))
                    found[name] = Listed(name, window, has=frozenset(has))
            token = text(page, "next_page_token")
            if not token:
                break
            after = f"&page_token={quote(token, safe='')}"
        return tuple(found.values())

"""The calls: one streamed answer, over as many requests as it takes, embeddings, the list of models."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from bot.core.errors import Cut, NetworkFailed
from bot.core.provider import Ability, ChatRequest, Embedded, Finished, FinishReason, Listed, ProviderEvent
from bot.net.http import Http
from bot.providers import facts
from bot.providers.answer import count, inner, items, text
from bot.providers.exchange import Alive, Exchange, Post, nothing
from bot.providers.reductions import Body
from bot.providers.rows.forms import ProviderRow
from bot.providers.tokens import estimate
from bot.providers.wires.google.body import ContentReductions, content_body
from bot.providers.wires.google.chunks import ContentChunks

CONTINUATIONS = 50  # requests for one answer
BATCH = 100  # texts of one request for embeddings
PAGES = 10  # of a thousand models each


class Google:
    """Gemini's API, with the row that describes it and a key ("" = send none)."""

    def __init__(self, row: ProviderRow, api_key: str, http: Http) -> None:
        self._row = row
        self._exchange = Exchange(row, api_key, http, ContentReductions())

    async def chat(self, request: ChatRequest, alive: Alive = nothing) -> AsyncGenerator[ProviderEvent]:
        """Stream one answer. ``alive`` is called when bytes came that were no event."""
        body = content_body(self._row.profile(request.model), request)
        answer = ContentChunks(self._exchange.origin(request.model))
        for _ in range(CONTINUATIONS):
            async with aclosing(self._one(request.model, body, answer, alive)) as events:
                async for event in events:
                    yield event
            if not answer.continuation:
                return
            if _spent(request, answer):
                break
            body = {**body, "continuationToken": answer.go_on()}
        if answer.usage is not None:
            yield answer.usage
        yield Finished(FinishReason.LENGTH)

    async def embed(self, model: str, texts: Sequence[str]) -> Embedded:
        """Vectors for the texts, in their order. Older models do not tell the tokens, so they are estimated."""
        vectors: list[tuple[float, ...]] = []
        tokens = 0
        name = f"models/{_bare(model)}"
        for start in range(0, len(texts), BATCH):
            part = texts[start : start + BATCH]
            asked = [{"model": name, "content": {"parts": [{"text": text}]}} for text in part]
            answer = await self._exchange.call(
                "POST", self._url(model, "batchEmbedContents"), model, {"requests": asked}
            )
            try:
                found = [tuple(float(value) for value in each["values"]) for each in answer["embeddings"]]
            except (KeyError, TypeError, ValueError) as error:
                raise self._exchange.unreadable(model, error) from error
            if len(found) != len(part):
                raise self._exchange.unreadable(model, ValueError())
            vectors += found
            told = count(inner(answer, "usageMetadata"), "promptTokenCount")
            tokens += sum(map(estimate, part)) if told is None else told
        return Embedded(tuple(vectors), tokens)

    async def check(self) -> bool:
        """The list is free, and needs a good key."""
        await self.models()
        return True

    async def models(self) -> tuple[Listed, ...]:
        """The models that write, in the list's order."""
        found: dict[str, Listed] = {}
        after = ""
        for _ in range(PAGES):
            page = await self._exchange.call("GET", f"{self._row.base_url}/models?pageSize=1000{after}")
            if not isinstance(page, dict) or not isinstance(page.get("models"), list):
                raise self._exchange.unreadable("", TypeError())
            for entry in items(page, "models"):
                methods = entry.get("supportedGenerationMethods")
                if isinstance(methods, list) and "generateContent" in methods:
                    model = _bare(text(entry, "name"))
                    found[model] = _listed(model, entry)
            token = text(page, "nextPageToken")
            if not token:
                break
            after = f"&pageToken={quote(token, safe='')}"
        return tuple(found.values())

    async def _one(
        self, model: str, body: Body, answer: ContentChunks, alive: Alive
    ) -> AsyncGenerator[ProviderEvent]:
        """The events of one request of an answer."""
        post = Post(f"{self._url(model, 'streamGenerateContent')}?alt=sse", body)
        try:
            async with aclosing(self._exchange.chat(model, post, lambda _: answer, alive)) as events:
                async for event in events:
                    yield event
        except NetworkFailed as error:
            if answer.begun:
                raise answer.error(Cut, str(error)) from error
            raise

    def _url(self, model: str, method: str) -> str:
        return f"{self._row.base_url}/models/{quote(_bare(model), safe='')}:{method}"


def _listed(model: str, entry: Mapping[str, Any]) -> Listed:
    window, output = (facts.tokens(entry.get(name)) for name in ("inputTokenLimit", "outputTokenLimit"))
    thinks = frozenset({Ability.REASONING})
    return Listed(
        model,
        window,
        output,
        has=thinks if entry.get("thinking") is True else frozenset(),
        lacks=thinks if entry.get("thinking") is False else frozenset(),
    )


def _bare(name: str) -> str:
    return name.removeprefix("models/")


def _spent(request: ChatRequest, answer: ContentChunks) -> bool:
    """Whether what was written so far is all that was asked for: the cap is of one request, not of all."""
    cap = request.parameters.max_output
    return cap is not None and answer.usage is not None and answer.usage.output >= cap

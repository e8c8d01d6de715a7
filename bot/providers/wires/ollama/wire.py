"""The calls: one streamed answer, embeddings, the list of installed models."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from bot.core.errors import ProviderError
from bot.core.provider import Ability, ChatRequest, Embedded, Listed, ProviderEvent
from bot.net.http import Http, Response
from bot.net.streams import Ndjson
from bot.providers import facts, lists
from bot.providers.answer import inner
from bot.providers.exchange import Alive, Exchange, Framing, Post, nothing
from bot.providers.reductions import Reductions
from bot.providers.rows.forms import ProviderRow
from bot.providers.wires.ollama.body import KEEP_ALIVE, OPTIONAL, chat_body
from bot.providers.wires.ollama.lines import Lines

SHOWN = 50  # models that are looked at one by one, the first of the list

Json = Mapping[str, Any]


class Ollama:
    """One Ollama server, with the row that describes it and a key ("" = send none; only its cloud has keys)."""

    def __init__(self, row: ProviderRow, api_key: str, http: Http) -> None:
        self._row = row
        self._exchange = Exchange(row, api_key, http, Reductions(OPTIONAL))
        self._shown: dict[tuple[str, str], Json] = {}  # what was told of a model as it was then

    async def chat(self, request: ChatRequest, alive: Alive = nothing) -> AsyncGenerator[ProviderEvent]:
        """Stream one answer. ``alive`` is called when bytes came that were no event."""
        model, origin = request.model, self._exchange.origin(request.model)
        post = Post(self._url("/api/chat"), chat_body(self._row, request), "application/x-ndjson")
        answer = self._exchange.chat(model, post, lambda _: Lines(origin), alive, _framed)
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    async def embed(self, model: str, texts: Sequence[str]) -> Embedded:
        """Vectors for the texts, in their order."""
        body = {"model": model, "input": list(texts), "truncate": False, "keep_alive": KEEP_ALIVE}
        answer = await self._exchange.call("POST", self._url("/api/embed"), model, body)
        try:
            vectors = tuple(tuple(float(value) for value in row) for row in answer["embeddings"])
            return Embedded(vectors, int(answer.get("prompt_eval_count") or 0))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._exchange.unreadable(model, error) from error

    async def check(self) -> bool:
        """The list is free."""
        await self.models()
        return True

    async def models(self) -> tuple[Listed, ...]:
        """The models that are installed, with their windows where the server shows them."""
        answer = await self._exchange.call("GET", self._url(self._row.list_path))
        try:
            entries = {str(entry.get("model") or entry["name"]): entry for entry in answer["models"]}
        except (KeyError, TypeError, AttributeError) as error:
            raise self._exchange.unreadable("", error) from error
        shown = await asyncio.gather(*(self._show(*each) for each in list(entries.items())[:SHOWN]))
        shown += [{}] * (len(entries) - len(shown))
        return tuple(
            _listed(model, entry, more) for (model, entry), more in zip(entries.items(), shown, strict=True)
        )

    async def _show(self, model: str, entry: Json) -> Json:
        """What the server tells of one model, asked once for each version of it; nothing where it does not say."""
        version = model, facts.text(entry.get("digest")) or facts.text(entry.get("modified_at"))
        if version not in self._shown:
            try:
                told = await self._exchange.call("POST", self._url("/api/show"), model, {"model": model})
            except ProviderError:
                return {}
            self._shown[version] = told if isinstance(told, dict) else {}
        return self._shown[version]

    def _url(self, path: str) -> str:
        """Where a call goes; an address of its OpenAI-compatible side is taken for the server itself."""
        return self._row.base_url.removesuffix("/v1") + path


def _listed(model: str, entry: Json, shown: Json) -> Listed:
    """Its own window by what it was made of; its abilities by either."""
    about = inner(shown, "model_info")
    windows = [facts.tokens(value) for name, value in about.items() if name.endswith(".context_length")]
    can = shown.get("capabilities") or entry.get("capabilities")
    has, _ = lists.abilities(can)
    away = bool(entry.get("remote_host") or entry.get("remote_model"))
    return Listed(
        model,
        next(filter(None, windows), None),
        has=frozenset(has | ({Ability.CLOUD} if away else set())),
        lacks=frozenset(
            {Ability.CHAT, Ability.IMAGES, Ability.TOOLS, Ability.REASONING} - has if can else ()
        ),
        size=None if away else facts.tokens(entry.get("size")),
        changed_at=facts.moment(entry.get("modified_at")),
    )


def _framed(_: Response) -> Framing:
    return Ndjson()

"""The calls: one streamed answer, embeddings, the list of models."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, suppress
from typing import Any

from bot.core.errors import Cut, ProviderError, ServerFailed
from bot.core.provider import ChatRequest, Embedded, ProviderEvent
from bot.net.errors import NetBroken, NetError
from bot.net.http import Http, Response
from bot.net.streams import Sse
from bot.providers.catalog import ProviderRow
from bot.providers.classify import Complaint, Origin, failure, net_failure
from bot.providers.wires.openai.body import Body, chat_body, not_understood
from bot.providers.wires.openai.chunks import Chunks

ERROR_LIMIT = 1024 * 1024  # bytes of a refusal's body
LINGER = 5.0  # seconds after the finish reason in which usage may still come
DRAIN = 0.1  # seconds after the end mark in which the body may end, so that its connection is kept


def _nothing() -> None:
    """For callers that do not watch for signs of life."""


class OpenAI:
    """One OpenAI-compatible server, with the row that describes it and a key ("" = send none)."""

    def __init__(self, row: ProviderRow, api_key: str, http: Http) -> None:
        self._row, self._key, self._http = row, api_key, http
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._without: dict[str, frozenset[str]] = {}  # by model: fields it turned out not to understand

    async def chat(
        self, request: ChatRequest, alive: Callable[[], None] = _nothing
    ) -> AsyncGenerator[ProviderEvent]:
        """Stream one answer. ``alive`` is called when bytes came that were no event."""
        origin = self._origin(request.model)
        begun = False
        try:
            async with aclosing(self._batches(request, origin)) as batches:
                async for batch in batches:
                    if not batch:
                        alive()
                    for event in batch:
                        begun = True
                        yield event
        except NetError as error:
            if begun and isinstance(error, NetBroken):
                raise Cut(origin.clean(str(error)), provider=origin.provider, model=origin.model) from error
            raise net_failure(origin, error) from error

    async def embed(self, model: str, texts: Sequence[str]) -> Embedded:
        """Vectors for the texts, in their order."""
        body = {"model": model, "input": list(texts), "encoding_format": "float"}
        answer = await self._call("POST", "/embeddings", self._origin(model), body)
        try:
            rows = sorted(answer["data"], key=lambda row: row["index"])
            vectors = tuple(tuple(float(value) for value in row["embedding"]) for row in rows)
            return Embedded(vectors, int(answer["usage"]["prompt_tokens"]))
        except (KeyError, TypeError, ValueError) as error:
            raise self._unreadable(self._origin(model), error) from error

    async def models(self) -> tuple[str, ...]:
        """The ids that ``GET /models`` lists, in its order."""
        answer = await self._call("GET", "/models", self._origin())
        try:
            return tuple(str(entry["id"]) for entry in answer["data"])
        except (KeyError, TypeError) as error:
            raise self._unreadable(self._origin(), error) from error

    async def _batches(self, request: ChatRequest, origin: Origin) -> AsyncGenerator[list[ProviderEvent]]:
        """Send the request; once more without a field that the first answer says it does not understand."""
        headers = {**self._headers, "Accept": "text/event-stream", "Accept-Encoding": "identity"}
        for last in (False, True):
            body = chat_body(self._row, request, self._without.get(request.model, frozenset()))
            async with self._http.stream(
                "POST", self._url("/chat/completions"), headers=headers, json=body
            ) as response:
                if response.status == 200:
                    async with aclosing(_read(response, Chunks(origin))) as batches:
                        async for batch in batches:
                            yield batch
                    return
                complaint = Complaint.read(await response.read(ERROR_LIMIT))
            if last or not self._learns(request.model, body, response.status, complaint):
                raise failure(origin, complaint, status=response.status, headers=response.headers)

    def _learns(self, model: str, body: Body, status: int, complaint: Complaint) -> bool:
        """Whether the refusal names a field to leave out from now on."""
        name = not_understood(body, complaint) if status in (400, 422) else None
        if name is None:
            return False
        self._without[model] = self._without.get(model, frozenset()) | {name}
        return True

    async def _call(self, method: str, path: str, origin: Origin, body: Body | None = None) -> Any:
        try:
            answer = await self._http.request(method, self._url(path), headers=self._headers, json=body)
        except NetError as error:
            raise net_failure(origin, error) from error
        if answer.status != 200:
            raise failure(origin, Complaint.read(answer.body), status=answer.status, headers=answer.headers)
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise self._unreadable(origin, error) from error

    def _url(self, path: str) -> str:
        return self._row.base_url + path

    def _origin(self, model: str = "") -> Origin:
        return Origin(self._row.id, model, self._key)

    def _unreadable(self, origin: Origin, error: Exception) -> ProviderError:
        detail = f"unreadable answer: {type(error).__name__}"
        return ServerFailed(detail, provider=origin.provider, model=origin.model)


async def _read(response: Response, chunks: Chunks) -> AsyncGenerator[list[ProviderEvent]]:
    """The events of a successful answer, streamed or not; an empty list for bytes that held none."""
    if response.headers.get("content-type", "").startswith("application/json"):
        yield chunks.whole((await response.read()).decode("utf-8", "replace"))
    else:
        async with (
            aclosing(response.chunks()) as source,
            aclosing(_streamed(source, chunks)) as batches,
        ):
            async for batch in batches:
                yield batch
    yield list(chunks.end())


async def _streamed(source: AsyncIterator[bytes], chunks: Chunks) -> AsyncGenerator[list[ProviderEvent]]:
    reader = Sse()
    async for data in source:
        payloads = reader.feed(data)
        if not payloads:
            yield []
        for payload in payloads:
            yield chunks.feed(payload)
        if chunks.ended or chunks.done:
            await _linger(source, reader, chunks)
            return
    for payload in reader.flush():
        yield chunks.feed(payload)
    if not chunks.ended:
        yield chunks.stray(reader.rest)


async def _linger(source: AsyncIterator[bytes], reader: Sse, chunks: Chunks) -> None:
    """Read on for usage, and for the body's end, so that the connection is kept.

    The answer is as whole as it gets by now, so nothing that fails here matters.
    """
    loop, drained = asyncio.get_running_loop(), chunks.done
    with suppress(NetError, ProviderError, TimeoutError):
        async with asyncio.timeout(DRAIN if chunks.done else LINGER) as limit:
            async for data in source:
                for payload in reader.feed(data):
                    chunks.feed(payload)
                if chunks.done and not drained:
                    drained = True
                    limit.reschedule(loop.time() + DRAIN)

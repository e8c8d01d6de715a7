"""What every wire does with its provider: one streamed answer, one whole one, and what either means when it fails.

A wire says where to send what and how to read the payloads; here it is sent, once more without a field that the
first answer did not understand, and read to its end.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from bot.core.errors import Cut, ProviderError, ServerFailed
from bot.core.provider import ProviderEvent
from bot.net.errors import NetBroken, NetError
from bot.net.http import Http, Response
from bot.net.streams import Ndjson, Sse
from bot.providers.classify import Complaint, Origin, failure, net_failure
from bot.providers.reductions import Body, Reductions
from bot.providers.rows.forms import ProviderRow

ERROR_LIMIT = 1024 * 1024  # bytes of a refusal's body
LINGER = 5.0  # seconds after the finish reason in which usage may still come
DRAIN = 0.1  # seconds after the end mark in which the body may end, so that its connection is kept

Alive = Callable[[], None]
Batches = AsyncGenerator[list[ProviderEvent]]


class Framing(Protocol):
    """Cuts bytes into payloads: Sse, Ndjson, or what a wire has of its own."""

    def feed(self, data: bytes) -> list[str]: ...
    def flush(self) -> list[str]: ...


class Reader(Protocol):
    """The state of one answer, fed payload by payload.

    ``ended``: the provider said why it ended, so that nothing but usage can come; ``done``: nothing will.
    """

    @property
    def ended(self) -> bool: ...
    @property
    def done(self) -> bool: ...

    def feed(self, payload: str) -> list[ProviderEvent]:
        """The events in one payload. Raises the error that it tells of, unless the answer had ended."""
        ...

    def whole(self, text: str) -> list[ProviderEvent]:
        """The events in an answer that was not streamed."""
        ...

    def stray(self, text: str) -> list[ProviderEvent]:
        """What stood in the stream outside any event: an error or an answer as bare JSON, or noise."""
        ...

    def end(self) -> Iterable[ProviderEvent]:
        """What closes the answer. Raises Cut where it did not end."""
        ...


@dataclass(frozen=True, slots=True)
class Post:
    """One request for a streamed answer."""

    url: str
    body: Body
    accept: str = "text/event-stream"


def nothing() -> None:
    """For callers that do not watch for signs of life."""


def framed_as_events(response: Response) -> Framing | None:
    """Server-sent events; None for a body that is one JSON text."""
    return None if response.headers.get("content-type", "").startswith("application/json") else Sse()


class Exchange:
    """One provider at one address: its row, the key ("" = send none) and what it turned out not to understand."""

    def __init__(self, row: ProviderRow, api_key: str, http: Http, reductions: Reductions) -> None:
        self.row, self._key, self._http, self._reductions = row, api_key, http, reductions
        self._headers = {**dict(row.headers), **row.auth.headers(api_key)}

    def origin(self, model: str = "") -> Origin:
        """Whose answer it is, for errors."""
        return Origin(self.row.id, model, self._key)

    def unreadable(self, model: str, error: Exception) -> ProviderError:
        """The error of an answer that is not what it should be."""
        return ServerFailed(f"unreadable answer: {type(error).__name__}", provider=self.row.id, model=model)

    async def chat(
        self,
        model: str,
        post: Post,
        reader: Callable[[Response], Reader],
        alive: Alive = nothing,
        framing: Callable[[Response], Framing | None] = framed_as_events,
    ) -> AsyncGenerator[ProviderEvent]:
        """Stream one answer. ``alive`` is called when bytes came that were no event."""
        origin, begun = self.origin(model), False
        try:
            async with aclosing(self._batches(origin, post, reader, framing)) as batches:
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

    async def call(self, method: str, url: str, model: str = "", body: Body | None = None) -> Any:
        """The JSON of one whole answer. Raises the error of a refusal."""
        origin = self.origin(model)
        try:
            answer = await self._http.request(method, url, headers=self._headers, json=body)
        except NetError as error:
            raise net_failure(origin, error) from error
        if answer.status != 200:
            raise failure(origin, Complaint.read(answer.body), status=answer.status, headers=answer.headers)
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise self.unreadable(model, error) from error

    async def _batches(
        self,
        origin: Origin,
        post: Post,
        reader: Callable[[Response], Reader],
        framing: Callable[[Response], Framing | None],
    ) -> Batches:
        """Send the request; once more without a field that the first answer says it does not understand."""
        headers = {**self._headers, "Accept": post.accept, "Accept-Encoding": "identity"}
        for last in (False, True):
            body = self._reductions.reduced(origin.model, post.body)
            async with self._http.stream("POST", post.url, headers=headers, json=body) as response:
                if response.status == 200:
                    async with aclosing(_read(response, reader(response), framing(response))) as batches:
                        async for batch in batches:
                            yield batch
                    return
                complaint = Complaint.read(await response.read(ERROR_LIMIT))
            if last or not self._reductions.learns(origin.model, body, response.status, complaint):
                raise failure(origin, complaint, status=response.status, headers=response.headers)


async def _read(response: Response, reader: Reader, framing: Framing | None) -> Batches:
    """The events of a successful answer, streamed or not; an empty list for bytes that held none."""
    if framing is None:
        yield reader.whole((await response.read()).decode("utf-8", "replace"))
    else:
        async with (
            aclosing(response.chunks()) as source,
            aclosing(_streamed(source, reader, framing)) as batches,
        ):
            async for batch in batches:
                yield batch
    yield list(reader.end())


async def _streamed(source: AsyncIterator[bytes], reader: Reader, framing: Framing) -> Batches:
    async for data in source:
        payloads = framing.feed(data)
        if not payloads:
            yield []
        for payload in payloads:
            yield reader.feed(payload)
        if reader.ended or reader.done:
            await _linger(source, framing, reader)
            return
    for payload in framing.flush():
        try:
            yield reader.feed(payload)
        except ServerFailed as error:
            if isinstance(framing, Ndjson) and str(error).startswith("unreadable"):
                break  # half a line: it was cut there
            raise
    if not reader.ended:
        yield reader.stray(framing.rest if isinstance(framing, Sse) else "")


async def _linger(source: AsyncIterator[bytes], framing: Framing, reader: Reader) -> None:
    """Read on for usage, and for the body's end, so that the connection is kept.

    The answer is as whole as it gets by now, so nothing that fails here matters.
    """
    loop, drained = asyncio.get_running_loop(), reader.done
    with suppress(NetError, ProviderError, TimeoutError):
        async with asyncio.timeout(DRAIN if reader.done else LINGER) as limit:
            async for data in source:
                for payload in framing.feed(data):
                    reader.feed(payload)
                if reader.done and not drained:
                    drained = True
                    limit.reschedule(loop.time() + DRAIN)
            for payload in framing.flush():
                reader.feed(payload)

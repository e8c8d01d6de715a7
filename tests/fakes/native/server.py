"""A server on a real port that speaks one vendor's own API, strict, and scripted as the provider server is.

What a vendor's API is like stands in its ``Dialect``, written from the vendor's reference and not from our code.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol, Self

from aiohttp import web

from tests.fakes.scripts import Script, answer_for, tokens
from tests.fakes.streaming import send_raw

JSON = dict[str, Any]
FOREVER = 3600.0  # seconds; the client hangs up before


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer that is none: its status and body, ``application/json`` unless it is a stream."""

    status: int
    body: bytes
    content_type: str = "application/json"


class Refusal(Exception):
    """Raised by a dialect for a request that it does not allow."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.body.decode())
        self.refused = refused


@dataclass(slots=True)
class Turn:
    """One answer: the tokens thought and said (cut at the cap), those of the input, and whether the cap cut it."""

    model: str
    given: int
    thought: list[str]
    said: list[str]
    capped: bool
    sent: int = 0
    extra: JSON = field(default_factory=dict)

    @property
    def written(self) -> int:
        return len(self.thought) + self.sent


class Dialect(Protocol):
    """How one vendor speaks. ``models`` are those it serves, ``embedders`` those that embed."""

    @property
    def models(self) -> Sequence[str]: ...
    @property
    def embedders(self) -> Sequence[str]: ...

    def allowed(self, request: web.Request, key: str) -> bool: ...
    def is_list(self, request: web.Request) -> bool: ...
    def listing(self, request: web.Request, page: int) -> JSON: ...
    def is_embedding(self, request: web.Request) -> bool: ...
    def embedded(self, request: web.Request, body: JSON) -> JSON: ...
    def checked(self, request: web.Request, body: JSON) -> tuple[str, str, int | None]:
        """Model, text of the last message and cap of a chat. Raises Refusal."""
        ...

    def refusal(self, kind: str, model: str) -> Refused: ...
    def opening(self, turn: Turn) -> Iterator[JSON]: ...
    def thinking(self, turn: Turn, token: str) -> Iterator[JSON]: ...
    def saying(self, turn: Turn, token: str) -> Iterator[JSON]: ...
    def closing(self, turn: Turn) -> Iterator[JSON]: ...
    def broken(self, turn: Turn) -> Iterator[JSON]: ...


class NativeServer:
    """The server: ``async with`` starts and stops it. ``requests`` are the bodies of chats that were in order.

    ``first`` answers, one after the other, requests that are in order before any script: for refusals by hand.
    ``replies`` are bytes for everything but chat, where set. ``page`` models go on one page of the list.
    """

    def __init__(self, dialect: Dialect, key: str = "sk-native-0123456789abcdef", page: int = 2) -> None:
        self.dialect, self.key, self.page = dialect, key, page
        self.requests: list[JSON] = []
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.embeddings: list[JSON] = []
        self.first: list[Refused] = []
        self.replies: bytes | None = None
        self._scripts: list[Script] = []
        self._port = 0

    @property
    def url(self) -> str:
        """Its address, without a path."""
        return f"http://127.0.0.1:{self._port}"

    def script(self, **what: Any) -> None:
        """Queue a ``Script`` for the next chat."""
        self._scripts.append(Script(**what))

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._any)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _any(self, request: web.Request) -> web.StreamResponse:
        self.paths.append(request.path_qs)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        try:
            if not self.dialect.allowed(request, self.key):
                raise Refusal(self.dialect.refusal("auth", ""))
            return await self._allowed(request)
        except Refusal as refusal:
            return _plain(refusal.refused)
        except ConnectionResetError:
            return web.Response(status=499)

    async def _allowed(self, request: web.Request) -> web.StreamResponse:
        listing, embedding = self.dialect.is_list(request), self.dialect.is_embedding(request)
        if self.replies is not None and (listing or embedding):
            return web.Response(body=self.replies, content_type="application/json")
        if listing:
            return web.json_response(self.dialect.listing(request, self.page))
        body = await request.json()
        if embedding:
            self.embeddings.append(body)
            return web.json_response(self.dialect.embedded(request, body))
        model, asked, cap = self.dialect.checked(request, body)
        self.requests.append(body)
        if self.first:
            return _plain(self.first.pop(0))
        script = self._scripts.pop(0) if self._scripts else Script()
        return await self._answered(request, script, model, asked, cap)

    async def _answered(
        self, request: web.Request, script: Script, model: str, asked: str, cap: int | None
    ) -> web.StreamResponse:
        if script.raw is not None:
            return await send_raw(request, script)
        if script.fail in (*_REFUSED, "server") and not script.after:
            return _plain(self.dialect.refusal(str(script.fail), model))
        said = tokens(answer_for(asked) if script.text is None else script.text)
        turn = Turn(model, 7, tokens(script.reasoning), said[:cap], cap is not None and len(said) > cap)
        return await self._stream(request, script, turn)

    async def _stream(self, request: web.Request, script: Script, turn: Turn) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        await asyncio.sleep(script.delay)
        broken = script.fail in ("error", "server", "cut", "hang")
        await _send(response, self.dialect.opening(turn))
        for token in turn.thought:
            await _send(response, self.dialect.thinking(turn, token))
        for token in turn.said[: script.after] if broken else turn.said:
            turn.sent += 1
            await _send(response, self.dialect.saying(turn, token))
        match script.fail:
            case "error" | "server":
                await _send(response, self.dialect.broken(turn))
            case "cut" if request.transport is not None:
                request.transport.close()
            case "hang":
                await asyncio.sleep(FOREVER)
            case "no end":
                pass
            case _:
                await _send(response, self.dialect.closing(turn))
        return response


_REFUSED = ("rate", "quota", "overloaded", "auth", "model", "context", "content", "request")


def _plain(refused: Refused) -> web.Response:
    return web.Response(status=refused.status, body=refused.body, content_type=refused.content_type)


async def _send(response: web.StreamResponse, chunks: Iterator[JSON]) -> None:
    for chunk in chunks:
        name = f"event: {chunk['type']}\n" if "type" in chunk else ""
        await response.write(f"{name}data: {json.dumps(chunk)}\n\n".encode())


def vector(text: str) -> list[float]:
    """A vector for a text, the same every time."""
    return [round(len(text) / 7, 3), round(sum(map(ord, text)) / 1000, 3), 1.0]

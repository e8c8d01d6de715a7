"""One answer of the fake provider, chunk by chunk as OpenAI sends it, with the breakage that was ordered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from random import Random
from types import MappingProxyType
from typing import Any

from aiohttp import web

from tests.fakes.rules import JSON
from tests.fakes.scripts import Script, tokens

_FOREVER = 3600.0  # seconds; the client hangs up before


class Stream:
    """One answer under way. ``text`` is what it will say, ``sent`` and ``thought`` the tokens sent so far.

    ``cap`` is the most tokens of output, None for any number; ``held`` is where it waits for the test.
    What the bytes look like is for subclasses to change.
    """

    content_type = "text/event-stream; charset=utf-8"
    headers: Mapping[str, str] = MappingProxyType({})
    keep_alive = b": still here\n\n"
    garbage = b'data: {"id": "chatcmpl-\xff\xfe, nonsense\n\n'
    end_mark = b"data: [DONE]\n\n"

    def __init__(self, script: Script, body: JSON, text: str, request_id: str, given: int) -> None:
        self._script, self._body, self._given = script, body, given
        cap = body.get("max_completion_tokens", body.get("max_tokens"))
        said = tokens(text)
        self._said = said if cap is None else said[:cap]
        self._finish = "stop" if len(self._said) == len(said) else "length"
        self._options = body.get("stream_options") or {}
        self._base = {"id": f"chatcmpl-{request_id}", "created": 1_763_600_000, "model": body["model"]}
        self.sent: list[str] = []
        self.thought: list[str] = []
        self.completed = False
        self.held: Callable[[], Awaitable[object]] | None = None

    @property
    def usage(self) -> JSON:
        """Usage as the API reports it, so far."""
        written = len(self.sent) + len(self.thought)
        return {
            "prompt_tokens": self._given,
            "completion_tokens": written,
            "total_tokens": self._given + written,
            "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": len(self.thought)},
        }

    def whole(self) -> JSON:
        """The answer at once, as to a request without ``stream``."""
        self.sent, self.completed = list(self._said), True
        message = {"role": "assistant", "content": "".join(self.sent), "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self._finish}
        return {**self._base, "object": "chat.completion", "choices": [choice], "usage": self.usage}

    async def run(self, request: web.Request) -> web.StreamResponse:
        """Send it. A client that hangs up cancels this."""
        response = web.StreamResponse(headers={"Content-Type": self.content_type, **self.headers})
        await response.prepare(request)
        await self._wait(response)
        await self._write(response, self.opening())
        await self._reason(response)
        if await self._say(response) and self._script.fail != "no end":
            await self._close(response)
        elif self._script.fail in ("cut", "garbage") and request.transport is not None:
            request.transport.close()
        return response

    async def _wait(self, response: web.StreamResponse) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._script.delay
        while (left := until - loop.time()) > 0:
            await asyncio.sleep(min(left, self._script.keep_alive or left))
            if self._script.keep_alive:
                await response.write(self.keep_alive)

    async def _reason(self, response: web.StreamResponse) -> None:
        for token in tokens(self._script.reasoning):
            self.thought.append(token)
            await self._write(response, self.thinking(token))

    async def _say(self, response: web.StreamResponse) -> bool:
        """Send the text; false where it broke off."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        for piece in self._pieces():
            if self.held is not None and len(self.sent) in self._script.holds:
                await self.held()
                due = loop.time()
            if self._script.speed:
                due += len(piece) / self._script.speed
                await asyncio.sleep(max(0.0, due - loop.time()))
            await self._write(response, self.saying("".join(piece)))
            self.sent += piece
        return await self._unbroken(response)

    def _pieces(self) -> Iterator[list[str]]:
        said, size = self._said, self._script.piece
        if self._script.fail in ("error", "cut", "hang", "garbage"):
            said = said[: self._script.after]
        return (said[start : start + size] for start in range(0, len(said), size))

    async def _unbroken(self, response: web.StreamResponse) -> bool:
        match self._script.fail:
            case "error":
                await self._write(response, self.failing())
            case "hang":
                await asyncio.sleep(_FOREVER)
            case "garbage":
                await response.write(self.garbage)
            case "cut":
                pass
            case _:
                return True
        return False

    async def _close(self, response: web.StreamResponse) -> None:
        self.completed = True
        await self._write(response, self.closing())
        if self._script.fail != "no done" and self.end_mark:
            await response.write(self.end_mark)

    async def _write(self, response: web.StreamResponse, frames: list[JSON]) -> None:
        for frame in frames:
            await response.write(self.framed(frame))

    def framed(self, frame: JSON) -> bytes:
        """A frame as bytes."""
        return b"data: " + json.dumps(frame, separators=(",", ":")).encode() + b"\n\n"

    def opening(self) -> list[JSON]:
        return [self._chunk({"role": "assistant", "content": "", "refusal": None})]

    def thinking(self, token: str) -> list[JSON]:
        return [self._chunk({"reasoning_content": token})]

    def saying(self, text: str) -> list[JSON]:
        return [self._chunk({"content": text})]

    def failing(self) -> list[JSON]:
        """What tells of a failure in the middle."""
        message = "The server had an error."
        return [{"error": {"message": message, "type": "server_error", "code": "server_error"}}]

    def closing(self) -> list[JSON]:
        """The finish and the usage."""
        frames = [self._chunk({}, self._finish)]
        if self._script.usage and self._options.get("include_usage"):
            frames.append(self._frame([], self.usage))
        return frames

    def _chunk(self, delta: JSON, finish: str | None = None) -> JSON:
        return self._frame([{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}], None)

    def _frame(self, choices: list[Any], usage: JSON | None) -> JSON:
        frame = {**self._base, "object": "chat.completion.chunk", "choices": choices}
        if self._options.get("include_usage"):
            frame["usage"] = usage
        if self._options.get("include_obfuscation", True):
            frame["obfuscation"] = "x" * 12
        return frame


async def send_raw(request: web.Request, script: Script) -> web.StreamResponse:
    """Send the script's bytes in pieces of any size, the same ones every time: some 5,000 at most."""
    raw, random = memoryview(script.raw or b""), Random(0)
    largest = max(200, len(raw) // 2500)
    response = web.StreamResponse(headers={"Content-Type": script.content_type, **dict(script.headers)})
    await response.prepare(request)
    while raw:
        cut = random.randint(1, largest)
        await response.write(bytes(raw[:cut]))
        raw = raw[cut:]
        await asyncio.sleep(0)
    if script.stay:
        await asyncio.sleep(_FOREVER)
    return response

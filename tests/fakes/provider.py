"""A server that speaks OpenAI's API on a real port, with a counter of its own for what it bills.

Strict, and scripted by the test::

    server.script(text="Hello", delay=0.3, speed=80)
    server.script(fail="cut", after=50)            # the request after that
    server.script(fail="server", model="gpt-4.1")  # the next one to that model

What no script is left for gets ``answer_for`` its last user message. By itself::

    python -m tests.fakes.provider --port-file F --log F
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.fakes.dialects import GATEWAY, OLLAMA, RESPONSES, Dialect
from tests.fakes.manners import Manner, mannered, with_image_objects
from tests.fakes.patience import PATIENCE
from tests.fakes.rules import JSON, REFUSALS, Model, Refusal, check_chat, check_embeddings, refusal
from tests.fakes.scripts import Script, answer_for, tokens
from tests.fakes.streaming import Stream, send_raw

__all__ = ["Billed", "ProviderServer", "Script", "answer_for"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MODELS = (
    Model("gpt-6-luna", reasons=True),
    Model("gpt-4.1"),
    Model("tiny", window=200),
    Model("text-embedding-3-small", embeds=True),
)


@dataclass(frozen=True, slots=True)
class Billed:
    """One request as the server bills it, by its own count of tokens (words).

    ``completed`` is false where the stream broke, whoever broke it; ``streamed_text`` is what was sent,
    ``asked`` the last user message.
    """

    model: str
    input_tokens: int
    output_tokens: int
    request_id: str
    completed: bool
    streamed_text: str
    asked: str = ""


class ProviderServer:
    """The server: ``async with`` starts and stops it, ``url`` is its base URL.

    ``key`` is the one it accepts, "" for none; ``models`` are what it serves; ``default`` is for requests
    that no script is left for. ``replies`` are bytes to give to everything but chat, where set. ``manner`` is how it
    speaks OpenAI's protocol; the other wires are at ``root``, each at its own path.

    ``shows`` is what Ollama tells of one model, ``props`` what llama.cpp tells of itself.

    ``requests`` are the bodies of chats that were in order, ``peers`` the connections they came over.
    """

    def __init__(
        self,
        *,
        key: str = "sk-fake-0123456789abcdef",
        models: tuple[Model, ...] = MODELS,
        default: Script | None = None,
        port: int = 0,
        log: Path | None = None,
        manner: Manner | None = None,
    ) -> None:
        self.manner = manner or Manner()
        self._plain = Dialect(self._common, mannered(manner) if manner else Stream, _as_it_is)
        self.key, self.default, self._port, self._log = key, default or Script(), port, log
        self.models = {model.id: model for model in models}
        self.billed: list[Billed] = []
        self.requests: list[JSON] = []
        self.open_streams = 0
        self.peers: list[str] = []
        self.replies: bytes | None = None
        self.shows: dict[str, JSON] = {}
        self.props: JSON | None = None
        self._scripts: list[Script] = []
        self._changed = asyncio.Condition()
        self._steps = asyncio.Semaphore(0)

    @property
    def url(self) -> str:
        """The base URL, as for OPENAI_BASE_URL."""
        return f"{self.root}/v1"

    @property
    def root(self) -> str:
        """The address alone."""
        return f"http://127.0.0.1:{self._port}"

    def script(self, **what: Any) -> None:
        """Queue a ``Script`` for the next request that no earlier one is for."""
        self._scripts.append(Script(**what))

    def go_on(self) -> None:
        """Let one answer that its script holds go on, the one that has waited longest; or the next that comes there."""
        self._steps.release()

    async def billed_all(self, number: int = 1) -> list[Billed]:
        """Wait until so many requests were billed, and return them all."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: len(self.billed) >= number)
            return list(self.billed)

    async def asked(self, number: int = 1) -> None:
        """Wait until so many chat requests came in."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: len(self.requests) >= number)

    async def all_closed(self) -> None:
        """Wait until no answer is being streamed, and all that were are billed."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: not self.open_streams)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024, middlewares=[_refusals])
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/embeddings", self._embeddings)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/openai/deployments/{model}/chat/completions", self._chat)
        app.router.add_post("/openai/deployments/{model}/embeddings", self._embeddings)
        app.router.add_get("/openai/models", self._models)
        app.router.add_post("/v1/responses", self._speaking(RESPONSES))
        app.router.add_post("/api/chat", self._speaking(OLLAMA))
        app.router.add_get("/api/tags", self._tags)
        app.router.add_post("/api/show", self._show)
        app.router.add_get("/props", self._props)
        app.router.add_post("/api/embed", self._ollama_embeddings)
        app.router.add_post("/api/generate", self._speaking(GATEWAY))
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    def _speaking(self, dialect: Dialect) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await self._conversed(request, dialect)
            except Refusal as refused:
                answer = dialect.refused(refused)
                return web.json_response(answer, status=refused.status, headers=refused.headers)

        return handle

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        return await self._conversed(request, self._plain)

    async def _conversed(self, request: web.Request, dialect: Dialect) -> web.StreamResponse:
        given_body = await self._json(request)
        self._mind_manners(given_body)
        body = dialect.translated(given_body)
        model = self._named(body, request)
        check_chat(body, model)
        await self._noted(request, given_body)
        return await self._scripted(request, body, model, dialect.stream)

    def _common(self, body: JSON) -> JSON:
        """A body without what only this server knows."""
        common = {name: value for name, value in body.items() if name not in self.manner.knows}
        if common.get("reasoning_effort") == "default" and "reasoning_format" in self.manner.knows:
            del common["reasoning_effort"]
        if self.manner.thought == "parts" and isinstance(messages := common.get("messages"), list):
            common["messages"] = list(map(with_image_objects, messages))
        return common

    def _mind_manners(self, body: JSON) -> None:
        """Refuse what this server does not know."""
        caps = (
            {"max_tokens", "max_completion_tokens"} - {self.manner.only_cap}
            if self.manner.only_cap
            else set()
        )
        paths = {
            *body,
            *(f"{name}.{key}" for name in body if isinstance(body[name], dict) for key in body[name]),
        }
        for name in sorted((self.manner.refuses | caps) & paths):
            raise Refusal(
                422 if self.manner.error == "mistral" else 400, f"Unknown field: {name}", param=name
            )

    async def _noted(self, request: web.Request, body: JSON) -> None:
        async with self._changed:
            self.requests.append(body)
            self.peers.append(repr(request.get_extra_info("peername")))
            self._changed.notify_all()

    async def _scripted(
        self, request: web.Request, body: JSON, model: Model, stream: type[Stream]
    ) -> web.StreamResponse:
        script = self._next(model.id)
        if script.raw is not None:
            return await send_raw(request, script)
        given = _input_tokens(body)
        if given > model.window:
            raise refusal("context", model.id)
        if script.fail == "redirect":
            raise Refusal(307, "Moved.", headers={"Location": "http://127.0.0.1:1/"})
        if script.fail is not None and script.fail in REFUSALS:
            await asyncio.sleep(script.delay)
            raise refusal(script.fail, model.id, script.retry_after)
        return await self._answered(request, script, body, given, stream)

    async def _answered(
        self, request: web.Request, script: Script, body: JSON, given: int, made: type[Stream]
    ) -> web.StreamResponse:
        asked = _last_user_text(body)
        text = answer_for(asked) if script.text is None else script.text
        request_id = secrets.token_hex(8)
        if script.fail == "html":
            return web.Response(
                text="<html><body><h1>Bad gateway</h1></body></html>", content_type="text/html"
            )
        if script.fail == "json error":
            return web.json_response({"code": "server_error", "error": "The model failed."})
        stream = made(script, body, text, request_id, given)
        stream.held = self._steps.acquire
        self.open_streams += 1
        try:
            if script.fail == "json" or not body.get("stream"):
                return web.json_response(stream.whole())
            return await stream.run(request)
        finally:
            if stream.sent or stream.thought or stream.completed:
                written = len(stream.sent) + len(stream.thought)
                said = "".join(stream.sent)
                await self._bill(
                    Billed(body["model"], given, written, request_id, stream.completed, said, asked)
                )
            async with self._changed:
                self.open_streams -= 1
                self._changed.notify_all()

    async def _embeddings(self, request: web.Request) -> web.StreamResponse:
        body, model = await self._checked(request)
        check_embeddings(body)
        if self.replies is not None:
            return web.Response(body=self.replies, content_type="application/json")
        given = sum(len(tokens(text)) for text in body["input"])
        data = [
            {"object": "embedding", "index": place, "embedding": _vector(text, body.get("dimensions", 8))}
            for place, text in enumerate(body["input"])
        ]
        await self._bill(Billed(model.id, given, 0, secrets.token_hex(8), True, ""))
        usage = {"prompt_tokens": given, "total_tokens": given}
        # The order of the rows is not promised: their index counts.
        return web.json_response({"object": "list", "data": data[::-1], "model": model.id, "usage": usage})

    async def _models(self, request: web.Request) -> web.StreamResponse:
        self._authorize(request)
        if self.replies is not None:
            return web.Response(body=self.replies, content_type="application/json")
        data = [{"id": name, "object": "model", "created": 1, "owned_by": "fake"} for name in self.models]
        return web.json_response(data if self.manner.bare_list else {"object": "list", "data": data})

    async def _tags(self, request: web.Request) -> web.StreamResponse:
        self._authorize(request)
        if self.replies is not None:
            return web.Response(body=self.replies, content_type="application/json")
        return web.json_response(
            {"models": [{"name": name, "model": name, "size": 1} for name in self.models]}
        )

    async def _show(self, request: web.Request) -> web.StreamResponse:
        told = self.shows.get((await self._json(request)).get("model", ""))
        return web.json_response(told or {"error": "model not found"}, status=200 if told else 404)

    async def _props(self, request: web.Request) -> web.StreamResponse:
        self._authorize(request)
        return web.json_response(self.props or {}, status=200 if self.props else 404)

    async def _ollama_embeddings(self, request: web.Request) -> web.StreamResponse:
        body = await self._json(request)
        if self.replies is not None:
            return web.Response(body=self.replies, content_type="application/json")
        given = sum(len(tokens(text)) for text in body["input"])
        vectors = [_vector(text, 8) for text in body["input"]]
        await self._bill(Billed(body["model"], given, 0, secrets.token_hex(8), True, ""))
        return web.json_response({"embeddings": vectors, "prompt_eval_count": given})

    async def _checked(self, request: web.Request) -> tuple[JSON, Model]:
        """The body and its model. Raises the Refusal of a request without key, JSON or known model."""
        body = await self._json(request)
        return body, self._named(body, request)

    async def _json(self, request: web.Request) -> JSON:
        self._authorize(request)
        try:
            body = await request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Refusal(400, "We could not parse the JSON body of your request.")
        return body

    def _named(self, body: JSON, request: web.Request) -> Model:
        """The model of a request; the deployment in its address, where this server has those."""
        name, version = str(body.get("model")), self.manner.deployments
        if version:
            name = request.match_info.get("model", "")
            if request.query.get("api-version") != version:
                raise Refusal(404, "Resource not found", code="404")
        model = self.models.get(name)
        if model is None or model.embeds != request.path.endswith("/embeddings"):
            raise refusal("model", name)
        return model

    def _authorize(self, request: web.Request) -> None:
        given = request.headers.get(self.manner.header, "")
        if self.key and given != f"{self.manner.scheme}{self.key}":
            raise Refusal(401, f"Incorrect API key provided: {given[-40:]}.", code="invalid_api_key")

    def _next(self, model: str) -> Script:
        """The first script that is for this model, else the default."""
        for script in self._scripts:
            if script.model in (None, model):
                self._scripts.remove(script)
                return script
        return self.default

    async def _bill(self, billed: Billed) -> None:
        if self._log is not None:
            with self._log.open("a") as file:
                file.write(json.dumps(asdict(billed)) + "\n")
        async with self._changed:
            self.billed.append(billed)
            self._changed.notify_all()


def _as_it_is(refused: Refusal) -> JSON:
    return refused.body


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refusal as refused:
        return web.json_response(refused.body, status=refused.status, headers=refused.headers)
    except ConnectionResetError:
        # Whoever asked has hung up, or died as a test wanted it; what was sent is billed all the same.
        return web.Response(status=499)


def _input_tokens(body: JSON) -> int:
    """The input as this server counts it: tokens of all texts, 3 a message, 85 an image."""
    total = 0
    for message in body["messages"]:
        content = message["content"]
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        texts = [part["text"] for part in parts if part["type"] == "text"]
        total += 3 + sum(len(tokens(text)) for text in texts) + 85 * (len(parts) - len(texts))
    return total


def _last_user_text(body: JSON) -> str:
    content = next((m["content"] for m in reversed(body["messages"]) if m["role"] == "user"), "")
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in content if part["type"] == "text")


def _vector(text: str, size: int) -> list[float]:
    digest = sha256(text.encode()).digest()
    return [digest[place % len(digest)] / 255 for place in range(size)]


async def _serve(port_file: Path, server: ProviderServer) -> None:
    async with server:
        # Whoever waits for the file must never find it half written.
        draft = port_file.with_suffix(".draft")
        draft.write_text(server.url)
        draft.rename(port_file)
        await asyncio.Event().wait()


def main() -> None:
    """Serve until killed; the port file holds the base URL, the log one JSON object per billed request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port-file", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--key", default="")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before the first token")
    parser.add_argument("--speed", type=float, default=0.0, help="tokens a second, 0 for as fast as it goes")
    given = parser.parse_args()
    script = Script(delay=given.delay, speed=given.speed)
    asyncio.run(
        _serve(given.port_file, ProviderServer(key=given.key, default=script, port=given.port, log=given.log))
    )


if __name__ == "__main__":
    main()

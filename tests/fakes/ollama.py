"""An Ollama that is looked after, and the library it gets its models from, on one real port.

Strict: an unknown path, method or field is a mistake. Written from Ollama's own reference (docs/api.md): a pull is
NDJSON, what came of a layer stays when it breaks off, and the next one goes on from there. A test orders how the
coming pulls go::

    ollama.order(hold=0.5)         # half of it, then ``go_on``
    ollama.order(cut=0.3)          # the connection breaks there
    ollama.order(error="...")      # said instead of anything
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from types import TracebackType
from typing import Any, Self

from aiohttp import web

JSON = dict[str, Any]
_STEPS = 20  # lines for each layer


@dataclass(slots=True)
class Held:
    """A model of the library: its layers by digest, with their sizes."""

    name: str
    layers: dict[str, int]
    context: int = 131_072

    @property
    def manifest(self) -> bytes:
        """As the registry serves it."""
        config, *layers = [{"mediaType": "x", "digest": d, "size": s} for d, s in self.layers.items()]
        body = {"schemaVersion": 2, "config": config, "layers": layers}
        return json.dumps(body, separators=(",", ":")).encode()

    @property
    def digest(self) -> str:
        return sha256(self.manifest).hexdigest()

    @property
    def size(self) -> int:
        return sum(self.layers.values())


@dataclass(slots=True)
class Order:
    """How one pull goes: parts of all its bytes, or what is said in their place."""

    hold: float | None = None
    cut: float | None = None
    error: str = ""


@dataclass(slots=True)
class _Pull:
    """One pull that is under way."""

    order: Order
    response: web.StreamResponse
    total: int

    async def say(self, line: JSON) -> None:
        await self.response.write(json.dumps(line).encode() + b"\n")


@dataclass(slots=True)
class _Fields:
    """Which fields a request may and must have."""

    known: frozenset[str]
    needed: str = "model"


_ALLOWED: Mapping[tuple[str, str], _Fields] = {
    ("POST", "/api/pull"): _Fields(frozenset({"model", "stream", "insecure"})),
    ("POST", "/api/show"): _Fields(frozenset({"model", "verbose"})),
    ("DELETE", "/api/delete"): _Fields(frozenset({"model"})),
}


@dataclass(slots=True)
class FakeOllama:
    """The server: ``async with`` starts and stops it. ``offline``: the library does not answer."""

    key: str = ""
    library: dict[str, Held] = field(default_factory=dict)
    installed: dict[str, Held] = field(default_factory=dict)
    loaded: list[JSON] = field(default_factory=list)
    came: dict[str, int] = field(default_factory=dict)  # bytes of each layer that are on the disk
    orders: list[Order] = field(default_factory=list)
    pulls: list[str] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    hung_up: int = 0  # pulls that the client left
    offline: bool = False
    catalogue: bytes | None = None
    _go: asyncio.Event = field(default_factory=asyncio.Event)
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        assert self._runner is not None
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    def publish(self, name: str, *sizes: int) -> Held:
        """Put a model, or a newer version of one, into the library."""
        number = len(self.library) + sum(len(held.layers) for held in self.library.values())
        digests = [
            f"sha256:{sha256(f'{name} {number} {at}'.encode()).hexdigest()}" for at in range(len(sizes))
        ]
        self.library[name] = held = Held(name, dict(zip(digests, sizes, strict=True)))
        return held

    def install(self, name: str) -> None:
        """Have a model of the library."""
        self.installed[name] = held = self.library[name]
        self.came |= held.layers

    def order(self, **how: Any) -> None:
        """Say how a coming pull goes; those without an order go well."""
        if "hold" in how:
            self._go.clear()
        self.orders.append(Order(**how))

    def go_on(self) -> None:
        """Let go what is held."""
        self._go.set()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._any)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _any(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith("/v2/"):
            return self._manifest(request)
        if request.path == "/catalogue.json" and self.catalogue is not None:
            return web.Response(body=self.catalogue, content_type="application/json")
        if self.key and request.headers.get("Authorization") != f"Bearer {self.key}":
            return web.json_response({"error": "unauthorized"}, status=401)
        return await self._own(request)

    async def _own(self, request: web.Request) -> web.StreamResponse:
        """What Ollama itself answers."""
        match request.method, request.path:
            case "HEAD", blob if blob.startswith("/api/blobs/"):
                return web.Response(status=200 if self._whole(blob.removeprefix("/api/blobs/")) else 404)
            case "GET", "/api/tags":
                return web.json_response(
                    {"models": [_tag(name, held) for name, held in self.installed.items()]}
                )
            case "GET", "/api/ps":
                return web.json_response({"models": self.loaded})
            case (("POST" | "DELETE"), ("/api/pull" | "/api/show" | "/api/delete")):
                return await self._named(request)
            case _:
                return self._mistake(f"{request.method} {request.path}")

    def _whole(self, digest: str) -> bool:
        held = [*self.library.values(), *self.installed.values()]
        return any(self.came.get(digest, -2) == each.layers.get(digest, -1) for each in held)

    async def _named(self, request: web.Request) -> web.StreamResponse:
        fields, body = _ALLOWED.get((request.method, request.path)), await request.json()
        if fields is None or not body.keys() <= fields.known or fields.needed not in body:
            return self._mistake(f"{request.method} {request.path} {sorted(body)}")
        name = str(body["model"])
        if request.path == "/api/pull":
            return await self._pull(request, name)
        if name not in self.installed:
            return web.json_response({"error": f"model '{name}' not found"}, status=404)
        if request.method == "DELETE":
            del self.installed[name]
            return web.Response(status=200)
        info = {"general.architecture": "fake", "fake.context_length": self.installed[name].context}
        return web.json_response({"model_info": info, "capabilities": ["completion", "tools"], "details": {}})

    def _manifest(self, request: web.Request) -> web.Response:
        if self.offline:
            return web.Response(status=503)
        space, model, _, tag = request.path.removeprefix("/v2/").split("/")
        name = f"{model}:{tag}" if space == "library" else f"{space}/{model}:{tag}"
        if name not in self.library:
            return web.json_response({"errors": [{"code": "MANIFEST_UNKNOWN"}]}, status=404)
        return web.Response(body=self.library[name].manifest, content_type="application/json")

    def _mistake(self, what: str) -> web.Response:
        self.mistakes.append(what)
        return web.json_response({"error": f"fake: {what}"}, status=400)

    # Pulls

    async def _pull(self, request: web.Request, name: str) -> web.StreamResponse:
        self.pulls.append(name)
        order = self.orders.pop(0) if self.orders else Order()
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        held = self.library.get(name)
        try:
            await response.write(b'{"status":"pulling manifest"}\n')
            if order.error or held is None:
                said = order.error or "pull model manifest: file does not exist"
                await response.write(json.dumps({"error": said}).encode() + b"\n")
                return response
            if not await self._layers(_Pull(order, response, held.size), held):
                assert request.transport is not None
                request.transport.abort()
                return response
            for status in ("verifying sha256 digest", "writing manifest", "removing unused layers"):
                await response.write(json.dumps({"status": status}).encode() + b"\n")
            self.installed[name] = held
            await response.write(b'{"status":"success"}\n')
        except (asyncio.CancelledError, ConnectionResetError):
            self.hung_up += 1
            raise
        return response

    async def _layers(self, pull: _Pull, held: Held) -> bool:
        """Send every layer; false where the connection is to break."""
        for digest, size in held.layers.items():
            came = self.came.get(digest, 0)
            while True:
                line = _layer(digest, size, came)
                await pull.say(line)
                self.came[digest] = came
                if self._passed(held, pull.order.cut, pull.total):
                    return False
                if self._passed(held, pull.order.hold, pull.total):
                    pull.order.hold = None
                    await self._held(pull, line)
                if came == size:
                    break
                came = min(size, came + max(1, size // _STEPS))
                await asyncio.sleep(0)
        return True

    async def _held(self, pull: _Pull, line: JSON) -> None:
        """Nothing comes meanwhile; Ollama says so again and again."""
        while not self._go.is_set():
            await pull.say(line)
            with suppress(TimeoutError):
                async with asyncio.timeout(0.02):
                    await self._go.wait()

    def _passed(self, held: Held, part: float | None, total: int) -> bool:
        if part is None:
            return False
        return sum(min(self.came.get(d, 0), s) for d, s in held.layers.items()) >= part * total


def _layer(digest: str, size: int, came: int) -> JSON:
    status = f"pulling {digest.removeprefix('sha256:')[:12]}"
    return {"status": status, "digest": digest, "total": size, "completed": came}


def _tag(name: str, held: Held) -> JSON:
    return {
        "name": name,
        "model": name,
        "modified_at": "2026-11-20T10:11:12.123456789+01:00",
        "size": held.size,
        "digest": held.digest,
        "details": {
            "parent_model": "",
            "format": "gguf",
            "family": "llama",
            "families": ["llama"],
            "parameter_size": "3.2B",
            "quantization_level": "Q4_K_M",
        },
    }

"""One Ollama server, spoken to about its models: which it has, which are in memory, get one, drop one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from bot.core.errors import Cut, ModelMissing, ProviderError, ServerFailed, TimedOut
from bot.net.errors import NetBroken, NetError
from bot.net.http import Http, Response
from bot.net.streams import Ndjson
from bot.providers.classify import Complaint, Origin, failure, net_failure
from bot.providers.ollama.forms import Details, Installed, Loaded
from bot.providers.rows.own import OLLAMA

PATIENCE = 10.0  # seconds for everything but a pull
SILENCE = 300.0  # seconds without a line in a pull: a large layer takes its time to be verified
_ERROR_LIMIT = 64 * 1024  # bytes


class PullRefused(ProviderError):
    """Ollama says that it cannot get the model. ``reason`` is the sentence for the person."""

    def __init__(self, detail: str, reason: str, *, model: str) -> None:
        self.reason = reason
        super().__init__(detail, provider=OLLAMA.id, model=model)

    @property
    def say(self) -> str:  # type: ignore[override]
        """What is wrong, as far as Ollama's words tell."""
        return self.reason


class Server:
    """A server at an address, with its key, "" for none. Raises ProviderError, whatever goes wrong."""

    def __init__(self, base_url: str, key: str, http: Http) -> None:
        self.base_url = base_url.rstrip("/").removesuffix("/v1")
        self._http, self._key = http, key
        self._headers = dict(OLLAMA.auth.headers(key))

    async def installed(self) -> list[Installed]:
        """The models that are there, as it lists them: the last changed first."""
        answer = await self._json("GET", "/api/tags")
        return [Installed.read(entry) for entry in _entries(answer)]

    async def loaded(self) -> list[Loaded]:
        """The models in memory."""
        answer = await self._json("GET", "/api/ps")
        return [Loaded.read(entry) for entry in _entries(answer)]

    async def show(self, name: str) -> Details:
        """More of one model. Raises ModelMissing."""
        return Details.read(await self._json("POST", "/api/show", name, {"model": name}))

    async def delete(self, name: str) -> None:
        """Drop a model from its disk. Raises ModelMissing."""
        await self._whole("DELETE", "/api/delete", name, {"model": name})

    async def has(self, digest: str) -> bool:
        """Whether a layer is on its disk already."""
        try:
            await self._whole("HEAD", f"/api/blobs/{digest}")
        except ModelMissing:
            return False
        return True

    async def pull(self, name: str) -> AsyncGenerator[Mapping[str, Any]]:
        """Get a model, or its newer version: every line that Ollama says of it, up to "success".

        Ends the request where it is closed before. Raises PullRefused, and Cut where the stream ended before that line:
        what was loaded stays, and another pull goes on from there.
        """
        origin, body = self._origin(name), {"model": name, "stream": True}
        try:
            async with self._http.stream(
                "POST", f"{self.base_url}/api/pull", headers=self._headers, json=body
            ) as response:
                if response.status != 200:
                    raise _refused(origin, Complaint.read(await response.read(_ERROR_LIMIT)), response.status)
                async with aclosing(_lines(response, origin)) as lines:
                    async for line in lines:
                        yield line
                        if line.get("status") == "success":
                            return
        except NetBroken as error:
            raise Cut(origin.clean(str(error)), provider=OLLAMA.id, model=name) from error
        except NetError as error:
            raise net_failure(origin, error) from error
        raise Cut("the pull ended without its last line", provider=OLLAMA.id, model=name)

    async def _json(
        self, method: str, path: str, name: str = "", body: dict[str, Any] | None = None
    ) -> Mapping[str, Any]:
        answer = await self._whole(method, path, name, body)
        try:
            found = json.loads(answer)
        except (ValueError, RecursionError) as error:
            raise self._unreadable(error) from error
        if not isinstance(found, Mapping):
            raise self._unreadable(TypeError("not an object"))
        return found

    async def _whole(
        self, method: str, path: str, name: str = "", body: dict[str, Any] | None = None
    ) -> bytes:
        origin = self._origin(name)
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._http.request(
                    method, self.base_url + path, headers=self._headers, json=body
                )
        except TimeoutError:
            raise TimedOut(f"no answer within {PATIENCE:g} s", provider=OLLAMA.id) from None
        except NetError as error:
            raise net_failure(origin, error) from error
        if answer.status != 200:
            raise failure(origin, Complaint.read(answer.body), status=answer.status, headers=answer.headers)
        return answer.body

    def _origin(self, name: str = "") -> Origin:
        return Origin(OLLAMA.id, name, self._key)

    def _unreadable(self, error: Exception) -> ProviderError:
        return ServerFailed(f"unreadable answer: {type(error).__name__}", provider=OLLAMA.id)


def _entries(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = answer.get("models")
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


async def _lines(response: Response, origin: Origin) -> AsyncGenerator[Mapping[str, Any]]:
    """The lines of a pull. Raises PullRefused, TimedOut and NetError; half a line at the end is none."""
    framing = Ndjson()
    async with aclosing(response.chunks()) as source:
        while True:
            try:
                async with asyncio.timeout(SILENCE):
                    data = await anext(source, None)
            except TimeoutError:
                raise TimedOut(f"silent for {SILENCE:g} s", provider=OLLAMA.id, model=origin.model) from None
            if data is None:
                return
            for payload in framing.feed(data):
                yield _read(payload, origin)


def _read(payload: str, origin: Origin) -> Mapping[str, Any]:
    try:
        line = json.loads(payload)
    except (ValueError, RecursionError):
        line = None
    if not isinstance(line, Mapping):
        raise ServerFailed(origin.clean(f"unreadable: {payload[:200]}"), provider=OLLAMA.id)
    if line.get("error"):
        raise _refused(origin, Complaint.of(line), None)
    return line


_REASONS = (
    (("file does not exist", "not found", "manifest unknown"), "Ollama's library has no model of that name."),
    (("no space left", "not enough space", "disk full"), "The disk of the Ollama server is full."),
    (("newer version of ollama", "requires a newer"), "This model needs a newer version of Ollama."),
    (("unauthorized", "access denied", "forbidden"), "The library does not give this model to everybody."),
    (("invalid model name", "name is required"), "Ollama does not take this as the name of a model."),
)
_AWAY = ("dial tcp", "no such host", "i/o timeout", "max retries exceeded", "connection re", "tls:", "eof")


def _refused(origin: Origin, complaint: Complaint, status: int | None) -> ProviderError:
    """What Ollama's words mean. What may pass by itself is Cut: the same pull may be tried again."""
    said = complaint.message.lower()
    detail = origin.clean(f"{status or ''} {complaint.message}")
    for words, reason in _REASONS:
        if any(word in said for word in words):
            return PullRefused(detail, reason, model=origin.model)
    if any(word in said for word in _AWAY):
        return Cut(detail, provider=OLLAMA.id, model=origin.model)
    if status is not None:
        return failure(origin, complaint, status=status)
    return PullRefused(detail, "Ollama could not get the model; the log has its words.", model=origin.model)

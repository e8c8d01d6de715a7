"""Ollama's registry: what a model consists of there, without getting it."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from bot.net.errors import NetError
from bot.net.http import Answer, Http
from bot.providers.ollama.names import Name

log = logging.getLogger(__name__)

PATIENCE = 5.0  # seconds
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_LIMIT = 1024 * 1024  # bytes of a manifest
_DIGESTS = ("ollama-content-digest", "docker-content-digest", "etag")


@dataclass(frozen=True, slots=True)
class Layer:
    """A part of a model. ``size`` in bytes."""

    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """A model as the registry has it now. ``digests`` are the ones it may be known by, hexadecimal."""

    digests: frozenset[str]
    layers: tuple[Layer, ...]

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(layer.size for layer in self.layers)


@dataclass(frozen=True, slots=True)
class Unlisted:
    """The registry was reached, and has no such model."""


class Library:
    """The registry at an address."""

    def __init__(self, url: str, http: Http) -> None:
        self._url, self._http = url.rstrip("/"), http

    async def manifest(self, name: Name) -> Manifest | Unlisted | None:
        """What it has under a name; None where it cannot be reached, or the model is another registry's."""
        if name.host:
            return None
        url = f"{self._url}/v2/{name.space}/{name.model}/manifests/{name.tag}"
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._http.request("GET", url, headers={"Accept": _MANIFEST}, limit=_LIMIT)
        except (NetError, TimeoutError) as error:
            log.info("Ollama's registry did not answer: %s", type(error).__name__)
            return None
        if answer.status == 404:
            return Unlisted()
        return _read(answer) if answer.status == 200 else None


def _read(answer: Answer) -> Manifest | None:
    """A manifest, None where it is not one. Its digest is that of its bytes; some servers name it too."""
    try:
        found = json.loads(answer.body)
        parts = [found["config"], *found["layers"]]
        layers = {str(part["digest"]): int(part["size"]) for part in parts}
    except (ValueError, KeyError, TypeError, RecursionError):
        log.info("Ollama's registry sent something else than a manifest")
        return None
    named = {_hex(answer.headers.get(header)) for header in _DIGESTS}
    digests = {sha256(answer.body).hexdigest(), *named} - {""}
    return Manifest(frozenset(digests), tuple(Layer(*layer) for layer in layers.items()))


def _hex(value: Any) -> str:
    digest = str(value or "").strip('"').removeprefix("sha256:")
    return digest if len(digest) == 64 else ""

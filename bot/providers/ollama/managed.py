"""All that is known of the models of an Ollama server: what it has, what is newer, and whether one more fits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.core.errors import BadInput, ProviderError
from bot.core.place import Place
from bot.net.http import Http
from bot.providers.ollama.catalogue import Catalogue, Shelf
from bot.providers.ollama.disk import KEPT_FREE, Disk
from bot.providers.ollama.forms import Details, Installed
from bot.providers.ollama.library import Library, Manifest, Unlisted
from bot.providers.ollama.names import Name
from bot.providers.ollama.server import Server

REGISTRY = "https://registry.ollama.ai"
_AT_ONCE = 8  # requests of one kind


@dataclass(frozen=True, slots=True)
class Reached:
    """Where an Ollama is, and its key, "" for none.

    ``guarded``: a workspace or a person says so, so that what the address leads to is looked at before each connection.
    """

    base_url: str
    key: str
    guarded: bool = False


Reach = Callable[[Place, int | None], Awaitable[Reached]]
"""The Ollama that applies to a person at a place. Raises NotConfigured."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a model still needs: ``size`` bytes in all, ``missing`` of them not there yet, None where not known.

    ``about``: from the catalogue, which rounds. ``free`` is what the disk has, None where that is not known.
    """

    size: int | None
    missing: int | None
    about: bool
    free: int | None

    @property
    def fits(self) -> bool:
        """False only where it is known not to."""
        return self.missing is None or self.free is None or self.missing + KEPT_FREE <= self.free


class Managed:
    """Ollama's side of ``/ollama``. ``registry`` is the address of its library, ``catalogue`` that of a newer list.

    ``outside`` speaks to servers that are guarded (None: ``http`` does).
    """

    def __init__(
        self,
        http: Http,
        reach: Reach,
        *,
        registry: str = REGISTRY,
        catalogue: str | None = None,
        disk: Disk | None = None,
        outside: Http | None = None,
    ) -> None:
        self._http, self._outside, self._reach = http, outside or http, reach
        self._library, self._shelf, self.disk = (
            Library(registry, http),
            Shelf(http, catalogue),
            disk or Disk(),
        )

    async def server(self, place: Place, person_id: int | None) -> Server:
        """The server that applies to a person at a place. Raises NotConfigured."""
        found = await self._reach(place, person_id)
        return Server(found.base_url, found.key, self._outside if found.guarded else self._http)

    async def catalogue(self) -> Catalogue:
        """What there is to be had."""
        return await self._shelf.catalogue()

    async def newer(self, installed: Sequence[Installed]) -> dict[str, bool | None]:
        """By name, whether the library has a newer version; None where that is not known."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(model: Installed) -> bool | None:
            async with gate:
                return await self._is_newer(model)

        found = await asyncio.gather(*map(one, installed))
        return {model.name: newer for model, newer in zip(installed, found, strict=True)}

    async def details(self, server: Server, names: Sequence[str]) -> dict[str, Details]:
        """More of some models; those that do not answer are left out."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(name: str) -> Details | None:
            async with gate:
                try:
                    return await server.show(name)
                except ProviderError:
                    return None

        found = await asyncio.gather(*map(one, names))
        return {name: details for name, details in zip(names, found, strict=True) if details is not None}

    async def need(self, server: Server, name: Name) -> Need:
        """What a model still needs on the server's disk. Raises BadInput where the library has none of that name."""
        free, manifest = self.disk.free(server.base_url), await self._library.manifest(name)
        match manifest:
            case Unlisted():
                raise BadInput(f"no {name} in the library", say=await self._nearest(name))
            case Manifest():
                return Need(manifest.size, await _missing(server, manifest), about=False, free=free)
            case None:
                size = (await self.catalogue()).size(name)
                return Need(size, size, about=True, free=free)

    async def _is_newer(self, model: Installed) -> bool | None:
        try:
            manifest = await self._library.manifest(Name.parse(model.name))
        except BadInput:
            return None
        if not isinstance(manifest, Manifest) or not model.digest:
            return None
        return model.digest not in manifest.digests

    async def _nearest(self, name: Name) -> str:
        catalogue = await self.catalogue()
        entry = catalogue.entry(name)
        if entry is not None:
            tags = ", ".join(f"`{entry.name}:{tag.tag}`" for tag in entry.tags)
            return f"Ollama's library has no `{name}`. Of this model we know {tags}."
        found = catalogue.search(name.model[:4])[:3]
        near = f" Similar: {', '.join(f'`{each.name}`' for each in found)}." if found else ""
        return f"Ollama's library has no `{name.short}`.{near} `/ollama search` and words finds models."


async def _missing(server: Server, manifest: Manifest) -> int:
    """Bytes of the layers that are not there yet; all of them where the server does not say."""
    try:
        there = await asyncio.gather(*(server.has(layer.digest) for layer in manifest.layers))
    except ProviderError:
        return manifest.size
    return sum(layer.size for layer, has in zip(manifest.layers, there, strict=True) if not has)

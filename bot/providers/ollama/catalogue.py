"""What there is to be had: a dated list of well-known models, bundled, and renewed from an address where one is set."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.net.errors import NetError
from bot.net.http import Http
from bot.providers.ollama.names import Name

log = logging.getLogger(__name__)

_BUNDLED = Path(__file__).with_name("catalogue.json")
_EVERY = 24 * 3600.0  # seconds between two looks at the address, and the same after one that failed an hour
_AGAIN = 3600.0
_PATIENCE = 5.0  # seconds
_LIMIT = 4 * 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Tag:
    """One size of a model. ``size`` is bytes, about; ``context`` tokens; ``parameters`` as people say it ("8.2B")."""

    tag: str
    parameters: str
    size: int
    context: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A model with its sizes, the usual one first. ``can``: "vision", "tools", "thinking", "embedding"."""

    name: str
    about: str
    licence: str
    can: tuple[str, ...]
    source: str
    tags: tuple[Tag, ...]

    def tag(self, tag: str) -> Tag | None:
        """The size of that tag; "latest" is the usual one."""
        usual = self.tags[0] if tag == "latest" else None
        return next((each for each in self.tags if each.tag == tag), usual)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The list, as of a date (ISO)."""

    as_of: str
    source: str
    entries: tuple[Entry, ...]

    @classmethod
    def read(cls, text: str | bytes) -> Catalogue:
        """Our form of it. Raises ValueError, KeyError or TypeError where it is another."""
        found = json.loads(text)
        return cls(str(found["as_of"]), str(found["source"]), tuple(_entry(each) for each in found["models"]))

    def entry(self, name: Name) -> Entry | None:
        """The one of a name, whatever its tag."""
        return next((entry for entry in self.entries if entry.name == name.family), None)

    def size(self, name: Name) -> int | None:
        """Bytes of a model, about; None where it is not listed."""
        entry = self.entry(name)
        tag = None if entry is None else entry.tag(name.tag)
        return None if tag is None else tag.size

    def search(self, words: str) -> list[Entry]:
        """The entries in which every word stands, those first whose name has them; all of them for ""."""
        wanted = words.lower().split()
        scored = [(score, entry) for entry in self.entries if (score := _score(entry, wanted)) is not None]
        return [entry for _, entry in sorted(scored, key=lambda pair: (pair[0], pair[1].name))]


class Shelf:
    """The catalogue of the moment. ``url`` is where a newer one may be had, None for nowhere."""

    def __init__(self, http: Http, url: str | None, now: Callable[[], float] = time.monotonic) -> None:
        self._http, self._url, self._now = http, url, now
        self._catalogue: Catalogue | None = None
        self._next = 0.0
        self._asked = False

    async def catalogue(self) -> Catalogue:
        """The newest there is; the address is asked once a day, and what fails there changes nothing."""
        if self._catalogue is None:
            self._catalogue = Catalogue.read(await asyncio.to_thread(_BUNDLED.read_bytes))
        if self._url is not None and (not self._asked or self._now() >= self._next):
            self._asked = True
            newer = await self._fetched(self._url)
            self._next = self._now() + (_AGAIN if newer is None else _EVERY)
            if newer is not None and newer.as_of >= self._catalogue.as_of:
                self._catalogue = newer
        return self._catalogue

    async def _fetched(self, url: str) -> Catalogue | None:
        try:
            async with asyncio.timeout(_PATIENCE):
                answer = await self._http.request("GET", url, limit=_LIMIT)
            if answer.status == 200:
                return Catalogue.read(answer.body)
            log.warning("no catalogue of Ollama's models: status %s", answer.status)
        except (NetError, TimeoutError, ValueError, KeyError, TypeError, RecursionError) as error:
            log.warning("no catalogue of Ollama's models: %s", type(error).__name__)
        return None


def _entry(found: Mapping[str, Any]) -> Entry:
    tags = tuple(
        Tag(str(tag["tag"]), str(tag["parameters"]), int(tag["size"]), int(tag["context"]))
        for tag in found["tags"]
    )
    if not tags:
        raise ValueError(f"{found['name']} has no tags")
    name = str(Name.parse(str(found["name"])).family)
    can = tuple(map(str, found["can"]))
    return Entry(name, str(found["about"]), str(found["licence"]), can, str(found["source"]), tags)


def _score(entry: Entry, wanted: list[str]) -> int | None:
    """0 where the name begins with the first word, 1 where it has all, 2 where the rest of the entry does."""
    name = entry.name.lower()
    rest = " ".join([name, entry.about.lower(), entry.licence.lower(), *entry.can, *_tags(entry)])
    if not all(word in rest for word in wanted):
        return None
    if not wanted or name.startswith(wanted[0]):
        return 0
    return 1 if all(word in name for word in wanted) else 2


def _tags(entry: Entry) -> list[str]:
    return [tag.tag.lower() for tag in entry.tags]

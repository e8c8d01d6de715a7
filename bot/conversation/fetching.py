"""Fetching what a message promised: all files at once, within one time limit, each kept as soon as it is here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.core.errors import BadInput, PlaceGone, PlatformBusy, PlatformError
from bot.core.message import Attachment, Promised
from bot.core.place import Place
from bot.core.surface import Surface
from bot.knowledge.files import attachment, refuse_size
from storage.files import Files, PromisedFile

LIMIT = 30.0  # seconds that all files of a question may take
_PAUSES = (0.5, 2.0)  # seconds before another try where the platform failed in passing
_LATE = "It did not arrive in time. **Retry** asks for it again."
_DOWN = "{platform} did not hand it out just now. **Retry** asks for it again."
_GONE = "It cannot be reached any more."


Insist = Callable[[Callable[[], Awaitable[None]]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Missing:
    """Why a file is not here, and whether there is no use in asking again."""

    note: str
    for_good: bool


class Fetching:
    """Fetches for one process. ``insist`` makes a write that may be repeated; ``limit`` is seconds for all files."""

    def __init__(self, files: Files, insist: Insist, limit: float) -> None:
        self._files, self._insist, self._limit = files, insist, limit

    async def fetch(self, surface: Surface, place: Place, promised: Sequence[PromisedFile]) -> None:
        """Fetch files and keep them, or why they could not be had. Raises storage's errors.

        A crash, or being cancelled, leaves what has not arrived yet to be fetched again.
        """
        now = asyncio.get_running_loop().time
        deadline = now() + self._limit
        tasks = {asyncio.ensure_future(_fetched(surface, place, file)): file for file in promised}
        left = set(tasks)
        try:
            while left:
                wait = max(0.0, deadline - now())
                done, left = await asyncio.wait(left, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    await self._settle(tasks[task], task.result())
                if not done:
                    break
            for task in left:
                await self._settle(tasks[task], _Missing(_LATE, for_good=False))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _settle(self, file: PromisedFile, found: Attachment | _Missing) -> None:
        if isinstance(found, _Missing):
            missing = found
            await self._insist(lambda: self._files.give_up(file.id, missing.note, for_good=missing.for_good))
        else:
            kept = found
            await self._insist(lambda: self._files.keep(file.id, kept.name, kept.media_type, kept.data))


async def _fetched(surface: Surface, place: Place, file: PromisedFile) -> Attachment | _Missing:
    try:
        refuse_size(file.name, file.size)
        return attachment(file.name, await _patiently(surface, place, file))
    except BadInput as error:
        return _Missing(error.say, for_good=True)
    except PlaceGone:
        return _Missing(_GONE, for_good=True)
    except PlatformError:
        return _Missing(_DOWN.format(platform=surface.platform.title()), for_good=False)


async def _patiently(surface: Surface, place: Place, file: PromisedFile) -> bytes:
    """The bytes, asked for again after a failure in passing."""
    promised = Promised(file.name, file.media_type, file.size, file.ref)
    for pause in _PAUSES:
        try:
            return await surface.fetch(place, promised)
        except PlaceGone:
            raise
        except PlatformBusy as busy:
            await asyncio.sleep(max(pause, busy.wait))
        except PlatformError:
            await asyncio.sleep(pause)
    return await surface.fetch(place, promised)

"""Reading the documents of a message: each is kept as text as soon as it was read, and read only once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection

from bot.core.errors import BadInput
from bot.knowledge.extraction.gathering import Extract
from bot.knowledge.kinds import DOCUMENTS
from bot.knowledge.reading import CannotRead, Reader
from storage.files import Files, UnreadFile

LIMIT = 45.0  # seconds that all documents of a question may take
_LATE = "There was no time left to read it. **Retry** goes on with it."

Insist = Callable[[Callable[[], Awaitable[None]]], Awaitable[None]]


class Reading:
    """Reads for one process. ``insist`` makes a write that may be repeated; ``limit`` is seconds for all documents."""

    def __init__(self, files: Files, reader: Reader, insist: Insist, limit: float = LIMIT) -> None:
        self._files, self._reader, self._insist, self._limit = files, reader, insist, limit

    async def read(self, message_ids: Collection[int]) -> None:
        """Read what messages brought, or keep why that is not possible. Raises storage's errors.

        A crash, or being cancelled, leaves what has not been read to be read again.
        """
        files = await self._files.unread(message_ids, DOCUMENTS)
        left = {file.id for file in files}
        try:
            async with asyncio.timeout(self._limit), asyncio.TaskGroup() as group:
                for file in files:
                    group.create_task(self._one(file, left))
        except TimeoutError:
            for file_id in sorted(left):
                await self._unreadable(file_id, _LATE, for_good=False)
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures

    async def _one(self, file: UnreadFile, left: set[int]) -> None:
        try:
            found = await self._reader.read(file.name, file.media_type, await self._files.data(file.id))
        except BadInput as error:
            await self._unreadable(file.id, error.say, for_good=True)
        except CannotRead as error:
            await self._unreadable(file.id, error.say, for_good=False)
        else:
            await self._keep(file.id, found)
        left.discard(file.id)

    async def _keep(self, file_id: int, found: Extract) -> None:
        await self._insist(lambda: self._files.set_content(file_id, found.text, found.extent))

    async def _unreadable(self, file_id: int, note: str, *, for_good: bool) -> None:
        await self._insist(lambda: self._files.set_unreadable(file_id, note, for_good=for_good))

"""Files that a message promised: what of them was fetched, and why one could not be had."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from storage.database import Database, marks
from storage.rows import columns, fill

KEPT, PROMISED, REFUSED = "kept", "promised", "refused"


@dataclass(frozen=True, slots=True)
class PromisedFile:
    """A file of a message whose bytes are not here yet, as its platform describes it; ``size`` 0 where unknown."""

    id: int
    message_id: int
    name: str
    media_type: str
    size: int
    ref: str


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A document whose bytes are here and whose text is not yet."""

    id: int
    name: str
    media_type: str


class Files:
    """The files of messages. Each write below may be applied twice, and leaves alone what has been settled."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def promised(self, message_ids: Collection[int]) -> list[PromisedFile]:
        """The files of messages that are still to be fetched, in the order they came."""
        rows = await self._db.rows(
            f"SELECT {columns(PromisedFile)} FROM attachments WHERE message_id IN ({marks(message_ids)})"
            " AND state = ? ORDER BY id",
            *message_ids,
            PROMISED,
        )
        return [fill(PromisedFile, row) for row in rows]

    async def keep(self, file_id: int, name: str, media_type: str, data: bytes) -> None:
        """The bytes of a promised file; one that was withdrawn meanwhile stays so."""
        await self._db.write(
            "UPDATE attachments SET name = ?, media_type = ?, data = ?, size = ?, state = ?, note = NULL"
            " WHERE id = ? AND state = ?",
            name,
            media_type,
            data,
            len(data),
            KEPT,
            file_id,
            PROMISED,
        )

    async def give_up(self, file_id: int, note: str, *, for_good: bool) -> None:
        """A promised file could not be had, and why; unless it is for good the next answer may try again."""
        await self._db.write(
            "UPDATE attachments SET note = ?, state = ? WHERE id = ? AND state = ?",
            note,
            REFUSED if for_good else PROMISED,
            file_id,
            PROMISED,
        )

    async def unread(self, message_ids: Collection[int], media_types: Collection[str]) -> list[UnreadFile]:
        """The documents of messages, by their types, that have not been read yet, in the order they came."""
        rows = await self._db.rows(
            f"SELECT {columns(UnreadFile)} FROM attachments WHERE message_id IN ({marks(message_ids)})"
            f" AND state = ? AND content IS NULL AND media_type IN ({marks(media_types)}) ORDER BY id",
            *message_ids,
            KEPT,
            *media_types,
        )
        return [fill(UnreadFile, row) for row in rows]

    async def data(self, file_id: int) -> bytes:
        """The bytes of a file; none where it is gone."""
        rows = await self._db.rows("SELECT data FROM attachments WHERE id = ?", file_id)
        return bytes(rows[0]["data"]) if rows else b""

    async def set_content(self, file_id: int, content: str, extent: str) -> None:
        """The text of a document that is here, and how much of it that is."""
        await self._db.write(
            "UPDATE attachments SET content = ?, extent = ?, note = NULL WHERE id = ? AND state = ?",
            content,
            extent,
            file_id,
            KEPT,
        )

    async def set_unreadable(self, file_id: int, note: str, *, for_good: bool) -> None:
        """A document that is here could not be read, and why; unless it is for good the next answer may try again."""
        await self._db.write(
            "UPDATE attachments SET note = ?, state = ?, data = CASE WHEN ? THEN ? ELSE data END"
            " WHERE id = ? AND state = ? AND content IS NULL",
            note,
            REFUSED if for_good else KEPT,
            for_good,
            b"",
            file_id,
            KEPT,
        )

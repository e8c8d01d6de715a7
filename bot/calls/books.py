"""Writing to the ledger so that nothing is lost: what fails now is written before the next reservation."""

from __future__ import annotations

import logging
import secrets

from storage.errors import StorageDown, StorageError
from storage.ledger import Charge, Settlement
from storage.store import Store

log = logging.getLogger(__name__)


class Books:
    """One process's reservations: held, settled or released, once each."""

    def __init__(self, store: Store, process: str) -> None:
        self._ledger, self._process = store.ledger, process
        # A reservation's id alone is to be released; so is its key, where nobody knows whether it was made.
        self._owed: list[Settlement | int | str] = []

    async def reserve(self, charge: Charge, amount: int) -> int:
        """Hold an amount; the id of the reservation. Raises NoRoom or StorageError; then nothing stays held."""
        key = secrets.token_hex(12)
        try:
            return await self._ledger.reserve(charge, amount, self._process, key=key)
        except StorageDown:
            self._owed.append(key)
            raise

    async def write(self, owed: Settlement | int) -> None:
        """Settle an attempt, or release a reservation by its id. Raises StorageError, and is tried again."""
        try:
            await self._write(owed)
        except StorageError:
            self._owed.append(owed)
            log.exception("%s could not be written to the ledger; it is kept and tried again", _name(owed))
            raise

    async def catch_up(self) -> None:
        """Write what is still owed. Raises StorageError."""
        while self._owed:
            await self._write(owed := self._owed[0])
            if owed in self._owed:
                self._owed.remove(owed)

    async def _write(self, owed: Settlement | int | str) -> None:
        match owed:
            case int():
                await self._ledger.release(owed)
            case str():
                await self._ledger.forget(owed)
            case Settlement():
                await self._ledger.settle(owed)


def _name(owed: Settlement | int) -> str:
    return f"reservation {owed if isinstance(owed, int) else owed.reservation_id}"

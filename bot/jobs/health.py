"""Keeps the board of health: checks every provider, closes circuits, and shares what is seen with other processes."""

from __future__ import annotations

import asyncio
import logging

from bot.providers.breaker import of_key
from bot.providers.checks import check_all
from bot.providers.health import HealthBoard
from bot.providers.registry import Registry
from storage.errors import StorageError
from storage.store import Store

log = logging.getLogger(__name__)

EVERY = 5 * 60.0  # seconds between two checks of all providers, by whichever process has the turn
LOOK = 3.0  # seconds between two looks at what is open, and at what other processes have seen
CHECKS = "provider checks"  # the turn's name


class HealthKeeper:
    """``run`` works until it is cancelled. ``every`` and ``look`` are seconds, as above."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        board: HealthBoard,
        *,
        every: float = EVERY,
        look: float = LOOK,
    ) -> None:
        self._store, self._registry, self._board = store, registry, board
        self._every, self._look = every, look
        self._turn: int | None = None
        self._due = 0.0  # on the loop's clock

    async def run(self) -> None:
        """Check at once where nobody has just done so, then again and again."""
        while True:
            try:
                await self.look()
            except StorageError as error:
                log.warning("health is not shared just now: %s", error)
            await asyncio.sleep(self._look)

    async def look(self) -> None:
        """One round: share, check where it is our turn, probe what is open, share again. Raises StorageError."""
        await self._share()
        if await self._is_our_turn():
            await self._check([row.id for row in self._registry.configured()])
        await self._check(self._open())
        await self._write()

    async def _is_our_turn(self) -> bool:
        """Whether the checks are due and no other process makes them; all wait anew where one does."""
        now, turn = asyncio.get_running_loop().time(), await self._store.health.turn(CHECKS)
        moved, self._turn = self._turn is not None and turn != self._turn, turn
        if moved:
            self._due = now + self._every
        if now < self._due:
            return False
        self._due = now + self._every
        self._turn = turn + 1
        return await self._store.health.take_turn(CHECKS, turn)

    async def _check(self, providers: list[str]) -> None:
        for found in await check_all(self._registry, providers):
            if found.error is not None:
                log.warning("check of %s: %s (%s)", found.provider, found.error, found.error.kind)
            self._board.checked(found)

    def _open(self) -> list[str]:
        """Providers whose free call may close a circuit."""
        open_ = self._board.circuits.to_probe()
        names = {row.id: self._registry.credential_name(row.id) for row in self._registry.configured()}
        return [id_ for id_, name in names.items() if of_key(id_, name) in open_]

    async def _share(self) -> None:
        await self._write()
        health = self._store.health
        self._board.take_over(await health.providers(), await health.models())

    async def _write(self) -> None:
        changed = self._board.changed()
        try:
            self._board.written(await self._store.health.write(*changed))
        except StorageError:
            self._board.unwritten(changed)
            raise

"""Between a plan and its reservation: a model that is known to fail is not asked, and nobody is asked too often."""

from __future__ import annotations

from bot.calls import pace
from bot.calls.places import Places
from bot.core.errors import Crowded, ProviderError
from bot.core.provider import ModelId
from bot.providers.breaker import Access
from bot.providers.health import HealthBoard, Seen
from storage.store import Store

PATIENCE, PATIENCE_WITH_FALLBACK = 2.0, 0.2  # seconds that a request waits for a place


class Ticket:
    """A request that may leave. Its end is told once: by one of the three methods; whatever comes later is nothing."""

    def __init__(
        self, board: HealthBoard, places: Places, access: Access, model: ModelId, *, placed: bool
    ) -> None:
        self._board, self._places, self._access, self._model = board, places, access, model
        self._placed, self._over = placed, False

    def answered(self, first_token_ms: int | None, speed: float | None) -> None:
        """It was answered, to the end or until somebody had enough."""
        if self._end():
            self._board.seen(Seen(self._access, self._model, None, first_token_ms, speed))

    def failed(self, error: ProviderError) -> None:
        """The provider failed."""
        if self._end():
            self._board.seen(Seen(self._access, self._model, error))

    def unused(self) -> None:
        """Nothing can be said of the provider."""
        if self._end():
            self._board.circuits.left(self._access, self._model)

    def _end(self) -> bool:
        first, self._over = not self._over, True
        if first and self._placed:
            self._places.leave(_whose(self._access))
        return first


class Admission:
    """Lets requests of one process leave."""

    def __init__(self, store: Store, board: HealthBoard) -> None:
        self._store, self.board, self._places = store, board, Places()

    async def enter(self, access: Access, model: ModelId, *, again: bool, last: bool) -> Ticket:
        """Let a request leave. Raises NotAsked at once, or Crowded after a short wait, which is fair.

        ``again``: a person asks once more, and no other model stands ready. ``last``: no other one does.
        """
        self.board.circuits.enter(access, model, again=again)
        placed = False
        try:
            placed = await self._placed(access, model, PATIENCE if last else PATIENCE_WITH_FALLBACK)
        except BaseException:
            self.board.circuits.left(access, model)
            raise
        return Ticket(self.board, self._places, access, model, placed=placed)

    async def _placed(self, access: Access, model: ModelId, patience: float) -> bool:
        """Whether it has a place now, which it needs where there is a limit. Raises Crowded where there is none."""
        limit = await pace.at_once(self._store, access.provider, access.credential)
        if limit is None or await self._places.take(_whose(access), limit, patience):
            return limit is not None
        detail = f"{limit} requests with {access.credential or access.provider} are under way"
        raise Crowded(detail, provider=model.provider, model=model.model)


def _whose(access: Access) -> tuple[str, str]:
    return access.provider, access.credential

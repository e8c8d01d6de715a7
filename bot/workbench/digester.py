"""Makes a channel's digest: gathers it, draws its chart, words it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from bot.core.place import Place
from bot.core.view import Picture, View
from bot.providers.models import Model
from bot.workbench import digest_words
from bot.workbench.charts import BarChart
from bot.workbench.digest import Atlas, chart, gathered
from bot.workbench.pictures import picture
from bot.workbench.schedule import Schedule

if TYPE_CHECKING:
    from storage.store import Store

NOWHERE = Atlas(link=lambda _: "", direct=lambda _: False)


class Digester:
    """``models`` gives those that can be asked, ``clock`` aware UTC datetimes."""

    def __init__(
        self,
        store: Store,
        models: Callable[[], Sequence[Model]],
        atlas: Atlas = NOWHERE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self.models, self.atlas, self.clock = store, models, atlas, clock

    async def preview(
        self, place: Place, schedule: Schedule, due: datetime, day: date, *, reader: int
    ) -> tuple[View, str]:
        """What ``view`` gives with nothing drawn, for ``reader``; and what its picture shows, "" for none."""
        made = await self._charted(place, schedule, day)
        digest = await gathered(
            self._store, self.models(), self.atlas, place, schedule, due, day, reader=reader
        )
        alt = "" if made is None or digest.is_empty else made.alt()
        return digest_words.view(digest, self.clock()), alt

    async def view(self, place: Place, schedule: Schedule, due: datetime, day: date) -> View:
        """The digest that was due at a moment (UTC), a ``day`` there, as its message. Raises StorageDown."""
        # The picture is drawn by another process, and the figures come from the database: both at the same time.
        drawing = asyncio.create_task(self.drawn(place, schedule, day))
        try:
            digest = await gathered(self._store, self.models(), self.atlas, place, schedule, due, day)
        except BaseException:
            drawing.cancel()
            await asyncio.wait({drawing})
            raise
        return digest_words.view(digest, self.clock(), await drawing)

    async def drawn(self, place: Place, schedule: Schedule, day: date) -> Picture | None:
        """The picture of a digest, None where it has none. Raises StorageDown."""
        made = await self._charted(place, schedule, day)
        return None if made is None else await picture(made, f"cost-{day}")

    async def _charted(self, place: Place, schedule: Schedule, day: date) -> BarChart | None:
        return await chart(self._store, place, schedule, day) if "chart" in schedule.parts else None

"""Looks for what admins should be told of and nothing else would: failing providers, models that end, unusual spending.

Each is a notice with a key that every process makes the same, so it is written once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

from bot.core.money import NANO, dollars
from bot.providers.models import Model
from bot.providers.retiring import retirement
from bot.providers.status import Status
from storage.health import Vitals
from storage.notices import NewNotice
from storage.periods import day_of
from storage.reports import Scope
from storage.store import Store

KEPT = timedelta(days=400)  # for how long the log of sendings goes back; a digest's slot is never so old
PATIENCE = timedelta(minutes=10)  # that a provider fails before anybody is told
LEAST = NANO  # nano-dollars; who spends less in a day surprises nobody
TIMES = 3  # so many times a usual day is unusual
DAYS = 28  # that are looked back upon
ENOUGH = 5  # days of use that make somebody's past
_USED = 30  # days in which a model was used that is told of
_KEYS = frozenset({"auth", "quota"})


class Watch:
    """``models`` gives those that can be asked, ``clock`` aware UTC datetimes."""

    def __init__(
        self,
        store: Store,
        models: Callable[[], Sequence[Model]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._models, self._clock = store, models, clock
        self._dawn: datetime | None = None

    async def look(self) -> None:
        """Look at providers now, and at the rest every ten minutes. Raises StorageError."""
        now = self._clock()
        for (provider, credential), known in (await self._store.health.providers()).items():
            if (notice := failing(provider, credential, known.vitals, now)) is not None:
                await self._store.notices.add(notice)
        if self._dawn is None or now - self._dawn >= PATIENCE:
            self._dawn = now
            await self._store.sendings.forget(now - KEPT)
            await self._retirements(now)
            for home in await self._store.places.workspaces():
                await self._spending(home, now)

    async def _retirements(self, now: datetime) -> None:
        today = now.date()
        first, last = (today - timedelta(days=_USED)).isoformat(), (today + timedelta(days=1)).isoformat()
        known = {str(model.id): model for model in self._models()}
        for name in await self._store.reports.by(Scope("installation"), "model", first, last, timed=False):
            ends = retirement(known[name], today) if name in known else None
            if ends is not None:
                key = f"retirement:{name}:{ends.on}"
                await self._store.notices.add(NewNotice("retirement", key, f"`{name}` {ends.say}."))

    async def _spending(self, home: str, now: datetime) -> None:
        zone, _ = await self._store.reports.calendar(home)
        today = date.fromisoformat(day_of(now, zone))
        first = (today - timedelta(days=DAYS)).isoformat()
        days = await self._store.reports.daily(Scope("workspace", home), "person", first, today.isoformat())
        for person, cost in days.get(today.isoformat(), {}).items():
            past = [
                spent
                for day, each in days.items()
                if day < today.isoformat() and (spent := each.get(person, 0))
            ]
            if person != "0" and is_unusual(cost, past):
                await self._store.notices.add(await self._unusual(home, int(person), today, cost, past))

    async def _unusual(
        self, home: str, person: int, today: date, cost: int, past: Sequence[int]
    ) -> NewNotice:
        name = (await self._store.people.names([person])).get(person, "Somebody")
        text = (
            f"{name} has spent {dollars(cost)} today. That is unusual: of the last {DAYS} days {len(past)} had any use,"
            f" with {dollars(sum(past) // len(past))} on the mean and {dollars(max(past))} at most."
        )
        return NewNotice("spending", f"spending:{home}:{person}:{today}"[:500], text, "workspace", home)


def is_unusual(cost: int, past: Sequence[int]) -> bool:
    """Whether a day's cost (nano-dollars) is unusual against the days of use before it, of the last four weeks.

    It is where it is a dollar or more, above every one of those days, and above three times their mean. Somebody with
    fewer than five such days has no past to compare with.
    """
    if cost < LEAST or len(past) < ENOUGH:
        return False
    return cost > max(past) and cost * len(past) > TIMES * sum(past)


def failing(provider: str, credential: str, seen: Vitals, now: datetime) -> NewNotice | None:
    """What is to be told of a provider; None where it is well, or may be well again in a moment."""
    if seen.status != Status.FAILING:
        return None
    whose = f"{provider} ({credential})" if credential else provider
    since = f"{seen.since.astimezone(UTC):%H:%M} UTC"
    if seen.kind in _KEYS:
        key = f"key:{provider}:{credential}:{seen.since.isoformat()}"[:500]
        return NewNotice("key", key, f"{whose} does not accept its key since {since}. {seen.said}".strip())
    if now - seen.since < PATIENCE:
        return None
    key = f"failing:{provider}:{credential}:{seen.since.isoformat()}"[:500]
    return NewNotice("failing", key, f"{whose} fails since {since}. {seen.said}".strip())

"""Digests: enters each channel's newest due one, once, and posts it; offers a new workspace one."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any

from bot.commands.digest import NOW, OFFER, Wish
from bot.core.place import Place
from bot.core.view import Button, Tone, View
from bot.jobs.sender import Rooms, Told, Untold
from bot.jobs.work import Kind, Work
from bot.workbench.digester import Digester
from bot.workbench.schedule import SETTING, Schedule, Slot, newest
from storage.sendings import NewSending, Sending
from storage.store import Store

DIGEST, OFFERED = "digest", "digest offer"
_OFFER = (
    "Each Monday at 09:00 I can tell in this channel what was used in the week before and what it cost: by whom, by"
    " which models, and what is left of the budgets. An admin turns it on with one click; `/digest` changes day, hour"
    " and contents."
)


class Digests:
    """The digests of every channel. ``hurry`` has what is entered sent at once."""

    def __init__(
        self, store: Store, rooms: Rooms, digester: Digester, hurry: Callable[[], Awaitable[None]]
    ) -> None:
        self._store, self._rooms, self._digester, self._hurry = store, rooms, digester, hurry

    async def enter(self) -> None:
        """Enter what has become due since the last sweep, by whichever process is first. Raises StorageError."""
        now = self._digester.clock()
        for scope, setting in (await self._store.settings.of_key(SETTING)).items():
            place = scope.removeprefix("place:")
            schedule = Schedule.from_json(setting.value)
            zone, _ = await self._store.reports.calendar(str(Place.parse(place).home))
            slot = newest(schedule, zone, now)
            if slot is not None:
                await self._store.sendings.enter(_sending(place, slot, schedule))
        await self._offer()

    async def send(self, claimed: Sending) -> Told:
        """Post a digest that is due. Raises Untold, NotHere."""
        what: dict[str, Any] = json.loads(claimed.payload)
        schedule = Schedule.from_json(what["schedule"])
        place, due = Place.parse(what["place"]), datetime.fromisoformat(what["at"])

        async def made() -> View:
            return await self._digester.view(place, schedule, due, date.fromisoformat(what["day"]))

        if not what.get("now") and not await self._is_wanted(place):
            raise Untold("it was turned off meanwhile", final=True)
        return await self._rooms.post(place, made, claimed)

    async def offer(self, claimed: Sending) -> Told:
        """Offer a workspace its digest, where somebody first talked."""
        place = Place.parse(json.loads(claimed.payload)["place"])

        async def made() -> View:
            buttons = (Button("Weekly digest here", "digest here"), Button("No, thanks", "digest decline"))
            return View(_OFFER, buttons=buttons, tone=Tone.NOTICE)

        return await self._rooms.post(place, made, claimed)

    @property
    def at_once(self) -> Kind:
        """The task that ``/digest now`` starts."""
        return Kind(self._send_now, lambda _: ())

    async def _send_now(self, work: Work) -> str:
        # Where this process is not connected to the platform, another is, or will be: the sending waits for it.
        wish = Wish.from_json(work.row.payload)
        slot = Slot(f"{NOW}:{work.row.id}", self._digester.clock(), wish.day)
        await self._store.sendings.enter(_sending(wish.place, slot, wish.schedule, now=True))
        await self._hurry()
        return "The digest is on its way."

    async def _is_wanted(self, place: Place) -> bool:
        scope = f"place:{place}"
        return scope in await self._store.settings.get_many([scope], SETTING)

    async def _offer(self) -> None:
        """Offer what was not offered yet: in each workspace once, where others read along."""
        for home in await self._store.places.without_sending(OFFER):
            places = await self._store.places.first_places(home)
            first = next((one for one in map(Place.parse, places) if self._may_offer(one)), None)
            if first is not None and not await self._has_one(home):
                payload = json.dumps({"place": str(first)})
                await self._store.sendings.enter(NewSending(OFFERED, home, OFFER, payload))

    def _may_offer(self, place: Place) -> bool:
        return not self._digester.atlas.direct(place) and self._rooms.reaches(place)

    async def _has_one(self, home: str) -> bool:
        scopes = await self._store.settings.of_key(SETTING)
        return any(scope.startswith(f"place:{home}/") for scope in scopes)


def _sending(place: str, slot: Slot, schedule: Schedule, *, now: bool = False) -> NewSending:
    what = {
        "place": place,
        "at": slot.at.isoformat(),
        "day": slot.day.isoformat(),
        "schedule": schedule.to_json(),
        "now": now,
    }
    return NewSending(DIGEST, place, slot.key, json.dumps(what), slot.at)

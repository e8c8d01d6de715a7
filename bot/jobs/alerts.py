"""Alerts: hands every notice on to those whom it concerns, once, and tells them in chat, by mail, by webhook."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from bot.core.place import Place
from bot.core.view import Button, Tone, View
from bot.jobs.hooks import Hooks
from bot.jobs.sender import Rooms, Told, Untold
from bot.net.mail import Mailer, MailRefused
from bot.workbench.alerting import ALERT, SETTING, TEST, Route
from storage.notices import Notice
from storage.places import workspace_of
from storage.sendings import Sending
from storage.store import Store

log = logging.getLogger(__name__)

_SUBJECTS: Mapping[str, str] = {
    "budget": "a budget",
    "approval": "somebody asks for more room in a budget",
    "unpriced": "a price that nobody knows",
    "failing": "a provider fails",
    "key": "a key is rejected",
    "retirement": "a model ends soon",
    "spending": "unusual spending",
    TEST: "a test",
}


class Alerts:
    """``direct`` says whether at a place one person is alone with us; ``mailer`` is None where no mail can be sent."""

    def __init__(
        self,
        store: Store,
        rooms: Rooms,
        hooks: Hooks,
        direct: Callable[[Place], bool],
        mailer: Mailer | None = None,
    ) -> None:
        self._store, self._rooms, self._hooks = store, rooms, hooks
        self._direct, self._mailer = direct, mailer

    async def enter(self) -> None:
        """Hand on what nobody was told yet. Raises StorageError."""
        notices = await self._store.notices.undelivered()
        if not notices:
            return
        found = await self._store.settings.of_key(SETTING)
        routes = {
            scope.removeprefix("place:"): Route.from_json(setting.value) for scope, setting in found.items()
        }
        for notice in notices:
            targets = await self._targets(notice, routes)
            await self._store.notices.send(
                notice, targets, json.dumps(_payload(notice, await self._text(notice)))
            )

    async def send(self, claimed: Sending) -> Told:
        """Tell one of them. Raises Untold, NotHere."""
        how, _, where = claimed.target.partition(":")
        match how:
            case "place":
                return await self._post(Place.parse(where), claimed)
            case "mail":
                return await self._mail(where, claimed)
            case "webhook":
                return await self._hooks.send(claimed)
            case _:
                raise Untold(f"not a target: {claimed.target}", final=True)

    async def _targets(self, notice: Notice, routes: Mapping[str, Route]) -> list[str]:
        """Who in chat and by mail is told: a person of what is theirs, else the admins of the workspace, of it all."""
        match notice.scope:
            case "person":
                return await self._in_private(int(notice.subject)) if notice.subject.isdecimal() else []
            case "workspace" | "channel":
                home = workspace_of(notice.subject)
                if home in routes:
                    return routes[home].targets(notice.kind)
            case _:
                if wide := [route for route in routes.values() if route.wide]:
                    return [target for route in wide for target in route.targets(notice.kind)]
        owner = await self._store.people.owner()
        return [] if owner is None else await self._in_private(owner.id)

    async def _text(self, notice: Notice) -> str:
        """What is told, with the name of its channel or workspace in place of the id, as far as it is known."""
        name, subject = "", notice.subject
        if notice.scope == "channel":
            found = (await self._store.workspaces.channel_names([subject])).get(subject)
            name = f"#{found}" if found else ""
        elif notice.scope == "workspace":
            known = await self._store.workspaces.get(subject)
            name = known.name if known else ""
        of = f"the {notice.scope} "
        return notice.text.replace(of + subject, of + name, 1) if name else notice.text

    async def _in_private(self, person_id: int) -> list[str]:
        """Where a person last talked to us alone."""
        places = [Place.parse(place) for place in await self._store.places.last_places(person_id)]
        found = next((place for place in places if self._direct(place) and self._rooms.reaches(place)), None)
        return [] if found is None else [f"place:{found}"]

    async def _post(self, place: Place, claimed: Sending) -> Told:
        what: dict[str, Any] = json.loads(claimed.payload)

        async def made() -> View:
            return View(what["text"], buttons=_buttons(what, place), tone=Tone.NOTICE)

        return await self._rooms.post(place, made, claimed)

    async def _mail(self, address: str, claimed: Sending) -> Told:
        if self._mailer is None:
            raise Untold("no mail server is set", final=True)
        what: dict[str, Any] = json.loads(claimed.payload)
        subject = f"Switchboard: {_SUBJECTS.get(what['kind'], what['kind'])}"
        try:
            await self._mailer.send(address, subject, what["text"], f"alert-{claimed.id}")
        except MailRefused as error:
            raise Untold(str(error), final=error.final) from error
        return Told(said="the mail server took it")


def _payload(notice: Notice, text: str) -> dict[str, Any]:
    """What is told: the same to everybody."""
    return {
        "event": ALERT,
        "kind": notice.kind,
        "text": text,
        "key": notice.key,
        "scope": notice.scope,
        "subject": notice.subject,
        "at": notice.created_at.isoformat(),
    }


def _buttons(what: Mapping[str, Any], place: Place) -> tuple[Button, ...]:
    """What may be done about it, where the place is in the workspace that it is about."""
    if what["kind"] == "approval" and what["subject"] == str(place.home):
        number = what["key"].removeprefix("approval:")
        return Button("Approve", f"approve #{number}"), Button("Decline", f"decline #{number}")
    return (Button("Usage", "usage workspace month"),)

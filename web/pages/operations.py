"""For owners: how the parts are, who may do what, who changed what, and a copy of the database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from storage.audit import noting
from storage.people import Listed
from web.audited import changes_of
from web.auth import person_of
from web.forms import Form
from web.frame import done, site_page
from web.places import workspace_words
from web.posts import readable
from web.services import Services
from web.viewer import ADMIN, OWNER, admins, owners, viewer_of

_AUDITED = 60  # changes at once
_NUMBER = "[0-9]{1,18}"
_DOES = MappingProxyType(
    {
        "database": "keeps everything that is said and set",
        "site": "these pages",
        "heartbeat": "tells other processes that this one lives",
        "delivery": "shows answers in chat as they grow",
        "engine": "takes questions to the models",
        "tasks": "does what takes long: imports, installs, experiments",
        "prices": "keeps the list of prices up to date",
        "models": "keeps the lists of models up to date",
        "providers": "looks whether the providers answer; how they do stands under Providers and keys",
        "clock": "sends digests and alerts when they are due, and tidies up",
        "slack": "the connection to Slack",
        "discord": "the connection to Discord",
    }
)
_LAST_OWNER = "The last owner stays one, or nobody could change anything any more."


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the program, and what it does; ``said`` is what is wrong, "" where nothing is."""

    name: str
    does: str
    said: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A backup as it is listed."""

    name: str
    size: str
    at: str


class OperationsPages:
    """GET shows, POST changes."""

    def __init__(self, services: Services) -> None:
        self._services, self._store = services, services.store

    def routes(self) -> list[Route]:
        """The routes of these pages."""
        return [
            Route("/operations", admins(self.health), methods=["GET"]),
            Route("/operations/backup", owners(self.back_up), methods=["POST"]),
            Route("/operations/people", owners(self.people), methods=["GET"]),
            Route("/operations/people/{id:int}/role", owners(self.change_role), methods=["POST"]),
            Route("/operations/people/{id:int}/sign-out", owners(self.sign_out), methods=["POST"]),
            Route("/operations/audit", owners(self.audit), methods=["GET"]),
        ]

    async def health(self, request: Request) -> Response:
        """Every part, the processes that share the database, and the copies of it; admins have the alerts here."""
        if not viewer_of(request).is_owner:
            return RedirectResponse("/operations/alerts", 303)
        parts = [
            Part(name, _DOES.get(name, ""), "" if said == "ok" else said)
            for name, said in (await self._services.health()).items()
        ]
        backups = self._store.backups
        copies = [
            Copy(one.file.name, readable(one.size), one.made_at.isoformat(timespec="seconds"))
            for one in backups.all()
        ]
        return site_page(
            request,
            "operations.html",
            parts_of_it=parts,
            processes=len(await self._store.processes.all()),
            copies=copies,
            can_copy=backups.possible,
        )

    async def back_up(self, request: Request) -> Response:
        """Make a copy of the database beside it."""
        if not self._store.backups.possible:
            return done("/operations", "PostgreSQL is backed up by pg_dump, where it runs.", "bad")
        made = await self._store.backups.make(person_of(request).id)
        return done("/operations", f"{made.file.name} lies beside the database, {readable(made.size)}.")

    async def people(self, request: Request) -> Response:
        """Who is known, and what they may do."""
        words = request.query_params.get("q", "").strip()[:100]
        found = await self._store.people.listed(words)
        called = {id_: workspace_words(id_, name) for id_, name in await self._store.people.workspaces()}
        signed_in: dict[int, int] = {}
        for session in await self._store.sessions.of():
            signed_in[session.person_id] = signed_in.get(session.person_id, 0) + 1
        return site_page(
            request,
            "people.html",
            found=found,
            words=words,
            signed_in=signed_in,
            roles=partial(_roles, called),
            called=called,
        )

    async def change_role(self, request: Request) -> Response:
        """Give a role, or take it back: ``role``, ``workspace`` ("" for all), ``act`` give or take."""
        person = await self._store.people.get(int(request.path_params["id"]))
        if person is None:
            raise HTTPException(404)
        form, by = await Form.of(request), person_of(request).id
        workspace = form["workspace"] or None
        if form["role"] not in (OWNER, ADMIN) or (form["role"] == OWNER and workspace):
            raise HTTPException(400, "There is no such role.")
        if workspace and not await self._store.people.workspace_exists(workspace):
            raise HTTPException(400, "There is no such workspace.")
        if form["act"] == "take":
            with noting() as made:
                taken = await self._store.people.revoke(person.id, form["role"], workspace, by=by)
            if not taken:
                return done("/operations/people", _LAST_OWNER, "bad")
            return done("/operations/people", f"{person.name} is no longer {form['role']}.", undo=made)
        with noting() as made:
            await self._store.people.grant(person.id, form["role"], workspace, by=by)
        where = await self._called(workspace) if workspace else "everything"
        said = f"{person.name} is {form['role']} of {where} now."
        return done("/operations/people", said, undo=made)

    async def _called(self, workspace: str) -> str:
        return workspace_words(workspace, dict(await self._store.people.workspaces()).get(workspace, ""))

    async def sign_out(self, request: Request) -> Response:
        """End every session of a person."""
        person = await self._store.people.get(int(request.path_params["id"]))
        if person is None:
            raise HTTPException(404)
        for session in await self._store.sessions.of(person.id):
            await self._store.sessions.end(session.id, person_of(request).id)
        return done("/operations/people", f"{person.name} is signed out everywhere.")

    async def audit(self, request: Request) -> Response:
        """Every change, the newest first."""
        before = request.query_params.get("before", "")
        rows = await self._store.audit.latest(
            _AUDITED, before=int(before) if re.fullmatch(_NUMBER, before) else None
        )
        changes = await changes_of(self._store, rows)
        more = rows[-1].id if len(rows) == _AUDITED else None
        return site_page(request, "audit.html", changes=changes, more=more)


def _roles(called: Mapping[str, str], person: Listed) -> list[tuple[str, str, str]]:
    """A person's roles: the role, the workspace ("" for all), and the words for it."""
    held = sorted(person.roles, key=lambda each: (each[0], each[1] or ""))
    return [
        (role, place or "", f"{role} of {called.get(place, place)}" if place else role)
        for role, place in held
    ]

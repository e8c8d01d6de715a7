"""Keys of providers: added, edited, tried, replaced, disabled, removed. A key is typed in, and never shown."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.providers.catalog import CATALOG
from bot.providers.rows.forms import ProviderRow
from storage.audit import noting
from storage.credentials import INSTALLATION, Credential, Edited, NewCredential
from storage.errors import NameTaken, NoSuchCredential, VaultError
from web import entering
from web.auth import person_of
from web.entering import Address
from web.forms import Form
from web.frame import Tone, done, site_page
from web.keys import listed, spent_this_month, tried
from web.pages.providers import VIA, ProviderPages, row_asked
from web.places import scope_of, whom, workspace_in
from web.services import Services
from web.viewer import admins, viewer_of, workspace_asked

_SENT_ELSEWHERE = (
    "This address leads to another server, so type the key again: a stored one is only ever sent to the server "
    "that it was entered for."
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The key that a request is about, and its provider."""

    key: Credential
    row: ProviderRow

    @property
    def path(self) -> str:
        """The page of its provider."""
        workspace = workspace_in(self.key.scope)
        return f"/providers/{self.row.id}" + (f"?workspace={workspace}" if workspace else "")

    @property
    def guarded(self) -> bool:
        """Whether it is a workspace's or a person's."""
        return self.key.scope != INSTALLATION


class KeyPages:
    """GET shows, POST changes."""

    def __init__(self, services: Services, providers: ProviderPages) -> None:
        self._store, self._desk, self._providers = services.store, services.models, providers

    def routes(self) -> list[Route]:
        """The routes of these pages."""
        one = "/providers/keys/{id:int}"
        return [
            Route("/providers/{provider}/keys", admins(self.add), methods=["POST"]),
            Route(one, admins(self.show), methods=["GET"]),
            Route(one, admins(self.edit), methods=["POST"]),
            Route(f"{one}/replace", admins(self.replace), methods=["POST"]),
            Route(f"{one}/test", admins(self.test), methods=["POST"]),
            Route(f"{one}/disable", admins(self.disable), methods=["POST"]),
            Route(f"{one}/enable", admins(self.enable), methods=["POST"]),
            Route(f"{one}/remove", admins(self.remove), methods=["POST"]),
        ]

    async def add(self, request: Request) -> Response:
        """Keep a new key, try it, and load the models that it opens."""
        row, workspace = row_asked(request, self._desk.registry), workspace_asked(request)
        form, by = await Form.of(request), person_of(request).id
        name, secret = self._name(form), entering.secret(form, "secret")
        address = await self._address(request, form)
        _enough(form, row, secret, address)
        scope = _scope(form, workspace)
        if form.is_right:
            new = NewCredential(
                row.id, name, secret, scope, address.url or None, form["organisation"] or None
            )
            try:
                made = await self._store.credentials.add(new, by=by, via=VIA)
            except NameTaken as error:
                form.refuse("name", error.say)
            except VaultError as error:
                form.refuse("secret", error.say)
        if not form.is_right:
            return await self._providers.page(request, row, form, 422)
        await entering.allow(self._store.settings, address.allow, by)
        sentence, tone = await self._taken_up(_Asked(made, row))
        return done(_Asked(made, row).path, f"“{name}” is stored. {sentence}", tone)

    async def show(self, request: Request) -> Response:
        """One key: what it is called, where it is sent."""
        asked = await self._asked(request)
        return await self._page(request, asked, _of(asked.key))

    async def edit(self, request: Request) -> Response:
        """Change its name, its address, its organisation."""
        asked, form, by = await self._asked(request), await Form.of(request), person_of(request).id
        name, secret = self._name(form), entering.secret(form, "secret")
        address = await self._address(request, form)
        if form.is_right and not secret and await self._sent_elsewhere(asked, address):
            form.refuse("secret", _SENT_ELSEWHERE)
        _enough(form, asked.row, secret or "kept", address)
        if form.is_right:
            new = Edited(name, address.url or None, form["organisation"] or None, secret or None)
            try:
                made = await self._store.credentials.edit(asked.key.id, new, by=by, via=VIA)
            except (NameTaken, NoSuchCredential) as error:
                form.refuse("name", error.say)
            except VaultError as error:
                form.refuse("secret", error.say)
        if not form.is_right:
            return await self._page(request, asked, form, 422)
        await entering.allow(self._store.settings, address.allow, by)
        sentence, tone = await self._taken_up(_Asked(made, asked.row))
        return done(asked.path, f"“{name}” is changed. {sentence}", tone)

    async def replace(self, request: Request) -> Response:
        """Put another key in the place of the old one."""
        asked, form = await self._asked(request), await Form.of(request)
        form.needs("new_secret", "Paste the new key here.")
        secret = entering.secret(form, "new_secret")
        if form.is_right:
            try:
                made = await self._store.credentials.change(
                    asked.key.id, secret, by=person_of(request).id, via=VIA
                )
            except (VaultError, NoSuchCredential) as error:
                form.refuse("new_secret", error.say)
        if not form.is_right:
            kept = _of(asked.key)
            kept.wrong = form.wrong
            return await self._page(request, asked, kept, 422)
        sentence, tone = await self._taken_up(_Asked(made, asked.row))
        old = "Revoke the old one at its provider."
        return done(asked.path, f"“{made.name}” has its new key. {sentence} {old}", tone)

    async def test(self, request: Request) -> Response:
        """Try a key by the provider's free call."""
        asked = await self._asked(request)
        return done(asked.path, *await self._tried(asked))

    async def disable(self, request: Request) -> Response:
        """Let no call use it for a while."""
        return await self._switch(request, on=False)

    async def enable(self, request: Request) -> Response:
        """Let calls use it again."""
        return await self._switch(request, on=True)

    async def remove(self, request: Request) -> Response:
        """Wipe a key."""
        asked = await self._asked(request)
        await self._store.credentials.remove(asked.key.name, by=person_of(request).id, via=VIA)
        await self._desk.sync()
        kept = f"Whoever had the key still has it: revoke it at {asked.row.name} too."
        return done(asked.path, f"“{asked.key.name}” is removed. {kept}")

    async def _switch(self, request: Request, *, on: bool) -> Response:
        asked, by = await self._asked(request), person_of(request).id
        with noting() as made:
            await self._store.credentials.enable(asked.key.id, on=on, by=by, via=VIA)
        await self._desk.sync()
        say = "is used from the next question on" if on else "is kept, and not used until it is enabled"
        return done(asked.path, f"“{asked.key.name}” {say}.", undo=made)

    async def _asked(self, request: Request) -> _Asked:
        """The key that is meant. Raises 404 where there is none that this admin looks after."""
        key = await self._store.credentials.get(int(request.path_params["id"]))
        row = None if key is None else self._desk.registry.row(key.provider)
        if key is None or row is None or key.revoked_at is not None:
            raise HTTPException(404)
        if not viewer_of(request).administers(workspace_in(key.scope)):
            raise HTTPException(404)
        return _Asked(key, row)

    async def _page(self, request: Request, asked: _Asked, form: Form, status: int = 200) -> Response:
        spent = await spent_this_month(self._store.reports)
        keys = listed(asked.row, await self._store.credentials.all(), None, spent)
        return site_page(
            request,
            "key.html",
            status,
            key=next(key for key in keys if key.id == asked.key.id),
            row=asked.row,
            back=asked.path,
            for_whom=await whom(self._store, [asked.key.scope]),
            form=form.without("secret", "new_secret"),
        )

    async def _address(self, request: Request, form: Form) -> Address:
        may_allow = viewer_of(request).is_owner
        return await entering.address(form, "base_url", self._store.settings, may_allow=may_allow)

    async def _taken_up(self, asked: _Asked) -> tuple[str, Tone]:
        """Let a key hold here at once, with the models that it opens, and try it."""
        await self._desk.sync()
        if asked.key.disabled_at is not None:
            return "It stays disabled.", "good"
        found, _ = await asyncio.gather(self._tried(asked), self._desk.registry.refresh(asked.row.id))
        return found

    async def _tried(self, asked: _Asked) -> tuple[str, Tone]:
        try:
            opened = await self._store.credentials.open(asked.key)
        except VaultError as error:
            return error.say, "bad"
        return await tried(self._desk, asked.row, opened, guarded=asked.guarded)

    async def _sent_elsewhere(self, asked: _Asked, address: Address) -> bool:
        """Whether a stored secret would go to another server than before."""
        usual = asked.row.base_url
        if _origin(asked.key.base_url or usual) == _origin(address.url or usual):
            return False
        try:
            return (await self._store.credentials.open(asked.key)).api_key is not None
        except VaultError:
            return True

    def _name(self, form: Form) -> str:
        name = entering.name(form, "name", "the key")
        if name in {setting for row in CATALOG for setting in (row.key_env, row.base_url_env)}:
            form.refuse("name", f"{name} is the name of a setting; take another one.")
        return name


def _of(key: Credential) -> Form:
    return Form.given({"name": key.name, "base_url": key.base_url, "organisation": key.organisation})


def _enough(form: Form, row: ProviderRow, secret: str, address: Address) -> None:
    """Whether a provider can be reached with this."""
    if not row.base_url and not address.url:
        form.refuse("base_url", f"{row.name} has no address of its own. Write {row.base_url_form}.")
    if not secret and not form["base_url"]:
        form.refuse("secret", "Paste the key here.")


def _scope(form: Form, workspace: str) -> str:
    """For whom a new key is: a workspace, or one channel of it."""
    if not workspace or not form["channel"]:
        return scope_of(workspace)
    if not re.fullmatch(r"[A-Za-z0-9]{1,40}", form["channel"]):
        form.refuse("channel", "Write the channel's id, like C0456; its link ends with it.")
    return f"{scope_of(workspace)}/{form['channel']}"


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()

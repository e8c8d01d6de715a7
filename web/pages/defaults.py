"""Defaults: which model answers where nobody chose, what stands in for it, how often may be asked, and where."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.calls import access, pace
from bot.calls.access import Rule
from bot.commands.chain import meant
from bot.commands.persons import person_anywhere
from bot.conversation.chains import CHAIN
from bot.conversation.settings import FOLLOW, MENTIONS, MODEL, THREADS, person_scope
from bot.core.errors import BadInput, Refused, SwitchboardError
from bot.core.provider import ModelId
from storage.audit import noting
from storage.people import Listed, Person
from storage.periods import zone
from web.auth import person_of
from web.forms import Form
from web.frame import done
from web.levels import CHANNEL_WRONG, Level, channel_of, level_asked
from web.pages.defaults_shown import UNLIMITED, WEEKDAYS, DefaultsShown
from web.services import Services
from web.viewer import INSTALLATION, admins, owners

_MOST = 100_000  # requests a minute
_USUAL = object()


class DefaultsPage:
    """GET shows a level, POST changes one thing of it."""

    def __init__(self, services: Services) -> None:
        self._store, self._tools = services.store, services.commands.tools
        self._shown = DefaultsShown(services)

    def routes(self) -> list[Route]:
        """The routes of this page."""
        return [
            Route("/defaults", admins(self.show), methods=["GET"]),
            Route("/defaults/channel", admins(self.go), methods=["POST"]),
            Route("/defaults/model", admins(self.set_model), methods=["POST"]),
            Route("/defaults/chain", admins(self.set_chain), methods=["POST"]),
            Route("/defaults/follow", admins(self.set_follow), methods=["POST"]),
            Route("/defaults/requests", admins(self.set_requests), methods=["POST"]),
            Route("/defaults/requests/person", owners(self.set_persons), methods=["POST"]),
            Route("/defaults/clock", admins(self.set_clock), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """A level, with what it says and what comes of it."""
        return await self._shown.page(request, await self._level(request), {})

    async def go(self, request: Request) -> Response:
        """Find a channel by its id."""
        level, form = await self._level(request), await Form.of(request)
        if level.place is None:
            raise HTTPException(404)
        place = channel_of(level.place.home, form.needs("id", "Paste the channel's id, such as C0123456789."))
        if place is None:
            form.refuse("id", CHANNEL_WRONG)
        if place is None or not form.is_right:
            return await self._shown.page(request, level, {"channel": form})
        return RedirectResponse(f"/defaults{Level(level.workspace, place, '').query}", 303)

    async def set_model(self, request: Request) -> Response:
        """Choose the model for a level, or take that back: ``model`` "" is no choice."""
        level, form = await self._level(request), await Form.of(request)
        if not form["model"]:
            return await self._put(request, level, MODEL, None, "Nothing is chosen here any more.")
        try:
            wanted = self._tools.registry.find(form["model"])
            access.check(await self._rules(level), wanted, self._offered())
        except (BadInput, Refused) as error:
            form.refuse("model", plain(error))
            return await self._shown.page(request, level, {"model": form})
        said = f"{wanted} answers from the next message on, where nothing nearer says otherwise."
        return await self._put(request, level, MODEL, str(wanted), said)

    async def set_chain(self, request: Request) -> Response:
        """Say what stands in: ``stands`` "" as the wider level says, "off" nothing, "these" the ``models``."""
        level, form = await self._level(request), await Form.of(request)
        if form["stands"] not in ("off", "these"):
            return await self._put(request, level, CHAIN, None, "The wider level says what stands in.")
        models: tuple[ModelId, ...] = ()
        if form["stands"] == "these" and form.needs(
            "models", "Name the models, the first to be asked first."
        ):
            try:
                models = meant(self._tools.registry, await self._rules(level), form["models"])
            except (BadInput, Refused) as error:
                form.refuse("models", plain(error))
        if not form.is_right:
            return await self._shown.page(request, level, {"chain": form})
        said = f"Where a model fails: {', then '.join(map(str, models)) or 'nothing else is asked'}."
        return await self._put(request, level, CHAIN, list(map(str, models)), said)

    async def set_follow(self, request: Request) -> Response:
        """Say which messages are answered: ``follow`` "" as the wider level says."""
        level, form = await self._level(request), await Form.of(request)
        if form["follow"] not in ("", THREADS, MENTIONS):
            form.refuse("follow", "Choose one of these.")
            return await self._shown.page(request, level, {"follow": form})
        return await self._put(
            request, level, FOLLOW, form["follow"] or None, "It holds from the next message on."
        )

    async def set_requests(self, request: Request) -> Response:
        """Say how often may be asked: numbers, "unlimited", or "" as usual."""
        level, form = await self._level(request), await Form.of(request)
        if level.is_channel:
            raise HTTPException(404)
        names = ("person", "workspace") if level.place is None else ("workspace",)
        given = {name: number for name in names if (number := _number(form, name)) is not _USUAL}
        if not form.is_right:
            return await self._shown.page(request, level, {"requests": form})
        value: Any = given or None
        said = "It holds from the next request on."
        if level.place is None:
            return await self._put(request, level, pace.REQUESTS, value, said)
        if "workspace" not in given:
            return await self._put(request, level, pace.REQUESTS, None, said)
        with noting() as made:
            await self._store.settings.set(
                level.scope, pace.REQUESTS, given["workspace"], person_of(request).id
            )
        return done(f"/defaults{level.query}", said, undo=made)

    async def set_persons(self, request: Request) -> Response:
        """Say how often one person (``who`` or ``id``) may ask: a ``number``, "unlimited", or "" as everybody."""
        level, form = Level(INSTALLATION, None, ""), await Form.of(request)
        number = _number(form, "number")
        person: Person | Listed | None = None
        try:
            if form["id"].isdecimal():
                person = await self._store.people.get(int(form["id"][:18]))
            person = person or await person_anywhere(self._store, form["who"])
        except BadInput as error:
            form.refuse("who", plain(error))
        if person is None or not form.is_right:
            return await self._shown.page(request, level, {"person": form})
        scope, by = person_scope(person.id), person_of(request).id
        with noting() as made:
            if number is _USUAL:
                await self._store.settings.clear(scope, pace.REQUESTS, by)
            else:
                await self._store.settings.set(scope, pace.REQUESTS, number, by)
        said = f"It holds from {person.name}'s next request on."
        return done(f"/defaults{level.query}", said, undo=made)

    async def set_clock(self, request: Request) -> Response:
        """Say when days and weeks begin in a workspace."""
        level, form = await self._level(request), await Form.of(request)
        if level.place is None or level.is_channel:
            raise HTTPException(404)
        try:
            zone(form.needs("time_zone", "Name the time zone, such as Europe/Berlin."))
        except ValueError:
            say = f"There is no time zone “{form['time_zone'][:40]}”; write one like Europe/Berlin."
            form.refuse("time_zone", say)
        if form["first_weekday"] not in map(str, range(7)):
            form.refuse("first_weekday", "Choose a day.")
        if not form.is_right:
            return await self._shown.page(request, level, {"clock": form})
        day = int(form["first_weekday"])
        by = person_of(request).id
        with noting() as made:
            await self._store.workspaces.set_clock(level.workspace, form["time_zone"], day, by)
        said = f"Days begin at midnight in {form['time_zone']}, weeks on {WEEKDAYS[day]}."
        return done(f"/defaults{level.query}", said, undo=made)

    async def _level(self, request: Request) -> Level:
        return await level_asked(request, self._store)

    async def _put(self, request: Request, level: Level, key: str, value: Any, said: str) -> Response:
        """Let a value stand at a level; None takes it back."""
        by = person_of(request).id
        with noting() as made:
            if value is None:
                await self._store.settings.clear(level.scope, key, by)
            else:
                await self._store.settings.set(level.scope, key, value, by)
        return done(f"/defaults{level.query}", said, undo=made)

    async def _rules(self, level: Level) -> tuple[Rule, ...]:
        return await access.written(self._store, access.levels(level.place, None))

    def _offered(self) -> list[ModelId]:
        return [model.id for model in self._tools.registry.models()]


def plain(error: SwitchboardError) -> str:
    """An error's sentence without the marks of Markdown."""
    return error.say.replace("`", "").replace("**", "")


def _number(form: Form, name: str) -> Any:
    """A number of requests, None for as many as they like, ``_USUAL`` where nothing was said."""
    typed = form[name].replace(",", "")
    if not typed:
        return _USUAL
    if typed.lower() == UNLIMITED:
        return None
    if typed.isascii() and typed.isdecimal() and int(typed[:9]) <= _MOST:
        return int(typed)
    form.refuse(name, f"A whole number from 0 to {_MOST:,}, or the word “{UNLIMITED}”.")
    return _USUAL

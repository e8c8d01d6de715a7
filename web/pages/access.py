"""Access: which models may be used at a level, and for whom its rules do not hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.calls import access
from bot.calls.access import ADMINS, ALLOWED, DENIED, LOCAL_ONLY, Rule
from bot.commands.persons import person_anywhere, person_at
from bot.commands.rules import patterns_of
from bot.commands.ruling import Ruling
from bot.core.errors import BadInput, Refused
from storage.audit import noting
from storage.people import Listed, Person
from web.auth import person_of
from web.forms import Form
from web.frame import done, site_page
from web.levels import CHANNEL_WRONG, Level, channel_of, level_asked, level_choices
from web.narrower import narrower
from web.pages.defaults import plain
from web.services import Services
from web.viewer import admins

_DONE = "It holds from the next message on."
_NAMED_ADMINS = "everybody with the role admin"


@dataclass(frozen=True, slots=True)
class Shown:
    """A rule as a page shows it. ``exempt`` are pairs of what the form says and the name."""

    words: str
    allowed: Sequence[str]
    denied: Sequence[str]
    nothing: bool
    local_only: bool
    exempt: list[tuple[str, str]]


class AccessPage:
    """GET shows the rules at a level and those of wider ones; POST changes the level's own."""

    def __init__(self, services: Services) -> None:
        self._store, self._tools = services.store, services.commands.tools

    def routes(self) -> list[Route]:
        """The routes of this page."""
        return [
            Route("/defaults/access", admins(self.show), methods=["GET"]),
            Route("/defaults/access/find", admins(self.find), methods=["POST"]),
            Route("/defaults/access/pattern", admins(self.pattern), methods=["POST"]),
            Route("/defaults/access/local", admins(self.local), methods=["POST"]),
            Route("/defaults/access/exempt", admins(self.exempt), methods=["POST"]),
            Route("/defaults/access/reset", admins(self.reset), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The rules."""
        return await self._page(request, await self._level(request), {})

    async def find(self, request: Request) -> Response:
        """Go to the rules of a ``channel`` of the level's workspace, or of a person: ``who``."""
        level, form = (await self._level(request)).wider, await Form.of(request)
        found: Level | None = None
        if level.place is not None and form["channel"]:
            place = channel_of(level.place, form["channel"])
            if place is None:
                form.refuse("channel", CHANNEL_WRONG)
            else:
                found = replace(level, place=place)
        elif form.needs("who", "Write a name."):
            try:
                person = await self._person(level, form["who"])
                found = replace(level, person=person.id)
            except BadInput as error:
                form.refuse("who", plain(error))
        if found is None:
            return await self._page(request, level, {"find": form})
        return RedirectResponse(_path(found), 303)

    async def pattern(self, request: Request) -> Response:
        """Allow or deny patterns, or lift one: ``act`` and ``pattern``."""
        level, form = await self._level(request), await Form.of(request)
        ruling = self._ruling(request, level)
        if form["act"] == "lift":
            with noting() as made:
                await ruling.lift(form["pattern"])
            return done(_path(level), _DONE, undo=made)
        if form["act"] not in ("allow", "deny"):
            raise HTTPException(400, "There is no such rule.")
        try:
            meant = patterns_of(self._tools.registry, form["pattern"])
            with noting() as made:
                await (ruling.allow if form["act"] == "allow" else ruling.deny)(*meant)
        except (BadInput, Refused) as error:
            form.refuse("pattern", plain(error))
            return await self._page(request, level, {"pattern": form})
        word = "may be used" if form["act"] == "allow" else "may not be used"
        return done(_path(level), f"{', '.join(meant)} {word}. {_DONE}", undo=made)

    async def local(self, request: Request) -> Response:
        """Let only models on machines of one's own be used, or all: ``local`` on or off."""
        level, form = await self._level(request), await Form.of(request)
        with noting() as made:
            await self._ruling(request, level).keep_local(form["local"] == "on")
        return done(_path(level), _DONE, undo=made)

    async def exempt(self, request: Request) -> Response:
        """Let the rules not hold for somebody, or hold again: ``act`` exempt or bind, ``who`` a name or "admins"."""
        level, form = await self._level(request), await Form.of(request)
        if level.person is not None:
            raise HTTPException(404)
        ruling = self._ruling(request, level)
        if form["act"] == "bind":
            with noting() as made:
                await ruling.bind(int(form["who"][:18]) if form["who"].isdecimal() else form["who"])
            return done(_path(level), _DONE, undo=made)
        try:
            with noting() as made:
                await ruling.exempt(await self._who(level, form["who"]))
        except BadInput as error:
            form.refuse("who", plain(error))
            return await self._page(request, level, {"exempt": form})
        return done(_path(level), _DONE, undo=made)

    async def reset(self, request: Request) -> Response:
        """Take all rules of the level back."""
        level = await self._level(request)
        with noting() as made:
            await self._ruling(request, level).reset()
        return done(_path(level), "No rule stands here any more.", undo=made)

    async def _level(self, request: Request) -> Level:
        return await level_asked(request, self._store, people=True)

    def _ruling(self, request: Request, level: Level) -> Ruling:
        return Ruling(self._store.settings, level.scope, person_of(request).id)

    async def _who(self, level: Level, typed: str) -> int | str:
        """Whom a name means, within the workspace where the level is in one. Raises BadInput."""
        if typed.lower() == ADMINS:
            return ADMINS
        return (await self._person(level, typed)).id

    async def _person(self, level: Level, typed: str) -> Person | Listed:
        if level.place is not None:
            return await person_at(self._store, level.place.platform, level.workspace, typed)
        return await person_anywhere(self._store, typed)

    async def _page(self, request: Request, level: Level, typed: dict[str, Form]) -> Response:
        written = await access.written(self._store, access.levels(level.place, level.person))
        held = await access.rules(self._store, level.place, level.person)
        own = next((rule for rule in written if rule.level.scope == level.scope), None)
        models = self._tools.registry.models()
        return site_page(
            request,
            "access.html",
            status=422 if typed else 200,
            level=level,
            places=await level_choices(request, self._store),
            own=None if own is None else await self._shown(own),
            wider=[await self._shown(rule) for rule in written if rule is not own],
            forms={"pattern": Form(), "exempt": Form(), "find": Form()} | typed,
            may=sum(access.permitted(held, model.id) for model in models),
            of=len(models),
            narrower=await narrower(self._store, level, (ALLOWED, DENIED, LOCAL_ONLY)),
            patterns_known=sorted(
                {f"{model.id.provider}/*" for model in models} | {str(model.id) for model in models}
            ),
        )

    async def _shown(self, rule: Rule) -> Shown:
        names = await self._store.people.names({one for one in rule.exempt if isinstance(one, int)})
        exempt = [
            (str(one), names.get(one, f"person {one}") if isinstance(one, int) else _NAMED_ADMINS)
            for one in rule.exempt
        ]
        nothing = rule.allowed is not None and not rule.allowed
        words = "for this person" if rule.level.scope.startswith("person:") else rule.level.words
        return Shown(words, rule.allowed or (), rule.denied, nothing, rule.local_only, exempt)


def _path(level: Level) -> str:
    return f"/defaults/access{level.query}"

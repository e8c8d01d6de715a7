"""Agents: the personas of a workspace, and those that every workspace has."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.commands import describe, personas
from bot.commands.grammar import Value
from bot.conversation.agents import AUTO, Wish
from bot.core.errors import BadInput, Refused
from bot.providers.rows.forms import EFFORTS
from storage.agents import Agent, Persona
from storage.audit import noting
from web.auth import person_of
from web.forms import Form
from web.frame import done, site_page
from web.levels import Level, level_asked, level_choices
from web.pages.defaults import plain
from web.services import Services
from web.viewer import admins

_WISHES = {
    Wish.CHEAP: "the lowest price among what is set up",
    Wish.REASONING: "one that thinks before it writes",
    Wish.LARGE: "the one that reads most at once",
}
_MOST_TOKENS = 10_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """An agent in the list. ``own``: it belongs to the level that is shown."""

    agent: Agent
    model: str
    about: str
    own: bool


class AgentPages:
    """The list; one agent's form; its removal. Agents belong to a workspace or to all, never to a channel."""

    def __init__(self, services: Services) -> None:
        self._store, self._tools = services.store, services.commands.tools

    def routes(self) -> list[Route]:
        """The routes of these pages."""
        return [
            Route("/defaults/agents", admins(self.listed), methods=["GET"]),
            Route("/defaults/agents/new", admins(self.blank), methods=["GET"]),
            Route("/defaults/agents/new", admins(self.make), methods=["POST"]),
            Route("/defaults/agents/{id:int}", admins(self.shown), methods=["GET"]),
            Route("/defaults/agents/{id:int}", admins(self.change), methods=["POST"]),
            Route("/defaults/agents/{id:int}/remove", admins(self.remove), methods=["POST"]),
        ]

    async def listed(self, request: Request) -> Response:
        """The agents that a workspace has, or those of all."""
        level = await self._level(request)
        found = [_line(agent, level) for agent in await self._store.agents.all(level.workspace)]
        places = await level_choices(request, self._store)
        return site_page(request, "agents.html", level=level, places=places, found=found)

    async def blank(self, request: Request) -> Response:
        """An empty form."""
        return self._page(request, await self._level(request), Form(), None)

    async def make(self, request: Request) -> Response:
        """Make an agent."""
        level, form = await self._level(request), await Form.of(request)
        persona = self._persona(form)
        taken = [agent.name.lower() for agent in await self._store.agents.all(level.workspace)]
        if form["name"].lower() in taken:
            form.refuse("name", f"There is an agent “{form['name']}” already.")
        if not form.is_right:
            return self._page(request, level, form, None)
        with noting() as made:
            await self._store.agents.put(level.workspace, form["name"], persona, person_of(request).id)
        return done(_path(level), f"{form['name']} can be chosen with /agent {form['name']}.", undo=made)

    async def shown(self, request: Request) -> Response:
        """One agent."""
        level = await self._level(request)
        agent = await self._agent(request, level)
        return self._page(request, level, _form(agent), agent)

    async def change(self, request: Request) -> Response:
        """Change an agent; one of all workspaces is copied for the workspace that changes it."""
        level, form = await self._level(request), await Form.of(request)
        agent, by = await self._agent(request, level), person_of(request).id
        persona = self._persona(form)
        if not form.is_right:
            return self._page(request, level, form, agent)
        with noting() as made:
            changed = await self._changed(agent, level, form["name"], persona, by)
        if changed is None:
            form.refuse("name", f"There is an agent “{form['name']}” already.")
            return self._page(request, level, form, agent)
        said = f"{changed.name} is changed; it holds from the next message on."
        return done(_path(level), said, undo=made)

    async def _changed(
        self, agent: Agent, level: Level, name: str, persona: Persona, by: int
    ) -> Agent | None:
        """The agent as it is to be, or the level's own copy of it; None where another has that name."""
        if agent.workspace_id == level.workspace:
            return await self._store.agents.change(agent.id, name, persona, by)
        others = [one for one in await self._store.agents.all(level.workspace) if one.id != agent.id]
        if name.lower() in [one.name.lower() for one in others]:
            return None
        return await self._store.agents.put(level.workspace, name, persona, by)

    async def remove(self, request: Request) -> Response:
        """Remove an agent; threads that had it go on without."""
        level = await self._level(request)
        agent = await self._agent(request, level)
        if agent.workspace_id != level.workspace:
            raise HTTPException(403, "It belongs to all workspaces; an owner can remove it there.")
        with noting() as made:
            await self._store.agents.remove(agent.id, person_of(request).id)
        said = f"{agent.name} is removed. Threads that had it go on without."
        return done(_path(level), said, undo=made)

    async def _level(self, request: Request) -> Level:
        return (await level_asked(request, self._store)).wider

    async def _agent(self, request: Request, level: Level) -> Agent:
        """The agent that is asked for. 404 where the level does not have it."""
        wanted = int(request.path_params["id"])
        found = await self._store.agents.all(level.workspace)
        agent = next((agent for agent in found if agent.id == wanted), None)
        if agent is None:
            raise HTTPException(404)
        return agent

    def _persona(self, form: Form) -> Persona:
        """The persona that a form describes; what is wrong with it stands at its fields."""
        made = Persona("")
        try:
            personas.name_of(form.needs("name", "Give it a name: one word."))
        except BadInput as error:
            form.refuse("name", plain(error))
        try:
            text = personas.instructions_of(form.needs("instructions", "Say what it shall do."))
            made = Persona(text.replace("\r\n", "\n"))
        except BadInput as error:
            form.refuse("instructions", plain(error))
        for field, value in _values(form).items():
            try:
                made = personas.changed(made, {field: value}, "", self._tools.registry)
            except (BadInput, Refused) as error:
                form.refuse(field, plain(error))
        return made

    def _page(self, request: Request, level: Level, form: Form, agent: Agent | None) -> Response:
        wishes = [(f"{AUTO}{wish}", said) for wish, said in _WISHES.items()]
        listed = [(str(model.id), describe.as_option(model)) for model in self._tools.registry.models()]
        return site_page(
            request,
            "agent.html",
            status=200 if form.is_right else 422,
            level=level,
            form=form,
            agent=agent,
            copies=agent is not None and agent.workspace_id != level.workspace,
            models=[*wishes, *listed],
            efforts=[("", "as the model does by itself"), *((effort, effort) for effort in EFFORTS)],
        )


def _values(form: Form) -> dict[str, Value]:
    """What was typed, in the words of ``/agent``; what was left empty is not in it."""
    values: dict[str, Value] = {name: form[name] for name in ("model", "temperature", "icon") if form[name]}
    if form["effort"]:
        if form["effort"] in EFFORTS:
            values["effort"] = form["effort"]
        else:
            form.refuse("effort", "Choose one of these.")
    if tokens := form["max-output"].replace(",", ""):
        if tokens.isascii() and tokens.isdecimal() and int(tokens[:9]) <= _MOST_TOKENS:
            values["max-output"] = int(tokens)
        else:
            form.refuse("max-output", f"A whole number of tokens, up to {_MOST_TOKENS:,}.")
    return values


def _form(agent: Agent) -> Form:
    return Form.given(
        {
            "name": agent.name,
            "icon": agent.icon,
            "instructions": agent.instructions,
            "model": agent.model,
            "temperature": None if agent.temperature is None else f"{agent.temperature:g}",
            "effort": agent.effort,
            "max-output": agent.max_output,
        }
    )


def _line(agent: Agent, level: Level) -> Line:
    wish = (agent.model or "").removeprefix(AUTO)
    found = f"found: {_WISHES[Wish(wish)]}" if wish in list(Wish) else agent.model or ""
    return Line(agent, found, personas.in_short(agent), agent.workspace_id == level.workspace)


def _path(level: Level) -> str:
    return f"/defaults/agents{level.query}"

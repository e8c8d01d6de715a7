"""``/ollama``: the models of an Ollama server, for admins: which there are, get one, renew them, drop one."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands import ollama_words as words
from bot.commands.authority import require_admin
from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.core.errors import BadInput, NotConfigured
from bot.core.view import Button, Tone, View
from bot.providers.ollama.forms import Installed
from bot.providers.ollama.managed import Managed
from bot.providers.ollama.names import Name
from bot.providers.ollama.orders import PULL, PullOrder
from bot.providers.ollama.server import Server
from storage.tasks import NewTask, TaskRow

LIST, SEARCH, PULL_IT, UPDATE, REMOVE, STOP = "list", "search", "pull", "update", "remove", "stop"
_MOST = 40  # models that are asked about one by one
_FOUND = 8  # models of a search


@dataclass(frozen=True, slots=True)
class _Here:
    """What every action works with."""

    tools: Tools
    asked: Asked
    ollama: Managed
    server: Server

    async def installed(self, name: Name) -> Installed | None:
        """The model of that name, None where it is not there."""
        return next((each for each in await self.server.installed() if each.name == str(name)), None)

    async def under_way(self) -> list[TaskRow]:
        """The pulls that wait or run."""
        return await self.tools.store.tasks.open_of(PULL)


async def _ollama(tools: Tools, asked: Asked, values: Values) -> Answer:
    await require_admin(tools, asked, "look after Ollama's models")
    if tools.ollama is None:
        raise NotConfigured("no ollama", say="Switchboard looks after no Ollama here.")
    action, name = str(values.get("action", "")), str(values.get("name", "")).strip()
    if action == SEARCH:
        found = (await tools.ollama.catalogue()).search(name)
        return _notice(words.found(await tools.ollama.catalogue(), found, name, _FOUND))
    here = _Here(tools, asked, tools.ollama, await tools.ollama.server(asked.place, asked.person_id))
    if not name and action in (PULL_IT, REMOVE):
        raise BadInput(f"/ollama {action} without a name", say=words.which(action))
    match action:
        case "pull":
            return await _pull(here, Name.parse(name))
        case "update":
            return await (_update(here, Name.parse(name)) if name else _update_all(here))
        case "remove":
            return await _remove(here, Name.parse(name), sure=bool(values.get("yes")))
        case "stop":
            return await _stop(here, name)
        case _:
            return await (_about(here, Name.parse(name)) if name else _overview(here))


async def _overview(here: _Here) -> Answer:
    installed, loaded = await here.server.installed(), await here.server.loaded()
    some = installed[:_MOST]
    text = words.overview(
        words.Overview(
            here.server.base_url,
            installed,
            loaded,
            await here.ollama.details(here.server, [each.name for each in some]),
            await here.ollama.newer(some),
            await here.tools.store.uses.last("ollama"),
            here.ollama.disk.free(here.server.base_url),
            [PullOrder.from_json(row.payload).short for row in await here.under_way()],
        )
    )
    return _notice(text)


async def _about(here: _Here, name: Name) -> Answer:
    """One model: as it is installed, and as the catalogue knows it."""
    installed, catalogue = await here.installed(name), await here.ollama.catalogue()
    entry = catalogue.entry(name)
    if installed is None and entry is None:
        need = await here.ollama.need(here.server, name)
        return _notice(words.unlisted(name, need))
    details = await here.ollama.details(here.server, [installed.name]) if installed else {}
    return _notice(words.about(name, installed, details.get(str(name)), entry, catalogue))


async def _pull(here: _Here, name: Name) -> Answer:
    installed = await here.installed(name)
    if installed is not None and (await here.ollama.newer([installed]))[installed.name] is False:
        return _notice(f"**{name.short}** is here already, in its newest version.")
    return await _begin(here, name, update=installed is not None)


async def _update(here: _Here, name: Name) -> Answer:
    if await here.installed(name) is None:
        raise _not_here(name)
    return await _pull(here, name)


async def _update_all(here: _Here) -> Answer:
    installed = await here.server.installed()
    newer = await here.ollama.newer(installed)
    names = [Name.parse(name) for name, is_newer in newer.items() if is_newer]
    if not names:
        return _notice(words.nothing_newer(newer))
    answers = [await _begun(here, name, update=True) for name in names]
    return _notice("\n".join(answers))


async def _begin(here: _Here, name: Name, *, update: bool) -> Answer:
    return _notice(await _begun(here, name, update=update))


async def _begun(here: _Here, name: Name, *, update: bool) -> str:
    """Start the task, unless it is under way or does not fit. Raises BadInput."""
    for row in await here.under_way():
        if PullOrder.from_json(row.payload).name == str(name):
            return f"**{name.short}** is under way already: {row.note or 'it waits for its turn.'}"
    need = await here.ollama.need(here.server, name)
    if not need.fits:
        raise BadInput(f"{name} does not fit: {need}", say=words.too_large(name, need))
    await _hand_in(here, name, 0 if need.about else need.size or 0, update=update)
    return words.begun(name, need, update=update)


async def _hand_in(here: _Here, name: Name, size: int, *, update: bool) -> None:
    asked = here.asked
    order = PullOrder(str(name), asked.person_id, update)
    # The platform may deliver the same order twice: it is one task.
    key = f"{PULL} {asked.workspace_id} {asked.key} {name}"[:500]
    task = NewTask(PULL, order.to_json(), key=key, place=str(asked.place), total=size)
    await here.tools.tasks.start(task, by=asked.person_id)


async def _remove(here: _Here, name: Name, *, sure: bool) -> Answer:
    installed = await here.installed(name)
    if installed is None:
        raise _not_here(name)
    if not sure:
        button = Button("Remove", f"ollama {REMOVE} --yes {name.short}")
        return Answer(View(words.sure(name, installed), buttons=(button,), tone=Tone.NOTICE))
    await here.server.delete(str(name))
    await here.tools.store.audit.note(here.asked.person_id, "remove", f"ollama:{name}")
    await here.tools.registry.refresh()
    return _notice(words.removed(name, installed))


async def _stop(here: _Here, which: str) -> Answer:
    """Stop the pull with a number or of a model, or all of them."""
    rows = await here.under_way()
    if which.isdecimal():
        rows = [row for row in rows if row.id == int(which)]
    elif which:
        name = str(Name.parse(which))
        rows = [row for row in rows if PullOrder.from_json(row.payload).name == name]
    if not rows:
        return _notice("Nothing of that is under way." if which else "Nothing is under way.")
    for row in rows:
        await here.tools.tasks.stop(row.id, by=here.asked.person_id)
    names = ", ".join(f"**{PullOrder.from_json(row.payload).short}**" for row in rows)
    return _notice(f"{names} stops. What came is kept: `/ollama {PULL_IT}` goes on from there.")


def _not_here(name: Name) -> BadInput:
    say = f"`{name.short}` is not on this Ollama; `/ollama` lists what is."
    return BadInput(f"{name} is not installed", say=say)


def _notice(text: str) -> Answer:
    return Answer(View(text, tone=Tone.NOTICE))


OLLAMA = Command(
    name="ollama",
    summary="for admins: the models of your Ollama; find, get, renew and drop them",
    handler=_ollama,
    options=(
        Option(
            "action",
            OptionKind.CHOICE,
            "what to do; without it, what there is",
            choices=(LIST, SEARCH, PULL_IT, UPDATE, REMOVE, STOP),
        ),
        Option("yes", OptionKind.FLAG, "remove without being asked once more"),
        Option("name", OptionKind.TEXT, "a model like qwen3:8b, or words to search for", rest=True),
    ),
    example="/ollama pull qwen3:8b",
    anywhere=True,
)

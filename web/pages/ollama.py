"""Ollama's models, for owners: what is there, what is newer, get one and watch it come, renew it, drop it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.commands.ollama_words import too_large
from bot.core.errors import BadInput, NotConfigured, ProviderError
from bot.core.place import Place
from bot.providers.ollama.catalogue import Entry, Tag
from bot.providers.ollama.forms import Details, Installed, Loaded
from bot.providers.ollama.managed import Managed
from bot.providers.ollama.names import Name
from bot.providers.ollama.orders import PULL, PullOrder
from bot.providers.ollama.server import Server
from bot.providers.ollama.words import ago, amount, span, window
from storage.tasks import DONE, FAILED, RUNNING, STOPPED, WAITING, NewTask, TaskRow
from web.answers import fragment
from web.auth import person_of
from web.chat import PLATFORM, WORKSPACE
from web.forms import Form
from web.frame import Tone, done, site_page
from web.services import Services
from web.viewer import owners

PATH = "/models/ollama"
HERE = Place(PLATFORM, WORKSPACE)  # whose keys apply
_NOT_YET = "Say where your Ollama listens, and its models are listed here, installed and brought up to date."
_FIRST = ("llama3.2", "qwen3", "gemma3", "gpt-oss", "mistral", "deepseek-r1", "phi4", "nomic-embed-text")
"""What many begin with; the catalogue itself is in the order of the alphabet."""
_MOST = 40  # models that are asked about one by one
_LATELY = timedelta(minutes=10)  # for how long what is over is shown
_TONES = {WAITING: "", RUNNING: "warm", DONE: "good", FAILED: "bad", STOPPED: ""}


@dataclass(frozen=True, slots=True)
class There:
    """A model that is installed, in words; ``newer``: the library has a newer version."""

    name: str
    short: str
    size: str
    about: str
    used: str
    memory: str
    newer: bool


@dataclass(frozen=True, slots=True)
class Size:
    """One size of a model of the catalogue."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class OnTheShelf:
    """A model of the catalogue with its sizes."""

    name: str
    about: str
    licence: str
    can: tuple[str, ...]
    sizes: tuple[Size, ...]


@dataclass(frozen=True, slots=True)
class Pull:
    """A model that is got, or was of late. ``again`` is the label of the button that goes on with it, "" for none."""

    id: int
    name: str
    full: str
    state: str
    tone: str
    open: bool
    done: int
    total: int
    note: str
    again: str


class OllamaPages:
    """GET shows, POST changes; how far a pull is comes as a fragment each second."""

    def __init__(self, services: Services) -> None:
        self._store, self._desk = services.store, services.models

    def routes(self) -> list[Route]:
        """The routes of these pages."""
        return [
            Route(PATH, owners(self.show), methods=["GET"]),
            Route(f"{PATH}/installed", owners(self.installed), methods=["GET"]),
            Route(f"{PATH}/progress", owners(self.progress), methods=["GET"]),
            Route(f"{PATH}/pull", owners(self.pull), methods=["POST"]),
            Route(f"{PATH}/update", owners(self.update), methods=["POST"]),
            Route(f"{PATH}/remove", owners(self.remove), methods=["POST"]),
            Route(f"{PATH}/stop", owners(self.stop), methods=["POST"]),
        ]

    @property
    def _ollama(self) -> Managed:
        return self._desk.ollama

    async def show(self, request: Request) -> Response:
        """What is there, and what more there is."""
        try:
            server = await self._ollama.server(HERE, None)
            installed, loaded = await server.installed(), await server.loaded()
        except NotConfigured:
            return site_page(request, "ollama.html", trouble=_NOT_YET, title="No Ollama is connected")
        except ProviderError as error:
            said = error.say.replace("`", "")
            return site_page(request, "ollama.html", trouble=said, title="Ollama is not reached")
        words = request.query_params.get("q", "").strip()[:60]
        catalogue = await self._ollama.catalogue()
        found = catalogue.search(words)
        few = not (words or request.query_params.get("all"))
        free = self._ollama.disk.free(server.base_url)
        return site_page(
            request,
            "ollama.html",
            trouble="",
            address=server.base_url,
            installed=await self._there(installed, loaded, {}, {}),
            size=amount(sum(model.size for model in installed)),
            free="" if free is None else amount(free),
            as_of=catalogue.as_of,
            words=words,
            found=[_on_the_shelf(entry) for entry in (_first(found) if few else found)],
            more=len(found) if few else 0,
            **await self._pulls(settled=False),
        )

    async def installed(self, request: Request) -> Response:
        """A fragment: what is installed, with what the server and the library tell of it."""
        try:
            server = await self._ollama.server(HERE, None)
            models, loaded = await server.installed(), await server.loaded()
            some = models[:_MOST]
            details = await self._ollama.details(server, [each.name for each in some])
        except (NotConfigured, ProviderError) as error:
            return HTMLResponse(fragment("trouble.html", say=error.say))
        there = await self._there(models, loaded, details, await self._ollama.newer(some))
        return HTMLResponse(fragment("ollama_installed.html", installed=there, known=True))

    async def progress(self, request: Request) -> Response:
        """A fragment: how far every pull is; it asks again while one is under way."""
        return HTMLResponse(fragment("ollama_progress.html", **await self._pulls(settled=True)))

    async def pull(self, request: Request) -> Response:
        """Get a model."""
        form = await Form.of(request)
        try:
            name = Name.parse(form["name"])
            return done(PATH, *await self._begin(request, name))
        except (BadInput, NotConfigured, ProviderError) as error:
            return done(PATH, _plain(error.say), "bad")

    async def update(self, request: Request) -> Response:
        """Get the newer version of a model."""
        form = await Form.of(request)
        try:
            name = Name.parse(form["name"])
            if await self._found(await self._ollama.server(HERE, None), name) is None:
                raise HTTPException(404)
            return done(PATH, *await self._begin(request, name))
        except (BadInput, NotConfigured, ProviderError) as error:
            return done(PATH, _plain(error.say), "bad")

    async def remove(self, request: Request) -> Response:
        """Drop a model from the disk."""
        form = await Form.of(request)
        try:
            name, server = Name.parse(form["name"]), await self._ollama.server(HERE, None)
            model = await self._found(server, name)
            if model is None:
                return done(PATH, f"{name.short} is not on this Ollama.", "bad")
            await server.delete(str(name))
        except (BadInput, NotConfigured, ProviderError) as error:
            return done(PATH, _plain(error.say), "bad")
        await self._store.audit.note(person_of(request).id, "remove", f"ollama:{name}")
        await self._desk.registry.refresh("ollama")
        return done(
            PATH, f"{name.short} is removed; {amount(model.size)} are free, but for what others share."
        )

    async def stop(self, request: Request) -> Response:
        """Stop a pull; what came is kept."""
        form = await Form.of(request)
        rows = [row for row in await self._store.tasks.open_of(PULL) if str(row.id) == form["id"]]
        if not rows:
            return done(PATH, "That is over already.")
        await self._desk.tasks.stop(rows[0].id, by=person_of(request).id)
        name = PullOrder.from_json(rows[0].payload).short
        return done(PATH, f"{name} stops. What came is kept: another try goes on from there.")

    async def _begin(self, request: Request, name: Name) -> tuple[str, Tone]:
        """Hand the order in, unless it is under way, or done, or does not fit. Raises BadInput, ProviderError."""
        for row in await self._store.tasks.open_of(PULL):
            if PullOrder.from_json(row.payload).name == str(name):
                return f"{name.short} is under way already.", "good"
        server = await self._ollama.server(HERE, None)
        model = await self._found(server, name)
        if model is not None and (await self._ollama.newer([model]))[model.name] is False:
            return f"{name.short} is here, in its newest version.", "good"
        need = await self._ollama.need(server, name)
        if not need.fits:
            raise BadInput(f"{name} does not fit: {need}", say=too_large(name, need))
        order = PullOrder(str(name), None, update=model is not None)
        size = 0 if need.about else need.size or 0
        await self._desk.tasks.start(NewTask(PULL, order.to_json(), total=size), by=person_of(request).id)
        told = f", {amount(need.size)}" if need.size else ""
        return f"{name.short}{told} is on its way. You may leave this page.", "good"

    async def _found(self, server: Server, name: Name) -> Installed | None:
        return next((each for each in await server.installed() if each.name == str(name)), None)

    async def _pulls(self, *, settled: bool) -> dict[str, Any]:
        """What is under way and what was of late. ``settled``: say so where nothing is under way any more."""
        now = datetime.now(UTC)
        rows = [
            row
            for row in await self._store.tasks.newest(PULL)
            if row.state in (WAITING, RUNNING) or now - row.updated_at < _LATELY
        ]
        busy = any(row.state in (WAITING, RUNNING) for row in rows)
        return {"pulls": [_pull(row) for row in rows], "busy": busy, "settled": settled and not busy}

    async def _there(
        self,
        installed: Sequence[Installed],
        loaded: Sequence[Loaded],
        details: Mapping[str, Details],
        newer: Mapping[str, bool | None],
    ) -> list[There]:
        used = await self._store.uses.last("ollama")
        memory = {each.name: _memory(each) for each in loaded}
        return [
            There(
                one.name,
                Name.parse(one.name).short,
                amount(one.size),
                _about(one, details.get(one.name)),
                used[one.name].isoformat(timespec="seconds") if one.name in used else "",
                memory.get(one.name, ""),
                newer.get(one.name) is True,
            )
            for one in installed
        ]


def _about(one: Installed, details: Details | None) -> str:
    family = " ".join(part for part in (one.family, one.parameters) if part)
    changed = f"came {ago(one.modified_at, datetime.now(UTC))}" if one.modified_at else ""
    reads = f"reads {window(details.context)}" if details and details.context else ""
    return ", ".join(part for part in (family, one.quantisation, reads, changed) if part)


def _memory(one: Loaded) -> str:
    left = (one.expires_at - datetime.now(UTC)).total_seconds() if one.expires_at else 0.0
    return f"{amount(one.size)}, for {span(left)} more" if left > 0 else amount(one.size)


def _on_the_shelf(entry: Entry) -> OnTheShelf:
    sizes = tuple(Size(_named(entry, tag), f"{tag.parameters} · {amount(tag.size)}") for tag in entry.tags)
    return OnTheShelf(entry.name, entry.about, entry.licence, entry.can, sizes)


def _first(entries: Sequence[Entry]) -> list[Entry]:
    """What many begin with, as far as it is listed."""
    by = {entry.name: entry for entry in entries}
    return [by[name] for name in _FIRST if name in by] or list(entries)


def _named(entry: Entry, tag: Tag) -> str:
    return entry.name if tag.tag == "latest" else f"{entry.name}:{tag.tag}"


def _pull(row: TaskRow) -> Pull:
    order = PullOrder.from_json(row.payload)
    is_open = row.state in (WAITING, RUNNING)
    again = {STOPPED: "Go on", FAILED: "Try again"}.get(row.state, "")
    state = "stopping" if is_open and row.stop_requested else row.state
    note = _plain(row.note) or "It waits for its turn."
    return Pull(
        row.id, order.short, order.name, state, _TONES[row.state], is_open, row.done, row.total, note, again
    )


def _plain(text: str) -> str:
    """What was written for a chat, without its marks."""
    return text.replace("**", "").replace("`", "")

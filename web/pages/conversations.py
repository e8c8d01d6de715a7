"""Conversations for those who took part in them: found, read, taken along, forgotten."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.core.money import UNPRICED, dollars
from bot.core.place import Place
from storage.conversations import Message
from storage.reading import PAGE, Read
from web.auth import person_of
from web.frame import done, site_page
from web.markdown import render
from web.places import places_words
from web.services import Services

_LONGEST = 200  # characters to search for
_BUSY = "An answer is still being written there and could not be ended in time. Try again in a moment."
_GONE = "Forgotten. Its messages and files are deleted; what it cost stays in the books."


@dataclass(frozen=True, slots=True)
class Line:
    """A conversation in the list."""

    id: int
    title: str
    where: str
    cost: str
    at: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One message as it is read. ``figures`` is what an answer was made with and came to."""

    who: str
    mine: bool
    body: Markup
    figures: str
    at: str


class ConversationPages:
    """The list, one conversation, its export; and forgetting it."""

    def __init__(self, services: Services) -> None:
        self._store = services.store
        self._reading, self._conversations = services.store.reading, services.store.conversations
        self._forget, self._direct = services.forget, services.alerts.direct

    def routes(self) -> list[Route]:
        """The routes of these pages."""
        return [
            Route("/conversations", self.listed, methods=["GET"]),
            Route("/conversations/{id:int}", self.shown, methods=["GET"]),
            Route("/conversations/{id:int}/export", self.exported, methods=["GET"]),
            Route("/conversations/{id:int}/forget", self.forgotten, methods=["POST"]),
        ]

    async def listed(self, request: Request) -> Response:
        """The person's conversations, the last used first; ``q`` searches, ``before`` goes on."""
        words = request.query_params.get("q", "").strip()[:_LONGEST]
        found = await self._reading.find(person_of(request).id, words, _before(request))
        more = ""
        if len(found) == PAGE:
            last = found[-1]
            more = urlencode({"q": words, "before": f"{last.updated_at.isoformat()} {last.id}"})
        places = await places_words(self._store, [one.place for one in found], self._direct)
        lines = [_line(one, places[one.place]) for one in found]
        return site_page(request, "conversations.html", found=lines, words=words, more=more)

    async def shown(self, request: Request) -> Response:
        """One conversation, as it stands."""
        read = await self._read(request)
        turns = [_turn(message, person_of(request).id) for message in await self._said(read)]
        place = Place.parse(read.place)
        chat = f"/try/{place.thread}" if place.platform == "web" else ""
        line = _line(read, await self._where(read))
        return site_page(request, "conversation.html", one=line, turns=turns, chat=chat)

    async def exported(self, request: Request) -> Response:
        """The same as a file: ``as=json``, else Markdown."""
        read = await self._read(request)
        messages = await self._said(read)
        name = re.sub(r"[^a-z0-9]+", "-", read.title.lower()).strip("-")[:60] or f"conversation-{read.id}"
        if request.query_params.get("as") == "json":
            return _file(json.dumps(_as_json(read, messages), indent=1), "application/json", f"{name}.json")
        said = _as_markdown(read, messages, await self._where(read))
        return _file(said, "text/markdown; charset=utf-8", f"{name}.md")

    async def forgotten(self, request: Request) -> Response:
        """Delete what was said. Whoever began it may; for others it is an admin's business, in its place."""
        read, person = await self._read(request), person_of(request)
        conversation = await self._conversations.get(read.id)
        if conversation.person_id != person.id:
            raise HTTPException(403, "Only who began a conversation can have it forgotten here.")
        if not await self._forget(read.id, person.id):
            return done(f"/conversations/{read.id}", _BUSY, "bad")
        return done("/conversations", _GONE)

    async def _read(self, request: Request) -> Read:
        """The conversation that is asked for. 404 where the person took no part in it."""
        found = await self._reading.one(int(request.path_params["id"]), person_of(request).id)
        if found is None:
            raise HTTPException(404)
        return found

    async def _where(self, read: Read) -> str:
        return (await places_words(self._store, [read.place], self._direct))[read.place]

    async def _said(self, read: Read) -> list[Message]:
        return [] if read.head_id is None else await self._conversations.branch(read.head_id)


def _before(request: Request) -> tuple[datetime, int] | None:
    try:
        at, number = request.query_params["before"].split(" ")
        moment = datetime.fromisoformat(at)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC), int(number[:18])
    except (KeyError, ValueError, OverflowError):
        return None


def _line(read: Read, where: str) -> Line:
    cost = dollars(read.cost) if read.cost or not read.unpriced else UNPRICED
    return Line(read.id, read.title or "Untitled", where, cost, _iso(read.updated_at))


def _turn(message: Message, person_id: int) -> Turn:
    mine, answer = message.person_id == person_id, message.role == "assistant"
    who = (
        (message.model or "Switchboard") if answer else ("You" if mine else message.author_name or "Somebody")
    )
    text = "*This message was taken back.*" if message.withdrawn_at else message.text
    body = Markup(render(text))  # noqa: S704 - made by our own renderer, which escapes
    return Turn(who, mine, body, _figures(message) if answer else "", _iso(message.created_at))


def _figures(message: Message) -> str:
    cost = UNPRICED if message.cost is None else dollars(message.cost)
    seconds = "" if message.latency_ms is None else f"{message.latency_ms / 1000:.1f} s"
    tokens = f"{message.input_tokens:,} + {message.output_tokens:,} tokens"
    ended = "" if message.outcome in (None, "complete") else str(message.outcome)
    return " · ".join(part for part in (tokens, cost, seconds, ended) if part)


def _as_markdown(read: Read, messages: list[Message], where: str) -> str:
    parts = [f"# {read.title or 'Untitled'}", f"{_iso(read.created_at)}, {where}"]
    for message in messages:
        answer = message.role == "assistant"
        who = message.model if answer else message.author_name or "Somebody"
        figures = f" ({_figures(message)})" if answer else ""
        parts += [f"## {who}{figures}", message.text]
    return "\n\n".join(parts) + "\n"


def _as_json(read: Read, messages: list[Message]) -> dict[str, Any]:
    """The form of the export: costs in nano-dollars, times in UTC."""
    return {
        "title": read.title,
        "place": read.place,
        "created_at": _iso(read.created_at),
        "cost_nano_usd": read.cost,
        "messages": [
            {
                "role": message.role,
                "author": message.author_name or None,
                "model": message.model,
                "text": message.text,
                "created_at": _iso(message.created_at),
                "input_tokens": message.input_tokens,
                "output_tokens": message.output_tokens,
                "cost_nano_usd": message.cost,
                "outcome": message.outcome,
            }
            for message in messages
        ],
    }


def _file(content: str, media_type: str, name: str) -> Response:
    return Response(
        content, headers={"Content-Disposition": f'attachment; filename="{name}"'}, media_type=media_type
    )


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")

"""What a person sends from the chat page: a message with files, a command, a press of a button."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.commands import COMMANDS
from bot.commands.grammar import Answer, Asked
from bot.commands.parse import parse
from bot.core.errors import BadInput
from bot.core.message import Attachment, Author, Incoming, Said
from bot.core.place import Place
from bot.core.view import Tone, View
from bot.knowledge.files import MOST_FILES, attachment
from storage.people import Person
from storage.posts import NewPost
from web.auth import person_of
from web.codec import FileNote, encode
from web.limits import UPLOAD_BYTES
from web.markdown import render
from web.pages.threads import MOST_CHARS, place_asked
from web.posts import said_key
from web.services import Services

_KEY = re.compile(r"[a-z0-9]{8,32}")
_NOTHING = "Write something first."
_TOO_LONG = "A message may have {most:,} characters; this one has {has:,}. Attach long texts as a file."
_TOO_MANY = f"One message takes {MOST_FILES} files."
_OLD_PAGE = "This page is out of date. Reload it, then send again; copy what you wrote first."
_NO_COMMAND = "This button does not work any more. Reload the page and try again."
_PARTS = 100  # more than a form of ours ever has, so that our own sentence is what people see


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form carried, checked. ``key`` is the page's own: repeats of it are one."""

    key: str
    text: str
    attachments: tuple[Attachment, ...] = ()


class SayRoutes:
    """``say`` for messages and commands, ``press`` for buttons, ``complete`` for what begins with a slash."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("/try/{thread}/say", self.say, methods=["POST"]),
            Route("/try/{thread}/press", self.press, methods=["POST"]),
            Route("/api/complete", self.complete, methods=["GET"]),
        ]

    async def say(self, request: Request) -> Response:
        """Take a message or a command; ``expects`` says what it will lead to. Raises BadInput."""
        place, person = place_asked(request), person_of(request)
        async with request.form(max_files=_PARTS, max_fields=_PARTS, max_part_size=UPLOAD_BYTES) as form:
            draft = await read_draft(form)
        if not draft.attachments and parse(draft.text, COMMANDS) is not None:
            await self._show_command(place, person, draft)
            return await self._answer(place, person, draft)
        await self._receive(place, person, draft)
        return JSONResponse({"expects": "reply"})

    async def press(self, request: Request) -> Response:
        """Do what a button says, in the words of the commands. Raises BadInput.

        ``html`` in the answer is what is said of it in passing.
        """
        place, person = place_asked(request), person_of(request)
        async with request.form() as form:
            draft = Draft(_key(form), "/" + _field(form, "command"))
        if not await self._services.store.posts.thread_exists(str(place)):
            raise HTTPException(404)
        answer = await self._run(place, person, draft)
        if answer.refresh:
            await self._send(place, answer, said_key(person.id, draft.key))
        # What changes nothing that stays is only said in passing.
        passing = "" if answer.refresh else render(answer.view.text)
        bad = answer.view.tone is Tone.ERROR
        return JSONResponse({"expects": "answer", "refresh": answer.refresh, "html": passing, "bad": bad})

    async def complete(self, request: Request) -> Response:
        """How a command that was begun may go on."""
        text = request.query_params.get("text", "")[:200]
        found = self._services.commands.complete(text)
        rows = [{"value": one.value, "label": one.label, "detail": one.detail} for one in found]
        return JSONResponse({"suggestions": rows})

    async def _receive(self, place: Place, person: Person, draft: Draft) -> None:
        key, text = said_key(person.id, draft.key), draft.text.strip()
        incoming = Incoming(
            key=key,
            place=place,
            author=Author(str(person.id), person.name, person.id),
            what=Said(text, draft.attachments),
            sent_at=datetime.now(UTC),
        )
        notes = [FileNote(file.name, file.media_type, len(file.data)) for file in draft.attachments]
        post = NewPost(str(place), encode(View(text), notes), key, person.id)
        await self._services.receive(incoming, post)
        self._services.surface.hub.wake(str(place))

    async def _show_command(self, place: Place, person: Person, draft: Draft) -> None:
        shown = encode(View(draft.text.strip()), command=True)
        key = said_key(person.id, draft.key)
        await self._services.store.posts.insert(str(place), shown, key, person.id)
        self._services.surface.hub.wake(str(place))

    async def _answer(self, place: Place, person: Person, draft: Draft) -> Response:
        """Run a command and show its answer.

        The answer's key comes from the page's own: a repeat finds the answer there and does nothing more.
        """
        key = said_key(person.id, draft.key)
        if await self._services.store.posts.find([_answer_key(key)]):
            return JSONResponse({"expects": "answer", "refresh": True})
        answer = await self._run(place, person, draft)
        await self._send(place, answer, key)
        return JSONResponse({"expects": "answer", "refresh": answer.refresh})

    async def _run(self, place: Place, person: Person, draft: Draft) -> Answer:
        key = said_key(person.id, draft.key)
        asked = Asked(place, person.id, str(place.home), place.platform, key, person.name, on_site=True)
        answer = await self._services.commands.run(asked, draft.text)
        if answer is None:
            raise BadInput("not a command", say=_NO_COMMAND)
        return answer

    async def _send(self, place: Place, answer: Answer, key: str) -> None:
        await self._services.send(place, answer.view, _answer_key(key))


async def read_draft(form: FormData) -> Draft:
    """What a form carries. Raises BadInput with the sentence that belongs beside the message box."""
    key = _key(form)
    # Not stripped on its left: a space before a slash makes a message of what would be a command.
    text = _field(form, "text").replace("\r\n", "\n").replace("\0", "").rstrip()
    uploads = [file for file in form.getlist("files") if isinstance(file, UploadFile)]
    if len(text) > MOST_CHARS:
        say = _TOO_LONG.format(most=MOST_CHARS, has=len(text))
        raise BadInput("too long", say=say)
    if len(uploads) > MOST_FILES:
        raise BadInput("too many files", say=_TOO_MANY)
    if not (text.strip() or uploads):
        raise BadInput("empty", say=_NOTHING)
    files = [attachment(file.filename or "", await file.read()) for file in uploads]
    return Draft(key, text, tuple(files))


def _field(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _key(form: FormData) -> str:
    key = _field(form, "key")
    if not _KEY.fullmatch(key):
        raise BadInput("no key", say=_OLD_PAGE)
    return key


def _answer_key(key: str) -> str:
    """The key of the answer to a command, in the letters that surfaces take."""
    return "c" + hashlib.sha256(key.encode()).hexdigest()[:23]
